"""Why a response is not taken in: each reason with its status and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from engagement.problems import Refused


class NoSuchSurvey(Refused):
    """Nothing of this name is published."""

    status = 404
    code = "no-such-survey"
    title = _("There is no survey of this name.")


class SurveyClosed(Refused):
    """Nothing can be answered now. The answers stay where they are, on the phone or in the draft."""

    status = 409
    code = "survey-closed"
    title = _("This survey is closed.")


class SurveyChanged(Refused):
    """The phone asked another version than the one that is open."""

    status = 409
    code = "survey-changed"
    title = _("The questions have changed.")


class DifferentContent(Refused):
    """The id is known and holds something else."""

    status = 409
    code = "different-content"
    title = _("A different response was already received under this number.")


class ResponseWithdrawn(Refused):
    """It was withdrawn with its receipt code, and stays gone."""

    status = 410
    code = "response-withdrawn"
    title = _("This response was withdrawn and stays deleted.")


class AnswersRefused(Refused):
    """Some answers do not fit. ``errors``: key of the question → sentences."""

    status = 422
    code = "answers-refused"
    title = _("Some answers need another look.")

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        told = " ".join(sentence for sentences in errors.values() for sentence in sentences)
        super().__init__(told, errors=dict(errors))
        self.errors = errors


class NotAResponse(Refused):
    """What arrived has not the shape of a response, or is too large."""

    status = 422
    code = "not-a-response"
    title = _("This is not a response to this survey.")
