"""What somebody could learn from a release who means to: measured before it is signed.

Numbers in, numbers out. Simulations use NumPy's generator with a fixed seed: they imitate attackers, they protect
nobody. Each returns the attacker's success, that of a blind guess, and the upper end of a 99 % confidence range of the
success, which is what the gate looks at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from privacy.dp import Mechanism, probabilities

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TRIALS = 20_000
Z99 = 2.3263  # one-sided
SEED = 20_240


@dataclass(frozen=True)
class Attack:
    """``success`` and ``blind`` are probabilities of a right guess; ``upper`` bounds the success from above (99 %)."""

    success: float
    blind: float
    upper: float

    @property
    def gain(self) -> float:
        """By how much the attacker beats a blind guess, at worst; 0 when not at all."""
        return max(0.0, self.upper - self.blind)


def small_groups(units: Ints, k: int) -> Ints:
    """Numbers of the groups that hold fewer than ``k`` units but not none."""
    return np.flatnonzero((units > 0) & (units < k))


def uniques(cells: Ints) -> int:
    """How many units stand alone in a cell of the exact table: nobody else there answered like them."""
    return int((cells == 1).sum())


def homogeneous_share(cells: Ints, units: Ints) -> float:
    """Share of units in groups of two or more in which everybody gave the same answer.

    Whoever knows that somebody belongs to such a group would read the answer off an exact table.

    Args:
        cells: exact counts, shape ``(groups, options)``.
        units: units per group, shape ``(groups,)``.
    """
    alike = (cells.max(axis=1) == units) & (units > 1)
    return float(units[alike].sum() / units.sum()) if units.sum() else 0.0


def changed_units(before: frozenset[str], after: frozenset[str], vanished: int = 0) -> int:
    """Units that joined or left between two snapshots; ``vanished`` of the former withdrew and cannot be named."""
    return len(before ^ after) + vanished


def delta_rule(changed: Ints, k: int) -> Ints:
    """Groups in which between 1 and ``k - 1`` units changed since an earlier release: subtracting points at few."""
    return small_groups(changed, k)


def differencing(
    shares: Floats, before: Mechanism | None, after: Mechanism, changed: int, trials: int = TRIALS
) -> Attack:
    """Guess the answer of one unit that left between two releases, by subtracting one from the other.

    The attacker knows who left, how often each option is chosen, and the distribution of the noise, and guesses the
    option that is most probable given the two published tables; when nobody else changed, no guess can be better.
    ``changed - 1`` others changed too, and the attacker knows nothing about them. ``before`` None means that the attacker
    knows the answers of everybody else for certain: the worst case of a single release.

    Args:
        shares: probability of each option, shape ``(options,)``, summing to 1.
        changed: units that left, at least 1.
    """
    rng = np.random.default_rng(SEED)
    options = len(shares)
    noise = _difference_noise(before, after)
    truth = rng.choice(options, trials, p=shares)
    others = rng.multinomial(changed - 1, shares, trials)
    seen = rng.choice(len(noise), (trials, options), p=noise / noise.sum()) - len(noise) // 2 + others
    seen[np.arange(trials), truth] += 1
    guess = guessed_from_difference(seen, shares, before, after, changed)
    return _attack(float((guess == truth).mean()), float(shares.max()), trials)


def guessed_from_difference(
    seen: Ints, shares: Floats, before: Mechanism | None, after: Mechanism, changed: int
) -> Ints:
    """The most probable answer of one unit that left, from what one table shows more than the next.

    Args:
        seen: first table minus second, shape ``(trials, options)``.

    Returns:
        Number of the guessed option, shape ``(trials,)``.
    """
    noise = _difference_noise(before, after)
    # The others add a spread of their own to every cell.
    log = [np.log(_with_others(noise, changed - 1, share)) for share in shares]
    place = np.clip(seen + len(noise) // 2, 1, len(noise) - 1)
    likelihood = np.stack(
        [log[option][place[:, option] - 1] - log[option][place[:, option]] for option in range(len(shares))]
    )
    guess: Ints = (np.log(np.maximum(shares, 1e-300))[:, None] + likelihood).argmax(axis=0)
    return guess


def _difference_noise(before: Mechanism | None, after: Mechanism) -> Floats:
    return _pmf(after) if before is None else np.convolve(_pmf(before), _pmf(after))


def averaging(mechanisms: Sequence[Mechanism], trials: int = TRIALS) -> Attack:
    """Recover an exact count from several noisy answers about the same units by averaging, weighted by precision.

    The blind guess is the best single answer, rounded.
    """
    rng = np.random.default_rng(SEED)
    weight = np.array([1 / mechanism.deviation**2 for mechanism in mechanisms])
    noise = np.stack([_draw(mechanism, trials, rng) for mechanism in mechanisms])
    hit = np.abs(weight @ noise / weight.sum()) < 0.5
    single = max(float(_pmf(mechanism).max()) for mechanism in mechanisms)
    return _attack(float(hit.mean()), single, trials)


def membership(mechanisms: Sequence[Mechanism], cells_per_unit: Sequence[int], trials: int = TRIALS) -> Attack:
    """Tell whether one unit took part, knowing its answers and everybody else's: the worst case.

    Args:
        mechanisms: noise of each table.
        cells_per_unit: how many cells of each table the unit would add 1 to.
    """
    return told_apart(mechanisms, [(1,) * cells for cells in cells_per_unit], trials)


def told_apart(mechanisms: Sequence[Mechanism], moves: Sequence[Sequence[int]], trials: int = TRIALS) -> Attack:
    """Tell which of two data sets was published, knowing both: no guess can be better.

    Args:
        mechanisms: noise of each table.
        moves: per table, how far the two data sets lie apart in each cell that differs.
    """
    rng = np.random.default_rng(SEED)
    score = np.zeros((2, trials))
    for mechanism, apart in zip(mechanisms, moves, strict=True):
        mass = _pmf(mechanism)
        log = np.log(np.maximum(mass, 1e-300))
        middle = len(mass) // 2
        for move in apart:
            for second in (0, 1):
                place = np.clip(_draw(mechanism, trials, rng) + middle + second * move, move, len(mass) - 1)
                score[second] += log[place - move] - log[place]
    right = float(((score[1] > 0).mean() + (score[0] <= 0).mean()) / 2)
    return _attack(right, 0.5, 2 * trials)


def membership_bound(epsilon: float) -> float:
    """No attacker tells membership rightly more often than this, whatever they know: e^ε / (1 + e^ε)."""
    return 1 / (1 + math.exp(-epsilon))


def _with_others(noise: Floats, others: int, share: float) -> Floats:
    """Distribution of noise plus how many of ``others`` chose an option that ``share`` of people choose."""
    if others == 0:
        return np.maximum(noise, 1e-300)
    chosen = np.arange(others + 1)
    binomial = np.array([math.comb(others, int(count)) for count in chosen], dtype=np.float64)
    binomial *= share**chosen * (1 - share) ** (others - chosen)
    return np.maximum(np.convolve(noise, binomial)[: len(noise)], 1e-300)


def _pmf(mechanism: Mechanism) -> Floats:
    return probabilities(mechanism.name, mechanism.scale)


def _draw(mechanism: Mechanism, size: int, rng: np.random.Generator) -> Ints:
    mass = _pmf(mechanism)
    drawn: Ints = rng.choice(len(mass), size, p=mass) - len(mass) // 2
    return drawn


def _attack(success: float, blind: float, trials: int) -> Attack:
    spread = math.sqrt(max(success * (1 - success), 1 / trials) / trials)
    return Attack(success, blind, min(1.0, success + Z99 * spread))
