from django.urls import path

from surveys import desk_building, desk_copies, desk_field, desk_kits, desk_views

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
    path("desk/forms/", desk_building.sketches, name="desk_sketches"),
    path("desk/forms/kits/", desk_kits.kits, name="desk_kits"),
    path("desk/forms/kits/<slug:name>/", desk_kits.kit, name="desk_kit"),
    path("desk/forms/<slug:slug>/", desk_building.sketch, name="desk_sketch"),
    path("desk/forms/<slug:slug>/step/", desk_building.step, name="desk_sketch_step"),
    path("desk/forms/<slug:slug>/keep/", desk_building.keep, name="desk_sketch_keep"),
    path("desk/forms/<slug:slug>/discard/", desk_building.discard, name="desk_sketch_discard"),
    path("desk/forms/<slug:slug>/items/<path:path>/", desk_building.item, name="desk_sketch_item"),
    path("desk/forms/<slug:slug>.xlsx", desk_building.download, name="desk_sketch_download"),
]
