"""The same tiles over plain HTTP, for any 3D Tiles client and wherever WebSockets do not pass."""

from __future__ import annotations

import json
import re
from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from ar_scenes.features import manifest_of
from ar_scenes.models import Overlay, Scene
from ar_scenes.overlays import shown
from ar_scenes.scenes import scene_for
from ar_scenes.storage import store
from engagement.problems import Refused

GLB: Final = "model/gltf-binary"
ACCEPTS_GZIP: Final = re.compile(r"(?:^|[,\s])(?:gzip|\*)\s*(?:;\s*q=(?:1|0?\.\d*[1-9]\d*)(?:\.0+)?)?\s*(?:,|$)")
FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "public, no-cache"


class NoSuchTile(Refused):
    status = 404
    code = "no-such-tile"
    title = gettext_lazy("No such tile.")


class NotBuilt(Refused):
    status = 404
    code = "not-built"
    title = gettext_lazy("The tiles of this scene are not built yet.")


@require_safe
def tile(request: HttpRequest, name: str) -> HttpResponse:
    """One binary glTF file by its content hash."""
    return _stored(request, name, "glb", GLB)


@require_safe
def schema(request: HttpRequest, name: str) -> HttpResponse:
    """The metadata schema that the tiles refer to."""
    return _stored(request, name, "schema.json", "application/json")


@require_safe
def tileset_json(request: HttpRequest, slug: str) -> HttpResponse:
    """3D Tiles 1.1, asked for again each time: its ETag changes when the scene is built anew."""
    scene = _built(request, slug)
    manifest = manifest_of(scene.manifest_hash)
    if manifest is None:
        raise NotBuilt(_("Its files are missing. Run build_tiles again."))
    body = json.dumps(manifest["tileset"], separators=(",", ":")).encode()
    return _answer(request, body, "application/json", str(scene.manifest_hash), cache=ASK_AGAIN)


@require_safe
def manifest_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The payload of the frame *manifest*."""
    scene = _built(request, slug)
    return _stored(request, str(scene.manifest_hash), "json", "application/json", cache=ASK_AGAIN)


@require_safe
def overlay_bin(request: HttpRequest, slug: str, overlay_id: UUID) -> HttpResponse:
    """The payload of the frame *overlay*."""
    overlay = overlay_for(request.user, slug, overlay_id)
    return _stored(request, overlay.payload_hash, "bin", "application/octet-stream", cache=ASK_AGAIN)


def overlay_for(user: object, slug: str, overlay_id: UUID) -> Overlay:
    """An overlay of the scene that the person may see and that fits the build that is shown."""
    overlay = shown(scene_for(user, slug), user).filter(pk=overlay_id).first()
    if overlay is None:
        raise Http404
    return overlay


def _built(request: HttpRequest, slug: str) -> Scene:
    scene = scene_for(request.user, slug)
    if scene.manifest_hash is None:
        raise NotBuilt(_("Ask the operator to run build_tiles --scene %(slug)s.") % {"slug": slug})
    return scene


def _stored(request: HttpRequest, name: str, suffix: str, kind: str, *, cache: str = FOR_EVER) -> HttpResponse:
    """A stored file, compressed as it lies there where the client takes that."""
    packed = bool(ACCEPTS_GZIP.search(request.headers.get("Accept-Encoding", "")))
    body = store().read(name, suffix, compressed=packed)
    if body is None:
        told = _("There is no tile %(name)s here. It may belong to an older build: load the tileset again.")
        raise NoSuchTile(told % {"name": name})
    return _answer(request, body, kind, name, cache=cache, packed=packed)


def _answer(
    request: HttpRequest, body: bytes, kind: str, name: str, *, cache: str, packed: bool = False
) -> HttpResponse:
    # Two encodings of one content are equivalent, not equal: that is what a weak tag says.
    tag = f'W/"{name}"' if packed else f'"{name}"'
    given = {part.strip().removeprefix("W/") for part in request.headers.get("If-None-Match", "").split(",")}
    fresh = f'"{name}"' in given
    response = HttpResponseNotModified() if fresh else HttpResponse(body, content_type=kind)
    response["ETag"], response["Cache-Control"], response["Vary"] = tag, cache, "Accept-Encoding"
    # Geometry of a public place under an open licence: any page may show it.
    response["Access-Control-Allow-Origin"] = "*"
    if packed and not fresh:
        response["Content-Encoding"] = "gzip"
    return response
