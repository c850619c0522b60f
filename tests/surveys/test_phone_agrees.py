"""The phone's engine and the server's, on the same forms and the same answers."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from surveys.demo import sheets
from surveys.embedding import phone_form
from surveys.filling import Filling
from surveys.ir import Form, Item, Question
from surveys.models import Survey
from surveys.phone_words import words
from surveys.question_types.range import steps
from surveys.xlsform.reading import read
from surveys.xlsform.refusals import FormRefused
from tests.surveys.conftest import CHOICES, SETTINGS, SURVEY
from tests.surveys.forms import form

FILLS = 50
NOW = datetime.fromisoformat("2026-11-22T13:42:07+02:00")
SCRIPT = Path(__file__).with_name("fill.mjs")

TRICKY = """
type | name | label::English (en) | relevant | constraint | constraint_message::English (en) | required | calculation | choice_filter
integer | a | A | | . < 50 | Below 50, not ${a} | | |
decimal | b | B | ${a} > 10 | . > ${a} div 2 | | ${a} = 12 | |
begin_group | g | G | ${b} != '' or ${a} = 5 | | | | |
text | name | Name | | regex(., '[A-Za-zÄÖÅäöå ]{2,20}') | | | |
select_one towns | town | Town | | | | | | land = ${land}
end_group | | | | | | | |
select_one lands | land | Land | | | | | |
select_multiple towns | seen | Seen | ${land} != '' | count-selected(.) <= 2 | | | |
date | day | Day | | . <= today() | Not yet: ${day} | | |
calculate | ratio | | | | | | round(${a} div ${b}, 2) |
calculate | months | | | | | | int((today() - ${day}) div 30.4375) |
calculate | said | | | | | | concat(jr:choice-name(${town}, '${town}'), ', ', ${name}) |
calculate | hash | | | | | | digest(${name}, 'SHA-256', 'hex') |
calculate | first | | | | | | selected-at(${seen}, 0) |
note | n | ${said} | ${a} mod 2 = 0 | | | | |
"""
TRICKY_CHOICES = """
list_name | name | label::English (en) | land
towns | hki | Helsinki | fi
towns | tku | Turku | fi
towns | sto | Stockholm | sv
lands | fi | Finland |
lands | sv | Sweden |
"""
TURNS = """
type | name | label::English (en) | relevant | constraint | required | calculation | repeat_count
integer | people | People | | | | |
begin_repeat | member | Member | ${people} != 3 | | | | ${people}
text | name | Name | | | yes | |
integer | age | Age of ${name} | ${name} != '' | . < 12 | | |
begin_repeat | visit | Visit | ${age} > 4 | | | |
geopoint | at | Where | | | | |
select_one towns | town | Town | | . != 'sto' | | |
calculate | nth | | | | | concat(${name}, position(..)) |
end_repeat | | | | | | |
end_repeat | | | | | | |
begin_repeat | spot | Spot | | | | |
geotrace | way | Way | | | | |
decimal | metres | Metres | ${way} != '' | . > distance(${way}) div 1000 | | |
end_repeat | | | | | | |
calculate | total | | | | | sum(${age}) + count(${spot}) |
calculate | first | | | | | indexed-repeat(${name}, ${member}, 1) |
"""


def some_answer(question: Question, asked: Form, chance: random.Random) -> Any:
    """An answer as a person may give it: often fitting, sometimes odd, sometimes none."""
    names = [choice.name for choice in asked.choices_of(question)]
    options: dict[str, list[Any]] = {
        "integer": [0, 5, 11, 12, 49, 50, -3],
        "decimal": [0.0, 2.5, 6.0, 25.125, -1.0],
        "text": ["Ann", "x", "Häme 12", "yes", "Åbo by night"],
        "date": ["2026-11-22", "2020-02-29", "2030-01-01"],
        "time": ["07:30", "23:59"],
        "date_time": ["2026-03-29T03:30", "2020-01-01T00:00"],
        "acknowledge": ["OK"],
        "geopoint": [
            {"type": "Point", "coordinates": [24.949, 60.1742]},
            {"type": "Point", "coordinates": [-0.5, 10.0]},
        ],
        "select_one": names,
        "geotrace": [{"type": "LineString", "coordinates": [[24.949, 60.1742], [24.95, 60.175]]}],
        "geoshape": [{"type": "Polygon", "coordinates": [[[24.9, 60.1], [24.95, 60.2], [25.0, 60.1], [24.9, 60.1]]]}],
        "range": [float(point) for point in steps(question)[:12]] if question.kind == "range" else [],
    }
    if question.kind in {"select_multiple", "rank"}:
        chosen = [name for name in dict.fromkeys(names) if chance.random() < 0.5 or question.kind == "rank"]
        return chosen or None
    return chance.choice([*options.get(question.kind, []), None])


def fills(asked: Form, seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [some_answers(asked.children, "", asked, chance) for _turn in range(FILLS)]


def some_answers(items: Sequence[Item], path: str, asked: Form, chance: random.Random) -> dict[str, Any]:
    """Answers to some of the items; where a group repeats, none to three turns."""
    found: dict[str, Any] = {}
    for item in items:
        local = item.path[len(path) + 1 :] if path else item.path
        if isinstance(item, Question):
            value = some_answer(item, asked, chance)
            found |= {} if value is None else {local: value}
        elif item.repeats:
            found[local] = [some_answers(item.children, item.path, asked, chance) for _ in range(chance.randrange(4))]
        else:
            found |= some_answers(item.children, path, asked, chance)
    return found


def on_the_server(asked: Form, answers: Any) -> dict[str, Any]:
    filling = Filling(asked, answers, now=NOW.astimezone(timezone.get_default_timezone()), language="en")
    slots = {key: slot for key, slot in filling.slots.items() if isinstance(slot.item, Question)}
    return {
        "relevant": [key for key, slot in slots.items() if slot.relevant],
        "texts": {key: slot.node.text for key, slot in slots.items()},
        "errors": {key: told[0] for key, told in filling.errors().items()},
    }


def on_the_phone(work: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not here")
    environment = {**os.environ, "TZ": settings.TIME_ZONE}
    done = subprocess.run(
        [node, SCRIPT], input=json.dumps(work), capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    results: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return results


def compare(forms: dict[str, Form]) -> None:
    work = [
        {
            "form": phone_form(Survey(slug="x"), asked, "en"),
            "words": words(),
            "now": NOW.isoformat(),
            "fills": fills(asked, seed),
        }
        for seed, asked in enumerate(forms.values())
    ]
    for (name, asked), given, results in zip(forms.items(), work, on_the_phone(work), strict=True):
        for answers, result in zip(given["fills"], results, strict=True):
            assert result == on_the_server(asked, answers), (name, answers)


def test_phone_and_server_agree_on_random_fills_of_our_own_forms() -> None:
    forms = {name: read(sheets.xlsx(name)).form for name in sheets.names()}
    forms |= {"bridge": form(SURVEY, CHOICES, SETTINGS), "tricky": form(TRICKY, TRICKY_CHOICES)}
    forms |= {"turns": form(TURNS, TRICKY_CHOICES)}
    compare(forms)


def test_phone_and_server_agree_on_random_fills_of_the_shared_forms(shared_data: Path) -> None:
    forms = {}
    for file in sorted((shared_data / "surveys").glob("*.xls*")):
        try:
            forms[file.name] = read(file.read_bytes()).form
        except FormRefused:
            continue
    assert len(forms) >= 17
    compare(forms)
