from __future__ import annotations

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.geodesy import LocalFrame, degrees, from_ecef, line_lengths_m, metres, to_ecef

HELSINKI = np.array([[24.9502, 60.1764]])


def test_helsinki_stands_where_pyproj_puts_it() -> None:
    independent = pyproj.Transformer.from_crs(4979, 4978, always_xy=True).transform(24.9502, 60.1764, 12.5)
    assert to_ecef(HELSINKI, 12.5)[0] == pytest.approx(independent, abs=1e-6)


@given(lon=st.floats(-180, 180), lat=st.floats(-89.9, 89.9), height=st.floats(-100, 9000))
def test_the_globe_and_back_is_the_same_place(lon: float, lat: float, height: float) -> None:
    lonlat, back_m = from_ecef(to_ecef(np.array([[lon, lat]]), height))
    assert lonlat[0, 1] == pytest.approx(lat, abs=1e-9)
    assert np.sin(np.radians(lonlat[0, 0] - lon)) == pytest.approx(0, abs=1e-9)
    assert back_m[0] == pytest.approx(height, abs=1e-3)


def test_local_metres_are_east_north_and_up() -> None:
    frame = LocalFrame(24.95, 60.17)
    enu = frame.to_local(np.array([[24.951, 60.17], [24.95, 60.171], [24.95, 60.17]]), np.array([0.0, 0.0, 10.0]))
    # GeographicLib: 0.001 degrees are 55.51 m of longitude and 111.42 m of latitude there.
    assert enu == pytest.approx(np.array([[55.51, 0, 0], [0, 111.42, 0], [0, 0, 10]]), abs=0.01)
    assert frame.from_local(enu) == pytest.approx(
        np.array([[24.951, 60.17], [24.95, 60.171], [24.95, 60.17]]), abs=1e-9
    )


def test_the_tileset_matrix_moves_local_metres_onto_the_globe() -> None:
    frame = LocalFrame(24.95, 60.17)
    matrix = np.array(frame.matrix).reshape(4, 4).T
    assert (matrix @ [0, 0, 12, 1])[:3] == pytest.approx(to_ecef(np.array([[24.95, 60.17]]), 12.0)[0], abs=1e-6)


def test_finnish_grid_metres_are_true_metres_not_stretched_ones() -> None:
    grid = metres(np.array([[24.950, 60.17], [24.951, 60.17]]))
    # The ellipsoid says 55.51 m; Web Mercator would say 111.32 m.
    assert np.hypot(*(grid[1] - grid[0])) == pytest.approx(55.51, abs=0.03)
    assert degrees(grid) == pytest.approx(np.array([[24.950, 60.17], [24.951, 60.17]]), abs=1e-9)


def test_each_line_is_measured_by_itself() -> None:
    lonlat = np.array([[24.0, 60.0], [24.001, 60.0], [24.0, 60.0], [24.0, 60.001], [24.001, 60.001]])
    assert line_lengths_m(lonlat, np.array([0, 2, 5])) == pytest.approx([55.80, 111.41 + 55.80], abs=0.01)
