"""An officer works off a hundred remarks without touching the mouse, three keys each at most."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.running import RunningSite
from tests.signing_in import signed_in_state

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ITEMS = 100
FILL = f"""
from uuid import uuid4
from django.contrib.gis.geos import Point
from django.db import transaction
from ar_scenes.models import Pin, Scene
from engagement import demo, moderation
from engagement.models import Membership, Project, User
with transaction.atomic():
    project = Project.objects.create(slug="bend", title={{"en": "How do we make the bend safe?"}}, published=True)
    officer = User.objects.create_user(f"officer@{{demo.DOMAIN}}", demo.PASSWORD, name="Oona Officer")
    Membership.objects.create(user=officer, project=project, role="officer")
    here = Point(24.948, 60.175, srid=4326)
    scene = Scene.objects.create(slug="bend", centre=here, source="none", attribution="none", licence="CC0-1.0")
    for number in range({ITEMS}):
        pin = Pin.objects.create(id=uuid4(), scene=scene, project=project, point=here, language="en",
            body=f"Remark {{number}}: ask anna{{number}}@posti.example about the bend.", pseudonym=f"{{number:064d}}")
        moderation.enqueue("scene.pin", str(pin.pk), project=project, language="en")
"""
COUNTED = """
import json
from collections import Counter
from engagement import appeals, audit
from engagement.models import LogEntry, QueueItem, Ruling
rulings = Ruling.objects.filter(item__kind="scene.pin")
rejected = rulings.filter(outcome="rejected")
print(json.dumps({
    "waiting": QueueItem.objects.filter(state="waiting").count(),
    "ways": Counter("merged" if r.merged_into_id else "redacted" if r.original else r.outcome for r in rulings),
    "whole": sum(bool(r.ground and r.reason and appeals.may_be_made(r)) for r in rejected),
    "logged": LogEntry.objects.filter(verb="moderation.rejected", subject__startswith="scene.pin:").count(),
    "log_holds": audit.first_broken() is None,
}))
"""
# What an officer does with every tenth remark; the other six are approved as they are.
KEYS = {0: ["r", "1", "Enter"], 3: ["e", "Enter"], 5: ["l", "1", "Enter"], 8: ["r", "5", "Enter"]}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[RunningSite]:
    """A town with one officer and a hundred remarks, without anything else."""
    made = RunningSite(tmp_path)
    made.manage("migrate", "--verbosity", "0")
    made.manage("shell", "-c", FILL)
    try:
        made.start_server()
        yield made
    finally:
        made.stop()


@pytest.fixture
def desk(chromium: Browser, site: RunningSite) -> Iterator[Page]:
    state = signed_in_state(chromium, site.base_url, "officer")
    context = chromium.new_context(base_url=site.base_url, storage_state=state, locale="en-GB")
    page = context.new_page()
    page.goto("/desk/queue/")
    yield page
    context.close()


def waiting(page: Page) -> int:
    found = re.search(r"\d+", page.locator("#queue-title").inner_text())
    assert found
    return int(found[0])


def test_a_hundred_remarks_are_decided_by_keyboard_alone(desk: Page, site: RunningSite) -> None:
    assert waiting(desk) == ITEMS
    for number in range(ITEMS):
        keys = KEYS.get(number % 10, ["a"])
        assert len(keys) <= 3
        with desk.expect_navigation():
            for key in keys:
                desk.keyboard.press(key)
        desk.locator("#queue-title").wait_for()
    assert waiting(desk) == 0
    assert desk.get_by_text("Nothing waits.").is_visible()
    counted = json.loads(site.told("shell", "-c", COUNTED).strip().splitlines()[-1])
    assert counted == {
        "waiting": 0,
        "ways": {"approved": 60, "rejected": 20, "redacted": 10, "merged": 10},
        "whole": 30,
        "logged": 30,
        "log_holds": True,
    }
