from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import certificate, signing
from privacy.canonical import canonical
from privacy.certificate import CertificateRefused

TODAY = date(2026, 11, 22)
DOCUMENT = {
    "format": certificate.FORMAT,
    "cells": [{"option": "jalan", "count": 41, "share": 0.41}],
    "label": "Pitkäsilta",
}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        # The examples of RFC 8785, appendix B.
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (-5e-324, "-5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (1.0000000000000001e23, "1.0000000000000001e+23"),
        (999999999999999700000.0, "999999999999999700000"),
        (1e21, "1e+21"),
        (9.999999999999997e-7, "9.999999999999997e-7"),
        (0.000001, "0.000001"),
        (333333333.3333333, "333333333.3333333"),
        (333333333.33333325, "333333333.33333325"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
        (4.5, "4.5"),
        (2e-3, "0.002"),
        (100.0, "100"),
    ],
)
def test_numbers_are_written_as_rfc_8785_says(number: float, text: str) -> None:
    assert canonical(number).decode() == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_canonical_number_reads_back_as_itself(number: float) -> None:
    assert float(json.loads(canonical(number))) == number
    assert canonical(json.loads(canonical(number))) == canonical(number)


def test_keys_are_sorted_and_text_stays_readable() -> None:
    assert (
        canonical({"ö": 1, "b": [True, None, "“x”\n"], "a": {}}).decode() == '{"a":{},"b":[true,null,"“x”\\n"],"ö":1}'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": object()}, {1, 2}])
def test_what_json_does_not_know_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="no JSON form"):
        canonical(value)


def test_a_signed_document_is_verified_with_the_public_keys_alone(data_dir: Path) -> None:
    signed = certificate.sign(DOCUMENT, data_dir, TODAY)
    served = json.dumps(signing.as_json(signing.register(data_dir)))
    key = certificate.verify(signed, signing.parse_register(served))
    assert key.made_on == "2026-11-22"
    assert key.kid == signed["proof"]["key_id"]


@pytest.mark.parametrize(
    "tampered",
    [
        {"cells": [{"option": "jalan", "count": 42, "share": 0.41}]},
        {"label": "Hakaniemensilta"},
        {"added": 1},
    ],
)
def test_a_changed_word_or_number_is_found(data_dir: Path, tampered: dict[str, object]) -> None:
    signed = certificate.sign(DOCUMENT, data_dir, TODAY)
    with pytest.raises(CertificateRefused, match="changed after it was signed"):
        certificate.verify(signed | tampered, signing.register(data_dir))


def test_a_removed_member_an_unknown_key_and_a_stranger_are_refused(data_dir: Path, tmp_path: Path) -> None:
    signed = certificate.sign(DOCUMENT, data_dir, TODAY)
    known = signing.register(data_dir)
    with pytest.raises(CertificateRefused, match="changed"):
        certificate.verify({name: value for name, value in signed.items() if name != "label"}, known)
    with pytest.raises(CertificateRefused, match="not in the register"):
        certificate.verify(signed, {})
    with pytest.raises(CertificateRefused, match="not a signed release"):
        certificate.verify({name: value for name, value in signed.items() if name != "proof"}, known)
    with pytest.raises(CertificateRefused, match="not a signed release"):
        certificate.verify({"format": "other"}, known)
    with pytest.raises(CertificateRefused, match="not a JSON document"):
        certificate.parse("<html>")


def test_after_a_rotation_old_certificates_hold_and_the_old_private_key_is_gone(data_dir: Path) -> None:
    old = certificate.sign(DOCUMENT, data_dir, TODAY)
    fresh = signing.rotate(data_dir, date(2026, 12, 1))
    new = certificate.sign(DOCUMENT, data_dir, date(2026, 12, 2))
    known = signing.register(data_dir)
    assert certificate.verify(old, known).retired_on == "2026-12-01"
    assert certificate.verify(new, known) == fresh
    private = [file.name for file in (data_dir / "keys" / "signing").iterdir() if not file.name.startswith(".")]
    assert private == [fresh.kid]


def test_a_signature_dated_after_its_keys_retirement_is_refused(data_dir: Path) -> None:
    key = signing.make_key(data_dir, TODAY)
    seed = (data_dir / "keys" / "signing" / key.kid).read_bytes()
    signing.rotate(data_dir, date(2026, 12, 1))
    (data_dir / "keys" / "signing" / key.kid).write_bytes(seed)  # a stolen key, used later
    forged = {**DOCUMENT, "proof": {}}
    body = canonical(DOCUMENT)
    signature = signing.encode(signing._private_key(data_dir, key.kid).sign(body))
    forged["proof"] = {"key_id": key.kid, "created_on": "2026-12-24", "signature": signature}
    with pytest.raises(CertificateRefused, match="retired"):
        certificate.verify(forged, signing.register(data_dir))


def test_processes_that_start_together_agree_on_one_signing_key(data_dir: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        kids = set(threads.map(lambda _: signing.make_key(data_dir, TODAY).kid, range(16)))
    assert len(kids) == 1
    assert stat.S_IMODE((data_dir / "keys" / "signing" / kids.pop()).stat().st_mode) == 0o600


def test_a_lost_private_key_is_replaced_and_old_certificates_still_hold(data_dir: Path) -> None:
    old = certificate.sign(DOCUMENT, data_dir, TODAY)
    (data_dir / "keys" / "signing" / old["proof"]["key_id"]).unlink()  # a backup was restored: it holds no keys
    new = certificate.sign(DOCUMENT, data_dir, TODAY)
    assert new["proof"]["key_id"] != old["proof"]["key_id"]
    certificate.verify(old, signing.register(data_dir))
    certificate.verify(new, signing.register(data_dir))
