"""Papers for the data protection officer, filled from the inventory and the project's own settings.

A paper is a list of sections; the page and the Markdown file show the same one. English: it is the officers' language here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.formats import date_format

from engagement import desk, participating, roles
from engagement.desk import DeskEntry
from engagement.languages import pick
from engagement.models import LogEntry, PeriodicDeed, Project, Round
from engagement.roles import Role
from privacy import inventory, ledger, models, retention
from privacy.record_models import ProcessingRecord

MISSING = "— not stated yet —"


@dataclass(frozen=True)
class Section:
    """A heading with sentences, then a table if ``head`` is there."""

    title: str
    lines: Sequence[str] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default=())


@dataclass(frozen=True)
class Paper:
    title: str
    sections: Sequence[Section]

    def markdown(self) -> str:
        return "\n".join(_markdown(self))


def _markdown(paper: Paper) -> Iterator[str]:
    yield f"# {paper.title}"
    for section in paper.sections:
        yield from ("", f"## {section.title}", "")
        for line in section.lines:
            yield from (line, "")
        if section.head:
            yield f"| {' | '.join(section.head)} |"
            yield "|" + "---|" * len(section.head)
            for row in section.rows:
                yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
    yield ""


def register() -> None:
    """The officers' entry on the desk, with the number of published projects that state no legal basis."""
    officers = (Role.OFFICER,)
    entry = DeskEntry("protection", "Data protection", "protection:overview", officers, without_record, order=90)
    desk.register(entry)


def without_record(user: object) -> int:
    mine = roles.projects_of(user, Role.OFFICER)
    return mine.filter(published=True, processing_record__isnull=True).count()


def record_of(project: Project) -> ProcessingRecord:
    """The stated record; an unsaved one with nothing stated where there is none."""
    return ProcessingRecord.objects.filter(project=project).first() or ProcessingRecord(project=project)


def papers(project: Project) -> list[Paper]:
    return [article_30(project), impact_assessment(project), five_safes(project)]


def article_30(project: Project) -> Paper:
    """The record of processing activities (GDPR Art. 30(1)), letter by letter."""
    record = record_of(project)
    charter = participating.charter_of(project)
    purpose = pick(charter.problem) if charter else ""
    use = pick(charter.use_of_answers) if charter else ""
    personal = inventory.personal()
    kinds = list(dict.fromkeys(row.handling.title for row in personal))
    return Paper(
        f"Record of processing: {pick(project.title)}",
        [
            Section(
                "(a) Controller",
                [record.controller or MISSING, f"Data protection officer: {record.contact or MISSING}"],
            ),
            Section("(b) Purposes", [purpose or MISSING, use or MISSING, f"Legal basis: {_basis(record)}"]),
            Section(
                "(c) People and data",
                [
                    "People: residents who answer without an account; officers and planners; volunteers with sensors.",
                    f"Data: {'; '.join(kinds)}.",
                    f"Special categories: {record.special_ground or 'none are asked'}.",
                    f"Children: {record.get_children_display()}.",
                ],
            ),
            Section("(d) Recipients", [record.recipients or "None. Planners and the public get anonymous totals."]),
            Section(
                "(e) Third countries",
                ["None. Pages contact no other host; everything is stored on the city's machine."],
            ),
            _retention_section("(f) Time limits for erasure"),
            Section("(g) Security", SECURITY),
        ],
    )


def impact_assessment(project: Project) -> Paper:
    """A draft of the assessment (GDPR Art. 35(7)): what the program knows; people judge and sign it."""
    record, rounds = record_of(project), list(project.rounds.all())
    return Paper(
        f"Draft of the data protection impact assessment: {pick(project.title)}",
        [
            Section("What is done", [f"{_count(rounds)} {_basis(record)}", *FLOW]),
            Section("Necessity", [
                "Residents need no account, name, address or e-mail to answer; no internet address and no exact time is stored.",
                "Choices leave the answers' database as noisy totals alone; texts, photos and single places never do.",
            ]),
            Section("Risks and what is done about them", [], ("Risk (WP 216)", "Measure", "What remains"), RISKS),
            Section("Rights", RIGHTS),
            Section("Special categories and children", [
                f"Special categories: {record.special_ground or 'none are asked'}.", f"Children: {record.get_children_display()}.",
            ]),
            Section("Rounds", [], ("Survey", "Unit", "Open", "Key destroyed on"), [_round_row(round) for round in rounds]),
            Section("To be judged by people", [
                "Is the question needed for the decision? Who could be harmed if an answer became known? Who was asked about this?",
            ]),
        ],
    )  # fmt: skip


def five_safes(project: Project) -> Paper:
    """Safe projects, people, settings, data, outputs: one sentence each, from what is stored."""
    record = record_of(project)
    team = project.memberships.exclude(role="volunteer").values_list("role", flat=True)
    roles = ", ".join(f"{list(team).count(role)} {role}" for role in sorted(set(team))) or "nobody of its own yet"
    releases = models.Release.objects.filter(project=project).count()
    budgets = [
        f"{budget.population}: {100 * ledger.fraction_left(budget):.0f} % left"
        for budget in project.privacy_budgets.all()
    ]
    charter = participating.charter_of(project)
    decider = f"{charter.decider} decides by {date_format(charter.decide_by)}" if charter else "nobody is named yet"
    mfa = "a second factor is required" if settings.LOGGIA_REQUIRE_MFA else "a second factor is NOT required here"
    safes = [
        ("Safe project", f"{decider}. Legal basis: {_basis(record)}"),
        ("Safe people", f"Team: {roles}; {mfa}; every act with power over others is in the log."),
        ("Safe setting", "Planning runs behind a wall in the database; keys lie outside of every backup."),
        ("Safe data", "Answers carry a pseudonym under the round's key, which is destroyed on the stated day."),
        ("Safe outputs", f"{releases} release(s), each signed twice. Budget: {'; '.join(budgets) or 'not used yet'}."),
    ]
    return Paper(f"Five safes: {pick(project.title)}", [Section("Summary", [], ("Safe", "Here"), safes)])


def breach_runbook() -> Paper:
    """What to do when data got out (GDPR Art. 33 and 34), with what could have got out."""
    rows = [(row.model, row.handling.title, row.handling.access, row.handling.basis) for row in inventory.personal()]
    return Paper(
        "Breach runbook",
        [
            Section("First hour", BREACH_FIRST),
            Section("Within 72 hours", BREACH_LATER),
            Section("What could have got out", [], ("Model", "What it is", "Who may read it", "Basis"), rows),
        ],
    )


def inventory_paper() -> Paper:
    """Every model and field; those that name staff are marked."""
    rows = [
        (
            row.model,
            row.handling.title,
            "personal" if row.handling.personal else "not personal",
            ", ".join(f"{name} (staff)" if name in row.staff else name for name in row.fields),
            row.handling.purpose,
            row.handling.basis,
            keeps(row.handling),
        )
        for row in inventory.rows()
    ]
    head = ("Model", "Handling", "Kind", "Fields", "Purpose", "Basis", "Kept")
    return Paper("Data inventory", [Section("All models", [], head, rows), _retention_section("Retention")])


def keeps(handling: inventory.Handling) -> str:
    """In words how long, from the retention table where it has a line."""
    rule = next((rule for rule in retention.rules() if rule.name == handling.keeps), None)
    return _time(rule) if rule else handling.keeps


def _time(rule: retention.Rule) -> str:
    return f"{rule.days} {'day' if rule.days == 1 else 'days'} {rule.since}"


def last_retention() -> PeriodicDeed | None:
    return PeriodicDeed.objects.filter(name="retention", finished_at__isnull=False).first()


def readings() -> list[LogEntry]:
    """Who read or took raw answers lately."""
    return list(LogEntry.objects.filter(verb__in=READING_VERBS).select_related("actor").order_by("-id")[:50])


def _retention_section(title: str) -> Section:
    run = last_retention()
    done = f"Last carried out on {date_format(run.finished_at)}." if run and run.finished_at else "Not carried out yet."
    rows = [(str(rule.what), _time(rule), _went(run, rule.name)) for rule in retention.rules()]
    return Section(title, [done], ("What", "Kept for", "Deleted last time"), rows)


def _went(run: PeriodicDeed | None, name: str) -> str:
    return str(run.counts.get(name, 0)) if run else "—"


def _basis(record: ProcessingRecord) -> str:
    if record.pk is None:
        return MISSING
    return f"{record.get_basis_display()}{', ' + record.law if record.law else ''}."


def _count(rounds: Sequence[Round]) -> str:
    return f"Residents are asked in {len(rounds)} round(s)."


def _round_row(round: Round) -> tuple[str, str, str, str]:
    ended = (
        f"{date_format(round.key_destroyed_on)} (done)" if round.key_destroyed_on else date_format(round.destroy_key_on)
    )
    days = f"{date_format(round.opens_at)} to {date_format(round.closes_at)}"
    return round.survey_slug, round.unit, days, ended


READING_VERBS = ("answers.exported", "photo.read", "moderation.approved", "moderation.rejected")
FLOW = (
    "Phone → answers' database (pseudonym under the round's key) → frozen choices → noisy totals, signed by two → public "
    "register → planning → decision → receipt.",
    "Addresses of people who want to hear the outcome lie in a database of their own, without any relation to answers.",
)
RISKS = (
    ("Singling out", "Pseudonyms under a key that is destroyed; at least k units per group; no record files by default.",
     "Texts and photos can name somebody until a moderator has looked."),
    ("Linkability", "A key per round: the same person has other pseudonyms elsewhere; no account, no device id.",
     "Somebody who sees the phone sees the receipt."),
    ("Inference", "Noise of proven size, a budget per population, attacks tried before every release.",
     "What everybody in a group says can be inferred about each of them."),
    ("Loss", "Every answer is stored before it is acknowledged; backups without keys.", "Answers since the last backup."),
    ("Misuse inside", "Two people sign; the database refuses raw tables to planning; a log chained by hash.",
     "An administrator of the machine can read its disk."),
)  # fmt: skip
RIGHTS = (
    "With the receipt code and without an account: see, download, correct (while the round is open and nothing is frozen), withdraw.",
    "Withdrawn rows stay gone after a restored backup; holders of raw copies and receivers of webhooks are told.",
    "After the day of the key's destruction nobody can tell whose answer is whose, so these rights end (GDPR Art. 11(2)).",
)
SECURITY = (
    "Access by role with a second factor for officers and planners; sessions end after 14 days at most.",
    "Keys outside the database and every backup; encryption in transit required; deleted rows overwritten.",
    "No page contacts another host; uploads are re-encoded; a log of acts that shows any later change.",
)
BREACH_FIRST = (
    "1. Write down the time at which you learned of it: 72 hours run from now (Art. 33).",
    "2. Stop the leak: stop the server and worker, or take the account's role away. Do not delete anything.",
    "3. Copy the data folder without keys/, and the log; run bin/manage verify_log.",
    "4. Find what was within reach in the table below, and since when.",
)
BREACH_LATER = (
    "5. Answers: if keys/rounds got out together with the database, receipts could be tried; without them rows name nobody. "
    "Destroy the keys of closed rounds at once if people are at risk.",
    "6. Addresses: tell every owner, they can be reached (Art. 34). People who only answered cannot: tell them on the project's page.",
    "7. Notify the authority: nature, number of rows, likely consequences, measures, contact of the data protection officer.",
    "8. Write the breach, its effects and what was done into your register, also when it was not notified (Art. 33(5)).",
)
