"""What people said, as weights of the results: through a published release and nothing else.

The answers say how much each indicator matters; they never change what a model computed. The privacy noise and the
sampling error of the release travel along, so that with few answers the result honestly stays open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import audit
from engagement.models import Project, User
from engagement.problems import Refused
from privacy import models as privacy_models
from privacy import release as releases
from privacy.firewall import planning_only
from privacy.release import Release
from scenarios import running
from scenarios.library import ensemble, smaa, statements
from scenarios.library.arrays import Floats
from scenarios.library.smaa import Acceptability
from scenarios.library.what_if import INDICATORS
from scenarios.models import Run, Weighting

DRAWN: Final = 4000


class CannotWeigh(Refused):
    status = 409
    code = "cannot-weigh"
    title = gettext_lazy("The results cannot be weighed with these answers.")


@dataclass(frozen=True)
class Weight:
    """How much an indicator matters to those who answered; all three 0 to 1."""

    indicator: str
    mean: float
    """Average over the draws, which lie on the simplex."""
    p05: float
    p95: float


@dataclass(frozen=True)
class Ranked:
    """How often an option comes first, 0 to 1: with the answers, and without them (any weights equally likely)."""

    run: Run | None
    """None for leaving everything as it is."""
    first_with: float
    first_without: float


@dataclass(frozen=True)
class Weighed:
    """Options compared with and without what people said."""

    release: Release
    question: str
    weights: list[Weight]
    options: list[Ranked]
    winner: Ranked | None
    """First with a probability of at least 0.8 when the answers are used; else there is no clear winner."""
    winner_without: Ranked | None


def latest_release(project: Project) -> Release | None:
    """The newest release of a project that none superseded, its certificate verified."""
    with planning_only():
        current = privacy_models.Release.objects.filter(project=project, superseded_by__isnull=True)
        newest = current.order_by("-published_at").values_list("pk", flat=True).first()
        return releases.load(newest) if newest else None


def set_weighting(planner: User, project: Project, question: str, indicators: Mapping[str, str]) -> Weighting:
    """Say which answer speaks for which indicator.

    Raises:
        CannotWeigh: no answer speaks for anything, or for an indicator that is not computed.
    """
    known = {option: indicator for option, indicator in indicators.items() if indicator}
    if unknown := sorted(set(known.values()) - set(INDICATORS)):
        raise CannotWeigh(
            _("“%(name)s” is not computed. Computed are: %(known)s.")
            % {"name": unknown[0], "known": ", ".join(INDICATORS)}
        )
    if not known:
        raise CannotWeigh(_("Say for at least one answer which result it speaks for."))
    if len(set(known.values())) < len(known):
        raise CannotWeigh(_("Two answers speak for the same result. Choose one for each."))
    weighting, _created = Weighting.objects.update_or_create(
        project=project, defaults={"question": question, "indicators": known}
    )
    audit.record(planner, "weighting.set", f"project:{project.slug}", {"question": question, "indicators": known})
    return weighting


def weigh(runs: Sequence[Run], weighting: Weighting, release_id: UUID | str) -> Weighed:
    """Compare doing nothing and every run, with the weights that a release gives and without them.

    The runs must share their baseline: then their draws make the same assumptions, and differences are real ones.

    Raises:
        NoSuchRelease, CertificateRefused: the release cannot be trusted.
        CannotWeigh: the release lacks the question or its shares, or the runs have different baselines.
        NotFinished: a run has no results.
    """
    with planning_only():
        release = releases.load(release_id)
        indicators = list(weighting.indicators.values())
        share, error95 = _shares(release, weighting)
        values = _values(runs, indicators)
        rng = np.random.default_rng(ensemble.seed_of(release.sha256, *(run.pk for run in runs)))
        drawn = smaa.scores(values, np.ones(len(indicators), dtype=np.bool_))[rng.integers(len(values), size=DRAWN)]
        with_answers = smaa.acceptability(drawn, smaa.released_weights(share, error95, DRAWN, rng))
        without = smaa.acceptability(drawn, smaa.any_weights(len(indicators), DRAWN, rng))
    options = [
        Ranked(run, float(a), float(b))
        for run, a, b in zip([None, *runs], with_answers.first, without.first, strict=True)
    ]
    return Weighed(
        release=release,
        question=weighting.question,
        weights=_weights(release, weighting, with_answers),
        options=options,
        winner=None if with_answers.winner is None else options[with_answers.winner],
        winner_without=None if without.winner is None else options[without.winner],
    )


def _shares(release: Release, weighting: Weighting) -> tuple[Floats, Floats]:
    """Share and 95 % error of every option that speaks for an indicator, among those options."""
    table = release.table(weighting.question)
    if missing := [option for option in weighting.indicators if option not in table]:
        raise CannotWeigh(_("The release has no answer “%(option)s” to this question.") % {"option": missing[0]})
    cells = [table[option] for option in weighting.indicators]
    if any(cell.estimate is None or cell.error95 is None for cell in cells):
        raise CannotWeigh(_("Too few people answered for shares: the results are shown without weights."))
    share = np.array([cell.estimate for cell in cells], dtype=np.float64)
    error95 = np.array([cell.error95 for cell in cells], dtype=np.float64)
    total = float(share.sum())
    if total <= 0:
        raise CannotWeigh(
            _("The noise of the release is larger than its answers: the results are shown without weights.")
        )
    return share / total, error95 / total


def _values(runs: Sequence[Run], indicators: Sequence[str]) -> Floats:
    """Indicators of doing nothing and of every run, shape ``(n_draws, 1 + n_runs, n_indicators)``."""
    if len({run.recipe["baseline"] for run in runs}) != 1:
        raise CannotWeigh(_("Only scenarios of one and the same network can be compared. Compute them again."))
    columns = [list(INDICATORS).index(indicator) for indicator in indicators]
    found = [running.results(run).values[:, :, columns] for run in runs]
    if not all(np.isfinite(values).all() for values in found):
        raise CannotWeigh(_("An answer speaks for a result that could not be computed here. Choose another one."))
    return np.stack([found[0][:, 0], *(values[:, 1] for values in found)], axis=1)


def _weights(release: Release, weighting: Weighting, found: Acceptability) -> list[Weight]:
    """What matters how much, with the 90 % range of the true share among those options, noise and chance in it."""
    cells = [release.table(weighting.question)[option] for option in weighting.indicators]
    scale = statements.scale_of(max(cell.count_error95 for cell in cells))
    low, high = statements.share_ranges(np.array([cell.count for cell in cells], dtype=np.int64), scale)
    rows = zip(weighting.indicators.values(), found.central_weights, low, high, strict=True)
    return [Weight(name, float(mean), float(least), float(most)) for name, mean, least, most in rows]
