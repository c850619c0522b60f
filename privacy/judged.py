"""A draft's verdict as pages show it: every table with what stops it and what it passed, in words."""

from __future__ import annotations

from typing import Any

from engagement.languages import pick
from privacy import words
from privacy.models import Draft


def judged_tables(draft: Draft) -> list[dict[str, Any]]:
    return [_judged(table) for table in draft.verdict.get("tables", [])]


def _judged(table: dict[str, Any]) -> dict[str, Any]:
    """One table's checks in words: those that stop it, and those it passed."""
    checks = [
        {"outcome": check["outcome"], "text": words.check(check["code"], check["outcome"], check["facts"])}
        for check in table["checks"]
    ]
    small = [check for check in table["checks"] if check["code"] == "groups" and check["facts"].get("names")]
    return {
        "question": pick(table["label"]) or table["spec"]["question"],
        "by": pick(table["by_label"]) or table["spec"]["by"],
        "outcome": table["outcome"],
        "stopped": [check for check in checks if check["outcome"] != "pass"],
        "passed": [check for check in checks if check["outcome"] == "pass"],
        "can_merge": table["outcome"] != "pass" and bool(small),
    }
