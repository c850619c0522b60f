"""OpenAPI 3.0 of the paths under ``/ogc/``, as OGC API – Features asks for it."""

from __future__ import annotations

from typing import Any, Final

from scenarios.ogc.asking import DEFAULT_LIMIT, MOST

MEDIA_TYPE: Final = "application/vnd.oai.openapi+json;version=3.0"


def description(server: str) -> dict[str, Any]:
    """The document for a server at this address."""
    collection, feature = _in_path("collectionId"), _in_path("featureId")
    return {
        "openapi": "3.0.3",
        "info": {"title": "OGC API – Features", "version": "1.0.0"},
        "servers": [{"url": server}],
        "paths": {
            "/": _get("landing page", []),
            "/conformance": _get("conformance classes", []),
            "/collections": _get("collections", []),
            "/collections/{collectionId}": _get("one collection", [collection]),
            "/collections/{collectionId}/items": _get("features", [collection, *_QUERY], "application/geo+json"),
            "/collections/{collectionId}/items/{featureId}": _get(
                "one feature", [collection, feature], "application/geo+json"
            ),
        },
    }


_QUERY: Final[list[dict[str, Any]]] = [
    {"name": "limit", "in": "query", "style": "form", "explode": False,
     "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT}},
    {"name": "offset", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}},
    {"name": "bbox", "in": "query", "style": "form", "explode": False,
     "schema": {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}},
    {"name": "datetime", "in": "query", "schema": {"type": "string"}},
]  # fmt: skip


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _get(summary: str, parameters: list[dict[str, Any]], media: str = "application/json") -> dict[str, Any]:
    answers = {"200": {"description": "OK", "content": {media: {}}}, "400": {"description": "bad parameter"}}
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers}}
