"""The open version of a survey as an XForm, for ODK Collect, Enketo and ODK Web Forms.

Source: https://getodk.github.io/xforms-spec/. The form goes out as an XLSForm and through pyxform, so that phones get
exactly what its author wrote. The version is the beginning of our hash: an answer to other questions is known by it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from pyxform.xls2xform import convert

from surveys.ir import Choice, Form, Question, Texts
from surveys.pictograms import pictogram
from surveys.xlsform.workbook import opened
from surveys.xlsform.writing import write

VERSION_CHARACTERS = 16
PICTURE = ".svg"


def version_of(form_hash: str) -> str:
    """What phones are told and send back."""
    return form_hash[:VERSION_CHARACTERS]


@lru_cache(maxsize=32)
def xform(form: Form, form_id: str) -> bytes:
    """The XForm document; ``form_id`` is its name at this site."""
    named = replace(form, form_id=form_id, version=version_of(form.hash), choices=_with_pictures(form))
    written: str = convert(opened(write(named)).as_dict()).xform
    return written.encode()


def md5(content: bytes) -> str:
    """As OpenRosa writes it: a checksum to see a change by, not a protection."""
    return "md5:" + hashlib.md5(content, usedforsecurity=False).hexdigest()


def media(form: Form) -> Mapping[str, bytes]:
    """File name → content of the pictures that the XForm names. Pictograms are our own drawings."""
    return {name + PICTURE: _drawing(name) for name in sorted(set(_pictures(form))) if pictogram(name)}


def _pictures(form: Form) -> Iterator[str]:
    for choices in form.choices.values():
        for choice in choices:
            yield from choice.media.get("image", {}).values()
    for item in form.items.values():
        if isinstance(item, Question):
            yield from item.media.get("image", {}).values()


def _with_pictures(form: Form) -> Mapping[str, tuple[Choice, ...]]:
    """The choices with file names of their pictograms, whose names alone are no files."""
    return {name: tuple(map(_with_picture, choices)) for name, choices in form.choices.items()}


def _with_picture(choice: Choice) -> Choice:
    pictures: Texts = choice.media.get("image", {})
    named = {code: name + PICTURE for code, name in pictures.items() if pictogram(name)}
    others = {kind: files for kind, files in choice.media.items() if kind != "image"}
    return replace(choice, media={**others, "image": named} if named else others)


def _drawing(name: str) -> bytes:
    inline = str(pictogram(name))
    return inline.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" ', 1).encode()
