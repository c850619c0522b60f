from django.urls import path

from surveys.openrosa import views

urlpatterns = [
    path("odk/<str:token>/formList", views.form_list, name="odk_list"),
    path("odk/<str:token>/form.xml", views.form_xml, name="odk_form"),
    path("odk/<str:token>/manifest", views.manifest, name="odk_manifest"),
    path("odk/<str:token>/media/<str:name>", views.media, name="odk_media"),
    path("odk/<str:token>/submission", views.submission, name="odk_submission"),
]
