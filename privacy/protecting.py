"""``protect_table``: a release, with certificate and attack report, of any CSV; without the rest of the site.

The policy is a JSON file. ``tables`` asks for totals with noise, ``records`` for a file of records; either or both:

    {"population": "Residents of Kallio", "unit": "person",
     "tables": {"epsilon_total": 4, "questions": {"mode": ["car", "bike", "foot"], "district": ["north", "south"]},
                "wanted": [{"question": "mode"}, {"question": "mode", "by": "district"}]},
     "records": {"quasi": {"age": "number", "education": "category"}, "hierarchies": {"education": "education.csv"},
                 "sensitive": "mode", "k": 5, "l": 2}}

Option lists are public knowledge and part of the policy: taken from the data, they would give rare answers away.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid4, uuid5

import numpy as np

from engagement import keys
from engagement.problems import Refused
from privacy import accounting, certificate, dp, gate, records, snapshot, table_ledger, words
from privacy.accounting import Loss
from privacy.canonical import canonical, sha256
from privacy.counts import NumpyCounts, TableSpec, strata_of
from privacy.designs import Kind
from privacy.documents import Answer, compose, loss_of
from privacy.models import DELTA
from privacy.mondrian import Rules
from privacy.snapshot import Column, Option, SnapshotInput
from privacy.table_ledger import TableLedger

EPSILON_TOTAL, FEWEST, MOST_ERROR_POINTS = 4.0, 10, 15.0


class PolicyUnreadable(Refused):
    status = 422
    code = "policy-unreadable"
    title = "This policy cannot be followed."


@dataclass(frozen=True)
class Wish:
    """A policy as read: who is protected, and what is asked for."""

    population: str
    unit: str
    tables: Mapping[str, Any]
    records: Mapping[str, Any]
    folder: Path


def read_policy(file: Path) -> Wish:
    """Raises PolicyUnreadable with what is missing."""
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
        wish = Wish(raw["population"], raw["unit"], raw.get("tables", {}), raw.get("records", {}), file.parent)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PolicyUnreadable(f"{file} is no policy: {error!r}") from None
    if wish.unit not in certificate.UNIT_MEANING or not (wish.tables or wish.records):
        raise PolicyUnreadable("A policy names its unit (response, person or host) and asks for tables or records.")
    return wish


def read_csv(file: Path) -> dict[str, list[str]]:
    """Columns by name. Comma or semicolon, whichever the first line holds more of.

    Raises:
        PolicyUnreadable: no header, or a row with another number of cells, by line.
    """
    with file.open(encoding="utf-8-sig", newline="") as stream:
        first = stream.readline()
        stream.seek(0)
        lines = csv.reader(stream, delimiter=";" if first.count(";") > first.count(",") else ",")
        header = next(lines, [])
        rows = list(lines)
    uneven = next((number for number, row in enumerate(rows, 2) if len(row) != len(header)), None)
    if not header or uneven:
        raise PolicyUnreadable(f"Line {uneven or 1} of the table does not fit its header.")
    return {name: [row[place] for row in rows] for place, name in enumerate(header)}


def protect(table: Mapping[str, list[str]], wish: Wish, out: Path, data_dir: Path, today: date, name: str) -> list[str]:
    """Write what the policy asks for into ``out``; returns what happened, one sentence per line.

    The same policy on the same table gives the same files again and costs nothing; what was paid before is never paid
    back, and a second file of records of the same people is refused (``table_ledger``).

    Raises:
        Refused: with the reason; nothing is written then.
    """
    policy = sha256({"unit": wish.unit, "tables": wish.tables, "records": wish.records})
    with table_ledger.opened(data_dir, table, wish.population) as kept:
        known = kept.known(policy)
        made = known or _made(table, wish, kept, policy, data_dir, today, name)
        if known is None and (made.epsilon is None or made.epsilon > 0 or made.has_records):
            kept.add(made, kept.promised(_epsilon_total(wish)) if wish.tables else None)
    said = ["This was answered before: the same files again, nothing was spent.", *made.said] if known else made.said
    out.mkdir(parents=True, exist_ok=True)
    for file, content in made.contents().items():
        (out / file).write_bytes(content)
    return list(said)


def _made(
    table: Mapping[str, list[str]],
    wish: Wish,
    kept: TableLedger,
    policy: str,
    data_dir: Path,
    today: date,
    name: str,
) -> table_ledger.Entry:
    said: list[str] = []
    files: dict[str, bytes] = {}
    loss = Loss(0.0, 0.0)
    if wish.records:
        kept.refuse_second_records()
    if wish.tables:
        told, loss = _tables(table, wish, kept, files, data_dir, today, name)
        said += told
    if wish.records:
        said += _records(table, wish, files, data_dir, today)
    files["report.txt"] = "\n".join([*said, ""]).encode()
    return table_ledger.entry(policy, loss, bool(wish.records), said, files)


def _epsilon_total(wish: Wish) -> float:
    return float(wish.tables.get("epsilon_total", EPSILON_TOTAL))


def _tables(
    table: Mapping[str, list[str]],
    wish: Wish,
    kept: TableLedger,
    files: dict[str, bytes],
    data_dir: Path,
    today: date,
    name: str,
) -> tuple[list[str], Loss]:
    taken = _snapshot(table, wish.tables)
    specs = [TableSpec.from_json(wanted) for wanted in wish.tables["wanted"]]
    answers, said = _answers(specs, taken, wish, kept, keys.secret_in(data_dir, "bounding"))
    loss = accounting.total(answer.mechanism.loss for answer in answers)
    if not answers:
        return said, loss
    digest = snapshot.content_hash(taken)
    facts = certificate.Facts(
        id=uuid4(),
        project=name,
        project_title={},
        simulated=False,
        round=uuid5(NAMESPACE_URL, digest),
        population=wish.population,
        unit=wish.unit,
        supersedes=None,
        k=_number(wish.tables, "k", FEWEST),
        max_error_points=_number(wish.tables, "max_error_points", MOST_ERROR_POINTS),
        rules_frozen_on=str(today),
        key_destroyed_on=None,
        answers_sha256=digest,
        answers_frozen_on=str(today),
        source="csv",
        loss=loss_of(answers, DELTA) | {"epsilon_total": kept.promised(_epsilon_total(wish))},
    )
    document = compose(facts, answers, taken) | {"published_on": str(today), "signatures": []}
    files["release.json"] = canonical(certificate.sign(document, data_dir, today))
    return said, loss


def _answers(
    specs: Sequence[TableSpec], taken: SnapshotInput, wish: Wish, kept: TableLedger, key: bytes
) -> tuple[list[Answer], list[str]]:
    """Noise for every table that the gate lets pass; one sentence for each."""
    epsilon_total = kept.promised(_epsilon_total(wish))
    answers: list[Answer] = []
    said: list[str] = []
    for spec in specs:
        counted = NumpyCounts().count(spec, taken, key)
        spent = accounting.total([kept.spent, *(answer.mechanism.loss for answer in answers)])
        mechanism = dp.choose(1 / len(specs), counted.bound, epsilon_total, DELTA, spent)
        verdict = gate.evaluate(
            gate.Subject(
                table=counted,
                mechanism=mechanism,
                k=_number(wish.tables, "k", FEWEST),
                max_error_points=_number(wish.tables, "max_error_points", MOST_ERROR_POINTS),
                sensitive=spec.question in wish.tables.get("sensitive", ()),
                groups=[stratum.value for stratum in strata_of(spec, taken)],
            )
        )
        said += _sentences(spec, verdict)
        if verdict.outcome == "pass" and mechanism is not None:
            answers.append(Answer(spec, mechanism, *counted.split(dp.noisy(counted.vector, mechanism))))
    return answers, said


def _sentences(spec: TableSpec, verdict: gate.Verdict) -> list[str]:
    title = spec.question + (f" / {spec.by}" if spec.by else "")
    stopped = [check for check in verdict.checks if check.outcome != "pass"]
    told = stopped or [check for check in verdict.checks if check.code in {"precision", "inference"}]
    return [f"{title}: {verdict.outcome}"] + [
        f"  {words.check(check.code, check.outcome, check.facts)}" for check in told
    ]


def _snapshot(table: Mapping[str, list[str]], wanted: Mapping[str, Any]) -> SnapshotInput:
    rows = len(next(iter(table.values()), []))
    columns = [_column(name, _column_of(table, name), options) for name, options in wanted["questions"].items()]
    taken = SnapshotInput([f"{row:032x}" for row in range(rows)], columns)
    snapshot.check(taken)
    return taken


def _column(name: str, values: Sequence[str], options: Sequence[object]) -> Column:
    place = {str(option): code for code, option in enumerate(options)}
    strange = sorted({value for value in values if value and value not in place})
    if strange:
        raise PolicyUnreadable(f"“{name}” holds “{strange[0]}”, which is not among its options in the policy.")
    codes = np.array([place.get(value, snapshot.NOT_ANSWERED) for value in values], dtype=np.int16)
    kind: Kind = "scale" if all(isinstance(option, int | float) for option in options) else "one"
    return Column(name, kind, {}, [Option(str(option)) for option in options], codes)


def _records(
    table: Mapping[str, list[str]], wish: Wish, files: dict[str, bytes], data_dir: Path, today: date
) -> list[str]:
    wanted = wish.records
    rules = Rules(int(wanted["k"]), int(wanted.get("l", 1)), float(wanted.get("t", 1.0)))
    hierarchies = {name: _hierarchy(wish.folder / file) for name, file in wanted.get("hierarchies", {}).items()}
    quasi = [
        records.Quasi(name, kind == "category", _column_of(table, name), hierarchies.get(name, {}))
        for name, kind in wanted["quasi"].items()
    ]
    made = records.protect(quasi, wanted["sensitive"], _column_of(table, wanted["sensitive"]), rules)
    stream = io.StringIO()
    csv.writer(stream, delimiter=";", lineterminator="\n").writerows([made.header, *made.rows])
    files["records.csv"] = stream.getvalue().encode()
    document = {
        "@context": certificate.CONTEXT,
        "format": certificate.RECORDS_FORMAT,
        "type": "ProtectedRecords",
        "population": wish.population,
        "unit": wish.unit,
        "published_on": str(today),
        "rules": {"k": rules.k, "l": rules.l, "t": rules.t},
        "quasi_identifiers": [attribute.name for attribute in quasi],
        "sensitive": wanted["sensitive"],
        "empty_cells": "count as a value of their own",
        "sha256": hashlib.sha256(files["records.csv"]).hexdigest(),
        **made.as_json(),
    }
    files["records.certificate.json"] = canonical(certificate.sign(document, data_dir, today))
    found = made.reached
    return [
        f"records: k {found.k}, l {found.l}, t {found.t:.3f} in {found.groups} groups; "
        f"{100 * made.loss:.1f} % of the detail is lost",
        f"  guessing “{wanted['sensitive']}” from a group is right in {100 * made.attacks['inference']['success']:.0f} "
        f"of 100 cases, blind in {100 * made.attacks['inference']['blind']:.0f}",
    ]


def _column_of(table: Mapping[str, list[str]], name: str) -> list[str]:
    if name not in table:
        raise PolicyUnreadable(f"The table has no column “{name}”. It has: {', '.join(table)}.")
    return table[name]


def _hierarchy(file: Path) -> dict[str, list[str]]:
    """``value;wider;widest`` per line."""
    with file.open(encoding="utf-8", newline="") as stream:
        return {row[0]: row[1:] for row in csv.reader(stream, delimiter=";") if row}


def _number(wanted: Mapping[str, Any], name: str, default: float) -> Any:
    return wanted.get(name, default)
