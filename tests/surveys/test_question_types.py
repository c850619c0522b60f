from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from django.http import QueryDict
from PIL import Image

from surveys.ir import Choice, Form, Question
from surveys.question_types import registry
from surveys.question_types.registry import QuestionType, Unclean, all_types

LIST = (Choice("a", {"en": "Apple"}), Choice("b", {"en": "Bread"}))
FORM = Form("f", {}, (), choices={"l": LIST})
PARAMETERS = {"range": {"start": "1", "end": "5", "step": "1"}, "metadata": {"preload": "today"}}


def question(kind: str) -> Question:
    return Question(kind, "q", list_name="l", parameters=PARAMETERS.get(kind, {}))


def clean(kind: str, given: object) -> Any:
    return all_types()[kind].clean(given, question(kind), FORM)


@pytest.mark.django_db  # a place is put into words by the index of places
@pytest.mark.parametrize("found", all_types().values(), ids=lambda found: found.kind)
def test_every_type_keeps_its_contract(found: QuestionType) -> None:
    assert found.samples, "a type shows what it takes"
    assert bool(found.template) == found.asks or found.kind == "note"
    assert not (found.counted and found.moderated), "choices never wait for a moderator"
    for given, expected, lexical in found.samples:
        cleaned = found.clean(given, question(found.kind), FORM)
        assert cleaned == expected
        if cleaned is not None:
            assert found.lexical(cleaned) == lexical
            assert found.clean(cleaned, question(found.kind), FORM) == cleaned, "clean answers are clean"
            assert isinstance(found.words(cleaned, question(found.kind), FORM), str)


def test_two_files_cannot_claim_one_kind() -> None:
    with pytest.raises(LookupError, match="text is declared twice"):
        registry.question_type(type(all_types()["text"]))


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("integer", "many", "Please write a whole number, in digits."),
        ("integer", "2.5", "Please write a whole number, in digits."),
        ("integer", True, "Please write a whole number, in digits."),
        ("integer", "9999999999", "This number is too large."),
        ("decimal", "1,2,3", "Please write a number, in digits."),
        ("date", "32.1.2026", "Please write a day as 2026-11-22 or 22.11.2026."),
        ("time", "25:00", "Please write a time as 16:30."),
        ("date_time", "2026-11-22", "Please write a day and a time as 2026-11-22 16:30."),
        ("select_one", "c", "Please choose one of the options."),
        ("select_multiple", ["a", "c"], "Please choose from the options of the list."),
        ("select_multiple", {"a": 1}, "Please choose from the options of the list."),
        ("rank", ["a"], "Please give every option a place."),
        ("range", "6", "Please choose a number from 1 to 5."),
        ("range", "2.5", "Please choose a number from 1 to 5."),
        ("text", "x" * 5001, "Please shorten this text to 5000 characters."),
        ("text", ["x"], "Please write a text here."),
        ("acknowledge", "maybe", "Please tick the box or leave it empty."),
        ("geopoint", "Helsinki", "Please search for an address and choose one of the places found."),
        ("geopoint", {"type": "Polygon", "coordinates": [1, 2]}, "Please search for an address and choose one of the places found."),
        ("geopoint", "nan nan", "Please search for an address and choose one of the places found."),
        ("geopoint", "91 0", "Please search for an address and choose one of the places found."),
        ("image", "not a photo", "Please choose a photo."),
        ("image", {"data": "%%%"}, "This photo arrived damaged. Please choose it again."),
        ("image", {"data": "aGVsbG8="}, "This file cannot be read as a photo. Please send a JPEG, PNG or WebP."),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_with_what_to_do(kind: str, given: object, told: str) -> None:
    with pytest.raises(Unclean) as refused:
        clean(kind, given)
    assert str(refused.value) == told


def test_a_rank_is_read_from_one_number_per_option() -> None:
    rank = all_types()["rank"]
    assert rank.posted(QueryDict("q=a:2&q=b:1"), "q") == ["b", "a"]
    with pytest.raises(Unclean, match="only once"):
        rank.posted(QueryDict("q=a:1&q=b:1"), "q")


def photo(size: tuple[int, int] = (2000, 1000), **options: Any) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, "JPEG", **options)
    return stream.getvalue()


def cleaned_photo(raw: bytes) -> Image.Image:
    answer = clean("image", {"type": "image/jpeg", "data": base64.b64encode(raw).decode()})
    return Image.open(io.BytesIO(base64.b64decode(answer["data"])))


def test_a_photo_loses_everything_that_the_camera_noted() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Ann"
    exif[0x8825] = {1: "N", 2: (60.0, 10.0, 0.0)}
    written = photo(exif=exif)
    assert b"Camera of Ann" in written
    answer = clean("image", {"data": base64.b64encode(written).decode()})
    kept = base64.b64decode(answer["data"])
    assert b"Camera of Ann" not in kept
    with Image.open(io.BytesIO(kept)) as opened:
        assert dict(opened.getexif()) == {}
        assert opened.size == (1600, 800)


def test_a_photo_is_turned_upright_before_the_turn_is_forgotten() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held sideways
    assert cleaned_photo(photo((400, 200), exif=exif)).size == (200, 400)


def test_a_small_file_that_unfolds_to_a_huge_picture_is_refused() -> None:
    huge = io.BytesIO()
    Image.new("L", (7_000, 6_000)).save(huge, "PNG")
    assert len(huge.getvalue()) < 100_000
    with pytest.raises(Unclean, match="more than 40 million pixels"):
        cleaned_photo(huge.getvalue())
