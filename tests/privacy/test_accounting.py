from __future__ import annotations

import math

import pytest

from privacy.accounting import Loss, composed_epsilon, epsilon_of, fits, fraction_spent, rho_of, rho_of_pure, total

DELTA = 1e-6
FIVE_PURE = [Loss(0.8, rho_of_pure(0.8))] * 5


@pytest.mark.parametrize(("epsilon", "rho"), [(0.5, 0.00664), (1, 0.02436), (2, 0.08815), (4, 0.31106), (8, 1.05236)])
def test_rho_and_epsilon_translate_as_in_the_literature(epsilon: float, rho: float) -> None:
    assert rho_of(epsilon, DELTA) == pytest.approx(rho, abs=5e-6)
    assert epsilon_of(rho, DELTA) == pytest.approx(epsilon, rel=1e-3)


@pytest.mark.parametrize("rho", [0.001, 0.02, 0.3, 1.0])
def test_the_translation_is_never_more_generous_than_opendp(rho: float) -> None:
    import opendp.prelude as opendp

    opendp.enable_features("contrib")
    domain = opendp.vector_domain(opendp.atom_domain(T="i64"))
    gaussian = opendp.m.make_gaussian(domain, opendp.l2_distance(T="f64"), 1 / math.sqrt(2 * rho))
    theirs = opendp.c.make_zCDP_to_approxDP(gaussian).map(1.0).epsilon(DELTA)  # type: ignore[no-untyped-call]
    assert epsilon_of(rho, DELTA) == pytest.approx(theirs, rel=1e-4)


def test_pure_answers_add_up_to_the_whole_budget_and_no_further() -> None:
    assert fits(total(FIVE_PURE[:4]), FIVE_PURE[4], 4.0, DELTA)
    assert not fits(total(FIVE_PURE), Loss(0.1, rho_of_pure(0.1)), 4.0, DELTA)


def test_gaussian_answers_add_up_by_rho() -> None:
    part = rho_of(4.0, DELTA) / 15
    answers = [Loss(math.inf, part)] * 15
    assert fits(total(answers[:14]), answers[14], 4.0, DELTA)
    assert not fits(total(answers), Loss(math.inf, part / 100), 4.0, DELTA)


def test_a_budget_spent_one_way_is_not_there_the_other_way() -> None:
    assert not fits(total(FIVE_PURE), Loss(math.inf, 0.0001), 4.0, DELTA)
    gaussian = Loss(math.inf, rho_of(4.0, DELTA))
    assert not fits(gaussian, Loss(0.1, rho_of_pure(0.1)), 4.0, DELTA)


def test_the_claim_is_the_tighter_sum() -> None:
    assert composed_epsilon(total(FIVE_PURE), DELTA) == pytest.approx(4.0)
    many_small = total([Loss(0.1, 0.005)] * 40)
    assert composed_epsilon(many_small, DELTA) == pytest.approx(epsilon_of(0.2, DELTA))
    assert composed_epsilon(many_small, DELTA) < 4.0


def test_an_untouched_budget_has_spent_nothing() -> None:
    assert fraction_spent(total([]), 4.0, DELTA) == 0
    assert epsilon_of(0, DELTA) == 0
    assert composed_epsilon(total([]), DELTA) == 0


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        epsilon_of(-0.1, DELTA)
    with pytest.raises(ValueError, match="between 0 and 1"):
        epsilon_of(0.1, 1.0)
