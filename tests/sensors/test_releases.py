"""What may go to planning: at least three hosts, or everybody's consent; hidden sites count, exact places stay."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from engagement.models import Project
from sensors import backfilling, keyring, placing, registering, releases, rollups
from sensors.models import Campaign, Site
from sensors.registering import Registered, Registration
from tests.conftest import person
from tests.sensors.pushing import HOME

HOUR = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)


def hang(campaign: Campaign, project: Project, host: str, value: float, **given: object) -> Registered:
    user = project.memberships.filter(user__email=host).first()
    owner = user.user if user else person(host, "volunteer", project)
    box = registering.register(owner, campaign, Registration("air-box", *HOME, **{"shown_as": "hidden", **given}))  # type: ignore[arg-type]
    lines = [f"{(HOUR + timedelta(minutes=2 * each)).isoformat()},{value}" for each in range(24)]
    backfilling.take(keyring.door_of(box.device), ["time,pm2_5", *lines], backfilling.direct())
    rollups.renew()
    return box


def figures(campaign: Campaign) -> list[releases.Figure]:
    return releases.hourly(campaign, HOUR - timedelta(days=1), datetime.now(UTC))


def test_two_hosts_are_too_few_and_the_third_lets_the_median_out(campaign: Campaign, project: Project) -> None:
    hang(campaign, project, "a@city.example", 8)
    hang(campaign, project, "b@city.example", 10)
    assert figures(campaign) == []
    hang(campaign, project, "c@city.example", 90)
    (figure,) = figures(campaign)
    place = "cell/{},{}".format(*placing.cell_centre(*HOME, 500))
    assert astuple(figure) == (place, HOUR, "pm2_5", "ug/m3", 10.0, 3, 1.0)


def test_three_boxes_of_one_host_are_one_host(campaign: Campaign, project: Project) -> None:
    for value in (8, 9, 10):
        hang(campaign, project, "a@city.example", value)
    assert figures(campaign) == []


def test_who_agreed_is_published_alone_but_not_together_with_one_who_did_not(
    campaign: Campaign, project: Project
) -> None:
    first = hang(campaign, project, "a@city.example", 8)
    Site.objects.filter(pk=first.site.pk).update(alone_ok=True)
    assert [figure.hosts for figure in figures(campaign)] == [1]
    hang(campaign, project, "b@city.example", 10)
    assert figures(campaign) == []


@pytest.mark.parametrize("change", [{"test_mode": True}, {"owner": None}])
def test_sites_in_test_mode_and_without_a_host_do_not_count(
    campaign: Campaign, project: Project, change: dict[str, object]
) -> None:
    for host in "abc":
        box = hang(campaign, project, f"{host}@city.example", 8)
    Site.objects.filter(pk=box.site.pk).update(**change)
    assert figures(campaign) == []


def test_the_exact_place_is_in_no_figure(campaign: Campaign, project: Project) -> None:
    for host in "abc":
        hang(campaign, project, f"{host}@city.example", 8)
    text = str(figures(campaign))
    assert not [part for part in ("24.9473", "60.1745") if part in text]
