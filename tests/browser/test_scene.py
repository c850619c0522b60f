"""The twin in a real browser at a phone's size: asked for, loaded over the socket, touched, switched, lost, and without it all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import copied
from tests.chromium import phone
from tests.running import RunningSite

playwright = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is not installed; bin/setup --dev installs it"
)
expect = playwright.expect

pytestmark = pytest.mark.browser

SCENE = "/scenes/helsinki/"
TILE_FRAME = 3
PATIENCE_MS = 60_000  # software 3D on a busy machine
DRAWN_IN_PEACE = """() => new Promise((done) => {
  const before = document.documentElement.dataset.frames;
  let turns = 0;
  const turn = () => (++turns < 30 ? requestAnimationFrame(turn) : done(document.documentElement.dataset.frames - before));
  requestAnimationFrame(turn);
})"""


# A comparison as a planning run lays it over the scene: one bridge closed, one street busier, one footpath not modelled.
COMPARISON = """
from types import SimpleNamespace
import numpy as np
from ar_scenes import overlays
from ar_scenes.features import features_of
from ar_scenes.models import Scene
from scenarios.models import Run, Scenario
features = list(features_of(Scene.objects.get(slug="helsinki")))
street = next(f.id for f in features if f.name == "Unioninkatu")
path = next(f.id for f in features if f.kind == "street" and not f.name)
what_if = Scenario.objects.first()
what_if.published = True
what_if.save()
run = Run.objects.create(digest="in-the-browser", scenario=what_if, recipe={})
overlays.lay(SimpleNamespace(
    scene_slug="helsinki", run_id=run.pk, title={"en": "Bridge shut"}, unit="{vehicles}/h",
    feature_ids=["way/23952344", street], before=np.array([400.0, 100.0]), after=np.array([0.0, 260.0]),
    cls=np.array([-2, 2]), p_sign=np.array([1.0, 0.97]), closed=["way/23952344"], not_modelled=[path],
    layer="traffic",
))
"""


@pytest.fixture(scope="module")
def live_site(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site of this module's own, with a comparison laid over the scene."""
    site = copied(demo_data, tmp_path_factory.mktemp("twin"))
    site.manage("shell", "-c", COMPARISON)
    try:
        site.start_server()
        yield site
    finally:
        site.stop()


@pytest.fixture
def page(live_site: RunningSite, chromium: Any) -> Iterator[Any]:
    context = phone(chromium, live_site.base_url)
    yield context.new_page()
    context.close()


@pytest.fixture
def twin(page: Any) -> Any:
    """The page with 3D loaded."""
    return opened(page)


def opened(page: Any) -> Any:
    page.goto(SCENE)
    page.get_by_role("button", name=re.compile("Load 3D")).click()
    in_state(page, "ready")
    return page


def in_state(page: Any, state: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-scene-state", state, timeout=PATIENCE_MS)


def switch(page: Any, to: str) -> None:
    page.locator("[data-switch] label").filter(has_text=to).click()


def data(page: Any, name: str) -> str:
    return str(page.evaluate("(name) => document.documentElement.dataset[name]", name))


def test_nothing_heavy_loads_before_it_is_asked_for(page: Any) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(SCENE)
    in_state(page, "still")
    button = page.get_by_role("button", name=re.compile(r"Load 3D \(about \d+ kB\)"))
    assert button.is_visible()
    assert not [url for url in asked if "viewer" in url or "/tiles/" in url]
    assert sockets == []


def test_the_twin_arrives_over_the_socket(twin: Any) -> None:
    assert data(twin, "transport") == "socket"
    assert int(data(twin, "tiles")) >= 2
    expect(twin.locator("canvas[data-twin]")).to_be_visible()
    expect(twin.get_by_text("© OpenStreetMap contributors")).to_be_visible()


def test_without_websockets_the_twin_arrives_over_http(page: Any) -> None:
    page.route_web_socket(re.compile(r"/ws/scenes/"), lambda socket: socket.close(code=1011))
    opened(page)
    assert data(page, "transport") == "http"
    assert int(data(page, "tiles")) >= 2


def test_what_is_in_view_can_be_chosen_by_its_name(twin: Any) -> None:
    twin.get_by_text("What is in view").click()
    twin.locator("[data-around] button").filter(has_text="Building").first.click()
    chosen = twin.locator("[data-chosen]")
    expect(chosen.get_by_role("heading")).not_to_be_empty()
    expect(chosen.get_by_text("Height", exact=True)).to_be_visible()
    expect(chosen).to_contain_text(re.compile("assumed|as mapped|number of floors"))
    expect(chosen.get_by_role("link", name="Leave a remark")).to_have_attribute(
        "href", re.compile(r"pins/new/\?feature=")
    )


def test_a_tap_names_what_is_touched(twin: Any) -> None:
    middle = twin.locator("canvas[data-twin]").bounding_box()
    twin.touchscreen.tap(middle["width"] / 2, 0.36 * middle["height"])
    expect(twin.locator("[data-chosen] h2")).not_to_be_empty()


def test_the_keyboard_moves_the_twin_and_names_the_middle(twin: Any) -> None:
    twin.locator("canvas[data-twin]").focus()
    before = int(data(twin, "frames"))
    for key in ("ArrowUp", "Shift+ArrowLeft", "+", "Home"):
        twin.keyboard.press(key)
        expect(twin.locator("html")).not_to_have_attribute("data-frames", str(before))
        before = int(data(twin, "frames"))
    twin.keyboard.press("Enter")
    expect(twin.locator("[data-chosen] h2")).not_to_be_empty()


def test_nothing_is_drawn_while_nobody_does_anything(twin: Any) -> None:
    twin.evaluate(DRAWN_IN_PEACE)  # what is still on its way settles
    assert twin.evaluate(DRAWN_IN_PEACE) == 0


def test_before_and_after_switch_without_a_tile(page: Any) -> None:
    kinds: list[int] = []
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda payload: kinds.append(payload[0])),
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page)
    page.evaluate(DRAWN_IN_PEACE)
    kinds.clear()
    asked.clear()
    switch(page, "Bridge shut")
    expect(page.locator("html")).to_have_attribute("data-overlay", re.compile("."))
    for word in ("much less", "no clear change", "much more", "closed", "not modelled"):
        expect(page.locator("[data-legend]").get_by_text(word, exact=True)).to_be_visible()
    switch(page, "Today")
    expect(page.locator("html")).to_have_attribute("data-overlay", "")
    expect(page.locator("[data-legend]")).to_be_hidden()
    assert TILE_FRAME not in kinds
    assert not [url for url in asked if "/tiles/" in url]


def test_values_of_sensors_stand_at_their_places_and_change_at_once(live_site: RunningSite, twin: Any) -> None:
    labels = twin.locator(".marker[data-site]")
    expect(labels.first).to_be_attached()
    told = labels.first.get_attribute("aria-label")
    assert "simulated" in told
    assert re.search(r"\d", told)
    reading = {
        "site": "test", "name": "Test box", "lon": 24.9499, "lat": 60.1765, "phenomenon": "cars", "value": 1234,
        "unit": "{vehicles}/h", "time": "2026-11-22T09:40:00Z", "flags": 0, "simulated": True,
    }  # fmt: skip
    live_site.manage(
        "shell", "-c",
        f"import json; from engagement import live; live.publish('values.pitkasilta', 'value', json.loads({json.dumps(reading)!r}))",
    )  # fmt: skip
    marker = twin.locator('.marker[data-site="test"]')
    expect(marker).to_have_attribute("aria-label", re.compile(r"Test box\. Cars, 1,234 vehicles/h, .*simulated"))


def test_the_list_of_sensors_changes_at_once_too(live_site: RunningSite, page: Any) -> None:
    page.goto(f"{SCENE}list/?what=sensors")
    rows = page.locator("[data-readings] tr[data-series]")
    assert rows.count() >= 12
    reading = {
        "site": "list", "name": "List box", "lon": 24.9499, "lat": 60.1765, "phenomenon": "pm2_5", "value": 7.5,
        "unit": "ug/m3", "time": "2026-11-22T09:40:00Z", "flags": 0, "simulated": True,
    }  # fmt: skip
    live_site.manage(
        "shell", "-c",
        f"import json; from engagement import live; live.publish('values.pitkasilta', 'value', json.loads({json.dumps(reading)!r}))",
    )  # fmt: skip
    row = page.locator('tr[data-series="list pm2_5"]')
    expect(row).to_contain_text("List box")
    expect(row).to_contain_text("7.5 µg/m³")
    expect(row).to_contain_text("simulated")


def test_a_lost_graphics_context_leads_to_the_list(twin: Any) -> None:
    twin.evaluate(
        "() => document.querySelector('canvas[data-twin]').getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()"
    )
    in_state(twin, "list")
    link = twin.get_by_role("link", name="Open the list")
    expect(link).to_be_focused()
    link.click()
    expect(twin.get_by_role("table")).to_be_visible()


def test_no_ar_button_where_ar_cannot_start(twin: Any) -> None:
    expect(twin.get_by_role("button", name="View in AR")).to_be_hidden()


def test_3d_starts_by_itself_only_where_the_reader_chose_so(page: Any) -> None:
    page.goto(SCENE)
    page.get_by_label("Always, on this phone").check()
    page.goto(SCENE)
    in_state(page, "ready")
    page.add_init_script("Object.defineProperty(navigator, 'connection', {value: {saveData: true}})")
    page.goto(SCENE)
    in_state(page, "still")


def test_without_javascript_picture_map_and_list_say_the_same(live_site: RunningSite, chromium: Any) -> None:
    context = phone(chromium, live_site.base_url, java_script_enabled=False)
    page = context.new_page()
    try:
        page.goto(SCENE)
        assert page.locator(".still svg").is_visible()
        page.get_by_role("link", name="Open the map").click()
        assert page.locator(".plan svg path.building").count() > 20
        page.get_by_role("link", name="Bridge shut").click()
        assert page.locator(".plan svg path.closed").count() >= 1
        page.locator(".tabs").get_by_role("link", name="List").click()
        assert page.get_by_role("row").filter(has_text="Pitkäsilta").filter(has_text="closed").count() >= 1
    finally:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_twin_passes_axe(live_site: RunningSite, chromium: Any, scheme: str) -> None:
    from tests.browser.test_accessibility import AXE, RULES

    context = phone(chromium, live_site.base_url, color_scheme=scheme, bypass_csp=True)
    try:
        page = opened(context.new_page())
        switch(page, "Bridge shut")
        expect(page.locator("[data-legend]")).to_be_visible()
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    finally:
        context.close()
    assert [f"{v['id']}: {n['html'][:160]}" for v in found["violations"] for n in v["nodes"][:3]] == []
