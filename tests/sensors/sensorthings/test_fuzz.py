"""No query, however odd, is answered with a failure of ours."""

from __future__ import annotations

from collections import Counter

import pytest
from django.test import Client

from tests.sensors.sensorthings.fuzzing import Fuzz
from tests.sensors.sensorthings.service import ROOT

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))])
def test_250_random_queries_are_answered_or_refused_with_a_reason(world: Client, seed: int) -> None:
    fuzz, seen = Fuzz(seed), Counter[int]()
    world.raise_request_exception = False
    for _ in range(250):
        address = fuzz.address()
        response = world.get(f"{ROOT}/{address}")
        assert response.status_code in (200, 204, 400, 404), address
        if response.status_code == 400:
            assert response.json()["detail"]
        seen[response.status_code] += 1
    assert seen[200] > 20
    assert seen[400] > 20
