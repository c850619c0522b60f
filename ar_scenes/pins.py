"""Remarks on a building, a street or a point: left without an account, shown after moderation, withdrawn with the receipt."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from ar_scenes.models import Pin, Scene
from engagement import geo, keys, live, moderation, places, receipts
from engagement.models import Project, Receipt, Ruling
from engagement.problems import Refused
from engagement.receipts import Gift, WithdrawalReport
from privacy import tombstones

KIND: Final = "scene.pin"
MOST_CHARACTERS: Final = 500
AROUND_M: Final = 3000
"""A pin lies in the scene or near it; farther away it is a slip."""


class PinRefused(Refused):
    status = 422
    code = "pin-refused"
    title = gettext_lazy("This remark cannot be taken.")


class PlaceMissing(PinRefused):
    code = "pin-without-place"
    title = gettext_lazy("Please say which place the remark is about: a building or street of the scene, or a point.")


class PinsClosed(Refused):
    status = 409
    code = "pins-closed"
    title = gettext_lazy("No remarks are collected here at the moment.")


class PinGone(Refused):
    status = 410
    code = "pin-gone"
    title = gettext_lazy("This remark was withdrawn. It stays gone.")


@dataclass(frozen=True)
class Given:
    """What a resident sends. ``id`` and ``code`` are made before sending, so that a repeated post changes nothing."""

    id: UUID
    code: str
    body: str
    lon: float
    lat: float
    feature_id: str = ""
    language: str = ""


@transaction.atomic
def leave(scene: Scene, project: Project | None, given: Given) -> Pin:
    """Take a remark in and put it before a moderator; the same ``id`` again returns what is stored, unchanged.

    Raises:
        PinRefused: with what to change about it.
        PinsClosed: the scene belongs to no published project, so nobody would answer.
        PinGone: it was withdrawn.
    """
    if known := Pin.objects.filter(pk=given.id).first():
        return _again(known, given)
    if project is None:
        raise PinsClosed
    body = _checked(scene, given)
    code = receipts.normalise(given.code)
    pin = Pin.objects.create(
        id=given.id,
        scene=scene,
        project=project,
        feature_id=given.feature_id,
        point=geo.point(given.lon, given.lat),
        body=body,
        language=given.language[:8],
        pseudonym=pseudonym(code),
        given_on=timezone.localdate(),
    )
    receipts.remember(code, project=project, round=None, kind=KIND)
    moderation.enqueue(KIND, str(pin.pk), project=project, language=pin.language)
    return pin


def _again(known: Pin, given: Given) -> Pin:
    """A repeated post. Somebody else's id is refused: it would show a stranger's remark."""
    if not hmac.compare_digest(known.pseudonym, pseudonym(receipts.normalise(given.code))):
        raise PinRefused(gettext("This remark has been sent with another receipt code. Please open the form again."))
    if known.state == Pin.State.WITHDRAWN:
        raise PinGone
    return known


def _checked(scene: Scene, given: Given) -> str:
    body = given.body.strip()
    if not body:
        raise PinRefused(gettext("Please write your remark."), errors={"body": [gettext("Please write your remark.")]})
    if len(body) > MOST_CHARACTERS:
        told = gettext("Please shorten it to %(most)s characters; these are %(given)s.") % {
            "most": MOST_CHARACTERS,
            "given": len(body),
        }
        raise PinRefused(told, errors={"body": [told]})
    if not near(scene, given.lon, given.lat):
        raise PinRefused(gettext("This place lies outside of the scene. Please choose a place inside."))
    return body


def near(scene: Scene, lon: float, lat: float) -> bool:
    """Whether a place belongs to the scene."""
    return geo.distance_m(lon, lat, scene.centre) <= max(AROUND_M, scene.radius_m)


def pseudonym(code: str) -> str:
    """How a pin is found by its receipt code, under a key that nothing else uses."""
    return hmac.new(keys.secret("scene-pins"), code.encode(), hashlib.sha256).hexdigest()


def described(pin: Pin, language: str | None = None) -> str:
    """Where the pin is, in words."""
    return places.describe(pin.point.x, pin.point.y, language)


def public(pin: Pin) -> dict[str, Any]:
    """An approved pin as everybody may read it."""
    lon, lat = geo.lon_lat(pin.point)
    return {
        "id": str(pin.pk), "feature": pin.feature_id, "lon": lon, "lat": lat, "body": pin.body,
        "language": pin.language, "given_on": pin.given_on.isoformat(), "simulated": pin.simulated,
    }  # fmt: skip


class PinModeration:
    """How the moderators' desk reads pins and carries rulings out."""

    kind = KIND
    label: str | Promise = gettext_lazy("Remark in the twin")

    def content(self, ref: str) -> moderation.Content | None:
        pin = Pin.objects.filter(pk=ref).exclude(state=Pin.State.WITHDRAWN).first()
        if pin is None:
            return None
        return moderation.Content(
            text=pin.body, place=described(pin), language=pin.language, context=pin.feature_id, simulated=pin.simulated
        )

    def contents(self, refs: Sequence[str]) -> dict[str, moderation.Content]:
        """What a list shows: words without the place, which costs a search each."""
        found = Pin.objects.filter(pk__in=refs).exclude(state=Pin.State.WITHDRAWN)
        return {
            str(pin.pk): moderation.Content(text=pin.body, language=pin.language, simulated=pin.simulated)
            for pin in found
        }

    def redact(self, ref: str, text: str) -> None:
        Pin.objects.filter(pk=ref).exclude(state=Pin.State.WITHDRAWN).update(body=text)

    def apply(self, ref: str, ruling: Ruling | None) -> None:
        pin = Pin.objects.select_for_update().select_related("scene").get(pk=ref)
        pin.state = Pin.State(ruling.outcome) if ruling else Pin.State.WAITING
        pin.save(update_fields=["state"])
        if pin.state == Pin.State.APPROVED:
            live.publish(pin.scene.topic, "pin.approved", {"pin": public(pin)})


class PinReceipts:
    """The rights half of a pin's receipt: see, export, withdraw."""

    kind = KIND

    def gifts(self, code: str, receipt: Receipt) -> list[Gift]:
        return [
            Gift(
                title=gettext("Remark, %(place)s") % {"place": described(pin)},
                text=pin.body,
                given_on=pin.given_on,
                state=pin.state,
                ruling=moderation.ruling_for(KIND, str(pin.pk)),
            )
            for pin in self._pins(code).exclude(state=Pin.State.WITHDRAWN)
        ]

    def export(self, code: str, receipt: Receipt) -> Mapping[str, Any]:
        return {"project": receipt.project.slug, "remarks": [public(p) | {"state": p.state} for p in self._pins(code)]}

    @transaction.atomic
    def withdraw(self, code: str, receipt: Receipt) -> WithdrawalReport:
        """Words and place go; an empty row stays, so that a phone that sends the remark again is told that it is gone."""
        found = list(self._pins(code).select_for_update().select_related("scene"))
        for pin in found:
            tombstones.bury(KIND, _grave(pin))
            _empty(pin)
        deleted = [gettext("Your remark: its words, its place in the queue and in the twin.")] if found else []
        return WithdrawalReport(deleted=deleted, stands=[])

    @staticmethod
    def _pins(code: str) -> QuerySet[Pin]:
        return Pin.objects.filter(pseudonym=pseudonym(receipts.normalise(code))).order_by("given_on", "pk")


def _grave(pin: Pin) -> str:
    return hashlib.sha256(f"withdrawn remark {pin.pk}".encode()).hexdigest()


def _empty(pin: Pin) -> None:
    """Take words and place away, from the queue and from news that a newcomer would still be told, too."""
    moderation.forget(KIND, str(pin.pk))
    live.forget(pin.scene.topic, "pin.approved", pin__id=str(pin.pk))
    pin.body, pin.feature_id, pin.point, pin.state = "", "", pin.scene.centre, Pin.State.WITHDRAWN
    pin.save(update_fields=["body", "feature_id", "point", "state"])
    live.publish(pin.scene.topic, "pin.withdrawn", {"pin": {"id": str(pin.pk)}})


def _empty_again(digests: Collection[str]) -> int:
    """After a restore: remarks that came back with an older database go again."""
    rows = Pin.objects.exclude(state=Pin.State.WITHDRAWN).select_related("scene")
    back = [pin for pin in rows if _grave(pin) in digests]
    for pin in back:
        _empty(pin)
    return len(back)


def register() -> None:
    """Called once, when the app is ready."""
    tombstones.register(KIND, _empty_again)
    moderation.register_kind(PinModeration())
    receipts.register_handler(PinReceipts())
