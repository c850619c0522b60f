"""axe finds nothing on any page, light or dark; nothing scrolls sideways in large text on the narrowest phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.browser.pages import SIGNED_IN, all_pages
from tests.chromium import phone
from tests.running import RunningSite
from tests.signing_in import signed_in_state

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def states(walked_site: RunningSite, chromium: Any) -> dict[str, Any]:
    """Cookies of each role, signed in once: a sign-in is slow on purpose."""
    return {role: signed_in_state(chromium, walked_site.base_url, role) for role in SIGNED_IN}


@pytest.fixture(scope="module", params=["light", "dark"])
def visits(request: pytest.FixtureRequest, walked_site: RunningSite, chromium: Any, states: Any) -> Iterator[Any]:
    """role → an open browser context in this colour scheme."""
    contexts = {
        role: phone(
            chromium,
            walked_site.base_url,
            color_scheme=request.param,
            bypass_csp=True,  # axe itself is an injected script; the pages' own policy is tested elsewhere
            **({"storage_state": states[role]} if role else {}),
        )
        for role in ["", *SIGNED_IN]
    }
    yield contexts
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize(("role", "path"), all_pages())
def test_axe_finds_nothing(visits: dict[str, Any], role: str, path: str) -> None:
    page = visits[role].new_page()
    try:
        page.goto(path)
        page.wait_for_load_state("load")
        page.add_script_tag(path=str(AXE))
        found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
    finally:
        page.close()
    told = [
        f"{violation['id']}: {node['target']} {node['html'][:160]}"
        for violation in found["violations"]
        for node in violation["nodes"][:3]
    ]
    assert told == []


@pytest.mark.parametrize(("role", "path"), all_pages())
def test_nothing_scrolls_sideways_in_large_text_at_320_px(
    walked_site: RunningSite, chromium: Any, states: Any, role: str, path: str
) -> None:
    options = {"storage_state": states[role]} if role else {}
    context = phone(chromium, walked_site.base_url, viewport={"width": 320, "height": 640}, bypass_csp=True, **options)
    try:
        page = context.new_page()
        page.goto(path)
        page.add_style_tag(content="html { font-size: 200% !important }")
        wide = page.evaluate("document.documentElement.scrollWidth")
    finally:
        context.close()
    assert wide <= 320
