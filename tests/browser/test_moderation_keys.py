"""An officer works through the queue without touching the mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.running import RunningSite

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(chromium: Browser, live_site: RunningSite) -> Iterator[Page]:
    context = chromium.new_context(base_url=live_site.base_url, locale="en-GB", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto("/accounts/login/?next=/desk/queue/")
    page.fill("input[name=login]:visible", "officer@demo.example")
    page.fill("input[name=password]:visible", "loggia-demo")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_site.base_url}/desk/queue/")
    yield page
    context.close()


def waiting(page: Page) -> int:
    found = re.search(r"\d+", page.locator("#queue-title").inner_text())
    assert found
    return int(found[0])


def press(page: Page, *keys: str) -> None:
    """Press the keys; the last one leads to another page."""
    with page.expect_navigation():
        for key in keys:
            page.keyboard.press(key)


def test_an_item_is_approved_with_one_key_and_taken_back_with_another(desk: Page) -> None:
    before = waiting(desk)
    press(desk, "a")
    assert waiting(desk) == before - 1
    assert "Approved." in desk.locator("main").inner_text()
    press(desk, "u")
    assert waiting(desk) == before


def test_an_item_is_rejected_with_three_keys_and_a_ready_reason(desk: Page) -> None:
    before = waiting(desk)
    press(desk, "r", "5", "Enter")
    assert waiting(desk) == before - 1
    assert "Rejected; the author reads why." in desk.locator("main").inner_text()
    press(desk, "u")
    assert waiting(desk) == before


def test_j_and_k_move_through_the_queue(desk: Page) -> None:
    first = desk.locator(".queue [aria-current]").get_attribute("href")
    press(desk, "j")
    assert desk.locator(".queue [aria-current]").get_attribute("href") != first
    press(desk, "k")
    assert desk.locator(".queue [aria-current]").get_attribute("href") == first


def test_typing_a_reason_is_not_taken_for_keys(desk: Page) -> None:
    desk.keyboard.press("r")
    desk.keyboard.press("1")
    desk.fill("#reason", "")
    desk.focus("#reason")
    desk.keyboard.type("a raju kuva")
    assert desk.input_value("#reason") == "a raju kuva"
    assert "ruled" not in desk.url
