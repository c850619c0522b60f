"""How the time on a link grows with the traffic on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scenarios.library.arrays import Floats

LEAST_RATIO = 1e-9  # keeps the slope of a power below 1 finite on an empty link


@dataclass(frozen=True, eq=False)
class VolumeDelay:
    """Volume-delay functions of all links: ``t = t0 (1 + b (v/c)^p) + fixed``.

    All arrays have shape ``(n_links,)``. Time is in the network's unit (minutes in networks that we import); ``fixed``
    holds tolls and distance costs in the same unit.

    Source: Bureau of Public Roads, *Traffic Assignment Manual* (1964), with b = 0.15 and p = 4 where a network says
    nothing else. Holds up to about v/c = 1; beyond, it underrates queues, and knows no time of day.
    """

    free_flow_time: Floats
    capacity_vph: Floats
    coefficient: Floats
    power: Floats
    fixed_cost: Floats

    def __post_init__(self) -> None:
        for name in ("free_flow_time", "capacity_vph", "coefficient", "power", "fixed_cost"):
            values = getattr(self, name)
            if not np.isfinite(values).all() or (values < 0).any():
                raise ValueError(f"{name} must be finite and not negative")
        if ((self.capacity_vph == 0) & (self.coefficient > 0)).any():
            raise ValueError("a capacity of 0 is no closed link: close the link instead")

    @classmethod
    def bpr(cls, free_flow_time: Floats, capacity_vph: Floats) -> VolumeDelay:
        """The textbook function with b = 0.15, p = 4 and no fixed cost."""
        one = np.ones(len(free_flow_time))
        return cls(free_flow_time, capacity_vph, 0.15 * one, 4.0 * one, 0.0 * one)

    def scaled(self, *, capacity: Floats | float = 1.0) -> VolumeDelay:
        """The same links with their capacities multiplied."""
        return replace(self, capacity_vph=self.capacity_vph * capacity)

    def _load(self, volume_vph: Floats) -> Floats:
        load = np.zeros_like(volume_vph)
        # A volume of -1e-17 is rounding, and a fractional power of it would be no number.
        return np.divide(np.maximum(volume_vph, 0.0), self.capacity_vph, out=load, where=self.capacity_vph > 0)

    def cost(self, volume_vph: Floats) -> Floats:
        """Time of each link including its fixed cost at this volume."""
        return self.free_flow_time * (1.0 + self.coefficient * self._load(volume_vph) ** self.power) + self.fixed_cost

    def slope(self, volume_vph: Floats) -> Floats:
        """Derivative of :meth:`cost` by the volume, time per vehicle per hour."""
        load = np.maximum(self._load(volume_vph), LEAST_RATIO)
        steepness = self.free_flow_time * self.coefficient * self.power
        per_capacity = np.divide(steepness, self.capacity_vph, out=np.zeros_like(load), where=self.capacity_vph > 0)
        return per_capacity * load ** (self.power - 1.0)

    def integral(self, volume_vph: Floats) -> float:
        """Sum over links of the integral of :meth:`cost` from 0: Beckmann's objective, least at equilibrium."""
        congested = self.coefficient * self._load(volume_vph) ** self.power / (self.power + 1.0)
        return float(np.sum(volume_vph * (self.free_flow_time * (1.0 + congested) + self.fixed_cost)))
