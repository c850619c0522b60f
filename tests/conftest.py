"""A named cast and the fixtures that every room may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone, translation

from engagement.models import Charter, Membership, Project, Round, User

if settings.REDIS_URL and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
    # Each test process clears its own Redis database, not what its neighbour has just remembered.
    settings.CACHES["default"]["LOCATION"] = f"{settings.REDIS_URL.rpartition('/')[0]}/{int(worker[2:]) + 1}"

SHARED_DATA = Path(settings.BASE_DIR).parent / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys, media, tiles and sockets of a test run lie in a folder of their own."""
    folder = tmp_path_factory.mktemp("data")
    settings.DATA_DIR = folder
    settings.MEDIA_ROOT = folder / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.LOGGIA_REQUIRE_MFA = False
    return folder


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def no_language_left_over() -> Iterator[None]:
    """A page asked for in Finnish leaves Finnish on in its thread; the next test begins with the site's language."""
    yield
    translation.deactivate()


@pytest.fixture
def shared_data() -> Path:
    if not SHARED_DATA.is_dir():
        pytest.skip(f"{SHARED_DATA} is not here")
    return SHARED_DATA


def person(email: str, role: str = "", project: Project | None = None) -> User:
    user = User.objects.create_user(email, "a-long-password", name=email.split("@", maxsplit=1)[0].capitalize())
    if role:
        Membership.objects.create(user=user, project=project, role=role)
    return user


@pytest.fixture
def project(db: None) -> Project:
    """A published project with a charter."""
    project = Project.objects.create(
        slug="bridge",
        title={"en": "What if the bridge closed?", "fi": "Mitä jos silta suljettaisiin?"},
        summary={"en": "The bridge needs repair."},
        place_name={"en": "Old Harbour"},
        languages=["en", "fi", "sv"],
        scene_slug="harbour",
        published=True,
    )
    Charter.objects.create(
        project=project,
        problem={"en": "The bridge is worn."},
        use_of_answers={"en": "They set the weights of the comparison."},
        decider="City council",
        decide_by=date(2027, 1, 30),
    )
    return project


@pytest.fixture
def open_round(project: Project) -> Round:
    """An open-link round of the survey ``bridge``, open now."""
    now = timezone.now()
    return Round.objects.create(
        project=project,
        survey_slug="bridge",
        population="Residents of Old Harbour",
        opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=20),
        expected_responses=400,
        destroy_key_on=timezone.localdate() + timedelta(days=200),
    )


@pytest.fixture
def officer(project: Project) -> User:
    return person("officer@city.example", "officer", project)


@pytest.fixture
def second_officer(project: Project) -> User:
    return person("second@city.example", "officer", project)


@pytest.fixture
def planner(project: Project) -> User:
    return person("planner@city.example", "planner", project)


@pytest.fixture
def volunteer(project: Project) -> User:
    return person("volunteer@city.example", "volunteer", project)


@pytest.fixture
def outsider(db: None) -> User:
    """Signed in, but without any role here."""
    return person("outsider@elsewhere.example")
