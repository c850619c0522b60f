"""``/ogc/``: OGC API – Features 1.0, core and GeoJSON, and the same collections as GeoPackage and CSV."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engagement.problems import Refused, problem_response
from privacy.firewall import planning_only
from scenarios.ogc import collections, geopackage, openapi
from scenarios.ogc.asking import CRS84, Query, asked
from scenarios.ogc.collections import Collection
from scenarios.ogc.tables import FeatureRows

GEOJSON: Final = "application/geo+json"
GEOPACKAGE: Final = "application/geopackage+sqlite3"
CONFORMS: Final = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
]


def _link(request: HttpRequest, path: str, rel: str, title: str, media: str = "application/json") -> dict[str, str]:
    return {"href": request.build_absolute_uri(path), "rel": rel, "type": media, "title": title}


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """``/ogc/``: where everything is."""
    return JsonResponse(
        {
            "title": _("Streets, what-ifs and decisions"),
            "description": _("What planning computed and decided, as features. Only what is public, or yours to plan."),
            "links": [
                _link(request, "/ogc/", "self", _("This page")),
                _link(request, "/ogc/api", "service-desc", _("How to ask"), openapi.MEDIA_TYPE),
                _link(request, "/ogc/conformance", "conformance", _("What it conforms to")),
                _link(request, "/ogc/collections", "data", _("The collections")),
                _link(request, "/api/schema/", "alternate", _("The rest of the API"), "application/vnd.oai.openapi"),
            ],
        }
    )


@require_safe
def conformance(request: HttpRequest) -> HttpResponse:
    """``/ogc/conformance``"""
    return JsonResponse({"conformsTo": CONFORMS})


@require_safe
def api(request: HttpRequest) -> HttpResponse:
    """``/ogc/api``: OpenAPI 3.0 of these paths."""
    return JsonResponse(openapi.description(request.build_absolute_uri("/ogc")), content_type=openapi.MEDIA_TYPE)


@require_safe
@planning_only()
def collection_list(request: HttpRequest) -> HttpResponse:
    """``/ogc/collections``"""
    found = [_described(request, one) for one in collections.visible_to(request.user)]
    links = [_link(request, "/ogc/collections", "self", _("The collections"))]
    return JsonResponse({"links": links, "collections": found})


@require_safe
@planning_only()
def collection(request: HttpRequest, collection_id: str) -> HttpResponse:
    """``/ogc/collections/<id>``"""
    return JsonResponse(_described(request, collections.collection_for(request.user, collection_id)))


def _described(request: HttpRequest, one: Collection) -> dict[str, Any]:
    path = f"/ogc/collections/{one.id}"
    extent = one.extent()
    return {
        "id": one.id,
        "title": one.title,
        "description": one.description,
        "attribution": one.attribution,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {"spatial": {"bbox": [extent], "crs": CRS84}} if extent else {},
        "links": [
            _link(request, path, "self", one.title),
            _link(request, f"{path}/items", "items", one.title, GEOJSON),
            _link(request, f"{path}.gpkg", "enclosure", f"{one.title} (GeoPackage)", GEOPACKAGE),
            _link(request, f"{path}.csv", "enclosure", f"{one.title} (CSV)", "text/csv"),
        ],
    }


def _told_as_json(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Clients of this door are programs, whatever they accept."""

    @wraps(view)
    def answered(request: HttpRequest, **parts: str) -> HttpResponse:
        try:
            return view(request, **parts)
        except Refused as refused:
            return problem_response(refused)

    return answered


@require_safe
@_told_as_json
@planning_only()
def items(request: HttpRequest, collection_id: str) -> HttpResponse:
    """``/ogc/collections/<id>/items``: a page of features, and where the next one is."""
    one, query = collections.collection_for(request.user, collection_id), asked(request.GET)
    table = one.read()
    rows = query.rows(table)
    page = table.take(rows[query.offset : query.offset + query.limit])
    body = {
        "type": "FeatureCollection",
        "timeStamp": timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "numberMatched": len(rows),
        "numberReturned": len(page),
        "links": _paging(request, one, query, len(rows)),
        "features": page.geojson(),
    }
    return JsonResponse(body, content_type=GEOJSON)


def _paging(request: HttpRequest, one: Collection, query: Query, matched: int) -> list[dict[str, str]]:
    path = f"/ogc/collections/{one.id}"
    links = [
        _link(request, request.get_full_path(), "self", one.title, GEOJSON),
        _link(request, path, "collection", one.title),
    ]
    for rel, offset in (("next", query.offset + query.limit), ("prev", max(query.offset - query.limit, 0))):
        if (rel == "next" and offset < matched) or (rel == "prev" and query.offset > 0):
            asked_again = urlencode(request.GET.dict() | {"offset": offset, "limit": query.limit})
            links.append(_link(request, f"{path}/items?{asked_again}", rel, one.title, GEOJSON))
    return links


@require_safe
@planning_only()
def item(request: HttpRequest, collection_id: str, feature_id: str) -> HttpResponse:
    """``/ogc/collections/<id>/items/<feature>``"""
    one = collections.collection_for(request.user, collection_id)
    table = one.read()
    if feature_id not in table.ids:
        raise Http404
    feature = table.take([table.ids.index(feature_id)]).geojson()[0]
    path = f"/ogc/collections/{one.id}"
    links = [
        _link(request, f"{path}/items/{feature_id}", "self", feature_id, GEOJSON),
        _link(request, path, "collection", one.title),
    ]
    return JsonResponse(feature | {"links": links}, content_type=GEOJSON)


@require_safe
@planning_only()
def download(request: HttpRequest, collection_id: str, suffix: str) -> HttpResponse:
    """``/ogc/collections/<id>.gpkg`` and ``.csv``: all of it in one file."""
    one = collections.collection_for(request.user, collection_id)
    rows = one.read()
    if suffix == "csv":
        return _file(one, suffix, rows.csv().encode(), "text/csv; charset=utf-8")
    return _file(one, suffix, _geopackage(one, rows), GEOPACKAGE)


def _geopackage(one: Collection, rows: FeatureRows) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "features.gpkg"
        geopackage.write(path, one.id, one.title, rows, changed=timezone.now().strftime("%Y-%m-%dT%H:%M:%S.000Z"))
        return path.read_bytes()


def _file(one: Collection, suffix: str, body: bytes, media: str) -> HttpResponse:
    named = {"Content-Disposition": f'attachment; filename="{one.id}.{suffix}"'}
    return HttpResponse(body, content_type=media, headers=named)
