"""The little formatting that XLSForm texts may carry, made into safe HTML: **bold**, *stressed*, links, line breaks.

Everything else is text, also what looks like HTML: authors' texts are escaped before they are formatted.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from surveys.compiling import REFERENCE

LINK = re.compile(r"\[([^\]\n]+)\]\((https?://[^\s)]+|mailto:[^\s)]+)\)")
BOLD = re.compile(r"\*\*(\S(?:.*?\S)?)\*\*|__(\S(?:.*?\S)?)__")
STRESSED = re.compile(r"(?<![\w*])\*(\S(?:[^*]*?\S)?)\*(?![\w*])|(?<![\w_])_(\S(?:[^_]*?\S)?)_(?![\w_])")


def formatted(text: str, answer: Callable[[str], str | SafeString]) -> SafeString:
    """HTML of an author's text. ``answer(name)`` gives what stands for ``${name}``; plain text is escaped."""
    html = str(escape(text))
    html = LINK.sub(r'<a href="\2" rel="noopener noreferrer">\1</a>', html)
    html = BOLD.sub(lambda match: f"<strong>{match[1] or match[2]}</strong>", html)
    html = STRESSED.sub(lambda match: f"<em>{match[1] or match[2]}</em>", html)
    html = REFERENCE.sub(lambda match: str(format_html("{}", answer(match[1]))), html)
    # Escaped above; the tags are ours.
    return mark_safe(html.replace("\n", "<br>"))


def bare(text: str) -> str:
    """The text without its formatting, for places that take no HTML."""
    text = LINK.sub(r"\1", text)
    text = BOLD.sub(lambda match: match[1] or match[2], text)
    return STRESSED.sub(lambda match: match[1] or match[2], text)
