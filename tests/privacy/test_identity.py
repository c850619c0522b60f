from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection

from engagement.models import LogEntry, Round, User
from privacy import identity

CODE = "K7-2M-9X-QA-00-1B-C3-D4"
ROUND = UUID("5b0c9a52-8a6e-4a0e-9d0b-0d6a5d6d2f11")
OTHER = UUID("8e3f3f0a-1a63-4f43-a3c3-0a0f5f6f1d22")


def test_a_code_names_the_same_unit_however_it_is_typed(db: None) -> None:
    assert identity.pseudonym(ROUND, CODE) == identity.pseudonym(ROUND, "k72m 9xqa 001b c3d4")


def test_a_pseudonym_is_128_bits_and_differs_between_codes_and_rounds(db: None) -> None:
    names = {identity.pseudonym(ROUND, CODE), identity.pseudonym(ROUND, "K7-2M"), identity.pseudonym(OTHER, CODE)}
    assert len(names) == 3
    assert {len(name) for name in names} == {32}


def test_only_the_sites_user_can_read_a_key(db: None, data_dir: Path) -> None:
    identity.pseudonym(ROUND, CODE)
    file = data_dir / "keys" / "rounds" / str(ROUND)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(file.read_bytes()) == 32


@pytest.mark.django_db(transaction=True)
def test_writers_that_start_together_agree_on_one_key(data_dir: Path) -> None:
    def name(_try: int) -> str:
        try:
            return identity.pseudonym(ROUND, CODE)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        names = set(threads.map(name, range(40)))
    assert len(names) == 1
    assert [file.name for file in (data_dir / "keys" / "rounds").iterdir()] == [str(ROUND)]


def test_after_the_key_is_destroyed_nobody_finds_an_answer_again(
    open_round: Round, officer: User, data_dir: Path
) -> None:
    identity.pseudonym(open_round.pk, CODE)
    identity.destroy_key(open_round, actor=officer)
    with pytest.raises(identity.KeyDestroyed) as refused:
        identity.pseudonym(open_round.pk, CODE)
    assert refused.value.status == 410
    assert "can no longer be found" in str(refused.value)
    assert not (data_dir / "keys" / "rounds" / str(open_round.pk)).exists()
    assert Round.objects.get().key_destroyed_on is not None
    assert LogEntry.objects.get().verb == "round.key-destroyed"


def test_destroying_twice_is_logged_once(open_round: Round) -> None:
    identity.destroy_key(open_round)
    identity.destroy_key(open_round)
    assert LogEntry.objects.filter(verb="round.key-destroyed").count() == 1


def test_a_restored_key_file_stays_dead(open_round: Round, data_dir: Path) -> None:
    identity.pseudonym(open_round.pk, CODE)
    file = data_dir / "keys" / "rounds" / str(open_round.pk)
    saved = file.read_bytes()
    identity.destroy_key(open_round)
    file.write_bytes(saved)
    with pytest.raises(identity.KeyDestroyed):
        identity.pseudonym(open_round.pk, CODE)


def test_an_older_database_does_not_revive_a_destroyed_key(open_round: Round) -> None:
    identity.destroy_key(open_round)
    Round.objects.update(key_destroyed_on=None)
    with pytest.raises(identity.KeyDestroyed):
        identity.pseudonym(open_round.pk, CODE)


def test_a_lost_keys_folder_does_not_revive_a_destroyed_key(open_round: Round, data_dir: Path) -> None:
    identity.destroy_key(open_round)
    (data_dir / "keys" / "rounds" / f"{open_round.pk}.destroyed").unlink()
    with pytest.raises(identity.KeyDestroyed):
        identity.pseudonym(open_round.pk, CODE)


def test_an_old_copy_of_the_keys_folder_does_not_revive_a_destroyed_key(open_round: Round, data_dir: Path) -> None:
    identity.pseudonym(open_round.pk, CODE)
    folder = data_dir / "keys" / "rounds"
    saved = (folder / str(open_round.pk)).read_bytes()
    identity.destroy_key(open_round)
    (folder / f"{open_round.pk}.destroyed").unlink()  # the old folder knows the key and not its end
    (folder / str(open_round.pk)).write_bytes(saved)
    with pytest.raises(identity.KeyDestroyed):
        identity.pseudonym(open_round.pk, CODE)
    assert not (folder / str(open_round.pk)).exists(), "refused and removed"


def test_the_daily_look_buries_again_what_a_restore_dug_up(open_round: Round, data_dir: Path) -> None:
    identity.pseudonym(open_round.pk, CODE)
    folder = data_dir / "keys" / "rounds"
    saved = (folder / str(open_round.pk)).read_bytes()
    identity.destroy_key(open_round)
    assert identity.bury_again() == 0
    (folder / str(open_round.pk)).write_bytes(saved)
    assert identity.bury_again() == 1
    assert not (folder / str(open_round.pk)).exists()
    Round.objects.update(key_destroyed_on=None)  # an older database
    assert identity.bury_again() == 1
    assert Round.objects.get().key_destroyed_on is not None


def test_a_crash_halfway_leaves_the_key_forbidden_and_the_next_run_ends_it(open_round: Round, data_dir: Path) -> None:
    identity.pseudonym(open_round.pk, CODE)
    folder = data_dir / "keys" / "rounds"
    (folder / f"{open_round.pk}.destroyed").touch()  # what a crash after the first step leaves
    with pytest.raises(identity.KeyDestroyed):
        identity.pseudonym(open_round.pk, CODE)
    identity.destroy_key(open_round)
    assert not (folder / str(open_round.pk)).exists()
