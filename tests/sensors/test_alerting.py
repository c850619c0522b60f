"""Letters to hosts: one per trouble, not at night, stopped by one press."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from sensors import alerting, backfilling, keyring
from sensors.models import Alert, AlertWish, Datastream, Latest
from sensors.quality import Flag
from sensors.registering import Registered


@pytest.fixture
def wish(air_box: Registered) -> AlertWish:
    return AlertWish.objects.create(site=air_box.site, wanted=True, quiet_from=0, quiet_until=0)


def send(box: Registered, hours_ago: float, flags: int = 0) -> None:
    moment = timezone.now() - timedelta(hours=hours_ago)
    backfilling.take(keyring.door_of(box.device), ["time,pm2_5", f"{moment.isoformat()},12"], backfilling.direct())
    Latest.objects.filter(datastream__in=Datastream.objects.all()).update(flags=flags)


def test_a_silent_box_is_written_about_once(air_box: Registered, wish: AlertWish) -> None:
    send(air_box, 5)
    assert alerting.look() == {"sites": 1, "letters": 1}
    assert alerting.look() == {"sites": 1, "letters": 0}
    (letter,) = mail.outbox
    assert letter.to == ["volunteer@city.example"]
    assert letter.subject == "Sensor “Balcony”: offline"
    assert f"/sensors/devices/{air_box.device.code}/" in letter.body
    assert "24.9" not in letter.body
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize(("flag", "kind"), [(Flag.STUCK, "stuck"), (Flag.RANGE, "range")])
def test_stuck_and_absurd_values_are_written_about(air_box: Registered, wish: AlertWish, flag: Flag, kind: str) -> None:
    send(air_box, 0.1, flag)
    alerting.look()
    assert [alert.kind for alert in Alert.objects.all()] == [kind]
    assert len(mail.outbox) == 1


def test_a_trouble_that_comes_back_is_a_new_one(air_box: Registered, wish: AlertWish) -> None:
    for hours_ago in (5, 0.1):
        send(air_box, hours_ago)
        alerting.look()
    Latest.objects.update(phenomenon_time=timezone.now() - timedelta(hours=3))
    alerting.look()
    assert Alert.objects.count() == len(mail.outbox) == 2


def test_who_did_not_ask_hears_nothing(air_box: Registered) -> None:
    send(air_box, 5)
    assert alerting.look() == {"sites": 0, "letters": 0}


@pytest.mark.parametrize(("hour", "quiet"), [(20, False), (21, True), (3, True), (8, False)])
def test_quiet_hours_may_span_midnight(hour: int, quiet: bool) -> None:
    now = datetime(2026, 11, 22, hour, 30, tzinfo=timezone.get_default_timezone())
    assert alerting.is_quiet(AlertWish(quiet_from=21, quiet_until=8), now) is quiet


def test_a_letter_that_falls_into_the_quiet_hours_comes_after_them(air_box: Registered, wish: AlertWish) -> None:
    hour = timezone.localtime(timezone.now(), timezone.get_default_timezone()).hour
    AlertWish.objects.update(quiet_from=hour, quiet_until=(hour + 2) % 24)
    send(air_box, 5)
    assert alerting.look()["letters"] == 0
    AlertWish.objects.update(quiet_from=0, quiet_until=0)
    assert alerting.look()["letters"] == 1


def test_letters_are_stopped_by_their_own_address_without_signing_in(
    client: Client, air_box: Registered, wish: AlertWish
) -> None:
    path = f"/sensors/letters/{alerting.token_of(air_box.site)}/"
    assert client.get(path).status_code == 200
    wish.refresh_from_db()
    assert wish.wanted
    client.post(path, {"List-Unsubscribe": "One-Click"})
    client.post("/sensors/letters/1:forged/")
    wish.refresh_from_db()
    assert not wish.wanted
