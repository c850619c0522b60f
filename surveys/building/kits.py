"""Starter kits: a question of policy that many towns have, with charter texts, survey, poster and rules for releases.

Each file of ``surveys/kits`` is one kit, written in TOML; texts are maps from language code to text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from engagement import audit, geo, participating, places
from engagement.models import Charter, Poster, Project, Round, User
from privacy import policy
from surveys import opening
from surveys.building import shaping, sketching
from surveys.ir import Choice, Form, Question, Texts
from surveys.models import SurveyVersion

FOLDER = Path(__file__).resolve().parent.parent / "kits"
LANGUAGES = ("en", "fi", "sv", "ar")
RADIUS_M = 400.0
TO_DECIDE = timedelta(days=60)


class NoSuchKit(LookupError):
    """There is no file of this name."""


@dataclass(frozen=True)
class Kit:
    """``project`` and ``charter`` texts by name, the form, rules for
    releases (:class:`privacy.models.Policy`), and what the kit advises for the round."""

    name: str
    project: Mapping[str, Texts]
    charter: Mapping[str, Texts]
    form: Form
    release: Mapping[str, Any]
    days: int
    expected: int


@dataclass(frozen=True)
class Local:
    """What only the town knows: where, who decides and by when, who may answer, from when to when."""

    slug: str
    place_name: str
    middle: str
    decider: str
    decide_by: date
    population: str
    opens_on: date
    closes_on: date
    expected: int
    languages: Sequence[str] = LANGUAGES
    scene_slug: str = ""


@dataclass(frozen=True)
class Begun:
    """What a kit became."""

    project: Project
    version: SurveyVersion
    round: Round
    poster: Poster


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


@lru_cache(maxsize=16)
def kit(name: str) -> Kit:
    """Raises NoSuchKit."""
    if name not in names():
        raise NoSuchKit(name)
    read = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return Kit(
        name, read["project"], read["charter"], _form(name, read), read["release"], read["days"], read["expected"]
    )


def _form(name: str, read: Mapping[str, Any]) -> Form:
    choices = {list_name: tuple(_choice(row) for row in rows) for list_name, rows in read["choices"].items()}
    questions = tuple(Question(**row) for row in read["questions"])
    return shaping.set_languages(Form(name, read["survey"]["title"], questions, choices), list(LANGUAGES))


def _choice(row: Mapping[str, Any]) -> Choice:
    picture = row.get("picture", "")
    media = {"image": dict.fromkeys(LANGUAGES, picture)} if picture else {}
    return Choice(row["name"], row["label"], media=media)


def spoken_in(form: Form, languages: Sequence[str]) -> Form:
    """The kit's form in the languages of a town."""
    return shaping.set_languages(form, [code for code in LANGUAGES if code in languages] or ["en"])


@transaction.atomic
def begin(officer: User, chosen: Kit, local: Local) -> Begun:
    """Make the project, its survey, an open round and a poster, all or nothing.

    Raises:
        Refused: a short name that is taken, days that make no sense, too few expected answers for any release.
    """
    project = _project(officer, chosen, local)
    sketch = sketching.begin(officer, project, spoken_in(chosen.form, local.languages), slug=project.slug)
    version = sketching.keep(officer, sketch)
    plan = opening.Plan(
        population=local.population,
        opens_at=_midnight(local.opens_on),
        closes_at=_midnight(local.closes_on + timedelta(days=1)),
        expected_responses=local.expected,
    )
    round = opening.open_round(officer, version, plan)
    policy.tighten(round.privacy_policy, actor=officer, **chosen.release)
    poster = Poster.objects.create(
        code=project.slug[:24], project=project, survey_slug=version.survey.slug, place_name=project.place_name,
        created_by=officer,
    )  # fmt: skip
    participating.publish(officer, project)
    audit.record(officer, "kit.used", f"project:{project.slug}", {"kit": chosen.name})
    return Begun(project, version, round, poster)


def _project(officer: User, chosen: Kit, local: Local) -> Project:
    codes = [code for code in LANGUAGES if code in local.languages] or ["en"]

    def texts(given: Texts) -> dict[str, str]:
        return {code: given[code].replace("{place}", local.place_name) for code in codes if code in given}

    project = Project(
        slug=local.slug or slugify(f"{chosen.name} {local.place_name}")[:50],
        title=texts(chosen.project["title"]),
        summary=texts(chosen.project["summary"]),
        place_name=dict.fromkeys(codes, local.place_name),
        languages=codes,
        scene_slug=local.scene_slug,
        area=_area(local.middle),
    )
    charter = Charter(
        problem=texts(chosen.charter["problem"]),
        use_of_answers=texts(chosen.charter["use_of_answers"]),
        decider=local.decider,
        decide_by=local.decide_by,
    )
    phases = {"ask": (local.opens_on, local.closes_on), "decide": (local.closes_on, local.decide_by)}
    return participating.save_project(officer, project, charter, phases)


def _area(middle: str) -> Any:
    found = places.search(middle, limit=1) if middle else []
    return geo.square(found[0].point.x, found[0].point.y, RADIUS_M) if found else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
