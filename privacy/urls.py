from django.urls import path

from privacy import desk_views, exclusion_views, views, witness_views

app_name = "privacy"
urlpatterns = [
    path("releases/", views.register, name="register"),
    path("releases/witness/<str:token>/", witness_views.witness, name="witness"),
    path("releases/<uuid:release_id>/", views.release_page, name="release"),
    path("releases/<uuid:release_id>/release.json", views.download_json, name="release_json"),
    path("releases/<uuid:release_id>/release.csv", views.download_csv, name="release_csv"),
    path("about-your-data/", views.about, name="about"),
    path(".well-known/loggia-keys.json", views.public_keys, name="public_keys"),
    path("desk/releases/", desk_views.desk, name="desk"),
    path("desk/releases/rounds/<uuid:round_id>/", desk_views.choose, name="choose"),
    path("desk/releases/rounds/<uuid:round_id>/duplicates/", exclusion_views.duplicates, name="duplicates"),
    path("desk/releases/drafts/<uuid:draft_id>/", desk_views.draft, name="draft"),
]
