"""What the phone says by itself, in the page's language."""

from __future__ import annotations

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """Sentences by name. ``{n}``, ``{all}`` and their like are filled in on the phone."""
    return {
        "count": _("Question {n} of {all}"),
        "saved": _("Saved on this phone"),
        "unsaved": _("Not saved: this phone has no room"),
        "required": _("Please answer this question."),
        "doesNotFit": _("This answer does not fit. Please check it."),
        "integer": _("Please write a whole number, in digits."),
        "decimal": _("Please write a number, in digits."),
        "range": _("Please choose a number from {low} to {high}."),
        "rank": _("Please give every option a place, each only once."),
        "photo": _("This file cannot be read as a photo. Please send a JPEG, PNG or WebP."),
        "noAnswer": _("no answer"),
        "aPhoto": _("a photo"),
        "yes": _("yes"),
        "waiting": _("Waits on this phone. It will be sent when you are online."),
        "sending": _("Is being sent …"),
        "sent": _("Sent and received."),
        "refused": _("Was not taken in: {reason}"),
        "continue": _("Continue where you stopped"),
        "clear": _("Delete all answers and codes of this survey from this phone?"),
        "nothingFound": _("No place of this name was found. Try the street alone."),
        "noPosition": _("Your position could not be found. Search for a street instead."),
        "offlineSearch": _("Searching needs a network. Choose from the list, or on the map if it is loaded."),
        "putHere": _("Put it here"),
        "putPoint": _("Put a point here"),
        "undoPoint": _("Take the last point away"),
        "finish": _("Finish"),
        "pointsLeft": _("Points: {n}"),
        "lineTooShort": _("A line needs two points at least. Please add another one."),
        "areaTooSmall": _("An area needs three points at least. Please add another one."),
        "around": _("{name}, number {n}"),
        "silence": _("I would rather not say"),
        "up": _("Move up"),
        "down": _("Move down"),
        "movedTo": _("{name} is now number {n}."),
        "orderIsRight": _("This order is right"),
        "readAloud": _("Read aloud"),
        "mapLabel": _("Map. Move it with the arrow keys until the cross is in the right place."),
        "mapFailed": _("The map could not be loaded. Search for a street instead."),
        "chosen": _("Chosen place: {place}"),
    }
