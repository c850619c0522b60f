"""What the database holds, model by model and field by field: why, on what ground, for how long.

Everything in people's rooms is listed by hand; a test compares the list with the models, so that nobody adds a field
without saying what it is for. Rooms of the city and of the machine are listed as wholes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db.models import Field, ForeignKey, Model, OneToOneField

from engagement.models import User

ALL = "*"


@dataclass(frozen=True)
class Handling:
    """One way in which data are handled. ``keeps`` is a name of the retention table, or words."""

    title: str
    personal: bool
    purpose: str
    basis: str
    keeps: str
    access: str


PROJECT_BASIS = "As stated for the project: public task or consent."
HANDLINGS: dict[str, Handling] = {
    "answer": Handling(
        "Answers under a pseudonym", True, "To count what people say about a question of policy.", PROJECT_BASIS,
        "answers", "Nobody reads choices one by one; officers of the project read texts, photos and places in the queue.",
    ),
    "draft": Handling(
        "Answers that were begun", True, "To let people answer page by page.", PROJECT_BASIS, "drafts",
        "Sealed: only the cookie of that browser opens them.",
    ),
    "held": Handling(
        "Submissions of field apps whose files are still coming", True, "To take a response in whole.", PROJECT_BASIS,
        "Until the files are there, at most a day.", "Nobody.",
    ),
    "frozen": Handling(
        "Frozen choices of a round", True, "To add answers up more than once from the same rows.", PROJECT_BASIS,
        "Emptied on the day of the key's destruction, or with the answers.", "Nobody; only noisy totals leave.",
    ),
    "copy": Handling(
        "Records of raw copies that were handed out", True, "To call copies back when somebody withdraws.",
        "Legal duty (GDPR Art. 17(2) and 19).", "With the answers.", "Officers of the project.",
    ),
    "moderated": Handling(
        "Moderation: queue, rulings, second looks", True, "To publish nothing that harms somebody, and to give reasons.",
        "Legal duty (Digital Services Act Art. 16, 17, 20).", "answers", "Officers of the project; the author by receipt.",
    ),
    "remark": Handling(
        "Remarks in the twin", True, "To show what residents say about a place.", PROJECT_BASIS,
        "Until withdrawn, or the scene is taken down.", "Everybody once a moderator approved; officers before.",
    ),
    "receipt": Handling(
        "Outcome half of receipts", False, "To show what became of a round to everybody who answered.", PROJECT_BASIS,
        "Lasts; a keyed hash that leads to no answer.", "Nobody; found by the code alone.",
    ),
    "contact": Handling(
        "Addresses of people who want to hear what was decided", True, "To tell them, once.", "Consent, confirmed by link.",
        "Until the outcome is sent; unconfirmed 7 days.", "Nobody; in a database of their own.",
    ),
    "consent": Handling(
        "Proof of consent", True, "To show what was agreed to and when.", "Legal duty (GDPR Art. 7(1)).", "consents",
        "The data protection officer.",
    ),
    "mark": Handling(
        "Marks of withdrawn rows", False, "To keep what was withdrawn from coming back.",
        "Legal duty (GDPR Art. 17).", "Lasts; a hash of a random number.", "Nobody.",
    ),
    "account": Handling(
        "Accounts of officers, planners, volunteers and witnesses", True, "To know who may do what.",
        "Public task; volunteers: consent by registering.", "While the account exists; sign-ins 14 days.", "Administrators.",
    ),
    "act": Handling(
        "Log of acts, and who did what", True, "To account for every act with power over others.",
        "Public task: accountability (GDPR Art. 5(2)).", "Lasts; names staff, never a resident.", "Officers, auditors.",
    ),
    "volunteer": Handling(
        "Sensors: places and readings of volunteers", True, "To measure the city with its residents.",
        "Consent by registering a sensor.", "Exact places until the sensor is retired; readings last.",
        "The owner sees everything; the public a place moved to the street.",
    ),
    "total": Handling(
        "Releases, their budget and drafts", False, "To give planners and the public totals that name nobody.", PROJECT_BASIS,
        "Lasts: people have read them.", "Releases: everybody. Drafts: officers of the project.",
    ),
    "process": Handling(
        "Projects, forms, rounds and rules", False, "To run the participation.", "Public task.", "Lasts.", "Everybody, once published.",
    ),
    "city": Handling("The city: maps, models, results", False, "To compute and show what if.", "No personal data.", "Lasts.", "Everybody."),
    "machine": Handling("The machine's own bookkeeping", False, "To run jobs and sign-ins.", "Public task.", "jobs", "Administrators."),
    "news": Handling("News to open pages", False, "To show changes without asking again.", "Public task.", "live", "Whoever may see the topic."),
}  # fmt: skip

# Rooms that hold no person, and libraries of which we know what they store.
WHOLE_ROOMS: dict[str, str] = {
    "scenarios": "city", "ar_scenes": "city", "sensors": "volunteer", "account": "account", "mfa": "account",
    "admin": "act", "auth": "account", "contenttypes": "machine", "sessions": "machine", "django_tasks_database": "machine",
}  # fmt: skip
LISTED: dict[str, tuple[str, str]] = {
    "ar_scenes.Pin": ("remark", "id scene project feature_id point body language state pseudonym simulated given_on"),
    "contacts.Consent": ("consent", "id mark purpose ref wording given_on ended_on ended_by"),
    "contacts.Contact": ("contact", "id address language"),
    "contacts.Subscription": ("contact", "id contact purpose ref asked_on letter_on confirmed_on"),
    "engagement.Appeal": ("moderated", "id ruling text made_at answered_by answer upheld"),
    "engagement.Charter": ("process", "id project problem use_of_answers decider decide_by data_at_hand dimension"),
    "engagement.Job": (
        "machine",
        "id kind ref project label state fraction message error attempts task_id created_at heard_at",
    ),
    "engagement.LiveEvent": ("news", "id topic kind payload at"),
    "engagement.LogEntry": ("act", "id at actor verb subject details previous digest"),
    "engagement.Membership": ("account", "id user project role"),
    "engagement.PeriodicDeed": ("machine", "name started_at finished_at counts"),
    "engagement.Phase": ("process", "id project kind opens_on closes_on note"),
    "engagement.Place": ("city", "id kind name normalised number language point source"),
    "engagement.Poster": ("process", "id code project survey_slug place_name created_by"),
    "engagement.Project": (
        "process",
        "id slug title summary place_name area languages scene_slug simulated published created_on office_hours",
    ),
    "engagement.QueueItem": (
        "moderated",
        "id project kind ref language harm state waiting_since claimed_by claimed_until",
    ),
    "engagement.Receipt": ("receipt", "id digest kind project round"),
    "engagement.Round": (
        "process",
        "id project survey_slug mode population opens_at closes_at expected_responses destroy_key_on key_destroyed_on",
    ),
    "engagement.Ruling": (
        "moderated",
        "id item moderator outcome ground reason language ruled_at merged_into original",
    ),
    "engagement.User": (
        "account",
        "id password last_login is_superuser is_staff is_active date_joined email name language",
    ),
    "engagement.User_groups": ("account", "id user group"),
    "engagement.User_user_permissions": ("account", "id user permission"),
    "engagement.WorkerHeartbeat": ("machine", "worker_id started_at heard_at"),
    "privacy.Budget": ("total", "id project population epsilon_total delta"),
    "privacy.Draft": (
        "total",
        "id round snapshot specs verdict document state fraction proposed_by proposed_at signed_by signed_at supersedes public_on",
    ),
    "privacy.Draft_entries": ("total", "id draft ledgerentry"),
    "privacy.Exclusion": ("frozen", "id round units count reason proposed_by proposed_on agreed_by agreed_on dropped"),
    "privacy.Invitation": ("account", "id draft role invited_by expires_on answer reason answered_on"),
    "privacy.LedgerEntry": (
        "total",
        "id budget snapshot spec_hash spec mechanism scale epsilon rho fraction answer debited_at",
    ),
    "privacy.Policy": (
        "process",
        "id round budget unit k max_error_points planned_questions sensitive max_places_per_unit destroy_key_on frozen_on",
    ),
    "privacy.ProcessingRecord": (
        "process",
        "id project basis law special_ground children controller contact recipients",
    ),
    "privacy.Release": (
        "total",
        "id project round document sha256 first_signer second_signer second_signature published_at supersedes",
    ),
    "privacy.Snapshot": ("frozen", "id round source unit sha256 units removed_units content frozen_on"),
    "surveys.AnswerGeometry": ("answer", "answer geometry"),
    "surveys.Attachment": ("answer", "answer content_type content"),
    "surveys.CopyErasure": ("copy", "id copy ref why asked_on done_on"),
    "surveys.Delivery": ("copy", "id webhook event payload state attempts due_at made_on told"),
    "surveys.Draft": ("draft", "id survey sealed expires_at"),
    "surveys.FieldKey": ("process", "survey token made_on"),
    "surveys.HeldFile": ("held", "id submission name content"),
    "surveys.HeldSubmission": ("held", "id survey xml language held_on"),
    "surveys.ModeratedAnswer": ("answer", "id response key kind state"),
    "surveys.OpenToCorrection": ("answer", "response expires_at"),
    "surveys.Opening": ("process", "round version"),
    "surveys.RawCopy": ("copy", "id round holder format purpose made_at rows size_bytes job_id"),
    "surveys.Response": ("answer", "id round version answers pseudonym content_hash received_on language state"),
    "surveys.Sketch": ("process", "id project slug form revision before edited_at edited_by"),
    "surveys.Survey": ("process", "id project slug title created_on"),
    "surveys.SurveyVersion": ("process", "id survey number form hash uploaded_on"),
    "surveys.Tombstone": ("mark", "digest withdrawn_on"),
    "surveys.Webhook": ("process", "id project url secret active made_on"),
}


@dataclass(frozen=True)
class Row:
    """One model in the inventory: how it is handled, and its fields with those that name staff apart."""

    model: str
    handling: Handling
    fields: list[str]
    staff: list[str]


def rows() -> Iterator[Row]:
    """The inventory, by model. What nobody has described yet is handled like answers: the strictest."""
    for model in _models():
        label, fields = model._meta.label, list(model._meta.concrete_fields)
        handling = HANDLINGS[_entry(model)[0] or "answer"]
        staff = [field.name for field in fields if _names_staff(field)]
        yield Row(label, handling, [field.name for field in fields], staff)


def personal() -> list[Row]:
    return [row for row in rows() if row.handling.personal]


def undescribed() -> list[str]:
    """Models, and fields of listed models, that have no entry here; must be empty before anything is delivered."""
    found = []
    for model in _models():
        handling, listed = _entry(model)
        if not handling:
            found.append(model._meta.label)
        elif listed != ALL:
            names = [field.name for field in model._meta.concrete_fields]
            found += [f"{model._meta.label}.{name}" for name in names if name not in listed.split()]
    return found


def _models() -> list[type[Model]]:
    ours = (model for model in apps.get_models(include_auto_created=True) if model._meta.managed)  # not PostGIS' own
    return sorted(ours, key=lambda model: model._meta.label)


def _entry(model: type[Model]) -> tuple[str, str]:
    return LISTED.get(model._meta.label, (WHOLE_ROOMS.get(model._meta.app_label, ""), ALL))


def _names_staff(field: Field[object, object]) -> bool:
    return isinstance(field, ForeignKey | OneToOneField) and field.related_model is User
