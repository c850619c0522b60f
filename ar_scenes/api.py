"""The twin's part of the JSON API."""

from ar_scenes import pages_api, tiles_api

urlpatterns = [*tiles_api.urlpatterns, *pages_api.urlpatterns]
