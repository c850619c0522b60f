"""Rows of the list page: buildings, streets, what a run says, sensors, remarks. The same facts as the model shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ar_scenes import overlays
from ar_scenes.catalogue import Catalogue, Entry, says
from ar_scenes.facts import page_url
from ar_scenes.models import Overlay, Pin, Scene
from ar_scenes.pins import described
from ar_scenes.scenes import values_topic
from ar_scenes.wording import KIND_WORDS, ClassWord, class_word, height_note, metres, phenomenon_names, unit_symbol
from engagement import live
from engagement.places import normalise


@dataclass(frozen=True)
class FeatureRow:
    title: str
    url: str
    kind: str
    height: str
    source: str
    assumed: bool


@dataclass(frozen=True)
class ChangeRow:
    """What a run says about one street. ``sure``: how certain the direction is, in words; empty where there is none."""

    title: str
    url: str
    word: ClassWord
    before: str
    after: str
    sure: str


@dataclass(frozen=True)
class SensorRow:
    site: str
    name: str
    phenomenon: str
    what: str
    value: str
    time: datetime | None
    simulated: bool


@dataclass(frozen=True)
class RemarkRow:
    place: str
    body: str
    language: str
    given_on: Any
    simulated: bool


def feature_rows(scene: Scene, entries: Iterable[Entry]) -> list[FeatureRow]:
    return [
        FeatureRow(
            title=entry.title,
            url=page_url(scene, entry.feature.id),
            kind=str(KIND_WORDS[entry.feature.kind]),
            height=metres(entry.feature.height_m),
            source=height_note(entry.feature.height_source),
            assumed=entry.is_assumed,
        )
        for entry in entries
    ]


def changes(catalogue: Catalogue, overlay: Overlay, text: str) -> list[tuple[str, dict[str, Any]]]:
    """(title, figures) of every feature that the run speaks of and whose title has the words of ``text``.

    What is closed first, then the largest differences, last what no model computed.
    """
    words = normalise(text).split()
    titled = [(_title(catalogue, row), row) for row in overlays.table(overlay)]
    return sorted((pair for pair in titled if says(pair[0], words)), key=_weight)


def _title(catalogue: Catalogue, row: dict[str, Any]) -> str:
    entry = catalogue.by_id.get(row["id"])
    return entry.title if entry else row["name"] or row["id"]


def _weight(pair: tuple[str, dict[str, Any]]) -> tuple[bool, bool, float, str, str]:
    title, row = pair
    change = abs((row["after"] or 0) - (row["before"] or 0)) if row["class"] else 0.0
    return not row["closed"], row["class"] is None, -change, normalise(title), row["id"]


def change_rows(scene: Scene, pairs: Iterable[tuple[str, dict[str, Any]]], unit: str) -> list[ChangeRow]:
    return [
        ChangeRow(
            title=title,
            url=page_url(scene, row["id"]),
            word=class_word(row["class"], closed=row["closed"]),
            before=number(row["before"], unit) if row["after"] is not None else "",
            after=number(row["after"], unit),
            sure="" if row["closed"] else _sure(row["class"], row["p_sign"]),
        )
        for title, row in pairs
    ]


def number(value: float | None, unit: str) -> str:
    """A measurement as people write it: things that are counted come whole, the rest with one decimal below a hundred."""
    if value is None:
        return "–"
    decimals = 0 if abs(value) >= 100 or unit.startswith("{") else 1
    return number_format(
        round(value, decimals), decimal_pos=decimals, force_grouping=True
    )  # it cuts off, it does not round


def _sure(change: int | None, p_sign: float | None) -> str:
    """Only a difference has a direction that one can be sure of."""
    if not change or p_sign is None:
        return ""
    return _("%(percent)s %% sure") % {"percent": round(100 * p_sign)}


def sensor_rows(scene: Scene) -> list[SensorRow]:
    """The latest value of every series, by site, what matters most to residents first."""
    topic = values_topic(scene)
    names = phenomenon_names()
    order = {code: rank for rank, code in enumerate(names)}
    found = live.snapshot(topic) if topic else []
    found.sort(key=lambda reading: (reading["name"], reading["site"], order.get(reading["phenomenon"], len(order))))
    return [
        SensorRow(
            site=reading["site"],
            name=reading["name"],
            phenomenon=reading["phenomenon"],
            what=names.get(reading["phenomenon"], reading["phenomenon"]),
            value=reading_words(reading),
            time=parse_datetime(reading["time"]),
            simulated=bool(reading.get("simulated")),
        )
        for reading in found
    ]


def reading_words(reading: dict[str, Any]) -> str:
    """A value with its unit, as people write it."""
    if reading["value"] is None:
        return _("no value")
    return f"{number(reading['value'], reading['unit'])} {unit_symbol(reading['unit'])}".strip()


def remark_rows(pins: Iterable[Pin]) -> list[RemarkRow]:
    return [RemarkRow(described(pin), pin.body, pin.language, pin.given_on, pin.simulated) for pin in pins]
