"""Hops 1 and 2: the twin as files, and as a resident's phone shows it."""

from __future__ import annotations

import gzip
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from tests.chromium import phone
from tests.walk.baggage import Baggage

ROOT = Path(__file__).resolve().parents[3]
VALIDATOR = ROOT / "tests" / "ar_scenes" / "validate_gltf.mjs"


def contents(tile: dict[str, Any]) -> list[str]:
    """Addresses of the contents of a tile and of all below it."""
    own = [tile["content"]["uri"]] if "content" in tile else []
    return own + [uri for child in tile.get("children", []) for uri in contents(child)]


def tiles(baggage: Baggage) -> str:
    """Every tile of the public tileset passes Khronos' validator without an error."""
    visitor = baggage.visitor()
    page = visitor.get("/scenes/helsinki/tileset.json")
    tileset = page.json()
    assert tileset["asset"]["version"] == "1.1"
    uris = contents(tileset["root"])
    assert len(uris) >= 4, f"only {len(uris)} tiles"
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for uri in uris:
            tile = visitor.get(urljoin(page.url, uri))
            assert tile.status == 200, f"{uri}: {tile.status}"
            body = gzip.decompress(tile.body) if tile.headers.get("Content-Encoding") == "gzip" else tile.body
            files.append(Path(folder) / Path(uri).name)
            files[-1].write_bytes(body)
        done = subprocess.run(["node", str(VALIDATOR), *map(str, files)], capture_output=True, check=True, cwd=ROOT)
    reports = json.loads(done.stdout)
    assert len(reports) == len(files)
    bad = {name: report for name, report in reports.items() if report["errors"]}
    assert not bad, bad
    facts = visitor.get("/api/v1/scenes/helsinki/features/?kind=building&limit=1").json()
    assert facts["count"] >= 400
    return f"{len(files)} tiles, 0 validator errors, {facts['count']} buildings"


def page(baggage: Baggage) -> str:
    """A phone opens the page, is told the size, loads 3D over the socket; the list has the same facts."""
    context = phone(baggage.browser, baggage.site.base_url)
    try:
        view = context.new_page()
        failures: list[str] = []
        view.on("pageerror", lambda error: failures.append(str(error)))
        view.goto("/scenes/helsinki/")
        button = view.get_by_role("button", name="Load 3D")
        assert "kB" in button.inner_text(), "the size is not said before loading"
        button.click()
        view.locator("html[data-scene-state=ready]").wait_for(state="attached", timeout=60_000)
        state = view.evaluate("({...document.documentElement.dataset})")
        assert state["transport"] == "socket", state
        assert int(state["tiles"]) >= 1, state
        view.wait_for_timeout(1500)  # labels settle after the first frames; only for the picture
        baggage.picture(view, "scene")
        assert failures == []
    finally:
        context.close()
    listed = baggage.visitor().get("/scenes/helsinki/list/")
    assert listed.status == 200
    assert "OpenStreetMap" in listed.words
    return f"{state['tiles']} tiles over the socket, the list without JavaScript"
