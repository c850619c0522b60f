"""``bin/bench submissions``: whole responses over HTTP into a real server, on both databases, beside a peer.

Everything happens that happens to a resident's response: limits, checks, calculations, moderation, receipt, outbox.
The peer is django-survey-and-report with the same ten questions, one response per request like ours.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

from engagement.receipt_codes import new_code
from tests.benchmarks._postgres import postgis
from tests.benchmarks._ten_questions import QUESTIONS, some_answers
from tests.running import ROOT, RunningSite, free_port

OURS, THEIRS, PHONES = 1500, 100, 8
DOOR = "/api/v1/surveys/bench/responses/"
PEER_FOLDER = ROOT / "build/bench/survey-and-report"
PEER = ("django-survey-and-report==1.5.0", "django-bootstrap-form==3.4", "django==5.2.*", "uvicorn", "httptools")


def run() -> dict[str, Any]:
    spatialite, post_gis, peer = _on_spatialite(), _on_postgis(), _peer()
    return {
        "name": "submissions",
        "ours": spatialite["per_second"],
        "peer": peer["per_second"],
        "ratio": round(spatialite["per_second"] / peer["per_second"], 1),
        "unit": "responses per second, one server process, SQLite (SpatiaLite)",
        "conditions": f"ten questions, {PHONES} phones at once, 2 cores shared with the phones; "
        "the peer with Django's stock handler; PostGIS with 2 server processes and durable commits; "
        "statements without transaction edges and the outbox's lock",
        "spatialite": spatialite,
        "postgis": post_gis,
        "peer_django_survey_and_report": peer,
    }


def body(answers: dict[str, Any], chance: random.Random) -> str:
    given = {"id": str(UUID(int=chance.getrandbits(128), version=4)), "answers": answers, "code": new_code()}
    return json.dumps({**given, "language": "en"})


def _on_spatialite() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return _ours(Path(folder), processes=1)


def _on_postgis() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, postgis() as url:
        return _ours(Path(folder), processes=2, DATABASE_URL=url)


def _ours(folder: Path, *, processes: int, **environment: str) -> dict[str, Any]:
    """A site with its worker; further server processes share its database."""
    sites = [RunningSite(folder) for _process in range(processes)]
    for site in sites:
        site.environment |= environment
    with ExitStack() as stack:
        for site in sites:
            stack.callback(site.stop)
        sites[0].manage("migrate", "--verbosity", "0")
        opened = _python(sys.executable, "-m", "tests.benchmarks._open_survey", environment=sites[0].environment)
        for site in sites:
            site.start_server()
        sites[0].start_worker()
        chance = random.Random(11)
        requests = [[DOOR, "application/json", body(some_answers(chance), chance)] for _turn in range(OURS)]
        return _posted([site.port for site in sites], requests, "201", statements=int(opened))


def _peer() -> dict[str, Any]:
    python, port = _peer_python(), free_port()
    chance = random.Random(11)
    one = _in_order(some_answers(chance))
    with tempfile.TemporaryDirectory() as folder:
        script = str(Path(__file__).with_name("_survey_and_report.py"))
        words = [str(python), script, folder, str(port), ";".join("|".join(given) for given in one)]
        server = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            statements = int(server.stdout.readline())
            _await_port(port)
            requests = []
            for _turn in range(THEIRS):
                fields = enumerate(_in_order(some_answers(chance)), start=1)
                pairs = [(f"question_{place}", value) for place, given in fields for value in given]
                requests.append(["/1/", "application/x-www-form-urlencoded", urllib.parse.urlencode(pairs)])
            return _posted([port], requests, "302", statements=statements)
        finally:
            server.terminate()
            server.wait()


def _in_order(answers: dict[str, Any]) -> list[list[str]]:
    listed = [answers[name] for name, _kind, _options in QUESTIONS]
    return [given if isinstance(given, list) else [str(given)] for given in listed]


def _posted(ports: list[int], requests: list[list[str]], expected: str, *, statements: int) -> dict[str, Any]:
    work = json.dumps({"ports": ports, "phones": PHONES, "requests": requests})
    told = json.loads(_python(sys.executable, "-m", "tests.benchmarks._posting", given=work))
    assert told["statuses"] == {expected: len(requests)}, told["statuses"]
    return {
        "per_second": round(len(requests) / told["seconds"], 1),
        "p50_ms": told["p50_ms"],
        "p95_ms": told["p95_ms"],
        "statements": statements,
        "responses": len(requests),
    }


def _python(*words: str, given: str = "", environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        words, input=given, capture_output=True, text=True, check=False, cwd=ROOT, env=environment or dict(os.environ)
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words[:3])} failed: {done.stderr[-2000:]}")
    return done.stdout


def _await_port(port: int) -> None:
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            continue
        else:
            return


def _peer_python() -> Path:
    """The interpreter of a folder that holds the peer, installed on first use and never a dependency of ours."""
    python = PEER_FOLDER / "bin/python"
    ready = [str(python), "-c", "import bootstrapform, uvicorn"]
    if python.exists() and subprocess.run(ready, capture_output=True, check=False).returncode == 0:
        return python
    PEER_FOLDER.parent.mkdir(parents=True, exist_ok=True)
    _python(sys.executable, "-m", "venv", "--clear", str(PEER_FOLDER))
    _python(str(python), "-m", "pip", "install", "--quiet", *PEER)
    return python
