"""Readings that come through SensorThings for a series of a registered sensor: the same gate and writer as every push."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from sensors import times, writer
from sensors.decoding import Reading
from sensors.gating import gate
from sensors.keyring import Door
from sensors.kinds import csv
from sensors.models import Datastream, Observation
from sensors.sensorthings import bodies
from sensors.sensorthings.entities import OBSERVATION
from sensors.sensorthings.problems import BadBody, Occupied
from sensors.storing import Push

# What a client may say of a reading besides; our series keep moment, number and what the checks notice.
UNKEPT = ("resultQuality", "validTime", "parameters", "FeatureOfInterest")


@dataclass(frozen=True)
class Sent:
    at: datetime
    value: float


def reading_of(body: Any) -> Sent:
    """Moment and number of an observation's body. Raises BadBody."""
    body = bodies.an_object(body)
    bodies.check_names(OBSERVATION, body, "")
    unkept = [name for name in UNKEPT if body.get(name) is not None]
    if unkept:
        raise BadBody(f"Series of registered sensors keep no {', '.join(unkept)}. Leave it out.", where=unkept[0])
    values = bodies.columns(OBSERVATION, body, "", whole=True)
    if values["detail__until"] is not None or values["detail__result"] is not None:
        raise BadBody("Series of registered sensors hold numbers at moments.", where="result")
    return Sent(values["phenomenon_time"], values["result"])


def send(series: Datastream, door: Door, sent: Sequence[Sent]) -> list[tuple[int, bool] | BadBody | Occupied]:
    """Through the writer of this process, answered after the commit.

    Returns:
        For each reading its id and whether it is new, or why it was not kept.
    Raises:
        Busy: too much waits already.
    """
    if connection.in_atomic_block:  # the writer commits on a connection of its own
        raise BadBody("Readings of registered sensors cannot stand in an atomicityGroup.")
    arrived_us = times.of(timezone.now())
    rows, refused = [], []
    outcome: list[tuple[int, bool] | BadBody | Occupied] = []
    for line, each in enumerate(sent):
        gated = gate([Reading(series.observed_property, times.of(each.at), each.value, 0, line)], csv.KIND, arrived_us)
        rows += gated.rows
        refused += gated.refused
    told = {refusal.row: BadBody(refusal.sentence()) for refusal in refused}
    before = _ids(series, [each.at for each in sent])
    writer.current().submit(Push(door, arrived_us, rows, refused)).result()
    after = _ids(series, [each.at for each in sent])
    for line, each in enumerate(sent):
        key, value = after.get(each.at, (0, 0.0))
        if line in told:
            outcome.append(told[line])
        elif value != each.value:
            outcome.append(Occupied())
        else:
            outcome.append((key, each.at not in before))
    return outcome


def _ids(series: Datastream, moments: Sequence[datetime]) -> dict[datetime, tuple[int, float]]:
    found = Observation.objects.filter(datastream=series, phenomenon_time__in=moments)
    return {at: (key, value) for at, key, value in found.values_list("phenomenon_time", "pk", "result")}
