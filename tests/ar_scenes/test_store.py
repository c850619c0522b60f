from __future__ import annotations

import gzip
import os

import pytest

from ar_scenes.store import Store, gzipped


def test_a_file_is_named_by_what_it_holds_and_kept_raw_and_compressed(store: Store) -> None:
    kept = store.put(b"tile" * 100, "glb")
    assert kept.hash == "900fb094b435b4cb"  # printf 'tile%.0s' {1..100} | b2sum -l 64
    assert store.read(kept.hash, "glb") == b"tile" * 100
    packed = store.read(kept.hash, "glb", compressed=True)
    assert packed is not None
    assert gzip.decompress(packed) == b"tile" * 100
    assert (kept.bytes, kept.gzip_bytes) == (400, len(packed))


def test_compression_carries_no_time() -> None:
    assert gzipped(b"same")[4:8] == b"\0\0\0\0"
    assert gzipped(b"same") == gzipped(b"same")


def test_a_half_written_pair_is_completed(store: Store) -> None:
    kept = store.put(b"tile", "glb")
    store.path(kept.hash, "glb", compressed=True).unlink()
    assert store.put(b"tile", "glb") == kept


@pytest.mark.parametrize("name", ["../../etc/passwd", "0123456789ABCDEF", "0123456789abcde", "0123456789abcdef0"])
def test_only_hashes_are_names(store: Store, name: str) -> None:
    with pytest.raises(ValueError, match="is not the hash of a file"):
        store.path(name, "glb")
    assert store.read(name, "glb") is None


def test_the_sweep_keeps_what_is_named_and_frees_the_rest(store: Store) -> None:
    kept, gone = store.put(b"kept", "glb"), store.put(b"gone", "glb")
    assert store.sweep([kept.hash]) == gone.bytes + gone.gzip_bytes
    assert store.read(kept.hash, "glb") == b"kept"
    assert store.read(gone.hash, "glb") is None


def test_the_sweep_spares_what_was_wanted_lately(store: Store) -> None:
    fresh = store.put(b"fresh", "glb")
    assert store.sweep([], older_than_s=60) == 0
    old = store.path(fresh.hash, "glb")
    os.utime(old, (0, 0))
    os.utime(store.path(fresh.hash, "glb", compressed=True), (0, 0))
    assert store.put(b"fresh", "glb") == fresh  # wanted again
    assert store.sweep([], older_than_s=60) == 0
    os.utime(old, (0, 0))
    assert store.sweep([], older_than_s=60) == fresh.bytes
