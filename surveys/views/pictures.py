"""The place of a survey as one still picture, shown before any map code is loaded."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from engagement import pictures
from surveys.views import page

# A picture file has no sheet of the site: the colours of static_src/engagement/sheet/picture.css, light and dark.
STYLE = (
    "svg{background:#f1eee7}.p-water{fill:#33557f;opacity:.28}.p-green{fill:#256b43;opacity:.16}"
    ".p-street{fill:none;stroke:#d8d3c8;stroke-width:3}.p-bridge{fill:none;stroke:#85806f;stroke-width:6}"
    ".p-street.area{fill:#d8d3c8;stroke:none}.p-bridge.area{fill:#fff}.p-wall{fill:#d8d3c8}"
    ".p-roof{fill:#fff;stroke:#d8d3c8;stroke-width:.6}.p-closed{fill:none;stroke:#6a3d9a;stroke-width:9}"
    ".p-closed.area{fill:#6a3d9a;stroke:none}.p-closed-stripe{fill:none;stroke:#fbfaf6;stroke-dasharray:2.5 7}"
    "@media(prefers-color-scheme:dark){svg{background:#0c1115}.p-water{fill:#92b4e3}.p-green{fill:#7bc79a}"
    ".p-street{stroke:#34404a}.p-wall{fill:#0c1115}.p-roof{fill:#34404a;stroke:#11171c}.p-bridge.area{fill:#192128}}"
)


@require_safe
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """``/surveys/<slug>/place.svg``: drawn here from imported geometry; the same for everybody who sees the project."""
    drawn = str(pictures.of_project(page.survey_for(request, slug).project))
    if not drawn:
        raise Http404
    opening, _end, body = drawn.partition(">")
    svg = f'{opening} xmlns="http://www.w3.org/2000/svg"><style>{STYLE}</style>{body}'
    headers = {
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    return HttpResponse(svg, content_type="image/svg+xml", headers=headers)
