"""Pseudonyms under a key per round. Without the key nobody, not even we, can tell which answer was whose.

A key is a file in ``DATA_DIR/keys/rounds``, outside the database and outside every backup. A destroyed key leaves a
mark of its own beside it, so that neither a restored database nor a late writer can bring it back.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from datetime import date
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import audit, keys
from engagement.models import Round, User
from engagement.problems import Refused

PSEUDONYM_CHARACTERS = 32  # 128 bits


class KeyDestroyed(Refused):
    status = 410
    code = "key-destroyed"
    title = _("Nobody can tell any more which answer is yours.")


def pseudonym(round_id: UUID, code: str, *, read: Round | None = None) -> str:
    """The unit's name inside one round: 32 hexadecimal characters, HMAC-SHA256 of the code under the round's key.

    Letter case, spaces and hyphens of ``code`` do not count, so that a receipt code names the same unit however it was
    typed. The key is made at first use. ``read``: the round as it was just read, which saves asking for it again.

    Raises:
        KeyDestroyed: the round's key is gone; seeing, correcting and withdrawing have ended.
    """
    plain = "".join(letter for letter in code.upper() if letter not in " -")
    return hmac.new(_key(round_id, read), plain.encode(), hashlib.sha256).hexdigest()[:PSEUDONYM_CHARACTERS]


def bounding_key(round_id: UUID) -> bytes:
    """A secret by which rows over the contribution bound are dropped. Not the pseudonyms' key: it may outlive that one."""
    return hmac.new(keys.secret("bounding"), str(round_id).encode(), hashlib.sha256).digest()


def is_destroyed(round_id: UUID, read: Round | None = None) -> bool:
    """True from the moment of destruction, whichever of disk and database was restored since."""
    if _mark(round_id).exists():
        return True
    if read is not None:
        return read.key_destroyed_on is not None
    return Round.objects.filter(pk=round_id, key_destroyed_on__isnull=False).exists()


def destroy_key(round: Round, *, actor: User | None = None) -> None:
    """Sever the link between receipts and answers of a round, for good. Repeating is harmless.

    Order: the mark that forbids the key, the key itself, the database. A crash in between leaves the key forbidden, and
    the next call finishes the work.
    """
    mark = _mark(round.pk)
    mark.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark.touch(mode=0o600)
    _wipe(_file(round.pk))
    with transaction.atomic():
        locked = Round.objects.select_for_update().get(pk=round.pk)
        if locked.key_destroyed_on is None:
            locked.key_destroyed_on = timezone.localdate()
            locked.save(update_fields=["key_destroyed_on"])
            audit.record(actor, "round.key-destroyed", f"round:{round.pk}")
        round.key_destroyed_on = locked.key_destroyed_on


def due_rounds(today: date) -> list[Round]:
    """Rounds whose stated day has come, the earlier of their own and their policy's, and that still have something."""
    stated = Q(destroy_key_on__lte=today) | Q(privacy_policy__destroy_key_on__lte=today)
    left = Q(key_destroyed_on__isnull=True) | Q(snapshots__content__isnull=False)
    return list(Round.objects.filter(stated, left).distinct())


def bury_again() -> int:
    """Remove keys that came back with an old copy of the folder, and marks that an old database lost. Returns how many."""
    folder = _file(UUID(int=0)).parent
    marked = {UUID(mark.stem) for mark in folder.glob("*.destroyed")}
    noted = set(Round.objects.filter(key_destroyed_on__isnull=False).values_list("pk", flat=True))
    back = [pk for pk in marked | noted if _file(pk).exists()]
    for pk in back:
        _wipe(_file(pk))
    for pk in noted - marked:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _mark(pk).touch(mode=0o600)
    forgotten = list(Round.objects.filter(pk__in=marked - noted))
    for round in forgotten:
        destroy_key(round)
    return len(back) + len(forgotten)


def _key(round_id: UUID, read: Round | None = None) -> bytes:
    file = _file(round_id)
    if is_destroyed(round_id, read):
        _wipe(file)  # an old copy of the folder was put back
        raise _destroyed()
    key = keys.secret(f"rounds/{round_id}")
    if _mark(round_id).exists():  # destroyed while we read or made it
        _wipe(file)
        raise _destroyed()
    return key


def _destroyed() -> KeyDestroyed:
    return KeyDestroyed(
        _(
            "The key that connected receipts with answers was destroyed on the day that was announced. "
            "Your answer can no longer be found, so it can no longer be shown, corrected or withdrawn."
        )
    )


def _file(round_id: UUID) -> Path:
    return Path(settings.DATA_DIR) / "keys" / "rounds" / str(round_id)


def _mark(round_id: UUID) -> Path:
    return _file(round_id).with_name(f"{round_id}.destroyed")


def _wipe(file: Path) -> None:
    """Overwrite, then remove. The overwriting helps on disks that write in place; on others removal has to do."""
    try:
        size = file.stat().st_size
    except FileNotFoundError:
        return
    with file.open("r+b") as stream:
        stream.write(b"\0" * size)
        stream.flush()
        os.fsync(stream.fileno())
    file.unlink(missing_ok=True)
