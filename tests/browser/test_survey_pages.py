"""Surveys in a real browser: answered without a network, through closed tabs, by keyboard, and clean for axe on every screen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.chromium import phone
from tests.running import RunningSite

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
HOME = "/surveys/pitkasilta/"

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(live_site: RunningSite, chromium: Any) -> Any:
    context = phone(chromium, live_site.base_url, bypass_csp=True)
    yield context
    context.close()


def choose(page: Any, text: str) -> None:
    page.locator("label.choice").filter(has_text=text).first.click()


def onward(page: Any) -> None:
    page.get_by_role("button", name="Continue").click()


def heading(page: Any, text: str) -> None:
    page.get_by_role("heading", level=1, name=text).wait_for()


def kept_offline(page: Any) -> None:
    """Wait until the worker holds this survey."""
    page.evaluate(
        "async path => { while (!(await caches.match(path))) await new Promise((done) => setTimeout(done, 50)); }", HOME
    )


def walk_to_review(page: Any) -> None:
    choose(page, "Bike")
    onward(page)
    heading(page, "If the bridge closed, how would you cross?")
    choose(page, "I would travel less")
    onward(page)
    heading(page, "What matters most to you while it is closed?")
    choose(page, "Quiet streets")
    onward(page)
    heading(page, "How much would it change your everyday life?")
    onward(page)
    heading(page, "Where does crossing or getting around worry you?")
    onward(page)
    heading(page, "What else should those who decide know?")
    page.fill("textarea", "The bend is dark.")
    onward(page)
    heading(page, "Your answers")


def receipt_code(page: Any) -> str:
    found = re.search(r"\b([0-9A-Z]{2}-){7}[0-9A-Z]{2}\b", page.inner_text("[data-code]"))
    assert found, page.inner_text("main")
    return found[0]


def test_a_survey_is_answered_without_a_network_and_sent_when_it_returns(visit: Any) -> None:
    page = visit.new_page()
    page.goto(HOME)
    kept_offline(page)
    visit.set_offline(True)
    page.reload()
    page.get_by_role("button", name="Start").click()
    walk_to_review(page)
    page.get_by_role("button", name="Send").click()
    page.locator("[data-stage]").get_by_text("Waits on this phone.").wait_for()
    code = receipt_code(page)
    page.goto(HOME)
    page.get_by_text("Waits on this phone.").first.wait_for()
    visit.set_offline(False)
    page.get_by_text("Sent and received.").first.wait_for()
    page.goto("/r/")
    page.fill("#code", code)
    page.get_by_role("button", name="Show").click()
    page.get_by_text("See my answers").click()
    page.get_by_text("The bend is dark.").wait_for()


def test_a_closed_tab_loses_no_answer(visit: Any) -> None:
    page = visit.new_page()
    page.goto(HOME)
    page.get_by_role("button", name="Start").click()
    choose(page, "Car")
    page.get_by_text("Saved on this phone").wait_for()
    page.close()
    again = visit.new_page()
    again.goto(HOME)
    again.get_by_role("button", name="Continue where you stopped").click()
    heading(again, "The bridge may close for two years. How do you cross it today?")
    assert again.locator("input:checked").get_attribute("value") == "car"
    onward(again)
    heading(again, "If the bridge closed, how would you cross?")
    again.go_back()
    heading(again, "The bridge may close for two years. How do you cross it today?")


def test_clear_this_phone_leaves_nothing(visit: Any) -> None:
    page = visit.new_page()
    page.goto(HOME)
    page.get_by_role("button", name="Start").click()
    choose(page, "Car")
    page.get_by_text("Saved on this phone").wait_for()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Clear this phone").click()
    page.get_by_role("heading", level=1, name="The Long Bridge and you").wait_for()
    page.reload()
    page.get_by_role("button", name="Start").wait_for()


def test_the_map_is_pointed_on_with_the_keyboard_alone_and_speaks(visit: Any) -> None:
    page = visit.new_page()
    page.goto("/p/pitka")
    choose(page, "Bike")
    page.get_by_role("button", name="Next").click()
    heading(page, "If the bridge closed, how would you cross?")
    page.goto(f"{HOME}#place")
    page.get_by_role("button", name="Show the map").focus()
    page.keyboard.press("Enter")
    page.locator(".map-board.leaflet-container").wait_for()
    page.wait_for_function("document.activeElement.classList.contains('map-board')")
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Put it here").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('[data-spoken]').textContent.startsWith('Chosen place: ')")
    chosen = page.locator("[data-places] input:checked")
    assert re.fullmatch(r"60\.1\d+ 24\.9\d+", chosen.get_attribute("value"))
    onward(page)
    heading(page, "What else should those who decide know?")


def test_no_page_of_a_survey_asks_a_foreign_host_for_anything(visit: Any, live_site: RunningSite) -> None:
    page = visit.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/p/pitka")
    choose(page, "Bike")
    page.get_by_role("button", name="Next").click()
    heading(page, "If the bridge closed, how would you cross?")
    page.goto(f"{HOME}#place")
    page.get_by_role("button", name="Show the map").click()
    page.locator(".map-board.leaflet-container").wait_for()
    foreign = [url for url in asked if not url.startswith((live_site.base_url, "data:", "blob:"))]
    assert foreign == []


def test_without_javascript_the_poster_leads_through_the_survey(live_site: RunningSite, chromium: Any) -> None:
    context = phone(chromium, live_site.base_url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/p/pitka")
    choose(page, "Car")
    page.get_by_role("button", name="Next").click()
    heading(page, "If the bridge closed, how would you cross?")
    page.goto(f"{HOME}questions/place/")
    page.fill("[data-search]", "Siltasaarenkatu")
    page.get_by_role("button", name="Find").click()
    page.locator("label.choice").filter(has_text="Siltasaarenkatu").first.click()
    onward(page)
    heading(page, "What else should those who decide know?")
    page.goto(f"{HOME}review/")
    page.get_by_text("Siltasaarenkatu").first.wait_for()
    page.get_by_role("button", name="Send").click()
    heading(page, "Thank you")
    receipt_code(page)
    context.close()


def violations(page: Any) -> list[str]:
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    return [
        f"{violation['id']}: {node['target']} {node['html'][:160]}"
        for violation in found["violations"]
        for node in violation["nodes"][:3]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_screen(live_site: RunningSite, chromium: Any, scheme: str) -> None:
    context = phone(chromium, live_site.base_url, bypass_csp=True, color_scheme=scheme, locale="fi")
    page = context.new_page()
    page.goto("/language/?to=en")
    page.goto(HOME)
    page.get_by_role("button", name="Start").click()
    for key in ("cross_today", "cross_closed", "matters", "affected", "place", "remark", ":review"):
        page.goto(f"{HOME}#{key}")
        page.locator("[data-stage] h1").wait_for()
        assert violations(page) == [], key
    page.goto(f"{HOME}#place")
    page.get_by_role("button", name="Show the map").click()
    page.locator(".map-board.leaflet-container").wait_for()
    assert violations(page) == [], "map"
    page.goto(f"{HOME}#cross_today")
    onward(page)
    page.get_by_text("Please answer this question.").wait_for()
    assert violations(page) == [], "error"
    walk_to_review(page)
    page.get_by_role("button", name="Send").click()
    page.locator("[data-stage]").get_by_text("Sent and received.").wait_for()
    assert violations(page) == [], "thanks"
    context.close()
    plain = phone(chromium, live_site.base_url, bypass_csp=True, color_scheme=scheme, java_script_enabled=True)
    page = plain.new_page()
    page.route("**/loggia/survey.js", lambda route: route.abort())
    page.goto("/p/pitka")
    page.get_by_role("button", name="Next").click()
    assert violations(page) == [], "poster without a choice"
    choose(page, "Bike")
    page.get_by_role("button", name="Next").click()
    for key in ("cross_closed", "matters", "affected", "place", "remark"):
        page.goto(f"{HOME}questions/{key}/")
        assert violations(page) == [], f"{key} page by page"
    page.goto(f"{HOME}review/")
    assert violations(page) == [], "review page by page"
    plain.close()
