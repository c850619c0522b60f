"""What privacy needs to leave duplicates out: the day of every response, and an end to counting some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from engagement.models import Round
from surveys.models import Response


class SurveyDoubts:
    """The responses of surveys; ``received_on`` is a day, an hour is not stored."""

    def arrivals(self, round: Round) -> Mapping[str, date]:
        return dict(Response.objects.valid().filter(round=round).values_list("pseudonym", "received_on"))

    def leave_out(self, round: Round, units: Sequence[str]) -> int:
        doubted = Response.objects.valid().filter(round=round, pseudonym__in=units)
        return doubted.update(state=Response.State.EXCLUDED)
