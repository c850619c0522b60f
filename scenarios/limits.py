"""What the traffic model is not good for, said beside every result."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

SENTENCES: Final = {
    "cars-only": _("Only cars are modelled. Walking, cycling, buses, trams and ships are not."),
    "one-hour": _("One average hour in the afternoon: no queues that grow, no other time of day."),
    "no-signals": _("No waiting at traffic lights and turns."),
    "same-trips": _("Everybody still travels to the same place by car; nobody changes to a bicycle or stays at home."),
    "assumed-demand": _("How many people drive is derived from floor area and street capacity, not counted."),
    "ring": _("Detours outside the map use an assumed ring of streets."),
    "noise-open": _("Noise is computed without walls and houses in between: it is too loud in courtyards."),
    "air-local": _("Air is only what the cars of a street add: no background, ships, heating or other streets."),
    "not-checked": _("The model was not checked against traffic counts here, so its own error is not in the ranges."),
}
CODES: Final = list(SENTENCES)
