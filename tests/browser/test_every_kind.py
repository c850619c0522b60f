"""Every kind of question in a real browser: by keyboard alone, as a screen reader hears it, with axe, right to left."""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.conftest import copied
from tests.browser.every_kind import HOME, open_everything, stored
from tests.browser.test_survey_pages import violations
from tests.chromium import phone
from tests.running import RunningSite

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "survey_by_keyboard.txt"
MOST_TABS = 60
KEYS = ("welcome", "name", "people", "hours", "day", "hour", "moment", "feel", "land", "seen", "order", "scale", "place",
        "way", "zone", "spot:more", "photo", "fine", ":review", ":all")  # fmt: skip
PLACE = r"\b(near|at) [A-ZÅÄÖ][\w .'’-]*?(, \d+ m)?(?= →|\"| \[|\n|$)"
# What is said in passing: it may be said again, or be over, when the screen is heard.
SPOKEN = r"- status(: (\"?)(Saved on this phone|(Chosen place: )?near SOMEWHERE)\2)?$"
FOCUSED = "selector => Boolean(document.activeElement && document.activeElement.matches(selector))"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def everything(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A demo city that asks everything; its server alone runs."""
    site = copied(demo_data, tmp_path_factory.mktemp("everything"))
    open_everything(site, site.data_dir)
    try:
        site.start_server()
        yield site
    finally:
        site.stop()


@pytest.fixture
def page(everything: RunningSite, chromium: Any) -> Iterator[Any]:
    context = phone(chromium, everything.base_url, bypass_csp=True)
    yield context.new_page()
    context.close()


class Keyboard:
    """Somebody who uses nothing but keys, and writes down what a screen reader is given on every screen."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.heard: list[str] = []

    def to(self, selector: str) -> Keyboard:
        """Tab on until the focus stands on ``selector``."""
        for _press in range(MOST_TABS):
            if self.page.evaluate(FOCUSED, selector):
                return self
            self.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {selector}: {self.page.inner_text('[data-stage]')}")

    def press(self, *keys: str) -> Keyboard:
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def type(self, text: str) -> Keyboard:
        self.page.keyboard.type(text)
        return self

    def screen(self, title: str) -> Keyboard:
        """Wait for a screen, and hear it."""
        self.page.locator("[data-stage] h1").get_by_text(title, exact=True).wait_for()
        return self

    def onward(self) -> Keyboard:
        """Hear what is on the screen now, and go on by the button."""
        self.heard.append(self.page.locator("[data-stage]").aria_snapshot())
        return self.to("[data-go=next], [data-stage] .onward .button.grow").press("Enter")

    def spoken(self, begin: str = "") -> Keyboard:
        """Wait until a place is said."""
        said = "begin => { const text = document.querySelector('[data-spoken]').textContent; return text && text.startsWith(begin); }"
        self.page.wait_for_function(said, arg=begin)
        return self


def map_points(keys: Keyboard, moves: list[str]) -> None:
    """Open the map and put a point after each move, with arrow keys and buttons."""
    page = keys.page
    keys.to("[data-open-map]").press("Enter")
    page.locator(".map-board.leaflet-container").wait_for()
    page.wait_for_function("document.activeElement.classList.contains('map-board')")
    for move in moves:
        page.evaluate("document.querySelector('[data-spoken]').textContent = ''")
        keys.press(move).spoken()
        keys.to(".map-frame .row .button.grow").press("Enter")
        keys.spoken("Chosen place: ")
        page.locator(".map-board").focus()


def answer_everything(page: Any) -> Keyboard:
    keys = Keyboard(page)
    page.goto(HOME)
    page.get_by_role("button", name="Start").wait_for()
    keys.to("[data-begin] .button").press("Enter")
    keys.screen("This asks a little of everything.").onward()
    keys.screen("What shall we call you?").to("#q-name").type("Ann").onward()
    keys.screen("How many live with you?").to("#q-people").type("2").onward()
    keys.screen("How many hours are you out?").to("#q-hours").type("2,5").onward()
    keys.screen("Which day?").to("#q-day").type("11222026").onward()
    keys.screen("At what time?").to("#q-hour").type("0430PM").onward()
    keys.screen("When exactly?").to("#q-moment").type("11222026").press("Tab").type("0430PM").onward()
    keys.screen("How is it in the street?").to("[name=feel]").press("Space").onward()
    keys.screen("Where are you from?").to("#q-land").press("ArrowDown").onward()
    keys.screen("Which have you seen?").to("[name=seen]").press("Space").onward()
    keys.screen("Put these in order.").to("[aria-label='Move down: Good']").press("Enter").onward()
    keys.screen("How much?").to("[name=scale]").press("Space", "ArrowRight").onward()
    keys.screen("Where?")
    map_points(keys, ["ArrowUp"])
    keys.onward().screen("Which way do you go?")
    map_points(keys, ["ArrowUp", "ArrowLeft"])
    keys.onward().screen("Which area do you mean?")
    map_points(keys, ["ArrowUp", "ArrowLeft", "ArrowDown"])
    keys.onward().screen("Places of yours").to("[data-go=add]").press("Enter")
    keys.screen("What is it called?").to("input[name='spot/1/called']").type("Kotimäki").onward()
    keys.screen("How is it at Kotimäki?").to("[name='spot/1/there']").press("Space").onward()
    keys.screen("Places of yours").to("[data-go=remove]").press("Enter")
    keys.to("[data-go=undo]").press("Enter")
    keys.to("[data-go=remove]").onward().screen("A photo")
    keys.onward().screen("May we use this?").to("[name=fine]").press("Space").onward()
    keys.screen("Your answers").onward()
    page.locator("[data-stage]").get_by_text("Sent and received.").wait_for()
    keys.heard.append(page.locator("[data-stage]").aria_snapshot())
    return keys


def transcript(heard: list[str]) -> str:
    """What was heard, without the code, places and moments that differ from run to run."""
    text = re.sub(r"\b([0-9A-Z]{2}-){7}[0-9A-Z]{2}\b", "RECEIPT-CODE", "\n\n".join(heard))
    text = re.sub(r"/url: .*", "/url: …", text)
    text = re.sub(PLACE, "near SOMEWHERE", text)
    return re.sub(SPOKEN, "- status", text, flags=re.MULTILINE) + "\n"


def test_every_question_is_answered_by_keyboard_alone_and_heard_as_the_golden_transcript_says(
    page: Any, everything: RunningSite, tmp_path: Path
) -> None:
    heard = transcript(answer_everything(page).heard)
    if os.environ.get("LOGGIA_WRITE_GOLDEN"):
        GOLDEN.write_text(heard, encoding="utf-8")
    assert heard == GOLDEN.read_text(encoding="utf-8")
    (answers,) = stored(everything, tmp_path)
    places = {key: answers.pop(key) for key in ("place", "way", "zone")}
    assert [place["type"] for place in places.values()] == ["Point", "LineString", "Polygon"]
    assert [len(places["way"]["coordinates"]), len(places["zone"]["coordinates"][0])] == [2, 4]
    assert answers == {
        "name": "Ann", "people": 2, "hours": 2.5, "day": "2026-11-22", "hour": "16:30", "moment": "2026-11-22T16:30",
        "feel": "good", "land": "fi", "seen": ["hki"], "order": ["fair", "good", "bad"], "scale": 2.0,
        "spot": [{"called": "Kotimäki", "there": "good"}], "fine": "OK", "total": "3",
    }  # fmt: skip


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
def test_axe_finds_nothing_in_any_kind_direction_and_theme(
    everything: RunningSite, chromium: Any, language: str, scheme: str
) -> None:
    context = phone(chromium, everything.base_url, bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"/language/?to={language}")
    page.goto(HOME)
    assert violations(page) == [], "start"
    page.locator("[data-begin] .button").click()
    page.locator("[data-stage] h1").wait_for()
    for key in KEYS:
        page.goto(f"{HOME}#{key}")
        page.locator("[data-stage] h1").wait_for()
        assert violations(page) == [], key
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{key} scrolls sideways"
    context.close()


def test_a_chosen_photo_leaves_the_phone_without_what_the_camera_noted(page: Any) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Ann"
    stream = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(stream, "JPEG", exif=exif)
    page.goto(HOME)
    page.get_by_role("button", name="Start").click()
    page.locator("[data-stage] h1").wait_for()
    page.goto(f"{HOME}#photo")
    page.set_input_files(
        "[data-stage] input[type=file]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": stream.getvalue()}
    )
    page.locator("[data-stage] [data-preview]:not([hidden])").wait_for()
    kept = page.locator("[data-stage] [data-preview]").get_attribute("src").partition(",")[2]
    assert b"Camera of Ann" not in base64.b64decode(kept)
    assert b"Camera of Ann" in stream.getvalue()


def test_a_poster_leads_on_without_showing_the_first_page_in_between(page: Any) -> None:
    page.goto("/p/pitka")
    page.locator("label.choice").filter(has_text="Bike").first.click()
    page.route("**/loggia/survey.js", lambda route: None)  # the script never comes: what stands there before it?
    page.get_by_role("button", name="Next").click()
    page.wait_for_url("**/surveys/pitkasilta/#:next")
    page.locator("[data-intro]").wait_for(state="hidden")
