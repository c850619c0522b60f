from django.urls import path

from surveys import desk_field, desk_views

urlpatterns = [
    path("desk/surveys/", desk_views.desk, name="desk"),
    path("desk/surveys/new/", desk_views.upload, name="desk_upload"),
    path("desk/surveys/<slug:slug>/", desk_views.survey, name="desk_survey"),
    path("desk/surveys/<slug:slug>/field/", desk_field.field, name="desk_field"),
    path("desk/surveys/<slug:slug>/close/", desk_views.close, name="desk_close"),
    path("desk/surveys/<slug:slug>/v<int:number>.xlsx", desk_views.download, name="desk_download"),
]
