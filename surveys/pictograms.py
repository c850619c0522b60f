"""Pictograms for choices, drawn here: XLSForm's column ``media::image`` names them. 24 × 24, one line colour."""

from __future__ import annotations

from django.utils.safestring import SafeString, mark_safe

SHAPES = {
    "access": '<path d="M4 11l8-7 8 7v9H4zM12 12v5M9.5 14.5h5"/>',
    "air": '<path d="M3 9h11a2.5 2.5 0 1 0-2.5-2.5M3 13h15a2.5 2.5 0 1 1-2.5 2.5M3 17h8a2 2 0 1 1-2 2"/>',
    "bike": '<circle cx="6" cy="16" r="4"/><circle cx="18" cy="16" r="4"/><path d="M6 16l4-8h5l3 8M10 8l4 8H6"/>',
    "bridge": '<path d="M2 9c3 0 4 3 10 3s7-3 10-3M2 9v9M22 9v9M7 11v7M12 12v6M17 11v7M2 15h20"/>',
    "car": '<path d="M3 16v-3l2-5h14l2 5v3M3 16h18M6 16v2M18 16v2M5 12h14"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>',
    "foot": '<circle cx="12" cy="4" r="2"/><path d="M12 7v7l3 7M12 14l-3 7M8 10l4-3 4 3"/>',
    "home": '<path d="M4 11l8-7 8 7v9H4zM10 20v-6h4v6"/>',
    "none": '<circle cx="12" cy="12" r="9"/><path d="M5.7 5.7l12.6 12.6"/>',
    "quiet": '<path d="M4 10v4h3l5 4V6L7 10zM16 9.5l5 5M21 9.5l-5 5"/>',
    "safe": '<path d="M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6zM8.5 12l2.5 2.5 4.5-5"/>',
    "transit": '<rect x="5" y="3" width="14" height="14" rx="3"/><path d="M5 11h14M8 17l-2 4M16 17l2 4"/>',
    "tree": '<path d="M12 21v-6M12 15a5 5 0 0 1-4-8 4.5 4.5 0 0 1 8 0 5 5 0 0 1-4 8z"/>',
    "van": '<path d="M2 16V6h12v10M14 9h4l4 4v3H2"/><circle cx="7" cy="17" r="2"/><circle cx="17" cy="17" r="2"/>',
    "wheelchair": '<circle cx="10" cy="4" r="2"/><path d="M10 7v6h6l2 5M8 11a5 5 0 1 0 6 7"/>',
}

SAME = {"bicycle": "bike", "bus": "transit", "tram": "transit", "metro": "transit", "train": "transit", "walk": "foot",
        "time": "clock", "truck": "van", "noise": "quiet", "safety": "safe", "park": "tree"}  # fmt: skip


def pictogram(name: str) -> SafeString:
    """Inline SVG of a named pictogram, hidden from screen readers (the label says it); empty for an unknown name."""
    plain = name.rpartition("/")[2].partition(".")[0].lower()
    shape = SHAPES.get(SAME.get(plain, plain), "")
    if not shape:
        return mark_safe("")
    # Our own drawings, chosen by name; nothing of the author's goes into the markup.
    return mark_safe(
        '<svg class="pictogram" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{shape}</svg>'
    )
