from __future__ import annotations

import base64
import io
import json
import zlib
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import etree
from PIL import Image

from engagement import receipts
from engagement.models import Project, Round
from surveys import opening, versions
from surveys.field_models import HeldSubmission
from surveys.models import AnswerGeometry, Attachment, ModeratedAnswer, Response, Survey
from surveys.openrosa import submissions
from surveys.openrosa.settings_code import code
from surveys.receipts import SurveyReceipts
from tests.surveys.conftest import photo_data
from tests.surveys.forms import form

pytestmark = pytest.mark.django_db
LIST = "{http://openrosa.org/xforms/xformsList}"
PHOTO = base64.b64decode(photo_data()["data"])


@pytest.fixture
def door(survey: Survey, asked: Round) -> str:
    return f"/odk/{submissions.key_of(survey).token}"


def document(answers: str = "<mode>bike</mode><minutes>12</minutes>", **more: str) -> str:
    """An instance as Collect writes it."""
    given = {"id": str(uuid4()), "version": "", "form": "bridge", "meta": "", **more}
    version = f' version="{given["version"]}"' if given["version"] else ""
    meta = f"<meta><instanceID>uuid:{given['id']}</instanceID>{given['meta']}</meta>"
    return f'<?xml version="1.0"?><data id="{given["form"]}"{version}>{answers}{meta}</data>'


def post(client: Client, door: str, written: str | bytes, files: dict[str, bytes] | None = None, **fields: str) -> Any:
    data = written.encode() if isinstance(written, str) else written
    sent: dict[str, Any] = {"xml_submission_file": SimpleUploadedFile("a.xml", data, "text/xml"), **fields}
    sent |= {name: SimpleUploadedFile(name, content, "image/jpeg") for name, content in (files or {}).items()}
    return client.post(f"{door}/submission", sent)


def told(page: Any) -> str:
    return str(etree.fromstring(page.content).findtext("{*}message"))


def test_the_list_names_the_open_form_and_what_it_names_can_be_fetched(client: Client, door: str) -> None:
    listed = etree.fromstring(client.get(f"{door}/formList").content)
    (entry,) = listed.findall(f"{LIST}xform")
    assert entry.findtext(f"{LIST}formID") == "bridge"
    assert entry.findtext(f"{LIST}name") == "The old bridge"
    page = client.get(entry.findtext(f"{LIST}downloadUrl") or "")
    assert page.headers["X-OpenRosa-Version"] == "1.0"
    asked = etree.fromstring(page.content)
    instance = asked.find(".//{*}instance/*")
    assert instance is not None
    assert (instance.get("id"), instance.get("version")) == ("bridge", entry.findtext(f"{LIST}version"))
    names = [etree.QName(child).localname for child in instance]
    assert names == ["mode", "matters", "minutes", "affected", "place", "remark", "photo", "hours", "meta"]
    manifest = etree.fromstring(client.get(entry.findtext(f"{LIST}manifestUrl") or "").content)
    bike, car = manifest.findall("{*}mediaFile")
    assert (bike.findtext("{*}filename"), car.findtext("{*}filename")) == ("bike.svg", "car.svg")
    drawing = client.get(car.findtext("{*}downloadUrl") or "")
    assert etree.fromstring(drawing.content).tag == "{http://www.w3.org/2000/svg}svg"


def test_the_form_is_read_back_by_pyxforms_own_validator_shape(client: Client, door: str) -> None:
    body = etree.fromstring(client.get(f"{door}/form.xml").content)
    refs = {element.get("ref") for element in body.iterfind(".//{*}body//*[@ref]")}
    binds = {bind.get("nodeset") for bind in body.iterfind(".//{*}bind")}
    assert {ref for ref in refs if ref and ref.startswith("/")} - binds == set()


def test_head_says_where_to_post(client: Client, door: str) -> None:
    page = client.head(f"{door}/submission")
    assert page.status_code == 204
    assert page.headers["Location"].endswith(f"{door}/submission")
    assert page.headers["X-OpenRosa-Version"] == "1.0"
    assert page.headers["X-OpenRosa-Accept-Content-Length"] == "12582912"
    assert "Date" in page.headers


def test_a_submission_is_stored_once_and_known_again(client: Client, door: str) -> None:
    written = document("<mode>bike</mode><matters>safe quiet</matters><minutes>90</minutes><hours>9</hours>")
    first, second = post(client, door, written), post(client, door, written)
    assert (first.status_code, second.status_code) == (201, 202)
    assert told(first) == told(second)
    assert Response.objects.get().answers == {
        "mode": "bike",
        "matters": ["quiet", "safe"],
        "minutes": 90,
        "hours": "1.5",
    }


def test_the_receipt_code_that_the_app_shows_withdraws_the_response_for_good(client: Client, door: str) -> None:
    written = document()
    code_shown = told(post(client, door, written)).split("code is ")[1].split(".")[0]
    SurveyReceipts().withdraw(code_shown, receipts.find(code_shown))
    assert post(client, door, written).status_code == 410
    assert not Response.objects.exists()


def test_other_answers_under_the_same_instance_are_refused(client: Client, door: str) -> None:
    identity = str(uuid4())
    post(client, door, document(id=identity))
    page = post(client, door, document("<mode>car</mode><minutes>3</minutes>", id=identity))
    assert page.status_code == 409
    assert Response.objects.get().answers["mode"] == "bike"


def test_photos_and_places_come_along_without_what_the_camera_noted(client: Client, door: str) -> None:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Ann's kitchen"
    Image.new("RGB", (30, 20)).save(stream, "JPEG", exif=exif)
    answers = "<mode>car</mode><minutes>3</minutes><place>60.1742 24.949 0 4.5</place><remark>Dark</remark><photo>1.jpg</photo>"
    assert post(client, door, document(answers), {"1.jpg": stream.getvalue()}).status_code == 201
    assert AnswerGeometry.objects.get().geometry.coords == (24.949, 60.1742)
    assert b"kitchen" not in bytes(Attachment.objects.get().content)
    assert set(ModeratedAnswer.objects.values_list("kind", flat=True)) == {
        "survey.point",
        "survey.text",
        "survey.photo",
    }


ANSWERS = "<mode>car</mode><minutes>3</minutes><remark>Dark</remark><photo>1.jpg</photo>"


def test_a_submission_in_parts_is_counted_when_its_files_are_here(client: Client, door: str) -> None:
    written = document(ANSWERS)
    assert post(client, door, written, None, **{"*isIncomplete*": "yes"}).status_code == 202
    assert not Response.objects.exists()
    last = post(client, door, written, {"1.jpg": PHOTO})
    assert last.status_code == 201
    assert Attachment.objects.count() == 1
    assert not HeldSubmission.objects.exists()
    assert post(client, door, written, {"1.jpg": PHOTO}).status_code == 202
    assert post(client, door, written, {}).status_code == 202
    assert Response.objects.count() == 1


def test_answers_whose_photo_never_comes_are_taken_in_without_it_after_a_day(client: Client, door: str) -> None:
    assert post(client, door, document(ANSWERS)).status_code == 202
    assert submissions.finish_waiting() == {"taken": 0, "refused": 0}
    HeldSubmission.objects.update(held_on="2026-01-01")
    assert submissions.finish_waiting() == {"taken": 1, "refused": 0}
    assert Response.objects.get().answers == {"mode": "car", "minutes": 3, "remark": "Dark", "hours": "0.05"}
    assert not HeldSubmission.objects.exists()


def test_repeats_and_groups_keep_their_places(client: Client, project: Project) -> None:
    sheet = """
    type | name | label
    begin_group | home | Home
    text | street | Street
    begin_repeat | member | Member
    integer | age | Age
    end_repeat | |
    end_group | |
    """
    version, _new = versions.store(None, project, form(sheet), slug="family")
    _open(version)
    door = f"/odk/{submissions.key_of(version.survey).token}"
    answers = "<home><street>Quay</street><member><age>3</age></member><member><age/></member><member><age>41</age></member></home>"
    page = post(client, door, document(answers, form="family"))
    assert page.status_code == 201, told(page)
    assert Response.objects.get().answers == {
        "home/street": "Quay",
        "home/member": [{"age": 3}, {}, {"age": 41}],
    }


def _open(version: Any) -> None:
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    plan = opening.Plan("All", now - timedelta(days=1), now + timedelta(days=5), without_figures=True)
    opening.open_round(None, version, plan)


def test_what_is_wrong_with_the_answers_is_said_in_a_sentence(client: Client, door: str) -> None:
    page = post(client, door, document("<mode>bike</mode><minutes>0</minutes>"))
    assert page.status_code == 422
    assert "Between 1 and 299 minutes, please." in told(page)
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("written", "status", "sentence"),
    [
        ("<data", 422, "no XML that can be read"),
        ('<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><data id="bridge">&e;</data>', 422, "document type"),
        ("<data id='bridge'/>", 422, "no instanceID"),
        ("<a>" * 40 + "</a>" * 40, 422, "nested too deeply"),
        (document(form="other"), 409, "They were given to “other”"),
        (document(version="0123456789abcdef"), 409, "Fetch the blank form again"),
        (document("<nobody>x</nobody>"), 422, "There is no question called “nobody”."),
        (
            document(meta="<deprecatedID>uuid:0d2c1a7e-7d3a-4e8f-9a58-8f6f2b1f1c11</deprecatedID>"),
            409,
            "not edited here",
        ),
    ],
)
def test_bad_documents_get_a_readable_answer(
    client: Client, door: str, written: str, status: int, sentence: str
) -> None:
    page = post(client, door, written)
    assert (page.status_code, sentence in told(page)) == (status, True), told(page)
    assert not Response.objects.exists()


def test_a_post_without_a_document_is_refused(client: Client, door: str) -> None:
    page = client.post(f"{door}/submission", {"a": "b"})
    assert page.status_code == 422
    assert "xml_submission_file" in told(page)


def test_after_the_close_nothing_is_listed_and_nothing_taken(client: Client, door: str, asked: Round) -> None:
    opening.close_round(None, asked)
    assert not etree.fromstring(client.get(f"{door}/formList").content).findall(f"{LIST}xform")
    page = post(client, door, document())
    assert page.status_code == 409
    assert "closed" in told(page)


def test_a_new_key_ends_the_old_one_and_unpublished_surveys_have_no_door(
    client: Client, survey: Survey, door: str
) -> None:
    fresh = submissions.key_of(survey, renew=True).token
    assert client.get(f"{door}/formList").status_code == 404
    assert client.get(f"/odk/{fresh}/formList").status_code == 200
    Project.objects.update(published=False)
    assert client.get(f"/odk/{fresh}/formList").status_code == 404


def test_collects_settings_code_names_the_address(survey: Survey) -> None:
    read = json.loads(zlib.decompress(base64.b64decode(code(survey, "abc"))))
    assert read["general"]["server_url"] == "http://localhost:8000/odk/abc"
    assert read["project"]["name"] == "The old bridge"


def test_an_instance_id_that_is_no_uuid_still_names_one_response() -> None:
    from surveys.openrosa.instances import parsed

    written = "<data><meta><instanceID>phone 7, form 12</instanceID></meta></data>"
    first, second = parsed(written.encode()), parsed(written.encode())
    assert first.id == second.id
    assert isinstance(first.id, UUID)


def test_officers_get_the_code_on_the_desk_and_can_renew_it(client: Client, survey: Survey, officer: Any) -> None:
    client.force_login(officer)
    page = client.get("/desk/surveys/bridge/field/").content.decode()
    old = submissions.key_of(survey).token
    assert f"/odk/{old}" in page
    assert "<svg" in page
    assert client.post("/desk/surveys/bridge/field/").status_code == 302
    assert submissions.key_of(survey).token != old


def test_the_door_of_answers_is_closed_to_planners(client: Client, survey: Survey, planner: Any) -> None:
    client.force_login(planner)
    assert client.get("/desk/surveys/bridge/field/").status_code == 403
