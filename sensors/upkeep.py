"""What the room does again and again without anybody asking; started by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from engagement import periodic
from sensors import alerting, comparing, correcting, rollups
from sensors.models import AlertWish, TouchedHour

FIGURES_EVERY = timedelta(minutes=1)
LETTERS_EVERY = timedelta(minutes=10)


def renew_figures() -> Mapping[str, int]:
    """Figures of what was written to since the last time, the comparison with the neighbours, the corrected series."""
    touched = rollups.renew()
    counts = {"hours": len(touched), "marks": comparing.compare(touched), "corrected": correcting.follow(touched)}
    rollups.renew()  # of the corrected series
    return counts


def register() -> None:
    """Called once at start-up."""
    periodic.register("sensor figures", FIGURES_EVERY, renew_figures, wanted=TouchedHour.objects.exists)
    wanted = AlertWish.objects.filter(wanted=True)
    periodic.register("sensor letters", LETTERS_EVERY, alerting.look, wanted=wanted.exists)
