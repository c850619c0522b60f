"""The table of environment variables, read from the settings themselves: a variable without words fails a test."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

READERS = {"text": "text", "flag": "0 or 1", "number": "whole number", "words": "list, with commas", "folder": "folder",
           "database": "address"}  # fmt: skip
WORDS = {
    "LOGGIA_DATA_DIR": "Where databases, tiles, media, keys and sockets lie.",
    "LOGGIA_DEBUG": "Django's debug pages. Never on a public site.",
    "LOGGIA_DEMO": "A trial: sign-ins with printed passwords, no second factor asked for.",
    "LOGGIA_SITE_NAME": "What the site calls itself.",
    "LOGGIA_REQUIRE_MFA": "Officers, planners and administrators need a second factor. On, unless it is a demo.",
    "LOGGIA_METRICS_TOKEN": "Opens /metrics to a monitoring that sends it as a bearer token. Empty: /metrics is absent.",
    "LOGGIA_HOSTS": "Host names that the site answers to.",
    "LOGGIA_BASE_URL": "The site's address as people type it, with https://.",
    "LOGGIA_INSECURE_HTTP": "Allows http:// for a trial on this machine. Otherwise the site refuses to start without https.",
    "LOGGIA_SENSORTHINGS_OPEN_WRITES": "SensorThings takes writes without a key. For tests of the standard alone.",
    "LOGGIA_ORIGINS": "Further origins whose pages may open sockets and send forms.",
    "DATABASE_URL": "postgis://user:password@host:port/name. Empty: a SpatiaLite file in the data folder.",
    "CONTACTS_URL": "The same for the database of e-mail addresses, which is kept apart from answers.",
    "REDIS_URL": "Wake-ups, cache and limits shared by several server processes. Empty: one process.",
    "DASK_SCHEDULER": "Address of a Dask scheduler for large calculations. Empty: processes of this machine.",
    "SCENARIO_PROCESSES": "How many processes one calculation may use.",
    "LOGGIA_EMAIL_HOST": "Mail server. Empty: letters are files in the data folder.",
    "LOGGIA_EMAIL_PORT": "Its port.",
    "LOGGIA_EMAIL_USER": "User at the mail server.",
    "LOGGIA_EMAIL_PASSWORD": "Password at the mail server.",
    "LOGGIA_EMAIL_TLS": "STARTTLS with the mail server.",
    "LOGGIA_EMAIL_BACKEND": "Another way to send letters, as a Django class.",
    "LOGGIA_FROM_EMAIL": "Sender of letters, and the contact on the pages about accessibility and security.",
    "LOGGIA_OUTBOUND_PRIVATE": "Networks inside the town that outgoing requests may reach, such as 10.1.0.0/16. Empty: none.",
    "LOGGIA_KEEP_DAYS": "Shorter retention than the table says, as what=days.",
    "LOGGIA_TIME_ZONE": "Time zone of dates, office hours and the log.",
    "LOGGIA_BEHIND_PROXY": "A proxy in front sets X-Forwarded-Proto, and strips it from requests.",
    "LOGGIA_LOG_LEVEL": "How much is logged: ERROR, WARNING, INFO.",
}


@dataclass(frozen=True)
class Variable:
    name: str
    kind: str
    default: str


def variables(settings_file: Path) -> list[Variable]:
    """Every call of a reader of ``engagement.environment`` in the settings, in their order."""
    found: dict[str, Variable] = {}
    for node in ast.walk(ast.parse(settings_file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            module, name = node.func.value, node.args[0]
            if isinstance(module, ast.Name) and module.id == "environment" and isinstance(name, ast.Constant):
                called = str(name.value)
                found.setdefault(called, Variable(called, READERS[node.func.attr], _default(node)))
    return sorted(found.values(), key=lambda variable: variable.name)


def _default(call: ast.Call) -> str:
    given = [keyword.value for keyword in call.keywords if keyword.arg in {"default", "default_file"}] or call.args[1:]
    if not given or (isinstance(given[0], ast.Constant) and given[0].value == ""):
        return "–"
    if isinstance(given[0], ast.Constant):
        return {"True": "1", "False": "0"}.get(str(given[0].value), str(given[0].value))
    return f"`{ast.unparse(given[0])}`"


def table(settings_file: Path) -> str:
    """The page ``docs/reference/environment.md``. Raises KeyError for a variable without words."""
    lines = [
        "# Environment variables",
        "",
        "Made by `bin/manage environment_table` from the settings; a test compares the two.",
        "",
        "| variable | kind | default | meaning |",
        "|---|---|---|---|",
        *(f"| `{one.name}` | {one.kind} | {one.default} | {WORDS[one.name]} |" for one in variables(settings_file)),
    ]
    return "\n".join(lines) + "\n"
