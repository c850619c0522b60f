"""Four projects and eight people: every kind of object once in each project, so that every route can be tried on each.

``own`` is published and ``draft`` is not; in both the people hold their role. ``other`` is published and ``private`` is
not; both belong to a town in which nobody of the cast has a role.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.gis.geos import Point, Polygon
from django.utils import timezone

from ar_scenes import building, overlays
from ar_scenes.models import Overlay, Scene
from ar_scenes.scenes import swap_in
from ar_scenes.storage import store
from engagement import appeals, moderation, receipts
from engagement.jobs import Progress
from engagement.models import (
    Appeal,
    Charter,
    Job,
    Membership,
    Poster,
    Project,
    QueueItem,
    Receipt,
    Round,
    Ruling,
    User,
)
from privacy import publishing, snapshot
from privacy.counts import TableSpec
from privacy.models import Draft, Release
from privacy.proposing import propose
from scenarios import planning, running
from scenarios.models import Decision, Network, Run, Scenario
from sensors import registering
from sensors.models import Campaign, Datastream
from sensors.registering import Registered, Registration
from sources.building_table import FeatureRows, Part
from sources.table import BUILDING, STREET
from surveys import opening, versions
from surveys.models import Attachment, ModeratedAnswer, Response
from surveys.sketch_models import Sketch
from tests.ar_scenes.conftest import LAT, LON, degrees, square
from tests.conftest import person
from tests.scenarios.conftest import CLOSE_BRIDGE, answers_about
from tests.scenarios.villages import village
from tests.surveys.conftest import CHOICES, SETTINGS, SURVEY
from tests.surveys.forms import form

ROLES = ("nobody", "outsider", "volunteer", "trainer", "operator", "planner", "officer", "administrator")
WORLDS = ("own", "draft", "other", "private")
PHOTO = b"\xff\xd8\xff\xe0 a photo"


@dataclass
class Objects:
    """One of everything in one project; names are those that the rows of the matrix use."""

    project: Project
    things: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.project.slug if name == "project" else self.things[name]


@dataclass
class World:
    people: dict[str, User | None]
    objects: dict[str, Objects]


def build() -> World:
    """Make everything. Call it inside a transaction that is rolled back afterwards."""
    projects = {name: _project(name, published=name in {"own", "other"}) for name in WORLDS}
    people = _people([projects["own"], projects["draft"]])
    # Who made the objects; none of them is tried on a route.
    town = {name: person(f"{name}@town.example", "officer") for name in ("officer", "second")}
    town["volunteer"] = person("volunteer@town.example")
    for name in ("other", "private"):
        Membership.objects.create(user=town["volunteer"], project=projects[name], role=Membership.Role.VOLUNTEER)
    hosts = {"own": people["volunteer"], "draft": people["volunteer"]}
    objects = {
        name: _objects(project, town, hosts.get(name) or town["volunteer"]) for name, project in projects.items()
    }
    return World(people, objects)


def _project(slug: str, *, published: bool) -> Project:
    project = Project.objects.create(
        slug=slug, title={"en": slug.title()}, languages=["en"], published=published, scene_slug=slug,
        area=Polygon.from_bbox((LON - 0.001, LAT - 0.001, LON + 0.001, LAT + 0.001)),
    )  # fmt: skip
    Charter.objects.create(
        project=project,
        problem={"en": "Noise."},
        use_of_answers={"en": "They weigh."},
        decider="City council",
        decide_by=date(2099, 1, 30),
    )
    return project


def _people(projects: list[Project]) -> dict[str, User | None]:
    people: dict[str, User | None] = {"nobody": None, "outsider": person("outsider@elsewhere.example")}
    for role in ROLES[2:-1]:
        user = person(f"{role}@city.example")
        for project in projects:
            Membership.objects.create(user=user, project=project, role=role)
        people[role] = user
    people["administrator"] = person("administrator@city.example", "administrator")
    return people


def _objects(project: Project, town: dict[str, User], host: User) -> Objects:
    objects = Objects(project)
    for make in (_survey, _moderation, _planning, _scene):
        objects.things |= make(project, objects.things, town)
    objects.things |= _sensor(project, host)
    return objects


def _survey(project: Project, _things: dict[str, Any], town: dict[str, User]) -> dict[str, Any]:
    slug, now = f"{project.slug}-survey", timezone.now()
    version, _created = versions.store(None, project, form(SURVEY, CHOICES, SETTINGS), slug=slug)
    plan = opening.Plan("Everybody", now - timedelta(days=2), now + timedelta(days=20), 400)
    round = opening.open_round(None, version, plan)
    response = Response.objects.create(
        round=round, version=version, answers={"remark": "It is dark."}, pseudonym=uuid4().hex,
        content_hash="x", language="en",
    )  # fmt: skip
    photo = ModeratedAnswer.objects.create(response=response, key="photo", kind="survey.photo")
    Attachment.objects.create(answer=photo, content_type="image/jpeg", content=PHOTO)
    text = ModeratedAnswer.objects.create(response=response, key="remark", kind="survey.text")
    poster = Poster.objects.create(code=f"{project.slug}-p", project=project, survey_slug=slug)
    draft, release = _release(round, town)
    sketch = Sketch.objects.create(project=project, slug=f"{project.slug}-sketch", form=version.form)
    return {
        "sketch": sketch.slug, "survey": slug, "version": 1, "round": round.pk, "photo": photo.pk, "text": text.pk, "poster": poster.code,
        "draft": draft.pk, "release": release.pk,
    }  # fmt: skip


def _release(round: Round, town: dict[str, User]) -> tuple[Draft, Release]:
    """One release that both have signed, and a draft that waits."""
    with pytest.MonkeyPatch.context() as given:
        given.setattr(snapshot, "_sources", {"test": lambda _round: answers_about({"quiet": 90, "safe": 70})})
        signed = propose(round, [TableSpec("matters")], town["officer"])
        publishing.sign(signed, town["officer"])
        release = publishing.countersign(signed, town["second"])
        return signed, release


def _moderation(project: Project, things: dict[str, Any], town: dict[str, User]) -> dict[str, Any]:
    item = moderation.enqueue("survey.text", str(things["text"]), project=project, language="en")
    photo = moderation.enqueue("survey.photo", str(things["photo"]), project=project, language="en")
    ruling: Ruling = moderation.rule(photo, town["officer"], "rejected", ground="insult", reason="It insults.")
    appeal: Appeal = appeals.make(ruling, "It was a joke.")
    assert QueueItem.objects.filter(project=project).count() == 2
    code = receipts.new_code()
    receipts.remember(code, project=project, round=Round.objects.get(pk=things["round"]), kind="survey")
    assert Receipt.objects.filter(project=project).exists()
    job = Job.objects.create(kind="test.work", ref=project.slug, project=project, label="Work")
    return {"item": item.pk, "appeal": appeal.pk, "job": job.pk, "code": code}


def _planning(project: Project, things: dict[str, Any], town: dict[str, User]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        network: Network = planning.import_network(project, village(Path(folder)))
    measure = CLOSE_BRIDGE | {"for": "all"}
    scenario: Scenario = planning.create_scenario(
        project, title={"en": "What if it closed?"}, measures=[measure], planner=town["officer"]
    )
    run = Run.objects.filter(finished_at__isnull=False).first()
    run = _computed(scenario) if run is None else _copied(run, scenario)
    Scenario.objects.filter(pk=scenario.pk).update(published=True)
    decision = Decision.objects.create(
        project=project, title={"en": "It stays open"}, outcome="done", reason="safety", plain_text={"en": "Safer."},
        decided_on=date(2026, 11, 1), published_by=town["officer"], published_at=timezone.now(),
    )  # fmt: skip
    return {"network": network.pk, "scenario": scenario.pk, "run": run.pk, "decision": decision.pk,
        "decisions": f"{project.slug}-decisions",
    }  # fmt: skip


def _computed(scenario: Scenario) -> Run:
    with pytest.MonkeyPatch.context() as few:
        few.setattr(running, "DRAWS", 4)
        run = running.request_run(None, scenario)
        assert run.job is not None
        Job.objects.filter(pk=run.job.pk).update(state=Job.State.RUNNING)
        running.run_scenario(Progress(run.job), run.pk)
    run.refresh_from_db()
    return run


def _copied(run: Run, scenario: Scenario) -> Run:
    """The same results in another project: computing them again would tell nothing new about access."""
    copy = Run.objects.get(pk=run.pk)
    copy.pk, copy.scenario, copy._state.adding = f"{run.pk[:-8]}{scenario.pk:08x}", scenario, True
    copy.save(force_insert=True)
    for figure in run.indicators.all():
        figure.pk, figure.run, figure._state.adding = None, copy, True
        figure.save(force_insert=True)
    return copy


def _scene(project: Project, things: dict[str, Any], _town: dict[str, User]) -> dict[str, Any]:
    rows = FeatureRows()
    for number in range(3):
        rows.add(f"way/{100 + number}", BUILDING, [Part((square(30.0 * number, 0, 10),), 0.0, 6.0)], name="Talo")
    rows.add("way/1", STREET, [Part((degrees((0, 20), (60, 20)),))], name="Ylätie", category="primary", width_m=8.0)
    table = rows.table()
    scene = Scene.objects.create(
        slug=project.slug, title={"en": "Town"}, project=project, centre=Point(LON, LAT, srid=4326), radius_m=300.0,
        source="town.osm", attribution="© OpenStreetMap contributors", licence="ODbL-1.0", published=project.published,
    )  # fmt: skip
    folder = settings.DATA_DIR / "scenes"
    folder.mkdir(parents=True, exist_ok=True)
    table.save(folder / f"{scene.slug}.npz")
    built = building.build(table, store())
    swap_in(scene, built)
    overlays.show_run(None, things["run"])
    return {
        "scene": scene.slug,
        "feature": "way/1",
        "overlay": Overlay.objects.filter(scene=scene).latest("created_at").pk,
    }


def _sensor(project: Project, host: User) -> dict[str, Any]:
    campaign = Campaign.objects.create(project=project, slug="air", title={"en": "Air"}, opens_on=date(2026, 1, 1))
    given = Registration(preset="air-box", lon=LON, lat=LAT, shown_as="cell100", name="Balcony")
    made: Registered = registering.register(host, campaign, given)
    made.site.refresh_from_db()
    if made.site.test_mode:
        type(made.site).objects.filter(pk=made.site.pk).update(test_mode=False)
    Datastream.objects.create(site=made.site, observed_property="pm2_5", unit="ug/m3")
    return {"campaign": campaign.pk, "site": made.site.pk, "device": made.device.code}
