from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ar_scenes.attributes import bits, packed, scaled, shared_range, signed_bytes


def test_the_payload_has_the_layout_of_the_page() -> None:
    data = packed(
        {"overlay": "x"},
        [signed_bytes("class", np.array([-2, 0, -127], dtype=np.int8)), bits("closed", np.array([True, False, True]))],
    )
    (size,) = struct.unpack_from("<I", data)
    assert (4 + size) % 8 == 0
    head = json.loads(data[4 : 4 + size])
    assert head["sections"] == [
        {"name": "class", "type": "i8", "offset": 0, "bytes": 3},
        {"name": "closed", "type": "bits", "offset": 8, "bytes": 1},
    ]
    body = data[4 + size :]
    assert np.frombuffer(body, "<i1", 3).tolist() == [-2, 0, -127]
    assert body[8] == 0b101
    assert len(body) == 16


@given(arrays.arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e6, 1e6) | st.just(np.nan)))
def test_values_come_back_within_half_a_step_and_no_data_stays_no_data(values: np.ndarray) -> None:
    low, high = shared_range(values)
    section = scaled("before", values, 2, low, high)
    stored = np.frombuffer(section.data, "<u2")
    assert (stored == 65_535).tolist() == np.isnan(values).tolist()
    known = ~np.isnan(values)
    back = section.extra["bias"] + section.extra["scale"] * stored[known]
    assert back == pytest.approx(values[known], abs=(high - low) / 2 / 65_534 + 1e-6)


def test_equal_values_need_no_range() -> None:
    section = scaled("before", np.array([7.0, 7.0]), 2, 7.0, 7.0)
    assert (section.extra["bias"], np.frombuffer(section.data, "<u2").tolist()) == (7.0, [0, 0])
    assert shared_range(np.array([np.nan])) == (0.0, 0.0)
