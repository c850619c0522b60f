"""A village in OSM XML, small enough to know every node by heart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Osm = Callable[..., Path]


@pytest.fixture
def osm(tmp_path: Path) -> Osm:
    """Write an OSM file of nodes ``{id: (lon, lat)}``, ways ``{id: (nodes, tags)}``, relations ``{id: (members, tags)}``."""

    def write(
        nodes: dict[int, tuple[float, float]],
        ways: dict[int, tuple[list[int], dict[str, str]]],
        relations: dict[int, tuple[list[tuple[str, int, str]], dict[str, str]]] | None = None,
        *,
        node_tags: dict[int, dict[str, str]] | None = None,
        box: tuple[float, float, float, float] = (24.0, 60.0, 25.0, 61.0),
    ) -> Path:
        def tags(found: dict[str, str]) -> str:
            return "".join(f'<tag k="{k}" v="{v}"/>' for k, v in found.items())

        west, south, east, north = box
        lines = [f'<osm version="0.6"><bounds minlon="{west}" minlat="{south}" maxlon="{east}" maxlat="{north}"/>']
        for i, (lon, lat) in nodes.items():
            lines.append(
                f'<node id="{i}" version="1" lon="{lon}" lat="{lat}">{tags((node_tags or {}).get(i, {}))}</node>'
            )
        for i, (refs, found) in ways.items():
            refs_xml = "".join(f'<nd ref="{n}"/>' for n in refs)
            lines.append(f'<way id="{i}" version="1">{refs_xml}{tags(found)}</way>')
        for i, (members, found) in (relations or {}).items():
            members_xml = "".join(f'<member type="{t}" ref="{r}" role="{role}"/>' for t, r, role in members)
            lines.append(f'<relation id="{i}" version="1">{members_xml}{tags(found)}</relation>')
        path = tmp_path / "village.osm"
        path.write_text("".join([*lines, "</osm>"]), encoding="utf-8")
        return path

    return write
