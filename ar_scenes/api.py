"""The twin's part of the JSON API."""

from ar_scenes import tiles_api

urlpatterns = [*tiles_api.urlpatterns]
