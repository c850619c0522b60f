"""The models of the library, what goes into each and what comes out, and chains of them that are checked before they run.

A model is declared in its own module as an entry of ``MODELS``; ``models()`` finds them all.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import scenarios.library as package


class IllTyped(ValueError):
    """A chain does not fit together. The text names every port that does not fit, and why."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Port:
    """What a value is: its kind (``network``, ``per link``, ``zone pairs`` …) and its UCUM unit, "" where it has none."""

    kind: str
    unit: str = ""
    optional: bool = False

    def fits(self, other: Port) -> bool:
        return (self.kind, self.unit) == (other.kind, other.unit)

    def __str__(self) -> str:
        return f"{self.kind} in {self.unit}" if self.unit else self.kind


@dataclass(frozen=True)
class Model:
    """One model. ``compute`` takes the inputs by name and returns the outputs by name."""

    name: str
    version: str
    inputs: Mapping[str, Port]
    outputs: Mapping[str, Port]
    validity: str
    source: str
    compute: Callable[..., Mapping[str, Any]] = field(repr=False)


@dataclass(frozen=True)
class Step:
    """One model within a chain: from which values its inputs come, and under which names its outputs are kept.

    Ports that are not renamed go by their own names.
    """

    model: Model
    takes: Mapping[str, str] = field(default_factory=dict)
    gives: Mapping[str, str] = field(default_factory=dict)

    def sources(self) -> dict[str, str]:
        return {port: self.takes.get(port, port) for port in self.model.inputs}


@dataclass(frozen=True)
class Chain:
    """Steps in the order in which they run, and the values that come from outside."""

    given: Mapping[str, Port]
    steps: tuple[Step, ...]

    def check(self) -> None:
        """Raises :class:`IllTyped` unless every input is there and is what its model expects."""
        known = dict(self.given)
        problems: list[str] = []
        for step in self.steps:
            problems += _misfits(step, known)
            known |= {step.gives.get(port, port): is_ for port, is_ in step.model.outputs.items()}
        if problems:
            raise IllTyped(problems)

    def run(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Check, then run every step. Returns the given values and all outputs."""
        self.check()
        held = dict(values)
        for step in self.steps:
            inputs = {port: held[name] for port, name in step.sources().items() if name in held}
            outputs = step.model.compute(**inputs)
            held |= {step.gives.get(port, port): outputs[port] for port in step.model.outputs}
        return held

    def behind(self, value: str) -> list[str]:
        """Names of the models on which a value rests, in the order in which they run."""
        wanted, found = {value}, list[str]()
        for step in reversed(self.steps):
            if wanted & {step.gives.get(port, port) for port in step.model.outputs}:
                found.append(step.model.name)
                wanted |= set(step.sources().values())
        return list(dict.fromkeys(reversed(found)))

    def described(self) -> list[dict[str, Any]]:
        """The chain as JSON: which models in which versions, with what each is good for."""
        return [
            {"model": m.name, "version": m.version, "validity": m.validity, "source": m.source, "takes": s.sources()}
            for s in self.steps
            for m in (s.model,)
        ]


def _misfits(step: Step, known: Mapping[str, Port]) -> list[str]:
    problems = []
    for port, name in step.sources().items():
        expected = step.model.inputs[port]
        if name not in known:
            if not expected.optional:
                problems.append(f"{step.model.name} needs {port} ({expected}), and nothing before it gives “{name}”.")
        elif not expected.fits(known[name]):
            problems.append(f"{step.model.name} expects {port} to be {expected}; “{name}” is {known[name]}.")
    return problems


@cache
def models() -> Mapping[str, Model]:
    """Every model of the library by name. Raises ``ValueError`` when two bear one name."""
    found: dict[str, Model] = {}
    for module in pkgutil.iter_modules(package.__path__):
        for model in getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "MODELS", ()):
            if model.name in found:
                raise ValueError(f"two models are called {model.name}")
            found[model.name] = model
    return found
