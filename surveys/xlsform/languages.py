"""Languages as authors of forms write them: ``Finnish (fi)``, ``fi``, ``Finnish``, or none at all."""

from __future__ import annotations

import re

from surveys.ir import UNDETERMINED, Language

WRITTEN = re.compile(r"\s*(?P<name>.*?)\s*\(\s*(?P<code>[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)\s*\)\s*")
CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")

# pyxform's name of texts without a language.
NONE = "default"

CODES = {
    "arabic": "ar", "chinese": "zh", "dutch": "nl", "english": "en", "estonian": "et", "finnish": "fi", "suomi": "fi",
    "french": "fr", "français": "fr", "german": "de", "deutsch": "de", "hindi": "hi", "italian": "it", "kurdish": "ku",
    "norwegian": "no", "persian": "fa", "polish": "pl", "portuguese": "pt", "russian": "ru", "sami": "se",
    "somali": "so", "spanish": "es", "español": "es", "swahili": "sw", "swedish": "sv", "svenska": "sv",
    "turkish": "tr", "ukrainian": "uk", "vietnamese": "vi",
}  # fmt: skip


def language(written: str) -> Language:
    """The language that a column header or the setting ``default_language`` names."""
    text = written.strip()
    if text in {"", NONE}:
        return Language(UNDETERMINED)
    if match := WRITTEN.fullmatch(text):
        return Language(match["code"].lower(), match["name"])
    if known := CODES.get(text.lower()):
        return Language(known, text)
    if CODE.fullmatch(text):
        return Language(text.lower(), "" if text.islower() else text)
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:8]
    return Language(f"x-{slug or 'other'}", text)


def header(found: Language) -> str:
    """How a column header names the language again; empty for texts without one."""
    if found.code == UNDETERMINED:
        return ""
    if found.code.startswith("x-"):
        return found.name
    return f"{found.name} ({found.code})" if found.name else found.code
