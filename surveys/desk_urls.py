from django.urls import path

from surveys import desk_copies, desk_field, desk_views

urlpatterns = [
    path("desk/surveys/", desk_views.desk, name="desk"),
    path("desk/surveys/new/", desk_views.upload, name="desk_upload"),
    path("desk/surveys/<slug:slug>/", desk_views.survey, name="desk_survey"),
    path("desk/surveys/<slug:slug>/copies/", desk_copies.copies, name="desk_copies"),
    path("desk/surveys/<slug:slug>/copies/<int:number>/file", desk_copies.download, name="desk_copy_file"),
    path("desk/surveys/<slug:slug>/copies/<int:number>/erased/", desk_copies.erased, name="desk_copy_erased"),
    path("desk/surveys/<slug:slug>/field/", desk_field.field, name="desk_field"),
    path("desk/surveys/<slug:slug>/close/", desk_views.close, name="desk_close"),
    path("desk/surveys/<slug:slug>/v<int:number>.xlsx", desk_views.download, name="desk_download"),
]
