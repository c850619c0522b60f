from django.urls import path

from engagement.views import (
    desk,
    desk_projects,
    health,
    hearing,
    home,
    language,
    places_api,
    projects,
    queue,
    receipt,
    statements,
)

app_name = "engagement"
desk.register_entries()

urlpatterns = [
    path("", home.home, name="home"),
    path("projects/<slug:slug>/", projects.project, name="project"),
    path("projects/<slug:slug>/hear/", hearing.ask, name="hear"),
    path("hear/<str:token>/", hearing.link, name="hear_link"),
    path("r/", receipt.receipt, name="receipt"),
    path("r/download/", receipt.download, name="receipt_download"),
    path("r/correct/", receipt.correct, name="receipt_correct"),
    path("r/withdraw/", receipt.withdraw, name="receipt_withdraw"),
    path("r/appeal/", receipt.appeal, name="receipt_appeal"),
    path("desk/", desk.home, name="desk"),
    path("desk/queue/", queue.queue, name="queue"),
    path("desk/queue/several/", queue.several, name="queue_several"),
    path("desk/queue/<uuid:item_id>/", queue.item, name="queue_item"),
    path("desk/appeals/", desk.appeal_list, name="appeals"),
    path("desk/appeals/<int:appeal_id>/", desk.answer_appeal, name="appeal"),
    path("desk/projects/", desk_projects.projects, name="desk_projects"),
    path("desk/projects/new/", desk_projects.new, name="new_project"),
    path("desk/projects/<slug:slug>/", desk_projects.edit, name="desk_project"),
    path("desk/projects/<slug:slug>/publish/", desk_projects.publish, name="publish_project"),
    path("language/", language.choose, name="language"),
    path("accessibility/", statements.accessibility, name="accessibility"),
    path(".well-known/security.txt", statements.security_txt, name="security_txt"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.figures, name="metrics"),
    path("api/v1/places/", places_api.PlaceSearchView.as_view(), name="places"),
    path("api/v1/places/near/", places_api.PlaceNearView.as_view(), name="places_near"),
]
