"""An address is left apart from every answer, confirmed from a letter, used once and deleted; a crash changes nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import connections
from django.test import Client
from django.utils import timezone

from engagement import periodic
from engagement.contacts import hearing
from engagement.contacts.models import Consent, Contact, Subscription
from engagement.models import Job, LogEntry, Project

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])
ADDRESS = "Aino@Example.org"


def left(project: Project, address: str = ADDRESS) -> str:
    """An address was left and the letter is out; returns the link's token."""
    hearing.ask(address, project, "en")
    hearing.post_due()
    found = re.search(r"/hear/([^/\s]+)/", str(mail.outbox[-1].body))
    assert found
    return found[1]


def test_the_databases_share_no_table_and_no_relation() -> None:
    main, apart = (set(connections[alias].introspection.table_names()) for alias in ("default", "contacts"))
    assert apart == {"contacts_contact", "contacts_subscription", "contacts_consent", "django_migrations"}
    assert main & apart == {"django_migrations"}
    targets = {field.related_model for model in (Contact, Subscription, Consent) for field in model._meta.fields}
    assert targets == {None, Contact}


def test_an_address_counts_once_its_owner_confirmed(project: Project, client: Client) -> None:
    token = left(project)
    assert mail.outbox[0].to == ["aino@example.org"]
    assert "What if the bridge closed?" in mail.outbox[0].body
    assert Consent.objects.count() == 0
    assert client.get(f"/hear/{token}/").status_code == 200
    assert Subscription.objects.get().confirmed_on is None, "mail filters open links; opening is no agreement"
    assert "Confirmed." in client.post(f"/hear/{token}/", {"do": "confirm"}).text
    given = Consent.objects.get()
    assert (given.purpose, given.wording, given.given_on, given.ended_on) == ("outcome", 1, timezone.localdate(), None)
    assert "aino" not in given.mark


def test_when_it_is_decided_one_letter_goes_out_and_the_address_goes(
    project: Project, council_decided_later: Any
) -> None:
    hearing.confirm(left(project))
    council_decided_later()
    assert hearing.post_due() == {"told and deleted": 1}
    assert mail.outbox[-1].subject == "What was decided: What if the bridge closed?"
    assert "The bridge closes for cars only" in mail.outbox[-1].body
    assert not Contact.objects.exists()
    assert Consent.objects.get().ended_by == "fulfilled"
    assert hearing.post_due() == {}
    assert len(mail.outbox) == 2
    assert LogEntry.objects.filter(verb="contacts.posted").last().details == {"told and deleted": 1}  # type: ignore[union-attr]


def test_one_click_in_the_mail_program_deletes_the_address(project: Project) -> None:
    token = left(project)
    hearing.confirm(token)
    bare = Client(enforce_csrf_checks=True)
    assert bare.post(f"/hear/{token}/", {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Contact.objects.exists()
    assert Consent.objects.get().ended_by == "withdrawn"
    assert bare.post(f"/hear/{token}/").status_code == 200, "stopping twice is harmless"
    assert bare.get(f"/hear/{token}/").status_code == 404


def test_the_page_never_tells_whether_an_address_is_known(project: Project, client: Client) -> None:
    answers = [client.post("/projects/bridge/hear/", {"address": ADDRESS}).text for _time in range(2)]
    plain = [re.sub(r'value="[^"]+"', "", text) for text in answers]
    assert plain[0] == plain[1]
    assert Contact.objects.count() == 1


def test_a_second_wish_on_the_same_day_brings_no_second_letter(project: Project) -> None:
    left(project)
    hearing.ask(ADDRESS, project, "en")
    assert hearing.post_due() == {}
    Subscription.objects.update(letter_on=timezone.localdate() - timedelta(days=1))
    hearing.ask(ADDRESS, project, "en")
    assert hearing.post_due() == {"asked to confirm": 1}


@pytest.mark.parametrize("address", ["", "aino", "aino@", "a@b"])
def test_what_is_no_address_is_kept_in_the_field_and_explained(project: Project, client: Client, address: str) -> None:
    page = client.post("/projects/bridge/hear/", {"address": address})
    assert page.status_code == 422
    assert "Write it like name@example.org." in page.text
    assert f'value="{address}"' in page.text


def test_a_forged_link_leads_nowhere(project: Project, client: Client) -> None:
    token = left(project)
    assert client.get(f"/hear/{token[:-2]}xx/").status_code == 404
    assert client.post(f"/hear/{token[:-2]}xx/", {"do": "stop"}).status_code == 200
    assert Contact.objects.count() == 1


def test_who_never_confirms_is_forgotten_after_a_week(project: Project) -> None:
    left(project)
    Subscription.objects.update(asked_on=timezone.localdate() - timedelta(days=8))
    assert hearing.post_due() == {"never confirmed": 1}
    assert not Contact.objects.exists()


def test_an_address_does_not_outlive_its_project(project: Project) -> None:
    hearing.confirm(left(project))
    project.delete()
    assert hearing.post_due() == {"never confirmed": 1}
    assert not Contact.objects.exists()


def test_the_main_database_never_sees_an_address_or_a_contact(project: Project) -> None:
    hearing.ask(ADDRESS, project, "en")
    contact = Contact.objects.get()
    rows = repr(list(Job.objects.values())) + repr(list(LogEntry.objects.values()))
    assert ADDRESS.lower() not in rows
    assert str(contact.pk) not in rows


def test_rows_do_not_stand_in_the_order_of_arrival(project: Project) -> None:
    for number in range(12):
        hearing.ask(f"p{number}@example.org", project, "en")
    by_key = list(Contact.objects.order_by("pk").values_list("address", flat=True))
    assert by_key != [f"p{number}@example.org" for number in range(12)]


def test_a_mail_server_that_is_away_costs_no_letter(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    hearing.ask(ADDRESS, project, "en")

    def refuse(*_given: Any) -> None:
        raise ConnectionRefusedError

    with monkeypatch.context() as away:
        away.setattr("engagement.contacts.letters.EmailMessage.send", refuse)
        assert hearing.post_due() == {}
    assert hearing.post_due() == {"asked to confirm": 1}


KILLED = """
import os, signal, sys
from django.conf import settings
import django
settings.DATABASES["default"]["NAME"], settings.DATABASES["contacts"]["NAME"] = sys.argv[1:3]
django.setup()
settings.DATA_DIR = __import__("pathlib").Path(sys.argv[3])
from engagement import periodic
from engagement.contacts import hearing
from engagement.models import Project
periodic.start = lambda name: os.kill(os.getpid(), signal.SIGKILL)
hearing.ask("aino@example.org", Project.objects.get(), "en")
"""


@pytest.mark.django_db(transaction=True, databases=["default", "contacts"])
def test_a_kill_between_the_two_databases_is_mended_by_the_next_look(project: Project) -> None:
    names = [str(connections[alias].settings_dict["NAME"]) for alias in ("default", "contacts")]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "engagement.settings"}
    child = subprocess.run(
        [sys.executable, "-c", KILLED, *names, str(settings.DATA_DIR)],
        cwd=Path(settings.BASE_DIR),
        env=environment,
        capture_output=True,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()[-2000:]
    assert Subscription.objects.count() == 1, "the first write stands"
    assert not Job.objects.exists(), "the second was never made"
    assert "contacts" in periodic.tick()
    assert Job.objects.get(ref="contacts").state == "queued"
    periodic.run(lambda *_said: None, "contacts")
    assert [letter.to for letter in mail.outbox] == [["aino@example.org"]]
    periodic.run(lambda *_said: None, "contacts")
    assert len(mail.outbox) == 1
