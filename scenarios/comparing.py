"""Options side by side: the published what-ifs of a project on one baseline, weighed with what people said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from engagement.languages import pick
from engagement.models import Project
from engagement.problems import Refused
from privacy.firewall import planning_only
from scenarios import feedback
from scenarios.feedback import Ranked, Weighed
from scenarios.measuring import AFTERNOON
from scenarios.models import Network, Run, Scenario, Weighting
from scenarios.presenting import LABELS, Figure, IndicatorRow, indicator_rows


@dataclass(frozen=True)
class OptionRow:
    """One option with how often it comes first, per cent."""

    title: str
    with_answers: int
    without: int


@dataclass(frozen=True)
class WeightRow:
    """What an indicator weighs for those who answered, per cent."""

    label: str
    mean: int
    low: int
    high: int


@dataclass(frozen=True)
class Comparison:
    """What the page says about options and weights; ``sentence`` names a winner only from 80 % on."""

    sentence: str
    sentence_without: str
    options: list[OptionRow]
    weights: list[WeightRow]
    weighed: Weighed


def shared_runs(scenario: Scenario, run: Run) -> list[Run]:
    """The run and the newest finished runs of the project's other published what-ifs on the same baseline."""
    others = Scenario.objects.filter(project=scenario.project, network=scenario.network, published=True)
    found = [other.latest_run for other in others.exclude(pk=scenario.pk).order_by("pk")]
    return [run, *(one for one in found if one is not None and one.recipe["baseline"] == run.recipe["baseline"])]


@dataclass(frozen=True)
class OptionsRow:
    """One indicator of every option side by side; ``figures`` has None where an option was not modelled."""

    label: str
    unit: str
    decimals: int
    today: Figure
    figures: list[IndicatorRow | None]


def side_by_side(runs: Sequence[Run]) -> list[OptionsRow]:
    """Doing nothing and every run, indicator by indicator. The runs share their baseline."""
    columns = [{row.name: row for row in indicator_rows(run)} for run in runs]
    rows = []
    for name in dict.fromkeys(name for column in columns for name in column):
        figures = [column.get(name) for column in columns]
        known = next(row for row in figures if row is not None)
        rows.append(OptionsRow(known.label, known.unit, known.decimals, known.before, figures))
    return rows


def finished_runs(project: Project) -> list[Run]:
    """The newest finished run of every what-if on the project's newest network; hours other than the afternoon last."""
    network = Network.objects.filter(project=project).defer("content").first()
    scenarios = Scenario.objects.filter(project=project, network=network).order_by("pk")
    found = [run for one in scenarios if (run := one.latest_run) is not None]
    return sorted(found, key=lambda run: run.summary.get("hour", AFTERNOON) != AFTERNOON)


def compared(scenario: Scenario, run: Run) -> Comparison | str:
    """The options with and without what people said; a sentence where they cannot be weighed.

    An empty sentence means that nobody asked for weighing yet.
    """
    with planning_only():
        weighting = Weighting.objects.filter(project=scenario.project).first()
        if weighting is None:
            return ""
        try:
            return _compared(scenario.project, shared_runs(scenario, run), weighting)
        except Refused as refused:
            return str(refused.detail or refused.title)


def _compared(project: Project, runs: list[Run], weighting: Weighting) -> Comparison | str:
    release = feedback.latest_release(project)
    if release is None:
        return _("No release of answers is published yet; the results are shown without weights.")
    weighed = feedback.weigh(runs, weighting, release.id)
    return Comparison(
        sentence=_sentence(weighed.winner),
        sentence_without=_sentence(weighed.winner_without),
        options=[
            OptionRow(_title(o), round(100 * o.first_with), round(100 * o.first_without)) for o in weighed.options
        ],
        weights=[
            WeightRow(str(LABELS[w.indicator]), round(100 * w.mean), round(100 * w.p05), round(100 * w.p95))
            for w in weighed.weights
        ],
        weighed=weighed,
    )


def _title(option: Ranked) -> str:
    return _("Leave it as it is") if option.run is None else pick(option.run.scenario.title)


def _sentence(winner: Ranked | None) -> str:
    if winner is None:
        return _("No option is clearly first.")
    return _("Clearly first: %(title)s.") % {"title": _title(winner)}
