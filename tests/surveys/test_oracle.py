"""ODK Validate, which pyxform brings along, is asked about the same forms: JavaRosa reads what our phones read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyxform.validators.odk_validate import ODKValidateError, check_xform
from pyxform.xls2xform import convert

from surveys.demo import sheets
from surveys.ir import Form
from surveys.openrosa.xform import xform
from surveys.xlsform.reading import read
from surveys.xlsform.refusals import FormRefused
from tests.surveys import forms
from tests.surveys.conftest import CHOICES, SETTINGS, SURVEY

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def java() -> None:
    if shutil.which("java") is None:
        pytest.skip("Java is not here, so ODK Validate cannot be asked")


def verdict(document: bytes, folder: Path) -> str:
    """What ODK Validate says against an XForm; empty when nothing."""
    file = folder / "form.xml"
    file.write_bytes(document)
    try:
        check_xform(str(file))
    except ODKValidateError as error:
        return str(error)
    return ""


def accepted(shared: Path) -> dict[str, Form]:
    found = {}
    for file in sorted((shared / "surveys").glob("*.xls*")):
        try:
            found[file.name] = read(file.read_bytes()).form
        except FormRefused:
            continue
    return found


def test_javarosa_takes_every_form_that_we_take(shared_data: Path, tmp_path: Path) -> None:
    found = accepted(shared_data) | {name: read(sheets.xlsx(name)).form for name in sheets.names()}
    found["bridge"] = forms.form(SURVEY, CHOICES, SETTINGS)
    told = {name: verdict(xform(form, "form"), tmp_path) for name, form in found.items()}
    assert {name: sentence for name, sentence in told.items() if sentence} == {}
    assert len(found) >= 18


@pytest.mark.parametrize(
    "logic",
    ["${b} + 1 | ${a} + 1", "nonsense(1) | 1", "1 + | 1", "selected(${a}) | 1", "if(1, 2) | 1"],
)
def test_both_refuse_the_same_broken_logic(logic: str, tmp_path: Path) -> None:
    first, _bar, second = logic.partition(" | ")
    sheet = f"type | name | label | calculation\ntext | t | T |\ncalculate | a | | {first}\ncalculate | b | | {second}"
    with pytest.raises(FormRefused):
        forms.form(sheet)
    try:
        document = convert(forms.xlsx(survey=sheet)).xform.encode()
    except Exception:
        return  # pyxform refused it before JavaRosa saw it
    assert verdict(document, tmp_path) != ""
