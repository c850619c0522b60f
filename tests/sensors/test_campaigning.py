"""Officers begin campaigns and print codes; a volunteer who scans one registers the box with it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from engagement.models import Project, User
from sensors import campaigning, codes, registering
from sensors.models import Campaign, Device
from sensors.registering import Registration
from tests.conftest import person
from tests.sensors.pushing import HOME


def test_an_officer_begins_a_campaign_on_a_page(client: Client, officer: User, project: Project) -> None:
    client.force_login(officer)
    given = {"project": project.pk, "slug": "noise", "licence": "CC0-1.0", "opens_on": "2026-12-01", "title": "Noise"}
    assert client.post("/desk/campaigns/", given | {"opens_on": "soon"}).status_code == 422
    answer = client.post("/desk/campaigns/", given)
    campaign = Campaign.objects.get()
    assert answer.headers["Location"] == f"/desk/campaigns/{campaign.pk}/"
    assert (campaign.title, campaign.licence) == ({"en": "Noise"}, "CC0-1.0")


def test_the_sheet_shows_every_code_with_its_check_digit(client: Client, officer: User, campaign: Campaign) -> None:
    client.force_login(officer)
    answer = client.post(f"/desk/campaigns/{campaign.pk}/", {"preset": "air-box", "count": "12"}, follow=True)
    printed = re.findall(r'<strong class="code">(\w{8})</strong>', answer.content.decode())
    assert len(printed) == 12
    assert [codes.normalise(code) for code in printed] == printed
    assert answer.content.decode().count("qr-dots") == 12


def test_a_printed_code_is_claimed_once(campaign: Campaign, officer: User, volunteer: User) -> None:
    (device, *_rest) = campaigning.print_codes(officer, campaign, "air-box", 3)
    given = Registration("air-box", *HOME, "cell100", code=device.code.lower())
    assert registering.register(volunteer, campaign, given).device == device
    with pytest.raises(registering.AlreadyClaimed):
        registering.register(volunteer, campaign, Registration("air-box", *HOME, "cell100", code=device.code))
    assert len(campaigning.unclaimed(campaign)) == 2


def test_a_scanned_code_stands_in_the_form(client: Client, volunteer: User, campaign: Campaign, officer: User) -> None:
    (device,) = campaigning.print_codes(officer, campaign, "air-box", 1)
    client.force_login(volunteer)
    assert f'value="{device.code}"' in client.get(f"/sensors/new/?code={device.code}").content.decode()


def test_nobody_else_begins_campaigns_or_sees_sheets(
    client: Client, campaign: Campaign, volunteer: User, outsider: User, db: None
) -> None:
    for stranger in (volunteer, outsider):
        client.force_login(stranger)
        assert client.get("/desk/campaigns/").status_code == 403
        with pytest.raises(campaigning.NotAnOfficer):
            campaigning.print_codes(stranger, campaign, "air-box", 1)
    other = person("other@elsewhere.example", "officer", Project.objects.create(slug="other", title={"en": "Other"}))
    client.force_login(other)
    assert client.get(f"/desk/campaigns/{campaign.pk}/sheet/").status_code == 404
    assert not Device.objects.exists()


@pytest.mark.parametrize("count", [0, 201])
def test_a_sheet_has_a_size(campaign: Campaign, officer: User, count: int) -> None:
    with pytest.raises(campaigning.TooManyCodes):
        campaigning.print_codes(officer, campaign, "air-box", count)
