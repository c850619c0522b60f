"""Villages in OSM XML: two banks of a river, one bridge of two one-way ways, streets that leave the map or do not."""

from __future__ import annotations

from pathlib import Path

LON, LAT = 24.95, 60.17
EAST, NORTH = 0.0027, 0.00135  # about 150 metres each
BRIDGE_NORTHBOUND, BRIDGE_SOUTHBOUND = 101, 102
ROWS = {0: "Satamakatu", 1: "Etelaranta", 2: "Pohjoisranta", 3: "Kirkkokatu"}
FOOTPATH = 300


def place(x: float, y: float) -> tuple[float, float]:
    return LON + x * EAST, LAT + y * NORTH


def village(folder: Path, *, open_edges: bool = True) -> Path:
    """Four streets from west to east on two banks, columns between the two streets of each bank, one bridge at x = 1.

    With ``open_edges`` the streets end at the edge of the map, so that they go on beyond it; otherwise each bank is a
    loop and the bridge is the only way across.
    """
    xs = range(-1, 5) if open_edges else range(4)
    nodes = {10 * y + x + 2: place(min(max(x, -0.75), 3.75), y) for y in ROWS for x in xs}
    ways: dict[int, tuple[list[int], dict[str, str]]] = {}
    for y, name in ROWS.items():
        tags = {"highway": "secondary" if y in {1, 2} else "residential", "name": name, "maxspeed": "30"}
        ways[200 + y] = ([10 * y + x + 2 for x in xs], tags)
    for bank, (low, high) in enumerate(((0, 1), (2, 3))):
        for x in range(4):
            tags = {"highway": "residential", "name": f"Kuja {x + 1}", "maxspeed": "30"}
            ways[210 + 10 * bank + x] = ([10 * low + x + 2, 10 * high + x + 2], tags)
    bridge = {"highway": "secondary", "name": "Pitkasilta", "maxspeed": "40", "oneway": "yes", "bridge": "yes"}
    ways[BRIDGE_NORTHBOUND] = ([13, 23], bridge)
    ways[BRIDGE_SOUTHBOUND] = ([23, 13], bridge)
    ways[FOOTPATH] = ([14, 24], {"highway": "footway", "name": "Kavelysilta"})
    number = 1000
    for y in ROWS:
        for x in range(4):
            use = "apartments" if (x + y) % 2 else "office"
            corners = [(0.1, 0.1), (0.4, 0.1), (0.4, 0.4), (0.1, 0.4)]
            ids = list(range(number, number + 4))
            nodes |= {i: place(x + dx, y + dy * 0.9) for i, (dx, dy) in zip(ids, corners, strict=True)}
            ways[number] = ([*ids, ids[0]], {"building": use, "building:levels": "5"})
            number += 10
    return _written(folder / "village.osm", nodes, ways)


def _written(
    path: Path, nodes: dict[int, tuple[float, float]], ways: dict[int, tuple[list[int], dict[str, str]]]
) -> Path:
    lons, lats = zip(*nodes.values(), strict=True)
    lines = [f'<bounds minlon="{min(lons)}" minlat="{min(lats)}" maxlon="{max(lons)}" maxlat="{max(lats)}"/>']
    lines += [f'<node id="{i}" version="1" lon="{lon:.7f}" lat="{lat:.7f}"/>' for i, (lon, lat) in nodes.items()]
    for i, (refs, tags) in ways.items():
        inner = "".join(f'<nd ref="{ref}"/>' for ref in refs) + "".join(
            f'<tag k="{k}" v="{v}"/>' for k, v in tags.items()
        )
        lines.append(f'<way id="{i}" version="1">{inner}</way>')
    path.write_text(f'<osm version="0.6">{"".join(lines)}</osm>', encoding="utf-8")
    return path
