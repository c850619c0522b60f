"""A stored photo is pixels and nothing else, whatever was sent; told by a reader of JPEG markers of our own."""

from __future__ import annotations

import io

import pytest
from PIL import Image, PngImagePlugin

from surveys.photos import LONGEST_SIDE_PX, reencoded

SECRET = "Siltasaarenkatu 12, 60.17912 N"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><exif:GPSLatitude>{SECRET}</exif:GPSLatitude></x:xmpmeta>'.encode()
# What a picture needs: start, quantisation, frame, Huffman tables, scan, end; and the 14 bytes of JFIF.
NEEDED = {0xD8, 0xDB, 0xC0, 0xC2, 0xC4, 0xDA, 0xD9, 0xE0}


def exif() -> Image.Exif:
    """A camera's notes: turned by 90 degrees, with place, owner and comment."""
    notes = Image.Exif()
    notes[0x0112] = 6
    notes[0x010E] = SECRET
    notes[0x013B] = "Aino Virtanen"
    notes.get_ifd(0x8825).update({1: "N", 2: (60.0, 10.0, 44.8), 3: "E", 4: (24.0, 57.0, 1.2)})
    return notes


def taken(kind: str) -> bytes:
    """A photo of 40 × 20 pixels, left half red, with everything that a file of its kind can carry."""
    picture = Image.new("RGB", (40, 20), "blue")
    picture.paste("red", (0, 0, 20, 20))
    out = io.BytesIO()
    if kind in {"PNG", "APNG"}:
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET)
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        more = {"save_all": True, "append_images": [Image.new("RGB", (40, 20), "green")]} if kind == "APNG" else {}
        picture.save(out, "PNG", exif=exif(), pnginfo=text, icc_profile=SECRET.encode(), **more)
    elif kind == "GIF":
        picture.save(out, "GIF", comment=SECRET.encode(), save_all=True, append_images=[Image.new("RGB", (40, 20))])
    elif kind == "MPO":
        picture.save(out, "MPO", exif=exif(), save_all=True, append_images=[Image.new("RGB", (40, 20), "green")])
    elif kind == "JPEG":
        picture.save(out, "JPEG", exif=exif(), comment=SECRET.encode(), icc_profile=SECRET.encode(), xmp=XMP)
    else:
        picture.save(out, kind, exif=exif(), icc_profile=SECRET.encode(), xmp=XMP)
    return out.getvalue()


def markers(jpeg: bytes) -> list[int]:
    """The markers of a JPEG file in their order, without those inside entropy-coded data."""
    found, at = [0xD8], 2
    while at < len(jpeg):
        assert jpeg[at] == 0xFF, "a marker begins with FF"
        marker = jpeg[at + 1]
        found.append(marker)
        if marker == 0xD9:
            assert at + 2 == len(jpeg), "nothing follows the end"
            return found
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == 0xDA:
            while not (jpeg[at] == 0xFF and jpeg[at + 1] not in {0, *range(0xD0, 0xD8)}):
                at += 1
    raise AssertionError("the file has no end")


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "PNG", "APNG", "WEBP", "GIF", "AVIF"])
def test_nothing_but_pixels_is_stored(kind: str) -> None:
    raw = taken(kind)
    clean = reencoded(raw)
    assert set(markers(clean)) <= NEEDED
    for secret in (SECRET, "Aino", "GPS", "Exif", "adobe", "ICC_PROFILE"):
        assert secret.encode() not in clean
    with Image.open(io.BytesIO(clean)) as stored:
        assert (stored.format, getattr(stored, "n_frames", 1), dict(stored.getexif())) == ("JPEG", 1, {})


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "PNG", "WEBP"])
def test_a_photo_that_was_held_sideways_is_turned_for_good(kind: str) -> None:
    with Image.open(io.BytesIO(reencoded(taken(kind)))) as stored:
        assert stored.size == (20, 40)
        top, bottom = stored.getpixel((10, 5)), stored.getpixel((10, 35))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > top[2], "what was left is at the top now"
    assert bottom[2] > 200 > bottom[0]


def test_bytes_behind_the_picture_do_not_come_along() -> None:
    raw = taken("JPEG") + b"PK\x03\x04" + SECRET.encode()
    assert SECRET.encode() not in reencoded(raw)


def test_a_large_photo_is_made_smaller() -> None:
    out = io.BytesIO()
    Image.new("RGB", (4000, 3000)).save(out, "JPEG", exif=exif())
    with Image.open(io.BytesIO(reencoded(out.getvalue()))) as stored:
        assert max(stored.size) == LONGEST_SIDE_PX
