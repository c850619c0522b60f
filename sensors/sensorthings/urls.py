from django.urls import path, re_path

from sensors.sensorthings import pages, views

urlpatterns = [
    path("sensorthings/", pages.explained, name="sensorthings_page"),
    re_path(r"^sensorthings/v1\.1(?:/(?P<path>.*))?$", views.service, name="sensorthings"),
]
