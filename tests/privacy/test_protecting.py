from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from privacy import certificate, signing

TABLES = {
    "epsilon_total": 4,
    "questions": {"mode": ["car", "bike", "foot"], "area": ["north", "south"], "safe": [1, 2, 3]},
    "wanted": [{"question": "mode"}, {"question": "mode", "by": "area"}, {"question": "safe"}],
}
RECORDS = {
    "quasi": {"age": "number", "school": "category"},
    "hierarchies": {"school": "school.csv"},
    "sensitive": "mode",
    "k": 5,
    "l": 2,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A table of 600 people, north 588 and south 12, and a hierarchy of schools."""
    rng = np.random.default_rng(5)
    rows = [
        [int(rng.integers(18, 80)), str(rng.choice(["basic", "vocational", "bachelor", "master"])),
         str(rng.choice(["car", "bike", "foot"], p=[0.5, 0.2, 0.3])), "south" if n < 12 else "north", int(rng.integers(1, 4))]
        for n in range(600)
    ]  # fmt: skip
    with (tmp_path / "people.csv").open("w", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows([["age", "school", "mode", "area", "safe"], *rows])
    (tmp_path / "school.csv").write_text(
        "basic;school;*\nvocational;school;*\nbachelor;university;*\nmaster;university;*\n"
    )
    return tmp_path


def run(folder: Path, **asked: Any) -> Path:
    policy = {"population": "Everybody", "unit": "person"} | asked
    (folder / "policy.json").write_text(json.dumps(policy))
    call_command("protect_table", folder / "people.csv", policy=folder / "policy.json", out=folder / "out")
    return folder / "out"


def test_totals_of_any_table_come_with_ranges_and_a_certificate(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = run(folder, tables=TABLES)
    document = json.loads((out / "release.json").read_text())
    exact = [row["mode"] for row in csv.DictReader((folder / "people.csv").open(), delimiter=";")]
    counts = {cell["option"]: cell["count"] for cell in document["cells"] if cell["question"] == "mode"}
    assert counts["car"] == pytest.approx(exact.count("car"), abs=25)
    assert document["certificate"]["unit_of_privacy"] == "person"
    assert document["certificate"]["privacy_loss"]["epsilon"] < 4
    call_command("verify_release", out / "release.json")
    said = capsys.readouterr().out
    assert "The certificate holds: people" in said
    assert "mode / area: refuse" in said
    assert "Merge groups" in said
    assert "mode / area" in (out / "report.txt").read_text()


def test_records_hold_their_rules_and_print_ranges_and_wider_names(folder: Path) -> None:
    out = run(folder, records=RECORDS | {"k": 90})
    with (out / "records.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        groups.setdefault((row["age"], row["school"]), []).append(row["mode"])
    assert len(rows) == 600
    assert min(map(len, groups.values())) >= 90
    assert min(len(set(modes)) for modes in groups.values()) >= 2
    printed = {school for _age, school in groups}
    assert printed & {"school", "university"}
    narrow = {"basic", "vocational", "bachelor", "master", "school", "university"}
    assert all(set(name.split("|")) <= narrow for name in printed)
    assert any("-" in age for age, _school in groups)
    signed = json.loads((out / "records.certificate.json").read_text())
    key = certificate.verify(signed, signing.register(Path(str(folder))))
    assert key.kid == signed["proof"]["key_id"]
    assert signed["sha256"] == hashlib.sha256((out / "records.csv").read_bytes()).hexdigest()
    assert signed["reached"]["k"] >= 90
    assert signed["reached"]["homogeneous_share"] == 0
    assert signed["attacks"]["inference"]["success"] >= signed["attacks"]["inference"]["blind"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"tables": TABLES | {"questions": {"mode": ["car", "bike"]}}}, "“mode” holds “foot”"),
        ({"tables": TABLES | {"questions": {"income": ["1"]}}}, "no column “income”"),
        ({"tables": TABLES | {"wanted": [{"question": "income"}]}}, "no question “income”"),
        ({"records": RECORDS | {"l": 1}}, "k alone leaves groups"),
        ({"records": RECORDS | {"quasi": {"school": "number"}}}, "“school” is called a number"),
        ({"records": RECORDS | {"k": 601}}, "600 rows are fewer than k = 601"),
        ({"records": RECORDS | {"l": 4}}, "fewer than l = 4"),
        ({"records": RECORDS | {"hierarchies": {"school": "absent.csv"}}}, "cannot be read"),
        ({"unit": "household", "tables": TABLES}, "names its unit"),
        ({}, "asks for tables or records"),
    ],
)
def test_a_policy_that_cannot_be_followed_is_refused_and_nothing_is_written(
    folder: Path, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        run(folder, **asked)
    assert not (folder / "out").exists()


def test_an_uneven_table_and_a_broken_policy_are_named(folder: Path) -> None:
    with (folder / "people.csv").open("a") as stream:
        stream.write("only;two\n")
    with pytest.raises(CommandError, match="Line 602"):
        run(folder, tables=TABLES)
    (folder / "policy.json").write_text("{")
    with pytest.raises(CommandError, match="is no policy"):
        call_command("protect_table", folder / "people.csv", policy=folder / "policy.json", out=folder / "out")


def test_too_few_rows_for_records_are_sent_to_totals(folder: Path) -> None:
    lines = (folder / "people.csv").read_text().splitlines()[:100]
    (folder / "people.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(CommandError, match="at least 150 rows, this one has 99"):
        run(folder, records=RECORDS)


def test_the_same_policy_gives_the_same_files_again_and_costs_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = (run(folder, tables=TABLES) / "release.json").read_bytes()
    capsys.readouterr()
    assert (run(folder, tables=TABLES) / "release.json").read_bytes() == first
    assert "the same files again, nothing was spent" in capsys.readouterr().out


def test_asking_differently_pays_from_what_is_left_until_nothing_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for n, question in enumerate(["mode", "area", "safe"]):
        run(folder, tables=TABLES | {"wanted": [{"question": question}], "k": 10 + n})
    said = capsys.readouterr().out
    assert "mode: hold" in said or "mode: pass" in said
    run(folder, tables=TABLES | {"wanted": [{"question": "mode"}, {"question": "safe"}], "max_error_points": 14})
    run(folder, tables=TABLES | {"wanted": [{"question": "mode"}, {"question": "safe"}], "max_error_points": 13})
    run(folder, tables=TABLES | {"wanted": [{"question": "mode"}, {"question": "safe"}], "max_error_points": 12})
    assert "cannot pay for this" in capsys.readouterr().out


def test_a_later_policy_cannot_raise_the_budget(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = {"wanted": [{"question": "mode"}] * 2}
    run(folder, tables=TABLES | wanted | {"epsilon_total": 1})
    out = run(folder, tables=TABLES | wanted | {"epsilon_total": 8})
    assert "cannot pay for this" in (out / "report.txt").read_text()


def test_a_second_file_of_records_of_the_same_people_is_refused(folder: Path) -> None:
    run(folder, records=RECORDS)
    with pytest.raises(CommandError, match="Two such files together single people out"):
        run(folder, records=RECORDS | {"quasi": {"age": "number"}, "hierarchies": {}})
    run(folder, records=RECORDS)
