"""How the twin speaks: words, units and sentences that page, list, map and viewer share, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement import units
from engagement.templatetags.loggia import CHANGE_WORDS

KIND_WORDS: Mapping[str, Promise] = {
    "building": gettext_lazy("Building"),
    "street": gettext_lazy("Street"),
    "bridge": gettext_lazy("Bridge"),
    "water": gettext_lazy("Water"),
    "block": gettext_lazy("Block of buildings"),
}
# What residents look for first stands first: a site with several readings shows this one on its label.
PHENOMENON_WORDS: Mapping[str, Promise | str] = {
    "cars": gettext_lazy("Cars"),
    "pm2_5": "PM2.5",
    "noise": gettext_lazy("Noise"),
    "bikes": gettext_lazy("Bicycles"),
    "pedestrians": gettext_lazy("On foot"),
    "heavy": gettext_lazy("Lorries and buses"),
    "pm10": "PM10",
    "temperature": gettext_lazy("Temperature"),
    "humidity": gettext_lazy("Humidity"),
    "pressure": gettext_lazy("Air pressure"),
    "speed_v85": gettext_lazy("Speed"),
    "uptime": gettext_lazy("Share of the hour counted"),
}
UNIT_CODES = (
    "ug/m3",
    "Cel",
    "%",
    "hPa",
    "dB[SPL]",
    "{vehicles}/h",
    "{people}/h",
    "km/h",
    "1",
    "{vehicles}/d",
    "min",
    "s",
)
HEIGHT_SOURCES: Mapping[str, Promise] = {
    "height": gettext_lazy("as mapped"),
    "levels": gettext_lazy("from the number of floors"),
}
# How the readers in ``sources`` begin their reasons, and how residents are told; the first that fits counts.
ASSUMPTIONS: Mapping[str, Promise] = {
    "small": gettext_lazy("assumed, usual for something this small"),
    "height of its building": gettext_lazy("assumed, as high as the building it belongs to"),
    "median of the buildings": gettext_lazy("assumed, as most buildings here"),
    "median of": gettext_lazy("assumed, as most buildings of this kind here"),
    "usual for": gettext_lazy("assumed, usual for this kind of building"),
}
PAGE_WORDS: Mapping[str, Promise] = {
    "loading": gettext_lazy("The model is loading …"),
    "not_built": gettext_lazy("The 3D model is not built yet. List and map show the same place."),
    "failed": gettext_lazy("3D could not start on this device. List and map have the same facts."),
    "lost": gettext_lazy("The device took the graphics away. List and map have the same facts."),
    "rebuilt": gettext_lazy("The model was built anew. Load the page again to see it."),
    "overlay_failed": gettext_lazy("This comparison could not be fetched. Please try again."),
    "compared": gettext_lazy("Compared with today, %(unit)s"),
    "before_after": gettext_lazy("%(before)s today, then %(after)s %(unit)s"),
    "height": gettext_lazy("Height"),
    "height_assumed": gettext_lazy("assumed, not measured"),
    "height_from_height": HEIGHT_SOURCES["height"],
    "height_from_levels": HEIGHT_SOURCES["levels"],
    "more": gettext_lazy("All about it"),
    "leave_remark": gettext_lazy("Leave a remark"),
    "remark": gettext_lazy("Remark"),
    "this_place": gettext_lazy("This place"),
    "sensor": gettext_lazy("Sensor of a volunteer"),
    "simulated_sensor": gettext_lazy("Sensor, simulated"),
    "simulated": gettext_lazy("simulated"),
    "no_value": gettext_lazy("no value"),
    "nothing_in_view": gettext_lazy("Nothing that has a name. Move the model or go nearer."),
    "closed": gettext_lazy("closed"),
    "class_not_modelled": CHANGE_WORDS[None],
    "class_nothing_said": gettext_lazy("not part of this comparison"),
    "ar_aim": gettext_lazy("Stand still. Move the phone slowly until a ring lies on a table or the floor, then tap."),
    "ar_placed": gettext_lazy("It stays where it is: walk around it. Tap beside it to put it elsewhere."),
    "ar_failed": gettext_lazy("AR could not start: %(reason)s"),
}


@dataclass(frozen=True)
class ClassWord:
    """One class of difference: its CSS class and its word."""

    css: str
    label: str


def page_words() -> dict[str, str]:
    """Everything that the viewer says, translated."""
    said = {key: str(text) for key, text in PAGE_WORDS.items()}
    said |= {f"kind_{kind}": str(word) for kind, word in KIND_WORDS.items()}
    said |= {f"class_{number}": str(word) for number, word in CHANGE_WORDS.items() if number is not None}
    return said


def scale() -> list[ClassWord]:
    """The five classes, from much less to much more."""
    return [ClassWord(f"c{number}", str(CHANGE_WORDS[number])) for number in (-2, -1, 0, 1, 2)]


def apart() -> list[ClassWord]:
    """What stands beside the scale and must not be mistaken for it."""
    return [ClassWord("closed", _("closed")), ClassWord("not_modelled", str(CHANGE_WORDS[None]))]


def class_word(change: int | None, *, closed: bool = False) -> ClassWord:
    """The word of one feature; ``None`` is "not modelled"."""
    if closed:
        return apart()[0]
    return ClassWord("not_modelled" if change is None else f"c{change}", str(CHANGE_WORDS[change]))


def unit_symbols() -> dict[str, str]:
    return {code: units.symbol(code) for code in UNIT_CODES}


def unit_symbol(code: str) -> str:
    """How people write a unit; a code that is none stays as it is."""
    try:
        units.parse(code)
    except units.BadUnit:
        return code
    return units.symbol(code)


def phenomenon_names() -> dict[str, str]:
    return {code: str(word) for code, word in PHENOMENON_WORDS.items()}


def metres(height_m: float) -> str:
    decimals = 0 if height_m >= 100 else 1
    return _("%(height)s m") % {"height": number_format(round(height_m, decimals), decimal_pos=decimals)}


def height_note(source: str) -> str:
    """Where a height comes from; an assumed one says so."""
    if source.startswith("assumed"):
        why = source.partition(":")[2].strip()
        return str(next((told for reason, told in ASSUMPTIONS.items() if why.startswith(reason)), _("assumed")))
    return str(HEIGHT_SOURCES.get(source, source))


def readiness(buildings: int, assumed: int) -> str:
    """How much of the picture is assumed, in one sentence."""
    if not buildings:
        return _("No buildings are mapped here.")
    if not assumed:
        return ngettext(
            "The height of the %(all)s building is known.", "The heights of all %(all)s buildings are known.", buildings
        ) % {"all": buildings}
    return ngettext(
        "%(assumed)s of %(all)s heights is assumed, because the map does not say it.",
        "%(assumed)s of %(all)s heights are assumed, because the map does not say them.",
        assumed,
    ) % {"assumed": number_format(assumed, force_grouping=True), "all": number_format(buildings, force_grouping=True)}
