"""Hops 0, 3 and 4: from the poster through the survey to the moderator and back to the receipt."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

from openpyxl import load_workbook

from engagement.receipt_codes import new_code
from surveys.demo import sheets
from tests.chromium import phone
from tests.visitor import Form, Page, Visitor
from tests.walk.baggage import Baggage

XLSX_NAME = "walk.xlsx"
REMARK = "Ask my neighbour at number 12 about it."
GIVEN = {"cross_today": "bike", "cross_closed": "long_way", "matters": ["quiet", "safety"], "affected": 4}


def poster(baggage: Baggage) -> str:
    """One screen at the lamp post: picture, question, who asks; the first answer in two taps, in a real browser."""
    context = phone(baggage.browser, baggage.site.base_url)
    try:
        view = context.new_page()
        view.goto("/p/pitka")
        words = view.inner_text("main")
        assert "minute" in words.lower(), words
        assert view.locator("main svg").count() >= 1, "no picture"
        height = view.evaluate("document.querySelector('main form button').getBoundingClientRect().bottom")
        assert height <= 780, f"the button ends at {height:.0f} px: not one screen"
        view.locator("main form label").filter(has_text="Bike").first.click()  # tap one
        view.locator("main form button[type=submit], main form button:not([type])").first.click()  # tap two
        view.wait_for_url("**/surveys/pitkasilta/**")
        view.get_by_text("If the bridge closed").first.wait_for()  # the script of the new page shows it
    finally:
        context.close()
    return f"first answer given in two taps; the button ends at {height:.0f} px of 780"


def survey(baggage: Baggage) -> str:
    """An officer makes a project and a survey; a resident answers without JavaScript; twice is once; withdrawn is gone."""
    slug = new_survey(baggage)
    resident = baggage.visitor()
    code = answer_without_javascript(resident, slug)
    response = {
        "id": str(uuid.uuid4()),
        "code": new_code(),
        "language": "sv",
        "answers": GIVEN | {"remark": REMARK},
    }
    sent = [post(baggage.visitor(), "pitkasilta", response) for _ in range(2)]
    assert [page.status for page in sent] == [201, 200], [page.text for page in sent]
    baggage.found |= {"receipt": response["code"], "page_receipt": code}
    gone: dict[str, Any] = {"id": str(uuid.uuid4()), "code": new_code(), "language": "en", "answers": dict(GIVEN)}
    assert post(baggage.visitor(), "pitkasilta", gone).status == 201
    withdraw(baggage.visitor(), gone["code"])
    replay = post(baggage.visitor(), "pitkasilta", gone)
    assert replay.status == 410, replay.text
    broken = post(
        baggage.visitor(), "pitkasilta", {**gone, "id": str(uuid.uuid4()), "answers": {"cross_today": "boat"}}
    )
    assert broken.status == 422
    assert broken.json()["errors"], broken.text
    return "answered page by page without JavaScript; sent twice, stored once; withdrawn gives 410"


def post(visitor: Visitor, slug: str, response: dict[str, Any]) -> Page:
    return visitor.post_json(f"/api/v1/surveys/{slug}/responses/", response)


def new_survey(baggage: Baggage) -> str:
    """Project with charter, survey from an XLSForm, an open round: all by the officer's pages."""
    officer = baggage.person("officer")
    form = officer.get("/desk/projects/new/").form("decider")
    form.fill(
        title_en="Shall the walk be longer?", summary_en="A trial.", place_name_en="Harbour", decider="The harbour board",
        decide_by="2027-06-30", problem_en="The quay is narrow.", use_of_answers_en="They weigh the options.", slug="walk",
        ask_opens="2026-01-01", ask_closes="2027-05-30",
    )  # fmt: skip
    saved = form.send()
    assert "/desk/projects/walk/" in saved.url, saved.words[:900]
    published = saved.form("publish").send()
    assert baggage.visitor().get("/projects/walk/").status == 200, published.words[:600]
    form = officer.get("/desk/surveys/new/?project=walk").form("file")
    uploaded = form.fill(project="walk", file=(XLSX_NAME, own_form())).send()
    slug = uploaded.path.rstrip("/").rsplit("/", 1)[-1]
    plan = uploaded.form("population").fill(population="Everybody at the harbour", expected_responses="80")
    opened = plan.send()
    assert "open" in opened.words, opened.words[:600]
    return slug


def own_form() -> bytes:
    """The village's form under a name of its own."""
    workbook = load_workbook(io.BytesIO(sheets.xlsx("kirkonkyla")))
    settings = workbook["settings"]
    column = next(cell.column for cell in settings[1] if cell.value == "form_id")
    settings.cell(2, column).value = "walk"
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def answer_without_javascript(resident: Visitor, slug: str) -> str:
    """Page by page as a browser without JavaScript; returns the receipt code of the thanks page."""
    wanted = {
        "school_way": "bike",
        "age": "a40to64",
        "safe": "2",
        "wishes": ["path", "light"],
        "remark": "A path, please.",
    }
    page = resident.get(f"/surveys/{slug}/")
    assert "harbour board" in page.words, "who decides is not said before question 1"
    page = start(page)
    for _ in range(12):
        if code := receipt_on(page):
            return code
        page = next_step(page, wanted)
    raise AssertionError(f"no receipt after 12 pages: {page.words[:800]}")


def start(page: Page) -> Page:
    for form in page.tree.forms:
        if "/surveys/" in (form.get("action") or page.path) and form.method.upper() == "POST":
            return page.form(form.get("action") or "csrfmiddlewaretoken").send()
    return page.visitor.get(page.link("Start"))


def next_step(page: Page, wanted: dict[str, Any]) -> Page:
    """Answer the question of this page, or send at the last look."""
    _before, _, key = page.path.partition("/questions/")
    name = key.strip("/")
    form = page.form(name) if name else last_look(page)
    if name:
        form.fill(**{name: wanted[name]})
    following = form.send()
    assert following.status == 200, following.words[:800]
    return following


def last_look(page: Page) -> Form:
    """The form that hands the response in."""
    posts = [Form.of(page, found) for found in page.tree.forms if found.method.upper() == "POST"]
    found = [form for form in posts if form.action.endswith("/review/")]
    assert found, f"{page.path} ({page.status}): {page.words[:1200]}"
    return found[0]


def receipt_on(page: Page) -> str:
    found = re.search(r"\b([0-9A-Z]{2}-){7}[0-9A-Z]{2}\b", page.words)
    return found[0] if found else ""


def withdraw(visitor: Visitor, code: str) -> None:
    page = visitor.get("/r/").form("code").fill(code=code).send()
    asked = page.form("/r/withdraw/").send()
    done = asked
    if "confirm" in asked.text or asked.tree.forms:
        try:
            done = asked.form("confirm").send("confirm", "yes")
        except LookupError:
            done = asked
    assert done.status == 200, done.words[:600]


def moderation(baggage: Baggage) -> str:
    """The remark waits, choices do not; the officer rejects it with a reason; the receipt shows the ruling."""
    officer = baggage.person("officer")
    item = find_in_queue(officer, REMARK)
    assert item is not None, "the remark is not in the queue"
    assert "long_way" not in item.words and "Quiet streets" not in item.words, "choices stand in the queue"
    form = next(form for form in forms_of_item(item) if "ground" in form.options)
    rejected = form.fill(ground="personal-data", reason="It points to a neighbour's home.").send("outcome", "rejected")
    assert rejected.status == 200, rejected.words[:500]
    receipt = baggage.visitor().get("/r/").form("code").fill(code=baggage.found["receipt"]).send()
    assert "It points to a neighbour's home." in receipt.words, rejected.words[:1500] + receipt.words[:2500]
    return "text waited, choices did not; the receipt shows ground and reason"


def forms_of_item(page: Page) -> list[Form]:
    """The forms that decide on the item which is open, not those about several."""
    return [Form.of(page, form) for form in page.tree.xpath("//form[@data-item]")]


def find_in_queue(officer: Visitor, text: str) -> Page | None:
    """Work through the queue as an officer does, approving what comes before."""
    page = officer.get("/desk/queue/")
    while forms := forms_of_item(page):
        if text in page.tree.xpath("string(//blockquote[contains(@class, 'as-written')])"):
            return page
        page = forms[0].send("outcome", "approved")
        assert page.status == 200, page.words[:800]
    return None
