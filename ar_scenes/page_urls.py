"""Paths of the pages of the twin."""

from django.urls import path

from ar_scenes import pin_views, views

urlpatterns = [
    path("scenes/", views.index, name="index"),
    path("scenes/<slug:slug>/", views.scene, name="scene"),
    path("scenes/<slug:slug>/list/", views.listed, name="list"),
    path("scenes/<slug:slug>/map/", views.plan_page, name="map"),
    path("scenes/<slug:slug>/feature/", views.feature, name="feature"),
    path("scenes/<slug:slug>/pins/new/", pin_views.new, name="pin"),
]
