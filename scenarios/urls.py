from django.urls import path

from scenarios import decision_views, desk_views, views
from scenarios.ogc.urls import urlpatterns as ogc

app_name = "scenarios"
urlpatterns = [
    path("scenarios/models/", views.models, name="models"),
    path("scenarios/<int:scenario_id>/", views.scenario, name="scenario"),
    path("decisions/<uuid:decision_id>/", views.decision, name="decision"),
    path("decisions/<uuid:decision_id>/brief", views.brief, name="brief"),
    path("desk/scenarios/", desk_views.desk, name="desk"),
    path("desk/scenarios/new/<slug:slug>/", desk_views.new, name="new"),
    path("desk/scenarios/options/<slug:slug>/", desk_views.options, name="options"),
    path("desk/scenarios/<int:scenario_id>/", desk_views.scenario, name="desk_scenario"),
    path("desk/scenarios/networks/<int:network_id>/", desk_views.network, name="network"),
    path("desk/scenarios/weighting/<slug:slug>/", desk_views.weighting, name="weighting"),
    path("desk/decisions/", decision_views.desk, name="desk_decisions"),
    path("desk/decisions/new/<slug:slug>/", decision_views.new, name="new_decision"),
    path("desk/decisions/<uuid:decision_id>/", decision_views.edit, name="edit_decision"),
    path("desk/decisions/<uuid:decision_id>/publish/", decision_views.publish, name="publish_decision"),
]
urlpatterns += ogc
