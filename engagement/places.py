"""Where is that, and what is it called: streets, addresses and named places of the imported city, without any network.

Filled by :func:`index` from what ``sources`` read; asked by survey, scene and sensor pages.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Length
from django.utils.translation import get_language, gettext, ngettext, override

from engagement.geo import distance_m, point, square
from engagement.models import Place
from sources.table import AddressTable, PlaceTable

UNDECOMPOSED = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l", "ı": "i", "œ": "oe", "þ": "th"})
LONGEST_QUERY = 100
REACHES_M = (120.0, 600.0, 2500.0)  # first look close by: most points lie within a block of an address
AT_M = 15.0
HARDER_TO_FIND_M: dict[str, float] = {Place.Kind.ADDRESS: 0, Place.Kind.STREET: 15, Place.Kind.PLACE: 45}


@dataclass(frozen=True, slots=True)
class Spoken:
    """The nearest thing that has a name, and how far it is."""

    place: Place
    distance_m: float

    def text(self, language: str | None = None) -> str:
        """``near Siltasaarenkatu 3, 40 m``, in the language asked for."""
        with override(language or get_language()):
            if self.distance_m <= AT_M:
                return gettext("at %(place)s") % {"place": self.place}
            return gettext("near %(place)s, %(distance)s") % {
                "place": self.place,
                "distance": _distance(self.distance_m),
            }


def normalise(text: str) -> str:
    """Lower case, without diacritics and punctuation, single spaces: how names are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(UNDECOMPOSED))
    letters = "".join(letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return " ".join(letters.split())


@transaction.atomic
def index(source: str, addresses: AddressTable, places: PlaceTable | None = None) -> int:
    """Replace what is indexed of ``source`` (a scene or file). Idempotent; returns how many names can be found."""
    Place.objects.filter(source=source).delete()
    unique: dict[tuple[str, str, str], Place] = {}
    for row in sorted(_rows(source, addresses, places), key=lambda row: row.language != ""):
        unique.setdefault(
            (row.kind, row.name, row.number), row
        )  # the local name counts as local even if it is also, say, Finnish
    Place.objects.bulk_create(unique.values(), batch_size=1000)
    return len(unique)


def _rows(source: str, addresses: AddressTable, places: PlaceTable | None) -> Iterator[Place]:
    """Mapped streets and places first: their point is better than that of the street's first address."""
    if places is not None:
        for name, language, kind, at in zip(places.name, places.language, places.kind, places.lonlat, strict=True):
            chosen = Place.Kind.STREET if kind == "street" else Place.Kind.PLACE
            yield _row(source, chosen, str(name), "", language=str(language), at=at)
    translated = _street_names(places) if places is not None else {}
    for street, number, at in zip(addresses.street, addresses.number, addresses.lonlat, strict=True):
        for language, name in {"": str(street), **translated.get(str(street), {})}.items():
            yield _row(source, Place.Kind.STREET, name, "", language=language, at=at)
            if number:
                yield _row(source, Place.Kind.ADDRESS, name, str(number), language=language, at=at)


def _street_names(places: PlaceTable) -> Mapping[str, Mapping[str, str]]:
    """Local street name → its names in other languages: towns with two languages have two names for every address."""
    by_id: dict[str, dict[str, str]] = {}
    for name, language, kind, identity in zip(places.name, places.language, places.kind, places.ids, strict=True):
        if kind == "street":
            by_id.setdefault(str(identity), {})[str(language)] = str(name)
    named: dict[str, dict[str, str]] = {}
    for names in by_id.values():
        if local := names.get(""):
            others = {language: name for language, name in names.items() if language and name != local}
            named.setdefault(local, {}).update(others)
    return named


def _row(source: str, kind: str, name: str, number: str, *, language: str, at: Iterable[float]) -> Place:
    name, number = name.strip()[:200], number.strip()[:20]
    lon, lat = at
    return Place(
        source=source, kind=kind, name=name, number=number, language=language,
        normalised=normalise(f"{name} {number}")[:200], point=point(float(lon), float(lat)),
    )  # fmt: skip


def search(text: str, *, limit: int = 8, source: str = "") -> list[Place]:
    """Places whose words begin with the words of ``text``: "siltasaarenk 3" finds Siltasaarenkatu 3.

    Exact names first, then names that begin so, then names with such words inside; streets before addresses.
    """
    wanted = normalise(text[:LONGEST_QUERY])
    if not wanted:
        return []
    found = Place.objects.filter(source=source) if source else Place.objects.all()
    for word in wanted.split():
        found = found.filter(Q(normalised__startswith=word) | Q(normalised__contains=f" {word}"))
    rank = Case(
        When(normalised=wanted, then=Value(0)),
        When(normalised__startswith=wanted, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    order = Case(When(kind=Place.Kind.ADDRESS, then=Value(1)), default=Value(0), output_field=IntegerField())
    # Shorter first puts house number 3 before 30.
    return list(
        found.annotate(rank=rank, order=order).order_by("rank", "order", Length("normalised"), "normalised")[:limit]
    )


def nearest(lon: float, lat: float, language: str | None = None) -> Spoken | None:
    """The nearest address, street or place within 2.5 km, named in ``language`` where it has such a name."""
    wanted = (language or get_language() or "en").split("-")[0]
    for reach_m in REACHES_M:
        around = [Spoken(place, distance_m(lon, lat, place.point)) for place in _within(lon, lat, reach_m)]
        around = [spoken for spoken in around if spoken.distance_m <= reach_m]
        if around:
            best_m = min(map(_detour_m, around))
            equal = [spoken for spoken in around if _detour_m(spoken) <= best_m + 1]
            return min(equal, key=lambda spoken: _language_rank(spoken.place, wanted))
    return None


def describe(lon: float, lat: float, language: str | None = None) -> str:
    """A point in words, for lists, screen readers and receipts: ``near Siltasaarenkatu 3, 40 m``."""
    spoken = nearest(lon, lat, language)
    if spoken is not None:
        return spoken.text(language)
    with override(language or get_language()):
        return gettext("a place without a known address")


def _detour_m(spoken: Spoken) -> float:
    """Distance, plus what makes a name worse to find the way by: a bar next door says less than a house number."""
    return spoken.distance_m + HARDER_TO_FIND_M[spoken.place.kind]


def _language_rank(place: Place, wanted: str) -> int:
    return 0 if place.language == wanted else 1 if place.language == "" else 2


def _within(lon: float, lat: float, reach_m: float) -> QuerySet[Place]:
    """Places in the square around a point. SpatiaLite uses its R-tree only where the query names it."""
    frame = square(lon, lat, reach_m)
    if connection.vendor == "sqlite":
        rows = "SELECT ROWID FROM SpatialIndex WHERE f_table_name = %s AND search_frame = BuildMbr(%s, %s, %s, %s)"
        return Place.objects.filter(pk__in=RawSQL(rows, (Place._meta.db_table, *frame.extent)))  # noqa: S611 (no text of the caller's)
    return Place.objects.filter(point__bboverlaps=frame)


def _distance(metres: float) -> str:
    if metres >= 950:
        return gettext("%(km).1f km") % {"km": metres / 1000}
    rounded = max(round(metres, -1), 10)
    return ngettext("%(metres)d m", "%(metres)d m", int(rounded)) % {"metres": rounded}
