"""Paths with and without a slash at the end: clients ask for both."""

from django.urls import re_path

from scenarios.ogc import views

NAME = r"(?P<collection_id>[-\w]+)"
urlpatterns = [
    re_path(r"^ogc/?$", views.landing, name="ogc"),
    re_path(r"^ogc/conformance/?$", views.conformance, name="ogc_conformance"),
    re_path(r"^ogc/api/?$", views.api, name="ogc_api"),
    re_path(r"^ogc/collections/?$", views.collection_list, name="ogc_collections"),
    re_path(rf"^ogc/collections/{NAME}\.(?P<suffix>gpkg|csv)$", views.download, name="ogc_download"),
    re_path(rf"^ogc/collections/{NAME}/?$", views.collection, name="ogc_collection"),
    re_path(rf"^ogc/collections/{NAME}/items/?$", views.items, name="ogc_items"),
    re_path(rf"^ogc/collections/{NAME}/items/(?P<feature_id>[-\w]+)/?$", views.item, name="ogc_item"),
]
