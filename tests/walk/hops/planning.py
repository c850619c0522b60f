"""Hops 6, 7 and 8: from answers to a release, from a release to a scenario, from a decision back to the phone."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from websockets.sync.client import connect
from websockets.typing import Origin

from tests.running import ROOT
from tests.visitor import Page
from tests.walk.baggage import Baggage
from tests.walk.hops.sensors import open_scene
from tests.walk.scene_socket import Frame

PATIENCE_S = 240.0


def release(baggage: Baggage) -> str:
    """An officer proposes and signs, another signs; the public register has it, and its certificate holds by itself."""
    officer = baggage.person("officer")
    desk = officer.get("/desk/releases/")
    choose = next(page for page in map(officer.get, round_links(desk)) if "Pitkäsilta" in page.words)
    proposed = choose.form("question").fill(question=["matters"]).send()
    assert "/drafts/" in proposed.url, proposed.words[:800]
    signed = ready_to_sign(proposed).form("step").send("step", "sign")
    own_second = signed.get_again()
    assert not [b for b in own_second.tree.iter("button") if b.get("value") == "countersign"], (
        "one person could sign twice"
    )
    second = baggage.person("officer2").get(signed.path)
    published = second.form("step").send("step", "countersign")
    assert published.path.startswith("/releases/"), published.words[:800]
    public = baggage.visitor().get(published.path)
    assert "±" in public.words, public.words[:800]
    assert "response" in public.words.lower(), "the unit is not named"
    document = baggage.visitor().get(f"{published.path}release.json")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "release.json"
        file.write_bytes(document.body)
        keys = Path(folder) / "keys.json"
        keys.write_bytes(baggage.visitor().get("/.well-known/loggia-keys.json").body)
        assert verified(file, keys), "the certificate does not verify"
        file.write_bytes(
            document.body.replace(b'"estimate"', b'"estimatf"', 1)
            if b'"estimate"' in document.body
            else document.body[:-2]
        )
        assert not verified(file, keys), "a tampered certificate verifies"
    baggage.found["release"] = published.path
    village = village_words(baggage, desk)
    return f"published at {published.path[:18]}…, signed twice, verified without the database; small town: {village}"


def ready_to_sign(draft: Page) -> Page:
    """The draft's page once the worker has checked its tables and drawn their noise."""
    until = time.monotonic() + PATIENCE_S
    while not any(button.get("value") == "sign" for button in draft.tree.iter("button")):
        if time.monotonic() > until:
            raise TimeoutError(f"the draft was not made ready: {draft.words[:800]}")
        time.sleep(0.3)
        draft = draft.get_again()
    return draft


def round_links(desk: Page) -> list[str]:
    return [link.get("href") for link in desk.tree.iter("a") if "/rounds/" in (link.get("href") or "")]


def village_words(baggage: Baggage, desk: Page) -> str:
    """With 60 answers the desk says what can be released, what cannot, and why."""
    officer = baggage.person("officer")
    for page in map(officer.get, round_links(desk)):
        if "Kirkkotie" in page.words:
            assert "± " in page.words, "no forecast is shown"
            return "forecast with error per question"
    raise AssertionError("the small town's round is not on the desk")


def verified(file: Path, keys: Path) -> bool:
    done = subprocess.run(
        [sys.executable, "manage.py", "verify_release", str(file), "--keys", str(keys)],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


def scenario(baggage: Baggage) -> str:
    """The planner computes "Pitkäsilta closed": progress over the socket, certificate at gap 1e-6, weights of the release."""
    planner = baggage.person("planner")
    asked = planner.get("/api/v1/scenarios/?project=pitkasilta").json()
    bridge = next(one for one in asked if 23952344 in one["measures"][0]["body"]["ways"])
    desk = planner.get(f"/desk/scenarios/{bridge['id']}/")
    started = time.monotonic()
    desk.form("act").send("act", "run")
    run = latest_run(planner, bridge["id"])
    steps = follow(baggage, planner, run["job"]) if run["state"] != "done" else []
    run = wait_for_run(planner, bridge["id"])
    took = time.monotonic() - started
    gaps = [side["relative_gap"] for side in run["certificate"].values()]
    assert max(gaps) <= 1e-6, gaps
    assert run["indicators"], "no indicators"
    planner.get(f"/desk/scenarios/{bridge['id']}/").form("act").send("act", "publish")
    result = baggage.visitor().get(f"/scenarios/{bridge['id']}/")
    assert result.status == 200, result.words[:400]
    assert "not checked here" in result.words, "model error is not shown apart"
    baggage.found |= {"run": run["digest"], "scenario": bridge["id"]}
    weigh(baggage)
    weighed = baggage.visitor().get(f"/scenarios/{bridge['id']}/")
    assert "weigh" in weighed.words.lower(), "the release does not show in the result"
    return f"run in {took:.1f} s, {len(steps)} steps of progress over the socket, gap {max(gaps):.1e}"


def latest_run(planner: Any, scenario_id: int) -> dict[str, Any]:
    found = planner.get(f"/api/v1/scenarios/{scenario_id}/").json()
    assert found["runs"], "no run was made"
    return dict(planner.get(f"/api/v1/runs/{found['runs'][0]}/").json())


def wait_for_run(planner: Any, scenario_id: int) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE_S
    while (run := latest_run(planner, scenario_id))["state"] in {"queued", "running"}:
        if time.monotonic() > until:
            raise TimeoutError("the run did not end")
        time.sleep(0.3)
    assert run["state"] == "done", run
    return run


def follow(baggage: Baggage, planner: Any, job: str) -> list[dict[str, Any]]:
    """Progress as the page hears it, until the job is over."""
    steps: list[dict[str, Any]] = []
    url = f"{baggage.site.socket_url}/ws/jobs/{job}/"
    headers = {"Cookie": planner.cookie_header}
    with connect(url, origin=Origin(baggage.site.base_url), additional_headers=headers) as socket:
        while True:
            event = json.loads(socket.recv(PATIENCE_S))
            last = event["items"][-1] if event["kind"] == "snapshot" and event["items"] else event
            steps.append(last)
            if last.get("state") in {"done", "failed", "cancelled"}:
                return steps


def weigh(baggage: Baggage) -> None:
    """The release sets the weights of the comparison, with its error carried through."""
    planner = baggage.person("planner")
    form = planner.get("/desk/scenarios/weighting/pitkasilta/?question=matters").form("?question=")
    asked = [name for name, _value in form.fields if name.startswith("option_")]
    computed = [value for value in form.options[asked[0]] if value]
    saved = form.fill(**dict(zip(asked[:2], computed, strict=False))).send()
    assert saved.status == 200, saved.words[:600]


def back_to_the_phone(baggage: Baggage) -> str:
    """The run is an overlay on the scene, switched without a tile; the decision stands on the receipt."""
    with open_scene(baggage) as socket:
        overlays = socket.next("welcome").json()["overlays"]
        mine = next(one for one in overlays if one["run"] == baggage.found["run"])
        socket.send(type="overlay", id=9, overlay=mine["id"])
        head = overlay_head(socket.next("overlay"))
    assert "way/23952344" in head["closed"], head["closed"]
    decided = decide(baggage)
    receipt = baggage.visitor().get("/r/").form("code").fill(code=baggage.found["receipt"]).send()
    assert "Closed for cars only" in receipt.words, receipt.words[:1500]
    counts = mine["counts"]
    return f"overlay with {len(head['closed'])} closed ways and {sum(counts.values())} streets; decision {decided[:20]}… on the receipt"


def overlay_head(frame: Frame) -> dict[str, Any]:
    length = int.from_bytes(frame.payload[:4], "little")
    return dict(json.loads(frame.payload[4 : 4 + length]))


def decide(baggage: Baggage) -> str:
    officer = baggage.person("officer")
    form = officer.get("/desk/decisions/new/pitkasilta/").form("decided_on")
    form.fill(
        outcome="changed",
        reason="evidence",
        decided_on=datetime.now(UTC).date().isoformat(),
        runs=[baggage.found["run"]],
        releases=form.options.get("releases", []),
        title_en="Closed for cars only",
        plain_text_en="The bridge closes for cars; walking and cycling stay open.",
        not_followed_en="Not everybody gets a shorter way: the repair needs one side at a time.",
    )
    for language in ("fi", "sv", "ar"):
        form.fill(
            **{f"title_{language}": "Closed for cars only", f"plain_text_{language}": "The bridge closes for cars."}
        )
    kept = form.send()
    published = kept.form("publish").send()
    assert published.status == 200, published.words[:600]
    return published.path
