"""The gate's findings as sentences for officers and, where they passed, for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def check(code: str, outcome: str, facts: Mapping[str, Any]) -> str:
    """One finding as a sentence that says what is so and, if it is held or refused, what would help."""
    return _SENTENCES[code](outcome == "pass", facts)


def _budget(passed: bool, facts: Mapping[str, Any]) -> str:
    if passed:
        return _("The budget pays for it: every figure gets noise of at most ± %(error)s in 95 of 100 cases.") % facts
    return _("The privacy budget cannot pay for this. Spend less on each question, or use what was already released.")


def _groups(passed: bool, facts: Mapping[str, Any]) -> str:
    if passed and facts["groups"] == 1:
        return _("%(units)s answers, %(k)s are the least.") % facts
    if passed:
        return _("Every group that is shown has at least %(k)s answers, or none.") % facts
    if facts["groups"] == 1:
        return _("There are %(units)s answers; at least %(k)s are needed. Wait for %(missing)s more.") % facts
    return (
        ngettext(
            "%(small)s group has fewer than %(k)s answers. Merge it with another, or wait for %(missing)s more.",
            "%(small)s groups have fewer than %(k)s answers. Merge them, or wait for %(missing)s more.",
            facts["small"],
        )
        % facts
    )


def _precision(passed: bool, facts: Mapping[str, Any]) -> str:
    if facts["points"] is None:
        return _("No group has enough answers to show a share.")
    if passed:
        return _("Noise moves a share by at most %(points)s points, chance in who answered by %(sampling)s.") % facts
    if facts["groups"] > 1:
        return _drowned_group(facts)
    return (
        _(
            "Noise would move a share by up to %(points)s points; more than %(most)s says nothing. Ask fewer questions, "
            "spend more on each, or wait until there are %(needed)s answers."
        )
        % facts
    )


def _drowned_group(facts: Mapping[str, Any]) -> str:
    return (
        _(
            "Noise would move a share in the smallest group by up to %(points)s points; more than %(most)s says nothing. "
            "Merge groups, spend more on this question, or wait until every group has %(needed)s answers."
        )
        % facts
    )


def _alike(passed: bool, facts: Mapping[str, Any]) -> str:
    if not passed:
        return (
            _(
                "%(percent)s %% of the answers are in groups where everybody said the same about something sensitive. "
                "Show it without groups, or merge groups."
            )
            % facts
        )
    if facts["uniques"]:
        return (
            ngettext(
                "%(uniques)s answer stands alone in its cell; the noise hides whether it is there.",
                "%(uniques)s answers stand alone in their cells; the noise hides whether they are there.",
                facts["uniques"],
            )
            % facts
        )
    return _("Nobody stands alone in a cell.")


def _since(passed: bool, facts: Mapping[str, Any]) -> str:
    if passed and "success" not in facts:
        return _("Subtracting the release of %(when)s points at nobody: none or at least %(k)s changed since.") % facts
    if passed:
        return _(
            "Subtracting the release of %(when)s tells next to nothing: %(percent)s of 100 guesses right, %(blind)s blind."
        ) % _percentages(facts)
    return _(
        "Since the release of %(when)s only %(fewest)s changed; by subtracting, %(percent)s of 100 guesses about them "
        "would be right, %(blind)s blind. Wait for %(missing)s more, or spend less on this question."
    ) % _percentages(facts)


def _inference(passed: bool, facts: Mapping[str, Any]) -> str:
    if not passed:
        return _(
            "Somebody who knew everybody else's answers would guess one right %(percent)s times in 100, without this "
            "release %(blind)s times. Spend less on this question."
        ) % _percentages(facts)
    return _(
        "Somebody who knew everybody else's answers would guess yours right %(percent)s times in 100, "
        "without this release %(blind)s times."
    ) % _percentages(facts)


def _membership(passed: bool, facts: Mapping[str, Any]) -> str:
    if not passed:
        return _(
            "An attack tells who took part more often than the budget allows at all. Noise or bounds are broken: release "
            "nothing, and tell the administrator."
        )
    if facts["tables"] == 1:
        return _(
            "Whether somebody took part can be guessed right %(percent)s times in 100 from this table, %(blind)s blind."
        ) % _percentages(facts)
    return _(
        "Whether somebody took part can be guessed right %(percent)s times in 100 from all %(tables)s tables so far, "
        "%(blind)s blind."
    ) % _percentages(facts)


def _averaging(_passed: bool, facts: Mapping[str, Any]) -> str:
    if facts["answers"] == 1:
        return _("This question was not answered before, so there is nothing to average.")
    return _(
        "Averaging the %(answers)s answers given so far hits an exact count %(percent)s times in 100, one answer %(blind)s."
    ) % _percentages(facts)


def _percentages(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {**facts, "percent": round(100 * facts["upper"]), "blind": round(100 * facts["blind"])}


_SENTENCES = {
    "budget": _budget,
    "groups": _groups,
    "precision": _precision,
    "alike": _alike,
    "since": _since,
    "inference": _inference,
    "averaging": _averaging,
    "membership": _membership,
}
