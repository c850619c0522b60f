"""Signing in as one of the demo's cast, once per role: the sign-in form limits tries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engagement.demo import DOMAIN, PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def signed_in_state(browser: Browser, base_url: str, role: str) -> Any:
    """The cookies of a signed-in member of the cast."""
    context = browser.new_context(base_url=base_url)
    try:
        page = context.new_page()
        page.goto("/accounts/login/")
        form = page.locator("form", has=page.locator("input[name=password][type=password]"))
        form.locator("input[name=login]").fill(f"{role}@{DOMAIN}")
        form.locator("input[name=password]").fill(PASSWORD)
        form.locator("button[type=submit], button:not([type])").first.click()
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
        return context.storage_state()
    finally:
        context.close()
