from django.urls import include, path

from surveys.views import photos, pictures, posters, preview, taking, whole, worker

app_name = "surveys"
urlpatterns = [
    path("p/<slug:code>", posters.poster, name="poster"),
    path("p/<slug:code>/", posters.poster),
    path("surveys/<slug:slug>/", taking.start, name="start"),
    path("surveys/<slug:slug>/questions/<path:key>/", taking.question, name="question"),
    path("surveys/<slug:slug>/all/", whole.whole, name="whole"),
    path("surveys/<slug:slug>/place.svg", pictures.picture, name="picture"),
    path("surveys/<slug:slug>/manner/", whole.manner, name="manner"),
    path("surveys/<slug:slug>/review/", taking.review, name="review"),
    path("surveys/<slug:slug>/thanks/", taking.thanks, name="thanks"),
    path("surveys/<slug:slug>/forget/", taking.forget, name="forget"),
    path("sw.js", worker.service_worker, name="service_worker"),
    path("manifest.webmanifest", worker.manifest, name="manifest"),
    path("desk/surveys/photos/<uuid:answer_id>/", photos.photo, name="photo"),
    path("desk/surveys/<slug:slug>/v<int:number>/preview/", preview.preview, name="desk_preview"),
    path("", include("surveys.desk_urls")),
    path("", include("surveys.openrosa.urls")),
    path("", include("surveys.answer_urls")),
]
