"""Every page of the demo, by who may see it. A new page belongs here; the accessibility tests walk this list."""

from __future__ import annotations

EVERYBODY = (
    "/",
    "/?q=silta",
    "/projects/pitkasilta/",
    "/projects/kirkonkyla/",
    "/p/pitka",
    "/surveys/pitkasilta/",
    "/scenes/helsinki/",
    "/scenes/helsinki/list/",
    "/sensors/",
    "/sensorthings/",
    "/releases/",
    "/about-your-data/",
    "/projects/pitkasilta/hear/",
    "/r/",
    "/accessibility/",
    "/accounts/login/",
    "/nowhere/",
)
SIGNED_IN = {
    "volunteer": ("/sensors/mine/", "/sensors/new/"),
    "officer": (
        "/desk/",
        "/desk/queue/",
        "/desk/projects/",
        "/desk/projects/new/",
        "/desk/projects/pitkasilta/",
        "/desk/surveys/",
        "/desk/surveys/pitkasilta/results/",
        "/desk/surveys/pitkasilta/copies/",
        "/desk/surveys/pitkasilta/field/",
        "/desk/projects/pitkasilta/webhooks/",
        "/desk/forms/",
        "/desk/forms/kits/",
        "/desk/forms/kits/park/",
        "/desk/releases/",
        "/desk/campaigns/",
        "/desk/data-protection/",
        "/desk/data-protection/pitkasilta/",
        "/desk/data-protection/papers/breach/",
        "/desk/decisions/",
    ),
    "planner": ("/desk/scenarios/",),
}


def all_pages() -> list[tuple[str, str]]:
    """(role or "", path) of every page."""
    pages = [("", path) for path in EVERYBODY]
    return pages + [(role, path) for role, paths in SIGNED_IN.items() for path in paths]
