"""Questions asked several times over, on pages without JavaScript."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement.models import Project, Round
from surveys import opening, versions
from surveys.models import AnswerGeometry, Response
from tests.surveys.forms import form

pytestmark = pytest.mark.django_db
HOME = "/surveys/spots/"
SPOTS = """
type | name | label::English (en) | default | calculation | required | relevant
text | who | Who are you? | | | |
begin_repeat | spot | Your places | | | |
geopoint | at | Where? | | | yes |
select_one feelings | feel | How is it there? | bad | | |
text | why | Why? | | | | ${feel} = 'bad'
end_repeat | | | | | |
geotrace | route | Your way | | | |
geoshape | zone | Your area | | | |
calculate | n | | | count(${spot}) | |
"""
FEELINGS = "list_name | name | label::English (en)\nfeelings | good | Good\nfeelings | bad | Bad"
HERE, THERE, BEYOND = "60.1742 24.949", "60.175 24.95", "60.176 24.951"


@pytest.fixture(autouse=True)
def spots(project: Project) -> Round:
    """An open round of a survey with places of one's own."""
    version, _new = versions.store(None, project, form(SPOTS, FEELINGS), slug="spots")
    now = timezone.now()
    return opening.open_round(None, version, opening.Plan("Everybody", now - timedelta(1), now + timedelta(9)))


@pytest.fixture
def writing(client: Client) -> Client:
    client.post(HOME)
    return client


def send(client: Client, key: str, **fields: Any) -> Any:
    return client.post(f"{HOME}questions/{key}/", fields)


def add_spot(client: Client, number: int, **answers: str) -> None:
    to = send(client, "spot:more", **{"page:go": "add"}).headers["Location"]
    assert to == f"{HOME}questions/spot/{number}/at/"
    for name in ("at", "feel", "why"):
        if name in answers:
            send(client, f"spot/{number}/{name}", **{f"spot/{number}/{name}": answers[name]})


def test_each_turn_has_its_own_screens_and_the_list_comes_after_them(writing: Client) -> None:
    assert send(writing, "who", who="Ann").headers["Location"] == f"{HOME}questions/spot:more/"
    assert "Nothing here yet" in writing.get(f"{HOME}questions/spot:more/").content.decode()
    add_spot(writing, 1)
    page = writing.get(f"{HOME}questions/spot/1/at/").content.decode()
    assert "Your places, number 1" in page
    onward = send(writing, "spot/1/at", **{"spot/1/at": HERE}).headers["Location"]
    assert onward == f"{HOME}questions/spot/1/feel/"
    assert 'value="bad" checked' in writing.get(onward).content.decode(), "a turn begins with the form's defaults"
    assert send(writing, "spot/1/feel", **{"spot/1/feel": "bad"}).headers["Location"] == f"{HOME}questions/spot/1/why/"
    assert send(writing, "spot/1/why", **{"spot/1/why": "Loud"}).headers["Location"] == f"{HOME}questions/spot:more/"


def test_a_removed_turn_can_be_put_back_where_it_was(writing: Client) -> None:
    add_spot(writing, 1, at=HERE, feel="good")
    add_spot(writing, 2, at=THERE, feel="bad", why="Dark")
    send(writing, "spot:more", **{"page:remove": "1"})
    page = writing.get(f"{HOME}questions/spot:more/").content.decode()
    assert "Removed." in page and "Good" not in page and "Bad · Dark" in page
    send(writing, "spot:more", **{"page:go": "undo"})
    page = writing.get(f"{HOME}questions/spot:more/").content.decode()
    assert page.index("Good") < page.index("Bad · Dark")
    assert send(writing, "spot:more", **{"page:remove": "7"}).status_code == 302


def test_turns_and_shapes_are_stored_with_every_place_waiting_for_a_moderator(writing: Client) -> None:
    add_spot(writing, 1, at=HERE, feel="good")
    add_spot(writing, 2, at=THERE, feel="bad", why="Dark")
    send(writing, "route", route=f"{HERE};{THERE}")
    send(writing, "zone", zone=f"{HERE};{THERE};{BEYOND}")
    assert writing.post(f"{HOME}review/").headers["Location"] == f"{HOME}thanks/"
    assert Response.objects.get().answers == {
        "spot": [
            {"at": {"type": "Point", "coordinates": [24.949, 60.1742]}, "feel": "good"},
            {"at": {"type": "Point", "coordinates": [24.95, 60.175]}, "feel": "bad", "why": "Dark"},
        ],
        "route": {"type": "LineString", "coordinates": [[24.949, 60.1742], [24.95, 60.175]]},
        "zone": {
            "type": "Polygon",
            "coordinates": [[[24.949, 60.1742], [24.95, 60.175], [24.951, 60.176], [24.949, 60.1742]]],
        },
        "n": "2",
    }
    kinds = sorted(place.geometry.geom_type for place in AnswerGeometry.objects.all())
    assert kinds == ["LineString", "Point", "Point", "Polygon"]


def test_what_is_missing_in_a_turn_is_said_before_sending(writing: Client) -> None:
    add_spot(writing, 1, feel="good")
    page = writing.post(f"{HOME}review/")
    assert page.status_code == 422
    assert "Please answer this question." in page.content.decode()


def test_a_line_is_put_together_from_points_that_can_be_taken_away(writing: Client) -> None:
    page = send(writing, "route", route="", **{"page:go": "add-point", "page:point": HERE}).content.decode()
    assert f'name="route" value="{HERE}"' in page
    page = send(writing, "route", route=HERE, **{"page:go": "add-point", "page:point": THERE}).content.decode()
    assert f'value="{HERE};{THERE}"' in page
    page = send(writing, "route", route=f"{HERE};{THERE}", **{"page:go": "undo-point"}).content.decode()
    assert f'name="route" value="{HERE}"' in page
    page = send(writing, "route", route=HERE)
    assert page.status_code == 422
    assert "A line needs two points at least." in page.content.decode()
    assert f'value="{HERE}"' in page.content.decode(), "what was put there is kept"


def test_a_chosen_place_that_was_not_added_yet_counts_as_the_last_point(writing: Client) -> None:
    assert send(writing, "route", route=HERE, **{"page:point": THERE}).status_code == 302
    assert "2 points" in writing.get(f"{HOME}review/").content.decode()


def test_the_whole_form_stands_on_one_page_for_those_who_want_it(client: Client) -> None:
    assert client.post(HOME, {"page:go": "all"}).headers["Location"] == f"{HOME}all/"
    page = client.get(f"{HOME}all/").content.decode()
    assert "Who are you?" in page and "Your places" in page and "Your way" in page
    shown = ["who", "spot:more", "route", "zone"]
    answered = client.post(f"{HOME}all/", {"who": "Ann", "page:shown": shown, "page:go": "next"})
    assert answered.headers["Location"] == f"{HOME}review/"
    assert "Ann" in client.get(f"{HOME}review/").content.decode()
    assert send(client, "route", route=f"{HERE};{THERE}").headers["Location"] == f"{HOME}all/#q-route-box"
    single = client.post(f"{HOME}all/", {"who": "Ann", "page:shown": shown, "page:go": "single"})
    assert single.headers["Location"] == f"{HOME}questions/who/"
