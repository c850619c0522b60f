"""The system's Chromium, driven by Playwright, with software 3D and without its background traffic."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

ARGUMENTS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 780}


def executable() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def missing_reason() -> str:
    """Why there is no browser here; empty when there is one."""
    if executable() is None:
        return "Chromium is not installed; bin/setup --browser installs it on Debian"
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "Playwright is not installed; bin/setup --dev installs it"
    return ""


@contextmanager
def open_chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def phone(browser: Browser, base_url: str, **options: object) -> BrowserContext:
    """A fresh visit on the reference phone: 360 × 780, touch, no cookies."""
    settings = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "locale": "en-GB", **options}
    return browser.new_context(base_url=base_url, **settings)  # type: ignore[arg-type]
