"""kill -9 in the middle: nothing acknowledged is lost, every job ends once, the page catches up."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from websockets.sync.client import connect
from websockets.typing import Origin

from engagement.receipt_codes import new_code
from tests.running import RunningSite
from tests.visitor import Visitor
from tests.walk.hops.planning import latest_run, ready_to_sign, round_links, wait_for_run

pytestmark = pytest.mark.browser

RESPONSES = "/api/v1/surveys/pitkasilta/responses/"


def rows(site: RunningSite, query: str) -> list[Any]:
    with sqlite3.connect(site.data_dir / "loggia.sqlite3") as database:
        return database.execute(query).fetchall()


def body() -> dict[str, Any]:
    answers = {"cross_today": "bike", "cross_closed": "long_way", "affected": 4, "remark": "Keep one side open."}
    return {"id": str(uuid.uuid4()), "code": new_code(), "language": "en", "answers": answers}


def post_until(site: RunningSite, over: threading.Event, sent: list[dict[str, Any]], acknowledged: set[str]) -> None:
    while not over.is_set():
        response = body()
        sent.append(response)
        with contextlib.suppress(OSError):  # the server is down; the phone tries again later
            if Visitor(site.base_url).post_json(RESPONSES, response).status == 201:
                acknowledged.add(response["id"])
        over.wait(0.7)  # a household's pace: one address may send 600 responses a minute


def test_hop_3_no_acknowledged_response_is_lost_or_doubled(own_site: RunningSite) -> None:
    before = rows(own_site, "SELECT count(*) FROM surveys_response")[0][0]
    over, sent, acknowledged = threading.Event(), list[dict[str, Any]](), set[str]()
    threads = [threading.Thread(target=post_until, args=(own_site, over, sent, acknowledged)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for kill in range(3):
        wanted = 6 * (kill + 1)
        eventually(lambda: len(acknowledged) >= wanted)  # noqa: B023 (called at once)
        own_site.kill_server()
        own_site.start_server()
    over.set()
    for thread in threads:
        thread.join()
    stored = {uuid.UUID(row[0]) for row in rows(own_site, "SELECT id FROM surveys_response")}
    assert {uuid.UUID(known) for known in acknowledged} <= stored
    again = [Visitor(own_site.base_url).post_json(RESPONSES, response).status for response in sent]
    assert set(again) <= {200, 201}
    assert rows(own_site, "SELECT count(*) FROM surveys_response")[0][0] == before + len(sent)


def test_hop_6_a_release_is_paid_once_and_published_once(own_site: RunningSite) -> None:
    officer = Visitor(own_site.base_url).sign_in("officer")
    desk = officer.get("/desk/releases/")
    choose = next(page for page in map(officer.get, round_links(desk)) if "Pitkäsilta" in page.words)
    form = choose.form("question").fill(question=["cross_today"])
    attempt = threading.Thread(target=ignoring_a_lost_connection(form.send))
    attempt.start()
    eventually(lambda: bool(rows(own_site, "SELECT 1 FROM privacy_snapshot")) or not attempt.is_alive())
    own_site.kill_server()
    attempt.join()
    own_site.start_server()
    proposed = ready_to_sign(form.send())
    signed = proposed.form("step").send("step", "sign")
    second = Visitor(own_site.base_url).sign_in("officer2").get(signed.path)
    published = second.form("step").send("step", "countersign")
    assert published.path.startswith("/releases/"), published.words[:600]
    assert len(rows(own_site, "SELECT 1 FROM privacy_release")) == 1
    spent = rows(own_site, "SELECT count(*), count(DISTINCT spec_hash) FROM privacy_ledgerentry")[0]
    assert spent[0] == spent[1] == 1


def test_hop_7_a_run_ends_once_though_worker_and_server_are_killed(own_site: RunningSite) -> None:
    planner = Visitor(own_site.base_url).sign_in("planner")
    asked = planner.get("/api/v1/scenarios/?project=pitkasilta").json()
    bridge = next(one for one in asked if 23952344 in one["measures"][0]["body"]["ways"])
    planner.get(f"/desk/scenarios/{bridge['id']}/").form("act").send("act", "run")
    eventually(lambda: bool(rows(own_site, "SELECT 1 FROM engagement_job WHERE state = 'running' AND fraction > 0.05")))
    own_site.kill_worker()
    own_site.kill_server()
    own_site.start()
    job = latest_run(planner, bridge["id"])["job"]
    headers = {"Cookie": planner.cookie_header}
    url = f"{own_site.socket_url}/ws/jobs/{job}/"
    with connect(url, origin=Origin(own_site.base_url), additional_headers=headers) as socket:
        first = json.loads(socket.recv(30))
        assert first["kind"] == "snapshot"  # the page catches up
        assert first["items"][0]["state"] in {"queued", "running", "done"}
    run = wait_for_run(planner, bridge["id"])
    assert run["state"] == "done"
    jobs = "SELECT state, attempts FROM engagement_job WHERE kind = 'scenarios.run'"
    eventually(lambda: rows(own_site, jobs)[0][0] != "running")  # the job's own last word comes after the run's
    assert rows(own_site, jobs) == [("done", 2)]
    values = rows(own_site, "SELECT count(*), count(DISTINCT indicator || stage) FROM scenarios_indicatorvalue")[0]
    assert values[0] == values[1] > 0


def eventually(condition: Callable[[], bool]) -> None:
    """Return when it holds; the patience is for a crowded machine, not a promise."""
    until = time.monotonic() + 120
    while not condition():
        if time.monotonic() > until:
            raise AssertionError("this did not happen within two minutes")
        threading.Event().wait(0.02)


def ignoring_a_lost_connection(send: Callable[[], Any]) -> Callable[[], None]:
    def attempt() -> None:
        try:
            send()
        except OSError:
            return

    return attempt
