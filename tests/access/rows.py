"""The access matrix: who may do what on which route. A route without a row fails the build.

Each row says how the address is filled from the objects of a project and which rule holds; the rule says for each role
and each kind of project whether the answer is ``+`` (let in), ``-`` (refused: 403, or sent to the sign-in) or ``0``
(looks absent: 404).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Rule = Callable[[str, str], str]
PUBLISHED_WORLDS = ("own", "other")
MINE = ("own", "draft")


def anybody(_role: str, _world: str) -> str:
    return "+"


def nobody_at_all(_role: str, _world: str) -> str:
    """Administration of the framework: for the machine's own superusers, who are no part of the cast."""
    return "-"


def needs_code(_role: str, _world: str) -> str:
    """Opens with a receipt code or another secret alone; without it everything looks absent, whoever asks."""
    return "0"


def signed_in(role: str, _world: str) -> str:
    return "-" if role == "nobody" else "+"


def published(_role: str, world: str) -> str:
    """Answers are taken in published projects alone, also from the team."""
    return "+" if world in PUBLISHED_WORLDS else "0"


def visible(role: str, world: str) -> str:
    """Published things for everybody, unpublished ones for the team."""
    in_team = world in MINE and role in {"officer", "planner", "trainer"}
    return "+" if world in PUBLISHED_WORLDS or in_team or role == "administrator" else "0"


def only(*roles: str) -> Rule:
    """A page without an object, for people who hold one of the roles somewhere."""

    def rule(role: str, _world: str) -> str:
        return "+" if role in {*roles, "administrator"} else "-"

    return rule


def own(*roles: str) -> Rule:
    """An object of a project in which one holds one of the roles; in every other project it looks absent."""

    def rule(role: str, world: str) -> str:
        if role == "administrator":
            return "+"
        return ("+" if world in MINE else "0") if role in roles else "-"

    return rule


def own_of_visible(*roles: str) -> Rule:
    """As :func:`own`, but what everybody may look at is refused and not absent."""

    def rule(role: str, world: str) -> str:
        return "-" if own(*roles)(role, world) == "0" and world == "other" else own(*roles)(role, world)

    return rule


def nothing_there(rule: Rule) -> Rule:
    """Whoever would be let in finds that the thing does not exist."""
    return lambda role, world: rule(role, world).replace("+", "0")


def team_else_absent(*roles: str) -> Rule:
    """JSON doors that ask for a role anywhere first; then absent outside one's own projects."""
    return own(*roles)


def writes_visible(*roles: str) -> Rule:
    """A JSON door at which everybody reads and the roles write: role first, then whether one may see it at all."""
    return own_of_visible(*roles)


def site(role: str, world: str) -> str:
    """Public sensors for everybody, others for their host and the project's team."""
    in_team = world in MINE and role in {"volunteer", "officer", "trainer", "operator"}
    return "+" if world in PUBLISHED_WORLDS or in_team or role == "administrator" else "0"


def box(role: str, world: str) -> str:
    """A box: its owner and the project's team; sign-in first."""
    if role == "nobody":
        return "-"
    in_team = world in MINE and role in {"volunteer", "officer", "trainer", "operator"}
    return "+" if in_team or role == "administrator" else "0"


def host(role: str, world: str) -> str:
    """What a host alone may do with the own sensor: not the project's team, nor the administrator."""
    if role == "nobody":
        return "-"
    return "+" if role == "volunteer" and world in MINE else "0"


@dataclass(frozen=True)
class Row:
    """One route. ``path``: address argument → what it is called in the world, or a fixed value behind ``=``."""

    rule: Rule
    path: Mapping[str, str] = field(default_factory=dict)
    methods: str = "GET"
    query: str = ""
    body: Mapping[str, object] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def rule_of(self, method: str) -> Rule:
        return self.rules.get(method, self.rule)

    @property
    def has_object(self) -> bool:
        return any(not name.startswith("=") for name in self.path.values())


OFFICER = ("officer",)
PLANNERS = ("officer", "planner")
DESK = ("officer", "planner", "volunteer", "trainer", "operator")
PROJECT, SURVEY, SCENE, BOX = {"slug": "project"}, {"slug": "survey"}, {"slug": "scene"}, {"code": "device"}
SKETCH = {"slug": "sketch"}
COLLECTION = {"collection_id": "decisions"}  # what is decided in a project, as a map service
BOTH = "GET POST"
RESPONSE = {
    "id": "5f0c9dd2-6a5e-4c0e-9d0c-1b1a8d0e7a11",
    "code": "39-W1-D2-87-Z5-TH-F0-BM",
    "language": "en",
    "answers": {"mode": "bike", "minutes": "12"},
}

CORE = {
    "engagement:home": Row(anybody),
    "engagement:project": Row(visible, PROJECT),
    "engagement:hear": Row(visible, PROJECT, BOTH),
    # To stop a subscription twice is no error, so an unknown link answers the same way.
    "engagement:hear_link": Row(needs_code, {"token": "=unknown"}, BOTH, rules={"POST": anybody}),
    "engagement:receipt": Row(anybody, methods=BOTH, rules={"POST": needs_code}),
    "engagement:receipt_download": Row(needs_code, methods="POST"),
    "engagement:receipt_withdraw": Row(needs_code, methods="POST"),
    "engagement:receipt_correct": Row(needs_code, methods="POST"),
    "engagement:receipt_appeal": Row(needs_code, methods="POST"),
    "engagement:desk": Row(only(*DESK)),
    "engagement:queue": Row(only(*OFFICER)),
    "engagement:queue_several": Row(only(*OFFICER), methods="POST"),
    "engagement:queue_item": Row(own(*OFFICER), {"item_id": "item"}, BOTH),
    "engagement:appeals": Row(only(*OFFICER)),
    "engagement:appeal": Row(own(*OFFICER), {"appeal_id": "appeal"}, "POST"),
    "engagement:desk_projects": Row(only(*OFFICER)),
    "engagement:new_project": Row(only(*OFFICER), methods=BOTH),
    "engagement:desk_project": Row(own_of_visible(*OFFICER), PROJECT, BOTH),
    "engagement:publish_project": Row(own_of_visible(*OFFICER), PROJECT, "POST"),
    "engagement:language": Row(anybody),
    "engagement:accessibility": Row(anybody),
    "engagement:security_txt": Row(anybody),
    "engagement:healthz": Row(anybody),
    "engagement:readyz": Row(anybody),
    "engagement:metrics": Row(needs_code),
    "engagement:places": Row(anybody),
    "engagement:places_near": Row(anybody, methods="POST"),
    "job": Row(team_else_absent(*PLANNERS), {"job_id": "job"}, "GET DELETE"),
    "schema": Row(anybody),
}
SURVEYS = {
    "surveys:poster": Row(visible, {"code": "poster"}, BOTH),
    "surveys:": Row(visible, {"code": "poster"}, BOTH),
    "surveys:start": Row(visible, SURVEY, BOTH),
    "surveys:question": Row(visible, {**SURVEY, "key": "=mode"}, BOTH),
    "surveys:whole": Row(visible, SURVEY, BOTH),
    "surveys:manner": Row(visible, SURVEY, "POST"),
    "surveys:picture": Row(visible, SURVEY),
    "surveys:review": Row(visible, SURVEY, BOTH),
    "surveys:thanks": Row(visible, SURVEY),
    "surveys:forget": Row(visible, SURVEY, "POST"),
    "surveys:service_worker": Row(anybody),
    "surveys:manifest": Row(anybody),
    "surveys:photo": Row(own(*OFFICER), {"answer_id": "photo"}),
    "surveys:desk_preview": Row(own(*OFFICER), {**SURVEY, "number": "version"}),
    "surveys:desk": Row(only(*OFFICER)),
    "surveys:desk_upload": Row(only(*OFFICER), methods=BOTH),
    "surveys:desk_survey": Row(own(*OFFICER), SURVEY, BOTH),
    "surveys:desk_copies": Row(own(*OFFICER), SURVEY, BOTH),
    "surveys:desk_copy_file": Row(nothing_there(own(*OFFICER)), {**SURVEY, "number": "=0"}),
    "surveys:desk_copy_erased": Row(nothing_there(own(*OFFICER)), {**SURVEY, "number": "=0"}, "POST"),
    "surveys:desk_results": Row(own(*OFFICER), SURVEY),
    "surveys:desk_webhooks": Row(own_of_visible(*OFFICER), PROJECT, BOTH),
    "surveys:desk_webhook_stop": Row(nothing_there(own_of_visible(*OFFICER)), {**PROJECT, "number": "=0"}, "POST"),
    "surveys:desk_field": Row(own(*OFFICER), SURVEY, BOTH),
    "surveys:odk_list": Row(needs_code, {"token": "=none"}),
    "surveys:odk_form": Row(needs_code, {"token": "=none"}),
    "surveys:odk_manifest": Row(needs_code, {"token": "=none"}),
    "surveys:odk_media": Row(needs_code, {"token": "=none", "name": "=car.svg"}),
    "surveys:odk_submission": Row(needs_code, {"token": "=none"}, "POST"),
    "surveys:desk_close": Row(own(*OFFICER), SURVEY, "POST"),
    "surveys:desk_download": Row(own(*OFFICER), {**SURVEY, "number": "version"}),
    "surveys:desk_kits": Row(only(*OFFICER)),
    "surveys:desk_kit": Row(only(*OFFICER), {"name": "=park"}, BOTH),
    "surveys:desk_sketches": Row(only(*OFFICER), methods=BOTH),
    "surveys:desk_sketch": Row(own(*OFFICER), SKETCH),
    "surveys:desk_sketch_step": Row(own(*OFFICER), SKETCH, "POST"),
    "surveys:desk_sketch_keep": Row(own(*OFFICER), SKETCH, "POST"),
    "surveys:desk_sketch_discard": Row(own(*OFFICER), SKETCH, "POST"),
    "surveys:desk_sketch_item": Row(own(*OFFICER), {**SKETCH, "path": "=mode"}, BOTH),
    "surveys:desk_sketch_download": Row(own(*OFFICER), SKETCH),
    "survey_responses": Row(published, SURVEY, "POST", body=RESPONSE),
}
SENSORS = {
    "sensors:sensors": Row(anybody),
    "sensors:site": Row(site, {"site_id": "site"}),
    "sensors:mine": Row(signed_in),
    "sensors:new": Row(signed_in, methods=BOTH),
    "sensors:device": Row(box, BOX),
    "sensors:renew_key": Row(box, BOX, "POST"),
    "sensors:change": Row(box, {**BOX, "deed": "=rename"}, "POST"),
    "sensors:sensorthings": Row(anybody),
    "sensors:sensorthings_page": Row(anybody),
    "sensors:campaigns": Row(only(*OFFICER), methods=BOTH),
    "sensors:campaign": Row(own(*OFFICER), {"campaign_id": "campaign"}, BOTH),
    "sensors:sheet": Row(own(*OFFICER), {"campaign_id": "campaign"}),
    "sensors:swap": Row(box, BOX, "POST"),
    "sensors:everything": Row(host, BOX),
    "sensors:erase": Row(host, BOX, "POST"),
    # The page says the same for every token and shows nothing; only a signed one stops letters.
    "sensors:stop_letters": Row(anybody, {"token": "=unknown"}, BOTH),
    "sensor_list": Row(anybody),
    "sensor_observations": Row(site, {"site_id": "site"}, query="phenomenon=pm2_5"),
    "sensor_series": Row(site, {"site_id": "site"}),
}
PRIVACY = {
    "privacy:register": Row(anybody),
    "privacy:release": Row(visible, {"release_id": "release"}),
    "privacy:release_json": Row(visible, {"release_id": "release"}),
    "privacy:release_csv": Row(visible, {"release_id": "release"}),
    "protection:overview": Row(only(*OFFICER)),
    "protection:paper": Row(only(*OFFICER), {"name": "=breach"}),
    "protection:project": Row(own_of_visible(*OFFICER), PROJECT, BOTH),
    "protection:project_markdown": Row(own_of_visible(*OFFICER), PROJECT),
    "privacy:about": Row(anybody),
    "privacy:public_keys": Row(anybody),
    "privacy:witness": Row(needs_code, {"token": "=no-such-link"}, BOTH),
    "privacy:duplicates": Row(own(*OFFICER), {"round_id": "round"}, BOTH),
    "privacy:desk": Row(only(*OFFICER)),
    "privacy:choose": Row(own(*OFFICER), {"round_id": "round"}, BOTH),
    "privacy:draft": Row(own(*OFFICER), {"draft_id": "draft"}, BOTH),
    "release-list": Row(anybody),
    "release-detail": Row(visible, {"pk": "release"}),
}
SCENARIOS = {
    "scenarios:models": Row(anybody),
    "scenarios:options": Row(own_of_visible(*PLANNERS), PROJECT),
    "api_twin": Row(anybody),
    "scenarios:scenario": Row(visible, {"scenario_id": "scenario"}),
    "scenarios:decision": Row(visible, {"decision_id": "decision"}),
    "scenarios:brief": Row(visible, {"decision_id": "decision"}),
    "scenarios:desk": Row(only(*PLANNERS)),
    "scenarios:new": Row(own_of_visible(*PLANNERS), PROJECT, BOTH),
    "scenarios:desk_scenario": Row(own_of_visible(*PLANNERS), {"scenario_id": "scenario"}, BOTH),
    "scenarios:network": Row(own(*PLANNERS), {"network_id": "network"}, BOTH),
    "scenarios:weighting": Row(own_of_visible(*PLANNERS), PROJECT, BOTH),
    "scenarios:desk_decisions": Row(only(*OFFICER)),
    "scenarios:new_decision": Row(own_of_visible(*OFFICER), PROJECT, BOTH),
    "scenarios:edit_decision": Row(own(*OFFICER), {"decision_id": "decision"}, BOTH),
    "scenarios:publish_decision": Row(own(*OFFICER), {"decision_id": "decision"}, "POST"),
    **{f"scenarios:{name}": Row(anybody) for name in ("ogc", "ogc_api", "ogc_conformance", "ogc_collections")},
    "scenarios:ogc_collection": Row(visible, COLLECTION),
    "scenarios:ogc_items": Row(visible, COLLECTION),
    "scenarios:ogc_download": Row(visible, {**COLLECTION, "suffix": "=csv"}),
    "scenarios:ogc_item": Row(visible, {**COLLECTION, "feature_id": "decision"}),
    "api_scenarios": Row(anybody, methods=BOTH, rules={"POST": only(*PLANNERS)}),
    "api_scenario": Row(visible, {"scenario_id": "scenario"}),
    "api_runs": Row(visible, {"scenario_id": "scenario"}, BOTH, rules={"POST": writes_visible(*PLANNERS)}),
    "api_run": Row(visible, {"digest": "run"}),
}
SCENES = {
    "ar_scenes:index": Row(anybody),
    "ar_scenes:scene": Row(visible, SCENE),
    "ar_scenes:list": Row(visible, SCENE),
    "ar_scenes:map": Row(visible, SCENE),
    "ar_scenes:feature": Row(visible, SCENE, query="id=way/1"),
    "ar_scenes:pin": Row(visible, SCENE, BOTH),
    "ar_scenes:tile": Row(anybody, {"name": "=tile"}),
    "ar_scenes:schema": Row(anybody, {"name": "=schema"}),
    "ar_scenes:tileset": Row(visible, SCENE),
    "ar_scenes:manifest": Row(visible, SCENE),
    "ar_scenes:overlay": Row(visible, {**SCENE, "overlay_id": "overlay"}),
    "scene": Row(visible, SCENE),
    "scene_features": Row(visible, SCENE),
    "scene_overlay": Row(visible, {**SCENE, "overlay_id": "overlay"}),
    "scene_values": Row(visible, SCENE),
    "scene_feature": Row(visible, SCENE, query="id=way/1"),
    "scene_titles": Row(visible, SCENE),
    "scene_pins": Row(visible, SCENE, BOTH),
    "scene_map": Row(visible, SCENE),
}
ROWS: dict[str, Row] = {**CORE, **SURVEYS, **SENSORS, **PRIVACY, **SCENARIOS, **SCENES}

SOCKETS: dict[str, Row] = {
    "ws/jobs/<uuid:job_id>/": Row(team_else_absent(*PLANNERS), {"job_id": "job"}),
    "ws/desk/": Row(only(*OFFICER)),
    "ws/results/<slug:slug>/": Row(visible, SURVEY),
    "ws/scenes/<slug:slug>/": Row(visible, SCENE),
    "ws/sensors/<slug:slug>/": Row(published, PROJECT),
}
