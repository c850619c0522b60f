from django.urls import re_path

from sensors.sensorthings import views

urlpatterns = [re_path(r"^sensorthings/v1\.1(?:/(?P<path>.*))?$", views.service, name="sensorthings")]
