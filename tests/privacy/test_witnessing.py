"""The second signature where a project has one officer only: an outsider by a link, or seven days of public notice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement.models import LogEntry, Round, User
from privacy import models, publishing, release, witnessing
from privacy.counts import TableSpec
from privacy.proposing import propose
from tests.privacy.conftest import Answers
from tests.privacy.test_pages import as_person, page

MODE = TableSpec("mode")


@pytest.fixture
def signed(open_round: Round, given: Answers, officer: User) -> models.Draft:
    return publishing.sign(propose(open_round, [MODE], officer), officer)


def invited(signed: models.Draft, officer: User) -> str:
    return f"/releases/witness/{witnessing.invite(signed, officer, 'chair of the village association')}/"


def test_an_outsider_sees_ranges_and_attacks_and_signs_without_an_account(signed: models.Draft, officer: User) -> None:
    address, outside = invited(signed, officer), Client()
    text = page(outside, address)
    assert "chair of the village association" in text
    assert "Transit" in text
    assert "Somebody who knew everybody else" in text
    answer = outside.post(address, {"step": "sign"})
    assert answer["Location"] == f"/releases/{signed.pk}/"
    row = models.Release.objects.get()
    assert (row.second_signer, row.second_signature) == (None, "witness")
    roles = [one["role"] for one in release.load(row.pk).document["signatures"]]
    assert roles == ["first signature", "second signature, by an invited outsider"]
    assert "by an officer and an invited outsider" in page(outside, answer["Location"])


def test_the_link_works_once_and_only_whole(signed: models.Draft, officer: User) -> None:
    address = invited(signed, officer)
    assert Client().get(address[:-3] + "x/").status_code == 404
    Client().post(address, {"step": "sign"})
    assert "It was used already" in page(Client(), address, 404)
    assert models.Release.objects.count() == 1


def test_the_link_ends(signed: models.Draft, officer: User) -> None:
    address = invited(signed, officer)
    models.Invitation.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    assert "Its time is over." in page(Client(), address, 404)


def test_declining_needs_a_reason_and_takes_the_first_signature_back(signed: models.Draft, officer: User) -> None:
    address = invited(signed, officer)
    assert Client().post(address, {"step": "decline", "reason": " "}).status_code == 422
    said = Client().post(address, {"step": "decline", "reason": "The harbour is too small a place."})
    assert "You declined." in said.content.decode()
    assert models.Draft.objects.get().state == models.Draft.State.PROPOSED
    assert not models.Release.objects.exists()
    assert "The harbour is too small a place." in page(as_person(officer), f"/desk/releases/drafts/{signed.pk}/")


def test_where_another_officer_can_sign_nobody_else_is_asked(
    signed: models.Draft, officer: User, second_officer: User
) -> None:
    for step in (lambda: witnessing.invite(signed, officer, "a friend"), lambda: publishing.announce(signed, officer)):
        with pytest.raises(publishing.SecondOfficerExists, match="Ask them"):
            step()


def test_seven_days_of_notice_replace_the_second_signature(signed: models.Draft, officer: User) -> None:
    client = as_person(officer)
    address = f"/desk/releases/drafts/{signed.pk}/"
    assert client.post(address, {"step": "announce"}).status_code == 302
    draft = models.Draft.objects.get()
    assert draft.public_on == timezone.localdate() + timedelta(days=7)
    assert LogEntry.objects.filter(verb="release.announced").exists()
    assert "there are seven days to object" in page(Client(), "/releases/")
    assert publishing.publish_due() == {"published": 0}
    models.Draft.objects.update(public_on=timezone.localdate())
    assert publishing.publish_due() == {"published": 1}
    assert publishing.publish_due() == {"published": 0}
    assert models.Release.objects.get().second_signature == "delay"
    assert "announced in public for seven days" in page(Client(), f"/releases/{signed.pk}/")


def test_what_was_announced_can_still_be_taken_off(signed: models.Draft, officer: User) -> None:
    publishing.announce(signed, officer)
    publishing.drop(signed, officer)
    models.Draft.objects.update(public_on=timezone.localdate())
    assert publishing.publish_due() == {"published": 0}
    assert not models.Release.objects.exists()


def test_the_desk_shows_the_link_once(signed: models.Draft, officer: User) -> None:
    client: Any = as_person(officer)
    address = f"/desk/releases/drafts/{signed.pk}/"
    assert "This project has no other officer" in page(client, address)
    shown = client.post(address, {"step": "invite", "role": "the teacher"}).content.decode()
    assert "/releases/witness/" in shown
    assert "/releases/witness/" not in page(client, address)
