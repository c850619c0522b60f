"""Residents who do not exist: seeded answers that go in through the same door as everybody's."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from engagement import receipts

Answers = dict[str, Any]
LANGUAGES = ("fi", "fi", "fi", "fi", "fi", "fi", "fi", "sv", "en", "en")
BRIDGE = (24.9480, 60.1752)

TODAY = {"car": 0.13, "bike": 0.19, "foot": 0.27, "transit": 0.36, "never": 0.05}
CLOSED = {
    "car": {"car_elsewhere": 0.62, "transit": 0.18, "less": 0.12, "long_way": 0.04, "no_answer": 0.04},
    "bike": {"long_way": 0.71, "transit": 0.15, "less": 0.08, "car_elsewhere": 0.02, "no_answer": 0.04},
    "foot": {"long_way": 0.48, "transit": 0.33, "less": 0.14, "car_elsewhere": 0.01, "no_answer": 0.04},
    "transit": {"transit": 0.74, "long_way": 0.14, "less": 0.06, "car_elsewhere": 0.02, "no_answer": 0.04},
}
MATTERS = {"travel_time": 0.46, "quiet": 0.38, "clean_air": 0.31, "safety": 0.55, "access": 0.27, "deliveries": 0.08}
AFFECTED = {"car": 3.9, "bike": 3.4, "foot": 3.2, "transit": 2.6, "never": 1.5}
REMARKS = {
    "fi": (
        "Toivottavasti kävelijöille jää edes kapea reitti.",
        "Rollaattorilla kiertotie on minulle liian pitkä.",
        "Raitiovaunun pitää kulkea myös korjauksen aikana.",
        "Siltasaarenkadun suojatie on vaarallinen jo nyt.",
        "Tehkää korjaus mieluummin kesällä.",
        "Hiljaisempi katu olisi meille lahja.",
    ),
    "sv": (
        "Lämna en gångväg öppen, tack.",
        "Spårvagnen är viktigast för oss som bor i Berghäll.",
        "Reparera hellre på sommaren.",
    ),
    "en": (
        "Please keep one side open for wheelchairs.",
        "The detour adds twenty minutes to my way to work.",
        "Say clearly when it opens again.",
    ),
}


def _pick(random: np.random.Generator, shares: Mapping[str, float]) -> str:
    names = list(shares)
    weights = np.fromiter(shares.values(), float)
    return str(names[int(random.choice(len(names), p=weights / weights.sum()))])


def _several(random: np.random.Generator, shares: Mapping[str, float], most: int) -> list[str]:
    chosen = [name for name, share in shares.items() if random.random() < share]
    random.shuffle(chosen)
    return chosen[:most]


def _scale(random: np.random.Generator, mean: float) -> int:
    return int(np.clip(round(random.normal(mean, 1.0)), 1, 5))


def pitkasilta(random: np.random.Generator, language: str) -> Answers:
    """One resident's answers about the bridge; how people cross today shapes what they say of its closing."""
    today = _pick(random, TODAY)
    answers: Answers = {"cross_today": today, "affected": _scale(random, AFFECTED[today])}
    if today != "never":
        answers["cross_closed"] = _pick(random, CLOSED[today])
    if matters := _several(random, MATTERS, most=3):
        answers["matters"] = matters
    if random.random() < 0.22:
        east, north = random.normal(0, 0.0016), random.normal(0, 0.0011)
        answers["place"] = {"type": "Point", "coordinates": [BRIDGE[0] + east, BRIDGE[1] + north]}
    if random.random() < 0.04:
        answers["remark"] = str(random.choice(REMARKS[language]))
    return answers


def kirkonkyla(random: np.random.Generator, language: str) -> Answers:
    """One villager's answers about the road to the school."""
    safe = _scale(random, 2.3)
    answers: Answers = {
        "school_way": _pick(random, {"foot": 0.3, "bike": 0.25, "car": 0.2, "bus": 0.15, "nobody": 0.1}),
        "age": _pick(random, {"under18": 0.08, "a18to39": 0.3, "a40to64": 0.38, "over64": 0.2, "no_answer": 0.04}),
        "safe": safe,
    }
    wishes = _several(random, {"path": 0.7, "crossing": 0.5, "speed": 0.4, "light": 0.35}, most=4)
    if safe < 5 and wishes:
        answers["wishes"] = wishes
    return answers


MAKERS = {"pitkasilta": pitkasilta, "kirkonkyla": kirkonkyla}


def make(form: str, count: int, seed: int) -> Iterator[tuple[uuid.UUID, str, str, Answers]]:
    """``count`` residents as (response id, receipt code, language, answers).

    Ids follow from the seed, so that loading again sends the same responses again, which changes nothing.
    """
    random = np.random.default_rng(seed)
    languages: Sequence[str] = LANGUAGES
    for _ in range(count):
        response_id = uuid.UUID(bytes=random.bytes(16), version=4)
        language = languages[int(random.integers(len(languages)))]
        yield response_id, receipts.new_code(), language, MAKERS[form](random, language)
