"""Public paths of the twin. Pages in ``views``, files for 3D Tiles clients in ``tiles_views``."""

from django.urls import URLPattern, path, register_converter

from ar_scenes import page_urls, tiles_views


class HashConverter:
    """Sixteen hexadecimal digits: the name of a stored file."""

    regex = "[0-9a-f]{16}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(HashConverter, "hash")

app_name = "ar_scenes"
urlpatterns: list[URLPattern] = [
    *page_urls.urlpatterns,
    path("tiles/<hash:name>.glb", tiles_views.tile, name="tile"),
    path("tiles/<hash:name>.json", tiles_views.schema, name="schema"),
    path("scenes/<slug:slug>/tileset.json", tiles_views.tileset_json, name="tileset"),
    path("scenes/<slug:slug>/manifest.json", tiles_views.manifest_json, name="manifest"),
    path("scenes/<slug:slug>/overlays/<uuid:overlay_id>.bin", tiles_views.overlay_bin, name="overlay"),
]
