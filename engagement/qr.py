"""Texts as QR codes on pages."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe


def qr(text: str) -> SafeString:
    """SVG without colours of its own, four modules of quiet zone around it."""
    drawn = segno.make(text, error="m").svg_inline(scale=5, border=4, svgclass="qr", lineclass="qr-dots", omitsize=True)
    return mark_safe(drawn)  # squares and our own class names
