"""What this twin is good for and what not, for people and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify

from scenarios import limits
from scenarios.library import registry, what_if
from scenarios.library.registry import Model, Port
from scenarios.library.version import code_version
from scenarios.presenting import LABELS


@dataclass(frozen=True)
class ModelPage:
    """One model of the library as its page shows it."""

    anchor: str
    model: Model
    indicators: list[str]
    """Labels of the results that rest on it."""

    @property
    def inputs(self) -> list[tuple[str, Port]]:
        return list(self.model.inputs.items())

    @property
    def outputs(self) -> list[tuple[str, Port]]:
        return list(self.model.outputs.items())


def anchor_of(model: str) -> str:
    """Where a model stands on the page: letters, digits and hyphens."""
    return slugify(model)


def pages() -> list[ModelPage]:
    """Every model of the library: first those that what-ifs use, in their order, then the others by name."""
    behind = {name: what_if.models_behind(name) for name in what_if.INDICATORS}
    used = list(dict.fromkeys(step.model.name for step in what_if.chain().steps))
    names = [*used, *sorted(set(registry.models()) - set(used))]
    return [
        ModelPage(
            anchor_of(name),
            registry.models()[name],
            [str(LABELS[indicator]) for indicator, models in behind.items() if name in models],
        )
        for name in names
    ]


def described() -> dict[str, Any]:
    """The machine-readable page: class of twin (MIM8), models with their limits, indicators, inputs, what it cannot do."""
    return {
        "mim8_class": "predictive",
        "code_version": code_version(),
        "good_for": [
            "comparing closures, one-way streets, speeds, capacities, new streets, trips and dated works in one town",
            "car traffic of one hour, road noise at houses, air beside streets, each with its range",
        ],
        "not_good_for": [str(sentence) for sentence in limits.SENTENCES.values()],
        "model_error": "not checked here",
        "range": "90 % of the stated inputs; the error of the models themselves is not in it",
        "indicators": [
            {"name": name, "unit": unit, "models": what_if.models_behind(name)}
            for name, unit in what_if.INDICATORS.items()
        ],
        "inputs": [
            {"name": name, "best": s.best, "low": s.low, "high": s.high, "unit": s.unit, "source": s.source}
            for name, s in what_if.SPANS.items()
        ],
        "models": [_model(page.model) for page in pages()],
    }


def _model(model: Model) -> dict[str, Any]:
    return {
        "name": model.name,
        "version": model.version,
        "validity": model.validity,
        "source": model.source,
        "inputs": _ports(model.inputs),
        "outputs": _ports(model.outputs),
    }


def _ports(ports: Mapping[str, Port]) -> list[dict[str, Any]]:
    return [{"name": name, "kind": p.kind, "unit": p.unit, "optional": p.optional} for name, p in ports.items()]
