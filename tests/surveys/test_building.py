"""Forms made in the browser: shapes, conditions, lint, and two officers at work on one form."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from engagement.models import Project, User
from surveys.building import linting, shaping, sketching
from surveys.building.conditions import Condition, Part, condition, expression
from surveys.ir import Choice, Form, Question
from surveys.models import SurveyVersion
from surveys.sketch_models import Sketch
from surveys.xlsform.reading import read
from tests.surveys.forms import form

pytestmark = pytest.mark.django_db
FORM = form(
    "type | name | label::English (en) | relevant\n"
    "text | a | A |\nbegin_group | g | G |\ninteger | b | B ${a} | ${a} = 'x'\nend_group | | |\ntext | c | C | ${b} > 2"
)


def paths(made: Form) -> list[str]:
    return list(made.items)


def test_questions_are_added_moved_and_taken_away() -> None:
    made, path = shaping.add(shaping.blank("Bridge", {"en": "Bridge"}), "select_one")
    assert (path, made.choices) == ("select_one_1", {"select_one_1": ()})
    made, _path = shaping.add(made, "repeat")
    made, inside = shaping.add(made, "geopoint", into="repeat_1")
    assert paths(made) == ["select_one_1", "repeat_1", "repeat_1/geopoint_1"]
    made = shaping.move(made, "repeat_1", -1)
    assert paths(made) == ["repeat_1", "repeat_1/geopoint_1", "select_one_1"]
    assert shaping.move(made, inside, 1) == made, "the only one stays where it is"
    made = shaping.remove(made, "select_one_1")
    assert (paths(made), made.choices) == (["repeat_1", "repeat_1/geopoint_1"], {})
    with pytest.raises(shaping.NoSuchItem):
        shaping.remove(made, "select_one_1")


def test_a_new_name_is_used_by_everything_that_calls_it() -> None:
    made, path = shaping.rename(FORM, "a", "first")
    assert path == "first"
    inner = made.items["g/b"]
    assert isinstance(inner, Question)
    assert (inner.relevant, inner.label) == ("${first} = 'x'", {"en": "B ${first}"})
    made, path = shaping.rename(made, "g", "group")
    assert paths(made) == ["first", "group", "group/b", "c"]
    for wrong in ("c", "1st", "two words"):
        with pytest.raises(shaping.BadName):
            shaping.rename(FORM, "a", wrong)


@pytest.mark.parametrize(
    ("simple", "written"),
    [
        (Condition((Part("mode", "is", "car"),)), "${mode} = 'car'"),
        (
            Condition((Part("seen", "chosen", "hki"), Part("age", "more", "17"))),
            "selected(${seen}, 'hki') and ${age} > 17",
        ),
        (Condition((Part("a", "answered"), Part("b", "is_not", "no")), "or"), "${a} != '' or ${b} != 'no'"),
        (Condition(), ""),
    ],
)
def test_simple_conditions_become_expressions_and_back(simple: Condition, written: str) -> None:
    assert expression(simple) == written
    assert condition(written) == simple


def test_an_expression_of_an_expert_is_left_alone() -> None:
    assert condition("count(${spot}) > 2 and (${a} = 'x' or ${b} = 'y')") is None


def test_the_lint_names_what_would_stop_or_tire_people() -> None:
    made = form(
        "type | name | label::English (en) | label::Finnish (fi)\ntext | a | A |\ntext | c | C | Cee\ntext | d | D | Dee"
    )
    made = shaping.change(made, "a", pii="direct", relevant="${c} = 'x'")
    made = shaping.change(made, "c", relevant="${nowhere} = 1")
    told = {(remark.path, remark.grave): remark.text for remark in linting.lint(made)}
    assert "asked later" in told["a", True]
    assert told["c", True] == "relevant: there is no question called nowhere"
    texts = [remark.text for remark in linting.lint(made) if remark.path == "a"]
    assert "No text in: fi." in texts
    assert any(text.startswith("Asks about the person early.") for text in texts)
    empty, path = shaping.add(FORM, "select_one")
    assert any(remark.path == path and "no options" in remark.text for remark in linting.lint(empty))


def test_the_reading_level_is_the_published_formula() -> None:
    # 12 words, 2 sentences, 3 words of more than six letters: 12 / 2 + 100 * 3 / 12.
    text = "How do you cross the bridge today? Please consider everything that matters."
    assert linting.lix(text) == pytest.approx(12 / 2 + 100 * 3 / 12)
    assert linting.lix("Too short to tell.") is None


@pytest.fixture
def officer_client(officer: User) -> Client:
    client = Client()
    client.force_login(officer)
    return client


@pytest.fixture
def sketch(officer: User, project: Project) -> Sketch:
    made, path = shaping.add(shaping.blank("crossing", {"en": "Crossing"}, ("en", "fi")), "select_one")
    made = shaping.change(made, path, label={"en": "How?", "fi": "Miten?"})
    made = shaping.set_choices(made, path, (Choice("car", {"en": "Car", "fi": "Auto"}),))
    return sketching.begin(officer, project, made)


ITEM = "/desk/forms/crossing/items/select_one_1/"


def fields(revision: int = 1, **more: Any) -> dict[str, Any]:
    return {"revision": revision, "name": "select_one_1", "label-en": "How do you cross?", "label-fi": "Miten ylität?",
            "choice-count": "2", "choice-0-was": "car", "choice-0-en": "Car", "choice-0-fi": "Auto", "choice-0-place": "2",
            "choice-1-was": "", "choice-1-en": "On foot", "choice-1-fi": "Jalan", "choice-1-place": "1", **more}  # fmt: skip


def test_an_officer_makes_a_form_and_keeps_it_as_a_version(officer_client: Client, project: Project) -> None:
    begun = officer_client.post("/desk/forms/", {"project": project.slug, "title": "Crossing", "languages": "en fi"})
    assert begun.headers["Location"] == "/desk/forms/crossing/"
    added = officer_client.post("/desk/forms/crossing/step/", {"revision": 1, "deed": "add", "kind": "select_one"})
    assert added.headers["Location"] == ITEM
    assert officer_client.get(ITEM).status_code == 200
    saved = officer_client.post(ITEM, fields(2, name="mode"))
    assert saved.headers["Location"] == "/desk/forms/crossing/"
    kept = officer_client.post("/desk/forms/crossing/keep/")
    assert kept.headers["Location"] == "/desk/surveys/crossing/"
    asked = SurveyVersion.objects.get().content
    assert asked.questions["mode"].label == {"en": "How do you cross?", "fi": "Miten ylität?"}
    assert [choice.name for choice in asked.choices["select_one_1"]] == ["on_foot", "car"]
    exported = officer_client.get("/desk/forms/crossing.xlsx").content
    assert read(exported).form.questions["mode"].label == {"en": "How do you cross?", "fi": "Miten ylität?"}


def test_two_officers_at_once_get_a_sentence_and_lose_nothing(officer_client: Client, sketch: Sketch) -> None:
    assert officer_client.post(ITEM, fields(1, **{"label-en": "First"})).status_code == 302
    late = officer_client.post(ITEM, fields(1, **{"label-en": "Second"}))
    assert late.status_code == 409
    page = late.content.decode()
    assert "Somebody else changed this form meanwhile." in page
    assert ">Second</textarea>" in page, "what was typed stays"
    sketch.refresh_from_db()
    assert sketch.content.questions["select_one_1"].label["en"] == "First"
    again = officer_client.post(ITEM, fields(sketch.revision, **{"label-en": "Second"}))
    assert again.status_code == 302


def test_a_condition_that_cannot_be_read_is_shown_with_the_place(officer_client: Client, sketch: Sketch) -> None:
    page = officer_client.post(ITEM, fields(1, expert="yes", relevant="${a} = (")).content.decode()
    assert "Not saved yet" in page
    assert "⟨here⟩" in page
    assert "${a} = (" in page
    sketch.refresh_from_db()
    assert sketch.revision == 1


def test_a_removed_question_comes_back(officer_client: Client, sketch: Sketch) -> None:
    step = "/desk/forms/crossing/step/"
    officer_client.post(step, {"revision": 1, "deed": "remove", "path": "select_one_1"})
    sketch.refresh_from_db()
    assert sketch.content.items == {}
    officer_client.post(step, {"revision": sketch.revision, "deed": "undo"})
    sketch.refresh_from_db()
    assert list(sketch.content.items) == ["select_one_1"]


def test_saving_while_typing_answers_with_the_phones_picture(officer_client: Client, sketch: Sketch) -> None:
    answer = officer_client.post(ITEM, fields(1), headers={"X-Autosave": "1"})
    found = answer.json()
    assert (answer.status_code, found["revision"], found["url"]) == (200, 2, ITEM)
    assert "How do you cross?" in found["preview"]
    assert officer_client.post(ITEM, fields(1), headers={"X-Autosave": "1"}).status_code == 409


def test_a_form_with_faults_is_not_kept(officer_client: Client, sketch: Sketch) -> None:
    officer_client.post("/desk/forms/crossing/step/", {"revision": 1, "deed": "add", "kind": "select_one"})
    refused = officer_client.post("/desk/forms/crossing/keep/")
    assert refused.status_code == 409
    assert "It has no options" in refused.content.decode()
    assert not SurveyVersion.objects.exists()


def test_the_outsider_sees_no_form_in_the_making(client: Client, outsider: User, sketch: Sketch) -> None:
    client.force_login(outsider)
    assert client.get("/desk/forms/crossing/").status_code in {302, 403, 404}
    assert client.post(ITEM, fields(1)).status_code in {302, 403, 404}
