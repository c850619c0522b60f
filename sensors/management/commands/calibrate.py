"""Fit a correction from a co-location campaign, and print what it does on hours that it never saw."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engagement.problems import Refused
from sensors import correcting, rollups
from sensors.models import CoLocation, Datastream


class Command(BaseCommand):
    help = (
        "Fit a correction for the device model of SITE from the hours beside REFERENCE, print the held-out report as JSON, "
        "and make the corrected series. Raw readings stay as they are."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("site", type=int, help="Number of the box's site, as in /sensors/<number>/.")
        parser.add_argument("reference", type=int, help="Number of the site of the reference monitor.")
        parser.add_argument("--property", default="pm2_5", help="What both measure.")

    def handle(self, *args: Any, site: int, reference: int, property: str, **options: Any) -> None:
        rollups.renew()
        series, other = _series(site, property), _series(reference, property)
        ends = [each.observations.order_by("phenomenon_time") for each in (series, other)]
        first = max(rows[0].phenomenon_time for rows in ends)
        last = min(rows.reverse()[0].phenomenon_time for rows in ends)
        if first >= last or series.site is None:
            raise CommandError("The two did not measure at the same time.")
        beside = CoLocation.objects.create(
            campaign=series.site.campaign, series=series, reference=other, since=first, until=last
        )
        try:
            correction = correcting.fit(beside)
        except Refused as refused:
            raise CommandError(str(refused.detail or refused.title)) from None
        made = correcting.apply(correction)
        rollups.renew()
        self.stdout.write(json.dumps({"version": correction.version, "series": made, **correction.report}))


def _series(site: int, code: str) -> Datastream:
    found = Datastream.objects.filter(site=site, observed_property=code, kind=Datastream.Kind.RAW).first()
    if found is None or not found.observations.exists():
        raise CommandError(f"Site {site} has no readings of {code}.")
    return found
