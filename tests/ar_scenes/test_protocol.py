from __future__ import annotations

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ar_scenes import protocol
from ar_scenes.protocol import Cancel, Credit, Frame, Get, Hello, Kind, OverlayWanted, Trouble, ValuesWanted, parse

HASH = "0123456789abcdef"
frames = st.builds(
    Frame,
    kind=st.sampled_from(Kind),
    payload=st.binary(max_size=300),
    id=st.integers(0, protocol.MOST_ID),
    hash=st.binary(min_size=8, max_size=8).map(bytes.hex),
    flags=st.integers(0, 255),
    layer=st.integers(0, 65_535),
)


def test_a_frame_has_the_layout_of_the_page() -> None:
    frame = Frame(Kind.TILE, b"glb", id=7, hash=HASH, flags=protocol.GZIP)
    assert frame.encode().hex(" ") == "03 01 00 00 07 00 00 00 01 23 45 67 89 ab cd ef 67 6c 62"


@given(frames)
def test_every_frame_comes_back_as_it_was(frame: Frame) -> None:
    assert Frame.decode(frame.encode()) == frame


@given(st.binary(max_size=40))
def test_noise_is_a_frame_or_a_value_error(data: bytes) -> None:
    try:
        frame = Frame.decode(data)
    except ValueError:
        return
    assert frame.encode() == data


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type":"hello","caps":["gzip","new"]}', Hello(frozenset({"gzip", "new"}), None, 262_144, 0)),
        (
            f'{{"type":"hello","caps":[],"manifest":"{HASH}","credit":1,"push":150000}}',
            Hello(frozenset(), HASH, 1, 150_000),
        ),
        (f'{{"type":"get","id":7,"hash":"{HASH}","priority":1.5}}', Get(7, HASH, None, None, 1.5)),
        (f'{{"type":"get","id":8,"key":"0213","have":"{HASH}"}}', Get(8, None, "0213", HASH, 0.0)),
        ('{"type":"cancel","id":4294967295}', Cancel(4_294_967_295)),
        ('{"type":"credit","bytes":24000}', Credit(24_000)),
        (
            '{"type":"overlay","id":9,"overlay":"8c1b7c5e-0000-4000-8000-000000000001"}',
            OverlayWanted(9, UUID("8c1b7c5e-0000-4000-8000-000000000001")),
        ),
        ('{"type":"values","on":true}', ValuesWanted(True)),
    ],
)
def test_messages_are_read_as_the_page_writes_them(text: str, message: protocol.Message) -> None:
    assert parse(text) == message


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "A message is one JSON object."),
        ("[1]", "A message is one JSON object."),
        ("[" * 60_000, "A message is one JSON object."),
        ('{"type":"dance"}', "Unknown type. Known are: hello, get, cancel, credit, overlay, values."),
        ('{"type":["get"]}', "Unknown type. Known are: hello, get, cancel, credit, overlay, values."),
        ('{"type":"hello"}', "caps is a list of at most 32 words."),
        ('{"type":"hello","caps":[1]}', "caps is a list of at most 32 words."),
        ('{"type":"hello","caps":[],"manifest":"X"}', "manifest is 16 hexadecimal digits in lower case."),
        ('{"type":"hello","caps":[],"credit":true}', "credit is a whole number from 1 to 4,194,304."),
        ('{"type":"hello","caps":[],"pose":[1,2]}', "Unknown field 'pose'."),
        ('{"type":"get","id":0,"key":"0"}', "id is a whole number from 1 to 4,294,967,295."),
        ('{"type":"get","id":1}', "A get names a tile by hash or by key."),
        (f'{{"type":"get","id":1,"key":"0","hash":"{HASH}"}}', "A get names a tile by hash or by key."),
        ('{"type":"get","id":1,"key":"0","priority":1e999}', "priority is a finite number."),
        ('{"type":"get","id":1,"key":"0","priority":NaN}', "A message is one JSON object."),
        (f'{{"type":"get","id":1,"key":"{"x" * 201}"}}', "key is a text of at most 200 characters."),
        ('{"type":"credit","bytes":-5}', "bytes is a whole number from 1 to 4,194,304."),
        ('{"type":"overlay","id":1,"overlay":"no"}', "overlay is the id of an overlay."),
        ('{"type":"values","on":1}', "on is true or false."),
    ],
)
def test_what_is_wrong_with_a_message_is_said_and_the_connection_ends(text: str, told: str) -> None:
    with pytest.raises(Trouble) as caught:
        parse(text)
    assert (caught.value.detail, caught.value.close) == (told, 4400)
    frame = caught.value.frame()
    assert (frame.kind, frame.flags) == (Kind.ERROR, protocol.LAST)
    assert json.loads(frame.payload) == {
        "type": "about:blank", "title": "Malformed message", "status": 400, "code": "malformed", "detail": told,
    }  # fmt: skip


def test_a_message_above_64_kib_is_too_large_also_when_its_characters_are_few() -> None:
    for text in ("x" * 65_537, "ä" * 40_000):
        with pytest.raises(Trouble) as caught:
            parse(text)
        assert (caught.value.code, caught.value.close) == ("too-large", 4413)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=8),
        lambda s: (
            st.lists(s)
            | st.dictionaries(
                st.sampled_from(["type", "id", "hash", "key", "caps", "bytes", "on", "priority"]),
                s | st.sampled_from(["get", "hello"]),
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_at_all_breaks_the_reader(value: object) -> None:
    try:
        parse(json.dumps(value))
    except Trouble as trouble:
        assert trouble.close == 4400
