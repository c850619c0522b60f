"""The proposal for the moderator, made with the city's own streets."""

from __future__ import annotations

from engagement import places
from engagement.models import Place
from privacy.scrub import Scrubbed, scrub_text

LONGEST_NAME = 80


def propose(text: str) -> Scrubbed:
    """What to blank in a resident's text, including streets of the imported city that no ending gives away."""
    return scrub_text(text, is_street)


def is_street(name: str) -> bool:
    """Whether a street of the imported city has this name, in any of its languages."""
    plain = places.normalise(name[:LONGEST_NAME])
    return bool(plain) and Place.objects.filter(kind=Place.Kind.STREET, normalised=plain).exists()
