"""Errors, statements, sign-in and the progress of jobs."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from engagement.models import Job, Project, User
from engagement.views import errors

pytestmark = pytest.mark.django_db


def test_an_unknown_address_is_a_sentence_for_people_and_a_problem_for_programs(client: Client) -> None:
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert "There is nothing at this address" in page.text
    body = client.get("/api/v1/nowhere/")
    assert (body.status_code, body["Content-Type"]) == (404, "application/problem+json")
    assert body.json()["title"] == "There is nothing at this address."


def test_our_own_fault_is_told_without_database_or_session() -> None:
    page = errors.failed(RequestFactory().get("/", headers={"Accept": "text/html"}))
    assert page.status_code == 500
    assert b"Something broke on our side" in page.content


def test_an_old_form_says_that_nothing_was_sent(project: Project) -> None:
    strict = Client(enforce_csrf_checks=True)
    page = strict.post("/r/", {"code": "x"})
    assert page.status_code == 403
    assert "Nothing was sent." in page.text


def test_somebody_without_a_role_is_told_whom_to_ask(outsider: User) -> None:
    client = Client()
    client.force_login(outsider)
    page = client.get("/desk/")
    assert page.status_code == 403
    assert "Ask your administrator" in page.text


def test_the_security_contact_is_dated_ahead(client: Client) -> None:
    answer = client.get("/.well-known/security.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in answer.text.strip().splitlines())
    assert lines["Contact"].startswith("mailto:")
    assert lines["Expires"].endswith("T00:00:00Z")


def test_the_accessibility_statement_names_its_limits_and_whom_to_write_to(client: Client) -> None:
    page = client.get("/accessibility/").text
    assert "WCAG 2.2, level AA" in page
    assert "mailto:" in page


def test_signing_in_is_in_the_look_of_the_site(client: Client) -> None:
    page = client.get("/accounts/login/").text
    assert 'class="brand"' in page
    assert "demonstration" not in page


def test_the_demonstration_offers_its_accounts_and_a_real_site_none(client: Client, settings: object) -> None:
    User.objects.create_user("officer@demo.example", "loggia-demo")
    assert 'value="officer@demo.example"' not in client.get("/accounts/login/").text
    settings.LOGGIA_DEMO = True  # type: ignore[attr-defined]
    assert 'value="officer@demo.example"' in client.get("/accounts/login/").text
    client.post("/accounts/login/", {"login": "officer@demo.example", "password": "loggia-demo"})
    assert client.session["_auth_user_id"]


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/webauthn/",
        "/accounts/logout/",
    ],
)
def test_account_pages_are_in_the_look_of_the_site(officer: User, path: str) -> None:
    client = Client()
    client.force_login(officer)
    page = client.get(path, follow=True)
    assert page.status_code == 200
    assert 'class="brand"' in page.text
    assert "style=" not in page.text


def test_long_work_shows_a_bar_and_a_way_to_reload_without_javascript(project: Project) -> None:
    job = Job.objects.create(
        kind="test.work", ref="x", label="Assigning traffic", state="running", fraction=0.4, message="Closure"
    )
    shown = render_to_string("_job.html", {"job": job, "reload": True})
    assert f'data-job="{job.pk}"' in shown
    assert '<progress max="100" value="40" aria-label="Assigning traffic">40 %</progress>' in shown
    assert "<noscript>" in shown
    job.state = "failed"
    job.error = "The network file is missing."
    over = render_to_string("_job.html", {"job": job})
    assert "<noscript>" not in over
    assert 'role="alert" data-job-error>The network file is missing.' in over
