"""Stories of phones to which things happen, against a real server: what was promised must hold at the end of each.

A story is one response through one door. On its way the tab may be closed, the network cut inside the request or before
the answer, the server killed with SIGKILL, the same response posted five times at once, or old posts replayed after the
resident withdrew. Then the phone does what phones do: it tries again until it gets a final answer.

Phones post from many addresses of the loop, since the site counts requests per address.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from engagement.receipt_codes import new_code
from tests.running import RunningSite
from tests.visitor import Visitor
from tests.walk.hops.residents import withdraw

FINAL = frozenset({200, 201, 202, 410})
FAULTS = ("none", "tab", "cut-request", "cut-answer", "five-at-once", "server")
MOST_TRIES = 40
SERVER_EVERY = 15  # how many stories pass between two kills of the server


@dataclass
class Story:
    """One response, what happens to it, and what the phone was told in the end."""

    number: int
    fault: str
    door: str
    withdrawn: bool
    id: UUID
    code: str
    host: str
    path: str = ""
    kind: str = ""
    body: bytes = b""
    answers: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Account:
    """What the database holds at the end, against what the phones were told."""

    stories: int
    lost: int
    doubled: int
    brought_back: int
    faults: dict[str, int]

    @property
    def is_clean(self) -> bool:
        return (self.lost, self.doubled, self.brought_back) == (0, 0, 0)


def stories(count: int, seed: int, *, slug: str, token: str) -> list[Story]:
    """The same stories for the same seed. Every fault comes up, the server's death every fifteenth time."""
    chance = random.Random(seed)
    told = []
    for number in range(count):
        fault = "server" if number % SERVER_EVERY == SERVER_EVERY - 1 else chance.choice(FAULTS[:-1])
        door = chance.choice(["json", "openrosa"])
        story = Story(
            number, fault, door, chance.random() < 0.25, UUID(int=chance.getrandbits(128), version=4), new_code(),
            f"127.0.{1 + number // 200}.{1 + number % 200}",
        )  # fmt: skip
        _write(story, chance, slug, token)
        told.append(story)
    return told


def _write(story: Story, chance: random.Random, slug: str, token: str) -> None:
    mode, minutes = chance.choice(["bike", "car"]), chance.randint(1, 200)
    remark = f"Remark {story.number}"
    if story.door == "json":
        answers = {"mode": mode, "minutes": minutes, "remark": remark}
        story.path, story.kind = f"/api/v1/surveys/{slug}/responses/", "application/json"
        story.body = json.dumps(
            {"id": str(story.id), "answers": answers, "code": story.code, "language": "en"}
        ).encode()
        return
    document = (
        f'<data id="{slug}"><mode>{mode}</mode><minutes>{minutes}</minutes><remark>{remark}</remark>'
        f"<meta><instanceID>uuid:{story.id}</instanceID></meta></data>"
    )
    edge = f"edge{story.number}"
    story.path, story.kind = f"/odk/{token}/submission", f"multipart/form-data; boundary={edge}"
    story.body = (
        f'--{edge}\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="a.xml"\r\n'
        f"Content-Type: text/xml\r\n\r\n{document}\r\n--{edge}--\r\n"
    ).encode()


def live(site: RunningSite, story: Story) -> None:
    """Let one story happen to its end."""
    if story.fault == "five-at-once":
        with ThreadPoolExecutor(5) as five:
            story.answers += [status for status in five.map(lambda _turn: _quietly(site, story), range(5)) if status]
    elif story.fault == "server":
        with ThreadPoolExecutor(1) as other:
            waiting = other.submit(_quietly, site, story)
            site.kill_server()
            waiting.result()
        site.start_server()
    elif story.fault != "none":
        _broken_off(site, story)
    _until_final(site, story)
    if story.withdrawn:
        withdraw(Visitor(site.base_url), _code_of(site, story))
        story.answers += [_post(site, story)[0] for _replay in range(2)]


def _until_final(site: RunningSite, story: Story) -> None:
    for _try in range(MOST_TRIES):
        with suppress(OSError, http.client.HTTPException):
            status, _answer = _post(site, story)
            story.answers.append(status)
            if status in FINAL:
                return
            assert status != 422, "the story itself is wrong"
    raise AssertionError(f"story {story.number} never got a final answer: {story.answers}")


def _quietly(site: RunningSite, story: Story) -> int:
    with suppress(OSError, http.client.HTTPException):
        return _post(site, story)[0]
    return 0


def _post(site: RunningSite, story: Story) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, source_address=(story.host, 0), timeout=60)
    try:
        connection.request(
            "POST", story.path, story.body, {"Content-Type": story.kind, "Host": f"localhost:{site.port}"}
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _broken_off(site: RunningSite, story: Story) -> None:
    """A request that ends too early: in the middle, or whole but with nobody left to hear the answer."""
    head = (
        f"POST {story.path} HTTP/1.1\r\nHost: localhost:{site.port}\r\nContent-Type: {story.kind}\r\n"
        f"Content-Length: {len(story.body)}\r\n\r\n"
    ).encode()
    body = story.body[: len(story.body) // 2] if story.fault == "cut-request" else story.body
    with suppress(OSError), socket.create_connection(("127.0.0.1", site.port), source_address=(story.host, 0)) as line:
        line.sendall(head + body)
        if story.fault == "cut-answer":
            line.recv(8)


def _code_of(site: RunningSite, story: Story) -> str:
    """The phone's own receipt code, or the one that the OpenRosa door tells."""
    if story.door == "json":
        return story.code
    told = _post(site, story)[1].decode()
    return told.split("code is ")[1].split(".")[0]


def account(site: RunningSite, told: list[Story]) -> Account:
    """Read the database itself, which stands still now."""
    with sqlite3.connect(site.data_dir / "loggia.sqlite3") as database:
        stored = Counter(row[0] for row in database.execute("SELECT id FROM surveys_response"))
        remarks = Counter(row[0] for row in database.execute("SELECT response_id FROM surveys_moderatedanswer"))
        waiting = database.execute("SELECT count(*) FROM engagement_queueitem").fetchone()[0]
        receipts = database.execute("SELECT count(*) FROM engagement_receipt").fetchone()[0]
    kept = [story for story in told if not story.withdrawn]
    gone = [story for story in told if story.withdrawn]
    lost = [story for story in kept if not stored[story.id.hex] or not remarks[story.id.hex]]
    back = [story for story in gone if stored[story.id.hex] or story.answers[-2:] != [410, 410]]
    extra = sum(stored.values()) - len(kept) + sum(remarks.values()) - len(kept) + waiting - len(kept)
    return Account(
        stories=len(told),
        lost=len(lost),
        doubled=max(0, extra + len(lost)) + max(0, receipts - len(told)),
        brought_back=len(back),
        faults=dict(Counter(story.fault for story in told)),
    )
