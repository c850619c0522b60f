"""Random queries: sensible ones, broken ones and hostile ones, the same from the same seed."""

from __future__ import annotations

import random
from urllib.parse import quote

COLLECTIONS = (
    "Things",
    "Locations",
    "HistoricalLocations",
    "Datastreams",
    "Sensors",
    "ObservedProperties",
    "Observations",
    "FeaturesOfInterest",
)
NAVIGATION = (*COLLECTIONS, "Thing", "Sensor", "ObservedProperty", "Datastream", "FeatureOfInterest", "Location")
PROPERTIES = (
    *("name", "description", "properties", "location", "feature", "time", "result", "phenomenonTime", "resultTime"),
    *("validTime", "parameters", "resultQuality", "unitOfMeasurement", "observationType", "metadata", "definition"),
    *("encodingType", "@iot.id", "id", "observedArea", "properties/floors", "properties/size/width", "result/a"),
    *("unitOfMeasurement/symbol", "Datastream/name", "Datastream/Thing/name", "Datastreams/name", "Locations/location"),
    *("Datastreams/Observations/result", "FeatureOfInterest/feature", "Observations/phenomenonTime", "owner", "pk"),
    *("site__owner", "datastream__site", "password", "d/name", "flags", "Thing/Locations/Things/name"),
)
LITERALS = (
    *("1", "-3", "2.5", "0", "1e308", "1e999", "99999999999999999999", "'a'", "'it''s'", "''", "'5'", "'%'", "true"),
    *("false", "null", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00+02:00", "2025-13-01T00:00:00Z", "2025-01-01"),
    *("2025-01-01T00:00:00Z/2025-02-01T00:00:00Z", "2025-02-01T00:00:00Z/2025-01-01T00:00:00Z", "12:30:00", "25:00"),
    *("duration'P1D'", "duration'x'", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "geography'POINT (10 60)'"),
    *("geography'POLYGON ((0 0, 30 0, 30 70, 0 70, 0 0))'", "geography'LINESTRING (0 0, 30 70)'", "geography'X'"),
    *("geography'POINT (nan nan)'", "geography'POLYGON ((0 0, 1 1, 0 1, 1 0, 0 0))'", "geometry'POINT EMPTY'"),
    *("'2025-01-01T00:00:00Z'", "'\u0000'", "'é😀'", "duration'P99999999D'", "'" + "x" * 300 + "'"),
)
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
ARITHMETIC = ("add", "sub", "mul", "div", "mod")
FUNCTIONS = (
    *("substringof", "contains", "startswith", "endswith", "length", "indexof", "substring", "tolower", "toupper"),
    *("trim", "concat", "year", "month", "day", "hour", "minute", "second", "fractionalseconds", "date", "time"),
    *("totaloffsetminutes", "now", "mindatetime", "maxdatetime", "round", "floor", "ceiling", "geo.distance"),
    *("geo.length", "geo.intersects", "st_equals", "st_disjoint", "st_touches", "st_within", "st_overlaps"),
    *("st_crosses", "st_intersects", "st_contains", "st_relate", "before", "after", "during", "overlaps", "pg_sleep"),
)
NOISE = "()'/,;:$%&=+ \"\\<>[]{}*#@!?~`|^0aé😀\n\t\x00"


class Fuzz:
    """Makes addresses below the service root, with queries."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def address(self) -> str:
        """One GET: a path with options, sometimes with a few letters changed."""
        options = [self._option() for _ in range(self.random.randint(0, 3))]
        query = "&".join(f"{name}={value}" for name, value in options)
        if self.random.random() < 0.2:
            query = self._spoiled(query)
        return f"{self._path()}?{quote(query, safe='$=&')}" if query else self._path()

    def _pick(self, choices: tuple[str, ...]) -> str:
        return self.random.choice(choices)

    def _path(self) -> str:
        parts = [self._pick(COLLECTIONS)]
        for _ in range(self.random.choice((0, 0, 0, 1, 1, 2, 4))):
            parts[-1] += f"({self.random.choice((1, 1, 2, 3, 8, 10**19, -1))})"
            parts.append(self._pick((*NAVIGATION, "name", "$ref", "$value", "$count", "properties")))
        return quote("/".join(parts), safe="/()$")

    def _option(self) -> tuple[str, str]:
        kind = self.random.random()
        if kind < 0.55:
            return "$filter", self.condition(self.random.randint(0, 4))
        if kind < 0.7:
            return "$orderby", ",".join(self._order() for _ in range(self.random.randint(1, 3)))
        if kind < 0.85:
            return "$expand", self._expand(3)
        if kind < 0.9:
            return "$select", ",".join(self._pick(PROPERTIES) for _ in range(self.random.randint(1, 3)))
        return self.random.choice(
            (
                ("$top", str(self.random.choice((0, 1, 5, 10**6, -1, "x")))),
                ("$skip", str(self.random.choice((0, 1, 5, 10**7, -1, "x")))),
                ("$count", self._pick(("true", "false", "maybe"))),
                ("$resultFormat", self._pick(("dataArray", "CSV", "GeoJSON", "xml"))),
                (
                    "$skiptoken",
                    self._pick(("WzFd", "W251bGxd", "WyJhIiwxXQ", "x", "WzFlOTk5XQ", "Wzk5OTk5OTk5OTk5OTk5OTk5OTk5XQ")),
                ),
                ("$search", "x"),
            )
        )

    def _order(self) -> str:
        what = self._pick(PROPERTIES) if self.random.random() < 0.8 else self.value(1)
        return f"{what} {self._pick(('asc', 'desc', ''))}".strip()

    def _expand(self, depth: int) -> str:
        name = self._pick(NAVIGATION)
        if depth and self.random.random() < 0.4:
            name += "/" + self._pick(NAVIGATION)
        if depth and self.random.random() < 0.5:
            inside = [f"$filter={self.condition(1)}", f"$top={self.random.randint(0, 3)}", "$count=true"]
            inside += [f"$expand={self._expand(depth - 1)}", f"$orderby={self._order()}"]
            name += f"({';'.join(self.random.sample(inside, self.random.randint(1, 3)))})"
        return name

    def condition(self, depth: int) -> str:
        kind = self.random.random()
        if depth and kind < 0.3:
            return f"{self.condition(depth - 1)} {self._pick(('and', 'or'))} {self.condition(depth - 1)}"
        if depth and kind < 0.4:
            return f"not {self.condition(depth - 1)}"
        if depth and kind < 0.5:
            return f"({self.condition(depth - 1)})"
        if depth and kind < 0.58:
            return f"{self._pick(NAVIGATION)}/any(d: d/{self.condition(depth - 1)})"
        if kind < 0.7:
            return self._call(depth)
        if kind < 0.75:
            return f"{self._pick(PROPERTIES)} in ({self._pick(LITERALS)},{self._pick(LITERALS)})"
        return f"{self.value(depth)} {self._pick(COMPARISONS)} {self.value(depth)}"

    def value(self, depth: int) -> str:
        kind = self.random.random()
        if depth and kind < 0.2:
            return f"{self.value(depth - 1)} {self._pick(ARITHMETIC)} {self.value(depth - 1)}"
        if depth and kind < 0.4:
            return self._call(depth - 1)
        return self._pick(PROPERTIES) if kind < 0.75 else self._pick(LITERALS)

    def _call(self, depth: int) -> str:
        arguments = ", ".join(self.value(max(0, depth - 1)) for _ in range(self.random.choice((0, 1, 1, 2, 2, 2, 3))))
        return f"{self._pick(FUNCTIONS)}({arguments})"

    def _spoiled(self, text: str) -> str:
        letters = list(text)
        for _ in range(self.random.randint(1, 4)):
            place = self.random.randint(0, len(letters))
            if self.random.random() < 0.5:
                letters.insert(place, self.random.choice(NOISE))
            elif place < len(letters):
                del letters[place]
        return "".join(letters)
