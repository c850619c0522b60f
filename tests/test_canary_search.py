"""The canary test can fail: a leak in any spelling is found, and other things are not taken for one."""

from __future__ import annotations

import base64
import io
import json
import struct
import urllib.parse
from collections.abc import Callable

import pytest
from PIL import Image

from tests import canary
from tests.canary import Search

PLANTED = canary.responses(40, "test of the test")
SEARCH = Search(secret for response in PLANTED for secret in response.secrets(photo=True))
ONE = PLANTED[7]
FILLER = bytes(range(256)) * 40


def kinds(content: bytes) -> set[str]:
    return {leak.secret.kind for leak in SEARCH.leaks("here", FILLER + content + FILLER)}


SPELLINGS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "in capitals": lambda text: text.upper().encode(),
    "JSON": lambda text: json.dumps({"x": f"a{text}b"}).encode(),
    "URL": lambda text: urllib.parse.quote(f"a b {text}?").encode(),
    "hexadecimal": lambda text: f"ab{text}".encode().hex().encode(),
    "base64, first": lambda text: base64.b64encode(f"{text} and more".encode()),
    "base64, second": lambda text: base64.b64encode(f"a{text} and more".encode()),
    "base64, third": lambda text: base64.b64encode(f"ab{text} and more".encode()),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(f"a{text} and more".encode()),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "HTML": lambda text: text.encode("ascii", "xmlcharrefreplace"),
}


# By kind: the secrets are drawn anew in every process, and tests must have the same names in all.
TEXTS = {"name": ONE.name, "e-mail address": ONE.address, "receipt code": ONE.code, "time of a photo": ONE.taken_at}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_is_found_however_it_is_spelled(spelling: str, kind: str) -> None:
    assert kinds(SPELLINGS[spelling](TEXTS[kind])) == {kind}


@pytest.mark.parametrize(
    "written",
    [
        f'{{"coordinates":[{ONE.lon},{ONE.lat}]}}'.encode(),
        f"lat={ONE.lat:.5f}&lon={ONE.lon:.5f}".encode(),
        f'"lat": {ONE.lat:.4f}, "lon": {ONE.lon:.4f}}}'.encode(),
        struct.pack("<bIdd", 1, 1, ONE.lon, ONE.lat),
        struct.pack(">dd", ONE.lon, ONE.lat),
    ],
    ids=["GeoJSON", "five places", "four places", "WKB", "big-endian doubles"],
)
def test_a_point_is_found_as_text_and_as_binary(written: bytes) -> None:
    assert kinds(written) == {"point"}


def test_a_coarse_point_is_allowed() -> None:
    assert kinds(f'"lat": {ONE.lat:.2f}, "lon": {ONE.lon:.2f}}}'.encode()) == set()


def test_one_number_of_a_point_alone_is_a_street_like_others() -> None:
    assert kinds(f"[{ONE.lon}, 60.9999999]".encode()) == set()


def test_what_the_camera_wrote_is_found_in_the_photo() -> None:
    raw = base64.b64decode(ONE.photo()["data"])
    assert kinds(raw) == {"place of a photo", "time of a photo", "name"}
    clean = io.BytesIO()
    with Image.open(io.BytesIO(raw)) as picture:
        picture.convert("RGB").save(clean, "JPEG", exif=Image.Exif())
    assert kinds(clean.getvalue()) == set()


def test_a_leak_on_the_border_of_two_chunks_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary, "CHUNK", 64)
    content = b"." * 60 + ONE.name.encode() + b"." * 60
    assert {leak.secret.kind for leak in SEARCH.leaks("here", content)} == {"name"}


def test_no_two_residents_share_a_secret() -> None:
    secrets = [secret for response in PLANTED for secret in response.secrets(photo=True)]
    assert len(set(secrets)) == len(secrets) == 40 * 7
