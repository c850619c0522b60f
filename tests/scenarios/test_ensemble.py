from __future__ import annotations

import numpy as np
import pytest

from scenarios.library import ensemble
from scenarios.library.ensemble import Span

SPANS = {"level": Span(0.8, 1.0, 1.2, "1", "assumed"), "speed": Span(30, 40, 60, "km/h", "assumed")}


def test_the_same_seed_gives_the_same_draws() -> None:
    seed = ensemble.seed_of("run", "draws")
    assert ensemble.draws(SPANS, 10, seed) == ensemble.draws(SPANS, 10, seed)
    assert ensemble.draws(SPANS, 10, seed) != ensemble.draws(SPANS, 10, ensemble.seed_of("other run", "draws"))


def test_every_tenth_of_a_span_is_used_once_in_ten_draws() -> None:
    drawn = ensemble.draws(SPANS, 10, 1)
    tenths = sorted(int((draw["level"] - 0.8) / 0.04) for draw in drawn)
    assert tenths == list(range(10))
    assert all(30 <= draw["speed"] <= 60 for draw in drawn)


def test_a_best_value_outside_its_span_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.3 does not lie between"):
        Span(0.8, 1.3, 1.2, "1", "assumed")


def test_the_range_covers_nine_tenths() -> None:
    low, high = ensemble.range_of(np.linspace(0, 100, 101))
    assert (low, high) == (5.0, 95.0)
