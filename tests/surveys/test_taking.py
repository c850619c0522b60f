"""The questionnaire without JavaScript, through the pages that a browser gets."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from engagement import places
from engagement.geo import point
from engagement.models import Place, Poster, Project, QueueItem, Receipt, Round
from surveys import opening
from surveys.models import Attachment, Draft, Response, Survey
from tests.surveys.conftest import photo_data

pytestmark = pytest.mark.django_db
HOME = "/surveys/bridge/"


def begin(client: Client) -> None:
    assert client.post(HOME).status_code == 302


def answer(client: Client, key: str, value: Any = "", **more: Any) -> Any:
    return client.post(f"{HOME}questions/{key}/", {key: value, **more})


def code_on(content: bytes) -> str:
    found = re.search(r"data-code>([0-9A-Z-]{23})<", content.decode())
    assert found, content.decode()[-2000:]
    return found[1]


def test_the_first_page_says_who_asks_who_may_answer_and_what_becomes_of_it(client: Client, asked: Round) -> None:
    page = client.get(HOME).content.decode()
    for part in ("City council", "Residents of Old Harbour", "They set the weights of the comparison.", "30 January 2027",
                 "7 questions", "about 5 minutes", "No name, no account."):  # fmt: skip
        assert part in page, part


def test_a_resident_answers_page_by_page_and_gets_a_receipt(client: Client, survey: Survey, asked: Round) -> None:
    begun = client.post(HOME)
    assert begun.headers["Location"] == f"{HOME}questions/mode/"
    first = client.get(begun.headers["Location"])
    assert "Question 1 of 6" in first.content.decode()
    assert "How do you cross today?" in first.content.decode()
    steps = [
        ("mode", "bike", "matters"), ("matters", ["quiet", "safe"], "minutes"), ("minutes", "12", "affected"),
        ("affected", "4", "place"), ("place", "60.1742 24.949", "remark"), ("remark", "The bend is dark", "photo"),
    ]  # fmt: skip
    for key, value, onward in steps:
        assert answer(client, key, value).headers["Location"] == f"{HOME}questions/{onward}/"
    assert client.post(f"{HOME}questions/photo/", {}).headers["Location"] == f"{HOME}review/"
    review = client.get(f"{HOME}review/").content.decode()
    assert all(part in review for part in ("Bike", "Quiet, Safety", "12", "The bend is dark"))
    assert client.post(f"{HOME}review/").headers["Location"] == f"{HOME}thanks/"
    stored = Response.objects.get()
    assert stored.answers == {
        "mode": "bike", "matters": ["quiet", "safe"], "minutes": 12, "affected": 4.0, "remark": "The bend is dark",
        "place": {"type": "Point", "coordinates": [24.949, 60.1742]}, "hours": "0.2",
    }  # fmt: skip
    assert QueueItem.objects.count() == 2
    code = code_on(client.get(f"{HOME}thanks/").content)
    receipt = client.post("/r/", {"code": code}).content.decode()
    assert "The bend is dark" in receipt


def test_sending_the_last_page_twice_shows_the_same_receipt_and_stores_one(client: Client, asked: Round) -> None:
    begin(client)
    answer(client, "mode", "never")
    client.post(f"{HOME}review/")
    first = code_on(client.get(f"{HOME}thanks/").content)
    again = client.post(f"{HOME}review/")
    assert again.headers["Location"] == f"{HOME}thanks/"
    assert code_on(client.get(f"{HOME}thanks/").content) == first
    assert (Response.objects.count(), Receipt.objects.count()) == (1, 1)


def test_questions_that_do_not_apply_are_passed_over_and_counted_out(client: Client, asked: Round) -> None:
    begin(client)
    answer(client, "mode", "never")
    assert "of 5" in client.get(f"{HOME}questions/matters/").content.decode()
    assert answer(client, "matters", ["quiet"]).headers["Location"] == f"{HOME}questions/affected/"
    assert client.get(f"{HOME}questions/minutes/").headers["Location"] == f"{HOME}review/"


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("mode", "", "Please answer this question."),
        ("matters", ["quiet", "safe", "fast"], "Please choose two at most."),
        ("minutes", "a while", "Please write a whole number, in digits."),
        ("minutes", "999", "Between 1 and 299 minutes, please."),
    ],
)
def test_an_answer_that_does_not_fit_is_shown_again_with_what_to_do(
    client: Client, asked: Round, key: str, value: Any, told: str
) -> None:
    begin(client)
    if key != "mode":
        answer(client, "mode", "car")
    page = answer(client, key, value)
    assert page.status_code == 422
    content = page.content.decode()
    assert told in content
    assert 'aria-describedby="' in content
    if isinstance(value, str) and value:
        assert f'value="{value}"' in content
        assert 'aria-invalid="true"' in content
    if isinstance(value, list):
        assert content.count(" checked>") == 3


def test_back_always_works_even_from_a_half_written_answer(client: Client, asked: Round) -> None:
    begin(client)
    answer(client, "mode", "car")
    answer(client, "matters", [])
    assert answer(client, "minutes", "some", **{"page:go": "back"}).headers["Location"] == f"{HOME}questions/matters/"
    assert answer(client, "matters", ["safe"], **{"page:go": "back"}).headers["Location"] == f"{HOME}questions/mode/"
    assert "checked" in client.get(f"{HOME}questions/matters/").content.decode()
    assert answer(client, "mode", "car", **{"page:go": "back"}).headers["Location"] == HOME


def test_a_place_is_found_by_its_name_without_a_map(client: Client, asked: Round) -> None:
    Place.objects.create(
        kind="street", name="Rantatie", normalised=places.normalise("Rantatie"), point=point(24.95, 60.17), source="t"
    )
    begin(client)
    page = client.post(
        f"{HOME}questions/place/", {"page:go": "search", "page:search": "rantat", "place": ""}
    ).content.decode()
    assert 'value="60.170000 24.950000"' in page
    assert "Rantatie" in page
    nothing = client.post(
        f"{HOME}questions/place/", {"page:go": "search", "page:search": "Nowhere", "place": ""}
    ).content.decode()
    assert "No place of this name was found." in nothing
    answer(client, "place", "60.170000 24.950000")
    assert "at Rantatie" in client.get(f"{HOME}review/").content.decode()


def test_a_photo_is_kept_while_other_questions_are_answered_and_can_be_removed(client: Client, asked: Round) -> None:
    import base64

    begin(client)
    answer(client, "mode", "never")
    answer(client, "remark", "Look")
    raw = base64.b64decode(photo_data()["data"])
    client.post(f"{HOME}questions/photo/", {"photo": SimpleUploadedFile("a.jpg", raw, "image/jpeg")})
    assert "A photo is chosen." in client.get(f"{HOME}questions/photo/").content.decode()
    client.post(f"{HOME}questions/photo/", {})
    assert "a photo" in client.get(f"{HOME}review/").content.decode()
    client.post(f"{HOME}questions/photo/", {"page:remove:photo": "yes"})
    assert "A photo is chosen." not in client.get(f"{HOME}questions/photo/").content.decode()
    client.post(f"{HOME}questions/photo/", {"photo": SimpleUploadedFile("a.jpg", raw, "image/jpeg")})
    client.post(f"{HOME}review/")
    assert Attachment.objects.count() == 1


def test_what_is_missing_is_told_on_the_last_page_and_nothing_is_lost(client: Client, asked: Round) -> None:
    begin(client)
    answer(client, "remark", "Kept")
    page = client.post(f"{HOME}review/")
    assert page.status_code == 422
    content = page.content.decode()
    assert "Please answer this question." in content
    assert "Kept" in content
    assert not Response.objects.exists()


def test_a_round_that_closed_meanwhile_takes_nothing_and_keeps_the_draft(client: Client, asked: Round) -> None:
    begin(client)
    answer(client, "mode", "bike")
    opening.close_round(None, asked)
    for page in (client.get(f"{HOME}questions/mode/"), client.post(f"{HOME}review/"), client.post(HOME)):
        assert page.status_code == 409
        assert "This survey is closed." in page.content.decode()
    assert client.get(HOME).status_code == 200
    assert "This survey is closed." in client.get(HOME).content.decode()
    assert Draft.objects.count() == 1


def test_only_the_browser_with_the_cookie_opens_a_draft_and_its_day_ends(client: Client, asked: Round) -> None:
    begin(client)
    answer(client, "remark", "A secret thought")
    draft = Draft.objects.get()
    assert b"secret" not in bytes(draft.sealed)
    cookie = client.cookies["draft"]
    assert cookie["path"] == HOME
    assert cookie["httponly"]
    assert cookie.value not in draft.pk
    assert Client().get(f"{HOME}questions/remark/").headers["Location"] == HOME
    Draft.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    assert client.get(f"{HOME}questions/remark/").headers["Location"] == HOME
    begin(client)
    assert Draft.objects.count() == 1


def test_a_browser_can_forget_everything(client: Client, asked: Round) -> None:
    begin(client)
    page = client.post(f"{HOME}forget/")
    assert "holds nothing any more" in page.content.decode()
    assert not Draft.objects.exists()
    assert client.cookies["draft"].value == ""


def test_the_questions_are_asked_in_the_language_of_the_reader(client: Client, asked: Round) -> None:
    begin(client)
    page = client.get(f"{HOME}questions/mode/", headers={"Accept-Language": "fi"}).content.decode()
    assert "Miten ylität sillan?" in page
    assert "Pyörä" in page


def test_what_an_author_or_a_resident_wrote_never_becomes_markup(client: Client, asked: Round) -> None:
    begin(client)
    answer(client, "mode", "never")
    answer(client, "remark", "<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get(f"{HOME}review/").content.decode()
    assert "<script>alert(1)" not in client.get(f"{HOME}questions/remark/").content.decode()


@pytest.fixture
def poster(project: Project) -> Poster:
    return Poster.objects.create(code="harbour", project=project, survey_slug="bridge")


def test_a_poster_asks_the_first_question_and_keeps_the_answer(client: Client, asked: Round, poster: Poster) -> None:
    page = client.get("/p/harbour")
    assert page.status_code == 200
    content = page.content.decode()
    assert all(part in content for part in ("How do you cross today?", "Bike", "City council", "5 minutes", "Suomi"))
    assert 'class="pictogram"' in content
    onward = client.post("/p/harbour", {"mode": "bike"})
    assert onward.headers["Location"] == f"{HOME}questions/matters/"
    assert "Question 2 of 6" in client.get(onward.headers["Location"]).content.decode()
    client.post(f"{HOME}review/")
    assert Response.objects.get().answers == {"mode": "bike"}


def test_a_poster_without_a_choice_says_so(client: Client, asked: Round, poster: Poster) -> None:
    page = client.post("/p/harbour", {})
    assert page.status_code == 422
    assert "Please answer this question." in page.content.decode()
    assert not Draft.objects.exists()


def test_an_unknown_poster_is_absent_and_a_closed_survey_says_so(client: Client, asked: Round, poster: Poster) -> None:
    assert client.get("/p/nothing").status_code == 404
    opening.close_round(None, asked)
    assert client.get("/p/harbour").status_code == 409


def test_a_survey_of_a_hidden_project_looks_absent(client: Client, asked: Round, project: Project) -> None:
    Project.objects.update(published=False)
    assert client.get(HOME).status_code == 404
