"""From counts on some streets to better demand everywhere: generalised least squares with a structured prior.

Demand is wrong in ways that go together: too much everywhere, too much from one zone, too much to another, and a rest of
its own in every pair. Only what goes together can be learnt for streets without a counter; with nothing but the rest
there is no gain, and a hold-out says so each time.

Source: Cascetta, *Transportation Research B* 18 (1984) 289, with the covariance V = D (c² I + o² O + d² E + g² 1) D.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse

from scenarios.library.arrays import Floats, Ints
from scenarios.library.assignment import Assignment, assign
from scenarios.library.measures import DEMAND
from scenarios.library.networks import NETWORK, RoadNetwork
from scenarios.library.registry import Model, Port
from scenarios.library.statements import REACH

ROUNDS: Final = 4
HELD_OUT: Final = 0.2
LEAST_COUNTERS: Final = 5
LEAST_GAIN: Final = 0.05
"""A hold-out error that falls by less than a twentieth is no gain."""


@dataclass(frozen=True)
class Spread:
    """How wrong demand may be, as shares of it: per pair, per origin, per destination, everywhere."""

    pair: float = 0.3
    origin: float = 0.25
    destination: float = 0.25
    everywhere: float = 0.25
    source: str = "assumed: gravity demand without counts"


@dataclass(frozen=True, eq=False)
class Prior:
    """Demand as columns, before counts are looked at; all arrays have shape ``(n_pairs,)``."""

    origin: Ints
    destination: Ints
    volume: Floats
    spread: Spread

    def shared(self) -> list[sparse.csr_array]:
        """What moves together: one row per pair, one column per common error of one standard deviation."""
        pairs, ones = np.arange(len(self.volume)), np.ones(len(self.volume))
        of_origin = sparse.csr_array((self.spread.origin * ones, (pairs, self.origin)))
        of_destination = sparse.csr_array((self.spread.destination * ones, (pairs, self.destination)))
        everywhere = sparse.csr_array(self.spread.everywhere * ones[:, None])
        return [of_origin, of_destination, everywhere, sparse.csr_array(sparse.diags_array(self.spread.pair * ones))]

    def factors(self) -> sparse.csr_array:
        """F with V = F Fᵀ, vehicles per hour, shape ``(n_pairs, n_errors)``."""
        return sparse.csr_array(sparse.diags_array(self.volume) @ sparse.hstack(self.shared()))


@dataclass(frozen=True, eq=False)
class Calibrated:
    """Demand after counts."""

    volume: Floats
    """Vehicles per hour of each pair, not negative, shape ``(n_pairs,)``."""
    _factors: sparse.csr_array
    _seen: Floats
    """What the counters see of every common error, shape ``(n_counters, n_errors)``."""
    _inner: Floats
    """Covariance of what the counters see, shape ``(n_counters, n_counters)``."""

    def range90(self, use: sparse.csr_array) -> tuple[Floats, Floats]:
        """90 % range of the flow on links, vehicles per hour.

        Args:
            use: share of each pair that takes each link, shape ``(n_links, n_pairs)``.
        """
        reach = np.asarray((use @ self._factors).todense())
        known = reach @ self._seen.T
        variance = np.sum(reach**2, axis=1) - np.sum(known * np.linalg.solve(self._inner, known.T).T, axis=1)
        flow, half = use @ self.volume, REACH * np.sqrt(np.maximum(variance, 0.0))
        return np.maximum(flow - half, 0.0), flow + half


@dataclass(frozen=True)
class HoldOut:
    """Errors on counters that were left out of the calibration, before and after it."""

    counters: int
    rmse_before_vph: float
    rmse_after_vph: float
    geh_before: float
    """Mean of the GEH statistic; below 5 counts as a good fit."""
    geh_after: float

    @property
    def gain(self) -> bool:
        return self.rmse_after_vph < (1 - LEAST_GAIN) * self.rmse_before_vph

    def sentence(self) -> str:
        """The figure that stands beside every calibrated result."""
        said = f"On {self.counters} counters that were left out the error went from {self.rmse_before_vph:.1f} to "
        said += f"{self.rmse_after_vph:.1f} vehicles/h (GEH {self.geh_before:.1f} to {self.geh_after:.1f})"
        return f"{said}." if self.gain else f"{said}: no gain."


def calibrate(prior: Prior, use: sparse.csr_array, counts: Floats, error: Floats) -> Calibrated:
    """Demand that explains counts, no farther from the prior than their errors allow.

    Args:
        use: share of each pair that passes each counter, shape ``(n_counters, n_pairs)``.
        counts: vehicles per hour, shape ``(n_counters,)``.
        error: standard deviation of each, vehicles per hour, above 0: of the sensor, and of the release's noise.
    Raises:
        ValueError: a count is negative or an error is not positive.
    """
    if (counts < 0).any() or (error <= 0).any():
        raise ValueError("counts must not be negative, and each needs an error above 0")
    factors = prior.factors()
    seen = np.asarray((use @ factors).todense())
    inner = seen @ seen.T + np.diag(error**2)
    step = np.linalg.solve(inner, counts - use @ prior.volume)
    return Calibrated(np.maximum(prior.volume + factors @ (seen.T @ step), 0.0), factors, seen, inner)


def geh(model: Floats, count: Floats) -> Floats:
    """√(2 (m - c)² / (m + c)) of hourly flows, shape ``(n,)``. Source: Design Manual for Roads and Bridges 12.2.1."""
    total = np.maximum(model + count, 1e-9)
    return np.sqrt(2 * (model - count) ** 2 / total)


def hold_out(prior: Prior, use: sparse.csr_array, counts: Floats, error: Floats, seed: int) -> HoldOut:
    """Calibrate with four counters of five and compare with the fifth.

    Raises:
        ValueError: there are fewer than five counters, so none can be left out.
    """
    if len(counts) < LEAST_COUNTERS:
        raise ValueError(f"{len(counts)} counters are too few to leave one out: {LEAST_COUNTERS} are needed")
    shuffled = np.random.default_rng(seed).permutation(len(counts))
    out, kept = np.split(shuffled, [max(round(HELD_OUT * len(counts)), 1)])
    found = calibrate(prior, use[kept], counts[kept], error[kept])
    before, after, true = use[out] @ prior.volume, use[out] @ found.volume, counts[out]
    return HoldOut(
        counters=len(out),
        rmse_before_vph=float(np.sqrt(np.mean((before - true) ** 2))),
        rmse_after_vph=float(np.sqrt(np.mean((after - true) ** 2))),
        geh_before=float(geh(before, true).mean()),
        geh_after=float(geh(after, true).mean()),
    )


def link_use(found: Assignment) -> sparse.csr_array:
    """Share of each pair's trips that takes each link, shape ``(n_links, n_pairs)``.

    Raises:
        ValueError: the assignment stored no routes.
    """
    routes = found.routes
    if routes is None:
        raise ValueError("the assignment stored no routes: assign with the method newton")
    share = routes.flow / np.maximum(np.bincount(routes.pair, routes.flow), 1e-12)[routes.pair]
    taken = sparse.csr_array((share, (np.arange(len(share)), routes.pair)))
    return sparse.csr_array(routes.links.T @ taken)


def from_counts(
    network: RoadNetwork, demand: Floats, links: Ints, counts: Floats, error: Floats, spread: Spread | None = None
) -> tuple[Floats, HoldOut]:
    """Demand calibrated to counts, routes found anew in every round; and what the hold-out says.

    Args:
        demand: vehicles per hour between zones, shape ``(n_zones, n_zones)``.
        links: link of each counter, shape ``(n_counters,)``; ``counts`` and ``error`` in vehicles per hour.
    """
    found = assign(network.graph, network.delay, demand, method="newton")
    trips = found.trips
    prior = Prior(trips.origin, trips.destination, trips.volume, spread or Spread())
    said = hold_out(prior, link_use(found)[links], counts, error, seed=len(counts))
    matrix = demand.copy()
    for _round in range(ROUNDS):
        better = calibrate(prior, link_use(found)[links], counts, error)
        matrix[trips.origin, trips.destination] = np.maximum(better.volume, 1e-9)
        found = assign(network.graph, network.delay, matrix, method="newton", start=found)
    return matrix, said


def _calibrated(
    network: RoadNetwork, demand: Floats, counted_links: Ints, counts_vph: Floats, error_vph: Floats
) -> Mapping[str, Any]:
    matrix, said = from_counts(network, demand, counted_links, counts_vph, error_vph)
    return {"demand": matrix, "hold_out": said}


MODELS = (
    Model(
        name="counts to demand",
        version="1",
        inputs={
            "network": NETWORK,
            "demand": DEMAND,
            "counted_links": Port("counters"),
            "counts_vph": Port("counts", "{vehicles}/h"),
            "error_vph": Port("counts", "{vehicles}/h"),
        },
        outputs={"demand": DEMAND, "hold_out": Port("hold-out")},
        validity="Five counters or more, each with its error. Helps streets without a counter only where demand is wrong "
        "everywhere, or from or to a zone; the hold-out says whether it did.",
        source="Cascetta (1984), generalised least squares; structured prior: own",
        compute=_calibrated,
    ),
)
