from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.contrib.gis.gdal import DataSource
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from engagement import receipts
from engagement.jobs import Progress
from engagement.models import Job, LogEntry, Project, QueueItem, Round, User
from engagement.moderation import rule
from surveys import opening, versions
from surveys.copy_models import CopyErasure, RawCopy
from surveys.exporting import copying
from surveys.exporting.files import SUFFIXES
from surveys.exporting.tables import harmless
from surveys.receipts import SurveyReceipts
from surveys.responding import accept
from tests.conftest import person
from tests.surveys.conftest import sent
from tests.surveys.forms import form
from tests.surveys.test_responding import PLACE

pytestmark = pytest.mark.django_db

SHEET = """
type | name | label
text | remark | =Remark
select_multiple wishes | matters | Matters
geopoint | place | Place
begin_repeat | tree | Trees
decimal | height | Height
geopoint | spot | Spot
begin_repeat | nest | Nests
integer | eggs | Eggs
end_repeat | |
end_repeat | |
"""
WISHES = "list_name | name | label\nwishes | quiet | Quiet\nwishes | safe | Safe"
FIRST, SECOND = UUID(int=1, version=4), UUID(int=2, version=4)
SPOT = {"type": "Point", "coordinates": [24.5, 60.5]}


@pytest.fixture
def trees(project: Project) -> Round:
    """An open round with two responses, one of them with two trees, three nests and a remark like a formula."""
    version, _new = versions.store(None, project, form(SHEET, WISHES), slug="trees")
    now = timezone.now()
    plan = opening.Plan("All", now - timedelta(days=1), now + timedelta(days=9), without_figures=True)
    round = opening.open_round(None, version, plan)
    nests = [{"height": 4.5, "spot": SPOT, "nest": [{"eggs": 2}, {"eggs": 0}]}, {"height": -1.5, "nest": [{"eggs": 3}]}]
    full = {"remark": "=HYPERLINK(A1)", "matters": ["quiet"], "place": PLACE, "tree": nests}
    accept(version.survey, sent(full, id=FIRST))
    accept(version.survey, sent({"remark": "+358 40", "matters": ["quiet", "safe"]}, id=SECOND, language="fi"))
    return round


def written(round: Round, format: str, folder: Path) -> Path:
    out = folder / f"out{SUFFIXES[format]}"
    assert copying.write(round, format, out) == 2
    return out


def csv_tables(file: Path) -> dict[str, list[list[str]]]:
    with zipfile.ZipFile(file) as whole:
        texts = {name: whole.read(name).decode("utf-8-sig") for name in whole.namelist()}
    return {name: list(csv.reader(io.StringIO(text))) for name, text in texts.items()}


def test_csv_has_a_table_for_the_responses_and_one_for_every_repeated_group(trees: Round, tmp_path: Path) -> None:
    found = csv_tables(written(trees, "csv", tmp_path))
    today = timezone.localdate().isoformat()
    assert list(found) == ["responses.csv", "tree.csv", "tree_nest.csv", "codebook.csv"]
    assert found["responses.csv"] == [
        ["response", "received_on", "language", "remark", "matters", "matters/quiet", "matters/safe", "place"],
        [str(FIRST), today, "en", "'=HYPERLINK(A1)", "quiet", "1", "0", "POINT (24.949 60.1742)"],
        [str(SECOND), today, "fi", "'+358 40", "quiet safe", "1", "1", ""],
    ]
    assert found["tree.csv"] == [
        ["response", "turn", "height", "spot"],
        [str(FIRST), "tree/1", "4.5", "POINT (24.5 60.5)"],
        [str(FIRST), "tree/2", "-1.5", ""],
    ]
    assert [row[1:] for row in found["tree_nest.csv"]] == [
        ["turn", "eggs"],
        ["tree/1/nest/1", "2"],
        ["tree/1/nest/2", "0"],
        ["tree/2/nest/1", "3"],
    ]
    assert found["codebook.csv"][1][:4] == ["responses", "remark", "text", "und: =Remark"]


def test_openpyxl_reads_the_workbook_back_and_finds_no_formula(trees: Round, tmp_path: Path) -> None:
    workbook = load_workbook(written(trees, "xlsx", tmp_path))
    assert workbook.sheetnames == ["responses", "tree", "tree_nest", "codebook"]
    cells = [cell for sheet in workbook for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    rows = list(workbook["tree"].iter_rows(values_only=True))
    assert rows[1:] == [(str(FIRST), "tree/1", 4.5, "POINT (24.5 60.5)"), (str(FIRST), "tree/2", -1.5, None)]


def test_gdal_reads_every_place_of_the_geojson_back(trees: Round, tmp_path: Path) -> None:
    file = written(trees, "geojson", tmp_path)
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    assert [feature["properties"]["key"] for feature in features] == ["place", "tree/1/spot"]
    layer = DataSource(str(file))[0]
    assert [feature.geom.wkt for feature in layer] == ["POINT (24.949 60.1742)", "POINT (24.5 60.5)"]
    assert layer[0]["matters"].value == "quiet"


def test_gdal_reads_layers_and_tables_of_the_geopackage_back(trees: Round, tmp_path: Path) -> None:
    source = DataSource(str(written(trees, "gpkg", tmp_path)))
    layers = {layer.name: layer for layer in map(source.__getitem__, range(source.layer_count))}
    assert {name: len(layer) for name, layer in layers.items()} == {
        "places_place": 1,
        "places_tree_spot": 1,
        "responses": 2,
        "tree": 2,
        "tree_nest": 3,
        "codebook": 8,
    }
    assert layers["places_tree_spot"].srs.srid == 4326
    (spot,) = layers["places_tree_spot"]
    assert (spot.geom.wkt, spot["key"].value) == ("POINT (24.5 60.5)", "tree/1/spot")


def test_what_a_moderator_rejected_stays_out(trees: Round, tmp_path: Path, officer: User) -> None:
    for item in QueueItem.objects.filter(kind="survey.text"):
        rule(item, officer, "rejected", ground="insult", reason="It insults.")
    rows = csv_tables(written(trees, "csv", tmp_path))["responses.csv"]
    assert [row[3] for row in rows[1:]] == ["", ""]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("=1", "'=1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\tx", "'\tx"), ("a=1", "a=1"), ("", "")],
)
def test_texts_that_look_like_formulas_are_made_harmless(text: str, expected: str) -> None:
    assert harmless(text) == expected


def made(officer: User, round: Round, purpose: str = "To see which streets are named.") -> RawCopy:
    copy = copying.request_copy(officer, round, "csv", purpose)
    assert copy.job_id is not None
    Job.objects.filter(pk=copy.job_id).update(state=Job.State.RUNNING)
    copying.make_copy(Progress(Job.objects.get(pk=copy.job_id)), str(copy.pk))
    copy.refresh_from_db()
    return copy


def test_a_copy_is_written_down_with_its_holder_and_purpose(trees: Round, officer: User) -> None:
    copy = made(officer, trees)
    assert (copy.rows, copy.holder, copy.purpose) == (2, officer, "To see which streets are named.")
    assert copying.opened(copy).stat().st_size == copy.size_bytes
    assert LogEntry.objects.get(verb="answers.exported").details == {"copy": copy.pk, "format": "csv"}
    with pytest.raises(copying.NoPurpose):
        copying.request_copy(officer, trees, "csv", "research")


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_names_the_row_to_every_holder_and_takes_the_file_away(
    trees: Round, officer: User, project: Project
) -> None:
    copy = made(officer, trees)
    given = sent({"remark": "mine"})
    accept(trees.survey_opening.version.survey, given)
    second = made(officer, trees)
    report = SurveyReceipts().withdraw(given.code, receipts.find(given.code))
    assert "1 person who holds a copy was told to delete your row there, too." in report.deleted
    assert set(CopyErasure.objects.values_list("copy", "ref")) == {(copy.pk, str(given.id)), (second.pk, str(given.id))}
    for gone in (copy, second):
        with pytest.raises(copying.FileGone):
            copying.opened(gone)
    assert copying.confirm_erased(second, officer) == 1
    assert not second.open_erasures.exists()


def test_the_page_asks_for_a_purpose_and_hands_the_file_to_its_holder_alone(
    client: Client, trees: Round, officer: User, project: Project
) -> None:
    client.force_login(officer)
    door = "/desk/surveys/trees/copies/"
    page = client.post(door, {"round": trees.pk, "format": "csv", "purpose": "x"})
    assert page.status_code == 422
    assert not RawCopy.objects.exists()
    assert client.post(door, {"round": trees.pk, "format": "csv", "purpose": "Count the trees."}).status_code == 302
    copy = made(officer, trees)
    file = client.get(f"{door}{copy.pk}/file")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content))).namelist()[0] == "responses.csv"  # type: ignore[attr-defined]
    other = Client()
    other.force_login(person("colleague@example.org", "officer", project))
    assert other.get(f"{door}{copy.pk}/file").status_code == 403
    assert "Count the trees." in other.get(door).content.decode()


def test_planners_have_no_way_to_raw_answers(client: Client, trees: Round, planner: User) -> None:
    client.force_login(planner)
    assert client.get("/desk/surveys/trees/copies/").status_code == 403


def test_files_go_after_a_day_and_the_record_stays(trees: Round, officer: User) -> None:
    copy = made(officer, trees)
    assert copying.remove_old_files() == {"files": 0}
    file = copying.file_of(copy)
    RawCopy.objects.update(made_at=timezone.now() - timedelta(days=2))
    copy.refresh_from_db()
    file.rename(copying.file_of(copy))
    assert copying.remove_old_files() == {"files": 1}
    assert RawCopy.objects.count() == 1
