"""Secrets are planted by every door that residents have, and then looked for in everything that others can read."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import subprocess
import sys
import urllib.parse
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin

from tests import canary
from tests.browser.conftest import copied
from tests.browser.test_kill9 import eventually
from tests.canary import Leak, Response, Search, Secret
from tests.running import ROOT, RunningSite
from tests.visitor import Page, Visitor
from tests.walk.hops.planning import ready_to_sign, round_links

pytestmark = pytest.mark.browser

# The databases of answers and contacts are where secrets belong; keys are random; letters lie before their reader's door.
RAW = re.compile(r"(loggia|contacts)\.sqlite3(-wal|-shm)?$|^(keys|mail)/")
SKIPPED = re.compile(r"^/(static|accounts/logout|language|admin)|\.glb$")
MOST_PAGES = 150
FORM = [
    ("type", "name", "label::English (en)"),
    ("select_one modes", "mode", "How do you cross?"),
    ("geopoint", "place", "Where?"),
    ("text", "remark", "What else?"),
    ("image", "photo", "Show it"),
]
CHOICES = [("list_name", "name", "label::English (en)"), ("modes", "bike", "Bike"), ("modes", "car", "Car")]
SETTINGS = [("form_title", "form_id", "default_language"), ("Canaries", "canary", "English (en)")]
ASK_DATABASE = """
from django.apps import apps
from privacy import firewall
from django.db import connections
open_, refused = [], 0
for model in apps.get_models(include_auto_created=True):
    table = model._meta.db_table
    if firewall.may_read(table): continue
    alias = "contacts" if model._meta.app_label == "contacts" else "default"
    try:
        with firewall.planning_only(), connections[alias].cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"'); cursor.fetchall()
        open_.append(table)
    except firewall.RawDataRefused:
        refused += 1
print(open_, refused)
"""


def workbook() -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in (("survey", FORM), ("choices", CHOICES), ("settings", SETTINGS)):
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def open_survey(site: RunningSite) -> None:
    """A survey of the demo's project that asks for a place, a text and a photo."""
    officer = Visitor(site.base_url).sign_in("officer")
    form = officer.get("/desk/surveys/new/?project=pitkasilta").form("file")
    uploaded = form.fill(project="pitkasilta", file=("canary.xlsx", workbook())).send()
    opened = uploaded.form("population").fill(population="Canaries", expected_responses="40").send()
    assert "open" in opened.words, opened.words[:600]


def plant(site: RunningSite, planted: list[Response]) -> None:
    """Half by the survey with photos, half by the demo's own; then some look, take along, leave an address, withdraw."""
    for place, one in enumerate(planted):
        own = place % 2 == 0
        answers: dict[str, Any] = {
            "place": {"type": "Point", "coordinates": [one.lon, one.lat]},
            "remark": one.remark,
            **({"mode": "bike", "photo": one.photo()} if own else {"cross_today": "bike", "cross_closed": "long_way"}),
        }
        body = {"id": str(uuid.uuid4()), "code": one.code, "language": "fi", "answers": answers}
        slug = "canary" if own else "pitkasilta"
        page = Visitor(site.base_url).post_json(f"/api/v1/surveys/{slug}/responses/", body)
        assert page.status == 201, page.text
    for one in planted[:6]:
        resident = Visitor(site.base_url)
        receipt = resident.get("/r/").form("code").fill(code=one.code).send()
        assert one.name in receipt.text, "whoever has the code sees the answer"
        receipt.form("/r/download/").send()
    for one in planted[:10]:
        form = Visitor(site.base_url).get("/projects/pitkasilta/hear/").form("address")
        assert form.fill(address=one.address).send().status == 200
    for one in planted[6:9]:
        asked = Visitor(site.base_url).get("/r/").form("code").fill(code=one.code).send().form("/r/withdraw/").send()
        asked.form("confirm").send("confirm", "yes")


def moderate_and_release(site: RunningSite) -> None:
    """An officer rejects what waits on top, and a release of the demo's round is signed by two."""
    officer = Visitor(site.base_url).sign_in("officer")
    officer.get("/desk/queue/")
    desk = officer.get("/desk/releases/")
    for link in round_links(desk):
        choose = officer.get(link)
        if "Pitkäsilta" not in choose.words or 'value="matters"' not in choose.text:
            continue
        proposed = ready_to_sign(choose.form("question").fill(question=["matters"]).send())
        signed = proposed.form("step").send("step", "sign")
        assert "You signed" in signed.words, signed.words[:2000]
        second = Visitor(site.base_url).sign_in("officer2").get(signed.path)
        published = second.form("step").send("step", "countersign")
        assert published.path.startswith("/releases/"), published.words[:600]
        return
    raise AssertionError("no round of the demo can be released")


def crawled(visitor: Visitor, starts: list[str]) -> Iterator[Page]:
    """Everything that links lead to, breadth first."""
    waiting, seen = list(starts), set(starts)
    while waiting:
        page = visitor.get(waiting.pop(0))
        yield page
        for link in links(page):
            if link not in seen and not SKIPPED.search(link) and len(seen) < MOST_PAGES:
                seen.add(link)
                waiting.append(link)


def links(page: Page) -> list[str]:
    kinds = [value for name, value in page.headers.items() if name.lower() == "content-type"]
    if not any("html" in kind for kind in kinds):
        return []
    found = []
    for address in page.tree.xpath("//@href | //@src"):
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(page.url, str(address)))
        if parts.netloc == urllib.parse.urlsplit(page.url).netloc:
            found.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def doors(visitor: Visitor) -> list[str]:
    """Every address of the API that needs no further name, and the doors that no page links to."""
    schema = visitor.get("/api/schema/?format=json")
    paths = [path for path, verbs in schema.json()["paths"].items() if "get" in verbs and "{" not in path]
    return [
        "/", "/metrics", "/healthz", "/readyz", "/releases/", "/ogc/", "/ogc/collections", "/sensorthings/v1.1/",
        "/scenes/helsinki/tileset.json", "/scenes/helsinki/list/", "/.well-known/loggia-keys.json", "/sw.js",
        "/manifest.webmanifest", "/surveys/canary/", "/surveys/pitkasilta/", "/desk/scenarios/", *paths,
    ]  # fmt: skip


def heard(site: RunningSite, path: str) -> list[bytes]:
    """What a socket tells a newcomer who asks for everything since the beginning."""
    frames: list[bytes] = []
    try:
        with connect(f"{site.socket_url}{path}", origin=Origin(site.base_url), open_timeout=30) as socket:
            socket.send(json.dumps({"type": "hello", "since": 0, "after": 0}))
            for _frame in range(20):
                frame = socket.recv(timeout=2)
                frames.append(frame if isinstance(frame, bytes) else frame.encode())
    except (TimeoutError, ConnectionClosed):
        pass
    return frames


def files(data_dir: Path) -> Iterator[Path]:
    for file in sorted(data_dir.rglob("*")):
        if file.is_file() and not RAW.search(file.relative_to(data_dir).as_posix()):
            yield file


def tables_for_everybody(site: RunningSite) -> bytes:
    """Rows that leave by other ways than pages: outbox, jobs, log, caches, sessions, deliveries of webhooks."""
    with sqlite3.connect(site.data_dir / "loggia.sqlite3") as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        wanted = re.compile(
            r"liveevent|job|task|logentry|session|periodic|outbound|webhook|deliver|release|draft$|ledger"
        )
        rows = [database.execute(f'SELECT * FROM "{name}"').fetchall() for name in names if wanted.search(name)]
    return b"\n".join(
        value if isinstance(value, bytes) else str(value).encode() for table in rows for row in table for value in row
    )


@pytest.fixture(scope="module")
def live_site(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """A site of this module's own, where nothing is decided yet and nobody else leaves secrets."""
    site = copied(demo_data, tmp_path_factory.mktemp("canary"))
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture(scope="module")
def planted() -> list[Response]:
    return canary.responses(40, f"live site {uuid.uuid4()}")


@pytest.fixture(scope="module")
def search(planted: list[Response]) -> Search:
    secrets = [secret for place, one in enumerate(planted) for secret in one.secrets(photo=place % 2 == 0)]
    assert len(secrets) >= 200
    return Search(secrets)


@pytest.fixture(scope="module")
def lived_in(live_site: RunningSite, planted: list[Response]) -> RunningSite:
    """The live site after the secrets went through it; first its worker does what it does at a start."""
    eventually(lambda: settled(live_site))
    open_survey(live_site)
    plant(live_site, planted)
    moderate_and_release(live_site)
    return live_site


def settled(site: RunningSite) -> bool:
    """Whether the worker has begun its periodic work and none of it is left."""
    with sqlite3.connect(site.data_dir / "loggia.sqlite3") as database:
        begun = database.execute("SELECT count(*) FROM engagement_periodicdeed").fetchone()[0]
        left = "SELECT count(*) FROM engagement_job WHERE kind = 'periodic' AND state IN ('queued', 'running')"
        return bool(begun) and not database.execute(left).fetchone()[0]


def told(leaks: list[Leak]) -> list[str]:
    return [f"{leak.secret.kind} in {leak.place}: {leak.found!r}" for leak in leaks[:10]]


@pytest.mark.parametrize("role", ["", "planner", "volunteer"])
def test_no_page_and_no_door_shows_a_secret(lived_in: RunningSite, search: Search, role: str) -> None:
    visitor = Visitor(lived_in.base_url)
    starts = doors(visitor)
    if role:
        visitor.sign_in(role)
    pages = list(crawled(visitor, starts))
    leaks = [leak for page in pages for leak in search.leaks(page.url, page.body + repr(page.headers).encode())]
    print(f"{role or 'everybody'}: {len(pages)} addresses, {sum(len(page.body) for page in pages) / 1e6:.1f} MB")
    assert told(leaks) == []
    assert sum(page.status == 200 for page in pages) >= 30, "the crawl went somewhere"


def test_no_socket_tells_a_secret(lived_in: RunningSite, search: Search) -> None:
    for path in ("/ws/results/pitkasilta/", "/ws/results/canary/", "/ws/scenes/helsinki/"):
        for frame in heard(lived_in, path):
            assert told(search.leaks(path, frame)) == []


def test_no_log_no_file_and_no_queue_holds_a_secret(lived_in: RunningSite, search: Search) -> None:
    checked = list(files(lived_in.data_dir))
    leaks = [leak for file in checked for leak in search.leaks(file.name, file.read_bytes())]
    leaks += search.leaks("tables", tables_for_everybody(lived_in))
    print(f"{len(checked)} files, {sum(file.stat().st_size for file in checked) / 1e6:.1f} MB")
    assert lived_in.log in checked, "the log is among them"
    assert told(leaks) == []


def test_the_secrets_are_where_they_belong(lived_in: RunningSite, search: Search) -> None:
    """Otherwise the other tests would search for nothing."""
    with sqlite3.connect(lived_in.data_dir / "loggia.sqlite3") as database:
        rows = database.execute("SELECT answers FROM surveys_response").fetchall()
    names = {leak.secret for (answers,) in rows for leak in search.leaks("answers", answers.encode())}
    assert len([secret for secret in names if secret.kind == "name"]) == 37, "40 were sent, 3 withdrawn"
    with sqlite3.connect(lived_in.data_dir / "contacts.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM contacts_contact").fetchone() == (10,)


def test_planning_cannot_ask_for_a_secret(lived_in: RunningSite) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", ASK_DATABASE],
        cwd=ROOT, env=lived_in.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    open_tables, refused = done.stdout.strip().splitlines()[-1].rsplit(" ", 1)
    print(f"planner queries: {refused} tables refused, open: {open_tables}")
    assert open_tables == "[]"
    assert int(refused) >= 20


def test_a_leak_on_purpose_is_found(lived_in: RunningSite, search: Search, planted: list[Response]) -> None:
    file = lived_in.data_dir / "media" / "leak.bin"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"\x00" * 5 + planted[3].name.encode().hex().encode())
    try:
        found = {leak.secret for one in files(lived_in.data_dir) for leak in search.leaks(one.name, one.read_bytes())}
    finally:
        file.unlink()
    assert found == {Secret("name", planted[3].name)}
