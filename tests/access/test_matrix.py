"""Route × role × object: who gets in, who is refused, for whom it looks absent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from ar_scenes.storage import store
from tests.access.routes import is_ours, routes
from tests.access.rows import ROWS, Row
from tests.access.world import PHOTO, ROLES, WORLDS, World, build

pytestmark = pytest.mark.django_db(databases="__all__")
# Whoever has a code or key in hand has it in the address; these need one that exists.
STORED = {"=tile": ("*.glb", ""), "=schema": ("*.schema.json", ".schema")}


@contextmanager
def undone() -> Iterator[None]:
    """A transaction that leaves nothing behind, also around code that insists on the outermost one."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Made once for all cells; each request below is undone by itself."""
    known = settings.DATA_DIR
    settings.DATA_DIR = tmp_path_factory.mktemp("access")
    with django_db_blocker.unblock(), undone():
        yield build()
    settings.DATA_DIR = known


@pytest.fixture(scope="module")
def browsers(world: World) -> dict[str, Client]:
    found = {}
    for role, user in world.people.items():
        found[role] = Client(raise_request_exception=False)
        if user is not None:
            found[role].force_login(user)
    return found


def address(name: str, row: Row, things: Any) -> str:
    values = {argument: _value(wanted, things) for argument, wanted in row.path.items()}
    pattern = next(route.pattern for route in routes() if route.name == name)
    path = (
        reverse(name, kwargs=values) if not name.endswith(":") else f"/{pattern}".replace("<slug:code>", values["code"])
    )
    return f"{path}?{row.query}" if row.query else path


def _value(wanted: str, things: Any) -> Any:
    if wanted in STORED:
        found = next(store().folder.rglob(STORED[wanted][0]))
        return found.name[:16]
    return wanted[1:] if wanted.startswith("=") else things[wanted]


def outcome(answer: Any) -> str:
    if answer.status_code in {401, 403}:
        return "-"
    if answer.status_code == 302 and answer["Location"].startswith(("/accounts/login/", "/admin/login/")):
        return "-"
    return "0" if answer.status_code == 404 else "+"


def asked(browser: Client, method: str, path: str, body: Mapping[str, object] | None = None) -> tuple[str, int]:
    """What came of one request; whatever it changed is undone."""
    kind = "application/json" if body else "application/x-www-form-urlencoded"
    with undone():
        answer = browser.generic(method, path, json.dumps(body) if body else b"", content_type=kind)
        if answer.streaming:
            b"".join(answer)
    return outcome(answer), answer.status_code


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    known = {route.name for route in routes() if is_ours(route)}
    assert known - ROWS.keys() == set(), "Write a row into tests/access/rows.py: who may use this route?"
    assert ROWS.keys() - known == set(), "These rows are of routes that are gone."


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_route_lets_in_whom_it_should_and_nobody_else(name: str, world: World, browsers: dict[str, Client]) -> None:
    row, wrong = ROWS[name], []
    for kind in WORLDS if row.has_object else WORLDS[:1]:
        path = address(name, row, world.objects[kind])
        for method in row.methods.split():
            for role in ROLES:
                found, status = asked(browsers[role], method, path, row.body)
                wanted = row.rule_of(method)(role, kind)
                if found != wanted or (status >= 500 and name != "engagement:readyz"):
                    wrong.append(f"{method} {kind} as {role}: {status} {found}, should be {wanted}")
    assert wrong == []


@pytest.mark.parametrize("name", sorted(ROWS))
def test_no_route_takes_a_method_that_its_row_does_not_name(
    name: str, world: World, browsers: dict[str, Client]
) -> None:
    row = ROWS[name]
    path = address(name, row, world.objects["own"])
    taken = {
        method
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(row.methods.split())
        if asked(browsers["administrator"], method, path)[1] not in {405, 403, 404}
    }
    assert taken == set()


def test_administration_and_settings_of_the_account_are_closed_to_strangers(
    world: World, browsers: dict[str, Client]
) -> None:
    open_to_all = {"admin:login", "admin:jsi18n", "admin:logout"}
    private = ("mfa_", "account_email", "account_change", "account_set", "account_reauthenticate")
    for route in routes():
        if route.pattern.startswith("admin/") and route.name not in open_to_all and "<" not in route.pattern:
            path = f"/{route.pattern}".replace("(?P<url>.*)$", "nothing/")
            found = {role: asked(browser, "GET", path)[0] for role, browser in browsers.items()}
            assert set(found.values()) <= {"-", "0"}, route.pattern
        to_sign_in = "authenticate" in route.name or "login" in route.name or "verification" in route.name
        if route.name.startswith(private) and "<" not in route.pattern and not to_sign_in:
            assert asked(browsers["nobody"], "GET", f"/{route.pattern}")[0] == "-", route.pattern


def test_a_photo_reaches_officers_of_its_project_alone(world: World, browsers: dict[str, Client]) -> None:
    """The matrix knows status codes; the most private bytes are looked for themselves."""
    for kind in WORLDS:
        path = f"/desk/surveys/photos/{world.objects[kind]['photo']}/"
        readers = {role for role, browser in browsers.items() if PHOTO in browser.get(path).content}
        assert readers == ({"officer", "administrator"} if kind in {"own", "draft"} else {"administrator"})
