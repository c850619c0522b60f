from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from surveys.demo import sheets
from surveys.ir import Choice, Group, Language, Question, as_json, from_json
from surveys.xlsform.reading import read
from surveys.xlsform.refusals import FormRefused
from surveys.xlsform.workbook import LARGEST_BYTES
from surveys.xlsform.writing import write
from tests.surveys.forms import form, imported, xlsx

FULL = """
type | name | label::English (en) | label::Finnish (fi) | hint::English (en) | easy::English (en) | pii | publish | scenario | required | required_message::English (en) | constraint | constraint_message::English (en) | relevant | default | parameters | appearance | choice_filter | calculation | readonly | media::image | body::ce:widget
select_one modes | mode | How? | Miten? | The usual way | How do you go? | indirect | counts | mode_today | yes | Please say | | | | bike | | minimal | | | | way.png | tiles
select_multiple towns | town | Where? | Missä? | | | | never | | | | count-selected(.) < 3 | Two at most | ${mode} = 'bike' | | | | land = 'fi' | | | |
begin_group | home | At home | Kotona | | | | | | | | | | ${mode} != '' | | | field-list | | | | |
range | calm | Calm? | Hiljaista? | | | | | | | | | | | | start=1 end=5 step=1 | | | | | |
text | why | Why, ${mode}? | Miksi? | | | special | | | | | | | | | rows=3 | multiline | | | | |
end_group | | | | | | | | | | | | | | | | | | | | |
calculate | twice | | | | | | | | | | | | | | | | | 2 * ${calm} | | |
date | day | Day | Päivä | | | | | | | | . <= today() | | | today() | | | | | yes | |
"""
CHOICES = """
list_name | name | label::English (en) | label::Finnish (fi) | easy::English (en) | media::image | land
modes | car | Car | Auto | By car | car |
modes | bike | Bike | Pyörä | | bike |
towns | hki | Helsinki | Helsinki | | | fi
towns | sto | Stockholm | Tukholma | | | sv
"""
SETTINGS = """
form_title | form_id | version | default_language | title::English (en) | style | instance_name | allow_choice_duplicates
Silta | bridge | 3 | Finnish (fi) | Bridge | pages | ${mode} | yes
"""


def faults(survey: str, choices: str = "", settings: str = "") -> list[str]:
    with pytest.raises(FormRefused) as refused:
        form(survey, choices, settings)
    return [str(fault) for fault in refused.value.faults]


def test_a_form_comes_in_with_everything_its_author_wrote() -> None:
    found = form(FULL, CHOICES, SETTINGS)
    assert found.form_id == "bridge"
    assert found.title == {"fi": "Silta", "en": "Bridge"}
    assert found.languages == (Language("fi", "Finnish"), Language("en", "English"))
    assert (found.version, found.style, found.allow_choice_duplicates) == ("3", "pages", True)
    mode = found.questions["mode"]
    assert mode == Question(
        kind="select_one", path="mode", label={"en": "How?", "fi": "Miten?"}, hint={"en": "The usual way"},
        easy={"en": "How do you go?"}, media={"image": {"fi": "way.png"}}, list_name="modes", required="true()",
        required_message={"en": "Please say"}, default="bike", appearance="minimal", pii="indirect", publish="counts",
        scenario="mode_today", attributes={"body::ce:widget": "tiles"},
    )  # fmt: skip
    assert found.choices["modes"][0] == Choice(
        "car", {"en": "Car", "fi": "Auto"}, {"en": "By car"}, {"image": {"fi": "car"}}
    )
    assert found.choices["towns"][1].data == {"land": "sv"}
    home = found.items["home"]
    assert isinstance(home, Group)
    assert [child.path for child in home.children] == ["home/calm", "home/why"]
    assert found.questions["day"].dynamic_default
    assert found.questions["day"].read_only == "true()"


def test_a_form_goes_out_and_comes_back_equal() -> None:
    first = form(FULL, CHOICES, SETTINGS)
    again = read(write(first)).form
    assert again == first
    assert again.hash == first.hash


def test_a_form_is_the_same_after_a_rest_in_the_database() -> None:
    found = form(FULL, CHOICES, SETTINGS)
    assert from_json(as_json(found)) == found


def test_the_hash_of_a_form_changes_with_what_it_asks() -> None:
    assert form("type | name | label\ntext | a | A").hash != form("type | name | label\ntext | a | B").hash


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    found = form("type | name | label\ntext | a | =1+1 is what?")
    page = load_workbook(io.BytesIO(write(found)))["survey"]
    cells = {cell.value: cell.data_type for row in page.iter_rows() for cell in row}
    assert cells["=1+1 is what?"] == "s"
    assert read(write(found)).form == found


@pytest.mark.parametrize("name", sheets.names())
def test_the_forms_of_the_demo_are_taken_in_without_a_remark_and_round_trip(name: str) -> None:
    first = read(sheets.xlsx(name))
    assert first.notices == ()
    assert [language.code for language in first.form.languages] == ["fi", "en", "sv"]
    assert read(write(first.form)).form == first.form
    for question in first.form.questions.values():
        assert set(question.label) == {"fi", "sv", "en"}


# What each of the shared forms is worth here, written out: equal after a round trip, or refused for these reasons.
REFUSED = {
    "attribute_columns_test.xlsx": ["row 2, column “public_key”", "row 35, column “type”: barcodes", "row 37", "row 38", "row 59"],
    "case_insensitivity.xls": ["Sheet “entities”, row 2", "row 3, column “TYPE”", "row 4, column “TYPE”"],
    "include.xls": ["Sheet “survey”, row 3, column “type”: questions of another form cannot be included"],
    "include_json.xls": ["Sheet “survey”, row 2, column “type”: questions of another form cannot be included"],
    "widgets.xls": ["row 12, column “type”: barcodes", "row 14, column “type”: sound", "row 15, column “type”: sound"],
}  # fmt: skip


def test_every_shared_form_round_trips_or_is_refused_with_place_and_reason(shared_data: Path) -> None:
    files = sorted((shared_data / "surveys").glob("*.xls*"))
    assert len(files) == 22
    for file in files:
        if file.name in REFUSED:
            with pytest.raises(FormRefused) as refused:
                read(file.read_bytes())
            told = [str(fault) for fault in refused.value.faults]
            assert len(told) == len(REFUSED[file.name]), told
            assert all(part in line for part, line in zip(REFUSED[file.name], told, strict=True)), told
        else:
            found = read(file.read_bytes()).form
            assert read(write(found)).form == found, file.name


@pytest.mark.parametrize(
    ("survey", "told"),
    [
        ("type | name | label | relevant\ntext | a | A |\ntext | b | B | slected(${a}, 'x')",
         "Sheet “survey”, row 3, column “relevant”: There is no function slected(); did you mean selected()? (at character 1)"),
        ("type | name | label | bind::constraint\ntext | a | A | regex(., '(')",
         "Sheet “survey”, row 2, column “bind::constraint”: The pattern opens a bracket “(” that it never closes"),
        ("type | name | calculation\ncalculate | a | ${b} + 1\ncalculate | b | ${a} + 1",
         "Sheet “survey”, row 2, column “calculation”: this rests on itself: a → b → a"),
        ("type | name | calculation\ncalculate | a | pulldata('f', 'c', 'k', 'v')",
         "Sheet “survey”, row 2, column “calculation”: pulldata() reads a file beside the form, and such files cannot be uploaded here"),
        ("type | name | label\naudio | a | A",
         "Sheet “survey”, row 2, column “type”: sound, video and other files cannot be answered here; ask for a photo or a text instead"),
        ("type | name | label | trigger | calculation\ntext | a | A | |\ncalculate | b | B | ${a} | 1",
         "Sheet “survey”, row 3, column “trigger”: calculations on a trigger cannot be carried out here; use a plain calculation"),
        ("type | name | label | pii\ntext | a | A | secret",
         "Sheet “survey”, row 2, column “pii”: “secret” is none of direct, indirect, none, special"),
        ("type | name | label | default\ninteger | a | A | many",
         "Sheet “survey”, row 2, column “default”: Please write a whole number, in digits."),
        ("type | name | label::English (en) | hint::Englisch (en)\ntext | a | A | B",
         "Sheet “survey”, row 1: the columns name the language “en” both English and Englisch"),
        ("type | name | label\nfoo | a | A", "Sheet “survey”, row 2, column “type”: Unknown question type 'foo'."),
        ("type | name | label\ntext | a | Hello ${you}",
         "Sheet “survey”, row 2: the 'label' value is invalid. Reference variables must contain a name from the 'survey' sheet. Could not find the name 'you'."),
    ],
)  # fmt: skip
def test_a_faulty_form_is_refused_with_sheet_row_column_and_reason(survey: str, told: str) -> None:
    assert faults(survey) == [told]


def test_all_faults_are_told_at_once_in_the_order_of_the_rows() -> None:
    told = faults("type | name | label | relevant\naudio | a | A |\nvideo | b | B |\ntext | c | C | 1 +")
    assert [line.split(",")[1].strip() for line in told] == ["row 2", "row 3", "row 4"]


def test_columns_that_nothing_here_uses_are_named_and_not_dropped_in_silence() -> None:
    notices = imported("type | name | label | my notes\ntext | a | A | remember").notices
    assert notices == ("The column “my notes” of the sheet “survey” is not used here.",)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "This file is empty."),
        (b"PK\x03\x04 broken", "This file is damaged. Save it again as .xlsx."),
        (b"\x00" * 400, "This file cannot be read as a spreadsheet"),
        (b"%PDF-1.7 a report", "This file cannot be read as a spreadsheet"),
        (b"x" * (LARGEST_BYTES + 1), "This file is larger than 5 MB."),
    ],
)
def test_a_file_that_is_no_form_is_refused_with_a_sentence(data: bytes, told: str) -> None:
    with pytest.raises(FormRefused) as refused:
        read(data)
    assert str(refused.value.faults[0]).startswith(told)


def test_a_file_that_unfolds_to_too_much_is_refused_before_it_is_read() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 61 * 1024 * 1024)
    with pytest.raises(FormRefused, match="unfolds to more than 60 MB"):
        read(stream.getvalue())


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.binary(max_size=200), st.integers(0, 4000))
def test_a_damaged_form_is_read_or_refused_but_never_breaks_the_reader(noise: bytes, place: int) -> None:
    whole = xlsx(survey="type | name | label\ntext | a | A")
    cut = place % len(whole)
    try:
        read(whole[:cut] + noise + whole[cut + len(noise) :])
    except FormRefused as refused:
        assert str(refused.faults[0])


def test_a_header_that_is_a_number_is_named_with_its_place() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "survey"
    for row in (["type", "name", 5], ["text", "a", "A"]):
        sheet.append(row)
    stream = io.BytesIO()
    workbook.save(stream)
    with pytest.raises(FormRefused) as refused:
        read(stream.getvalue())
    (fault,) = refused.value.faults
    assert (fault.sheet, fault.row, fault.column) == ("survey", 1, "5")
    assert fault.reason == "the header “5” is no text; write the name of a column"
