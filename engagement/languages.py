"""Texts of content in several languages: a map from language code to text, shown in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import get_language

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})


def pick(texts: Mapping[str, str] | None, language: str | None = None) -> str:
    """The text in ``language`` (default: the active one), else in English, else in any language there is."""
    if not texts:
        return ""
    wanted = (language or get_language() or "en").split("-")[0]
    return texts.get(wanted) or texts.get("en") or next((text for text in texts.values() if text), "")


def picked_language(texts: Mapping[str, str] | None, language: str | None = None) -> str:
    """Which language :func:`pick` fell back to, for the ``lang`` attribute."""
    shown = pick(texts, language)
    return next((code for code, text in (texts or {}).items() if text == shown), language or "en")


def direction(language: str | None = None) -> str:
    return "rtl" if (language or get_language() or "en").split("-")[0] in RIGHT_TO_LEFT else "ltr"
