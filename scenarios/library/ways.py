"""Results per street as people see it: an OSM way with all its links, both directions together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scenarios.library.arrays import Floats, Ints
from scenarios.library.city import STREET, CityNetwork


@dataclass(frozen=True, eq=False)
class Ways:
    """The modelled ways of a city, ascending by id."""

    id: Ints
    length_m: Floats
    """Length of each way, metres: a two-way stretch counts once."""
    _links: Ints
    _way_of_link: Ints
    _share: Floats

    @classmethod
    def of(cls, city: CityNetwork) -> Ways:
        """Group the street links of a city by way."""
        links = np.flatnonzero(city.kind == STREET)
        ids, way_of_link = np.unique(city.way_id[links], return_inverse=True)
        pairs = np.stack([city.tail[links], city.head[links]], axis=1)
        stretch = np.sort(pairs, axis=1)
        # Length of the way itself: a two-way stretch is two links and counts once.
        _, first = np.unique(np.column_stack([way_of_link, stretch]), axis=0, return_index=True)
        length = np.bincount(way_of_link[first], city.length_m[links][first], minlength=len(ids)).astype(np.float64)
        return cls(ids, length, links, way_of_link, city.length_m[links] / length[way_of_link])

    def flow(self, link_flow: Floats) -> Floats:
        """Vehicles per hour on each way, both directions together, averaged along the way, shape ``(n_ways,)``.

        Args:
            link_flow: vehicles per hour on each link, shape ``(n_links,)``.
        """
        carried = link_flow[self._links] * self._share
        mean: Floats = np.bincount(self._way_of_link, carried, minlength=len(self.id)).astype(np.float64)
        return mean
