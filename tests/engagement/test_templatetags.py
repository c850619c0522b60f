"""Words and numbers in templates."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from engagement.models import Project


def rendered(text: str, **context: object) -> str:
    return Template("{% load loggia %}" + text).render(Context(context))


def test_a_language_map_is_shown_in_the_readers_language_or_the_nearest() -> None:
    texts = {"en": "Bridge", "fi": "Silta"}
    with override("fi"):
        assert rendered("{{ texts|in_language }}", texts=texts) == "Silta"
    with override("ar"):
        assert (
            rendered("<p{% lang_of texts %}>{{ texts|in_language }}</p>", texts=texts)
            == '<p lang="en" dir="ltr">Bridge</p>'
        )
    assert rendered("{{ texts|in_language }}{% lang_of texts %}", texts={}) == ""


def test_a_number_never_stands_without_its_range() -> None:
    shown = rendered("{% range_words -4100 -4700 -3400 'cars' %}")
    assert shown == '<bdi class="number">−4,100 <span class="muted">(−4,700 to −3,400)</span> cars</bdi>'


@pytest.mark.parametrize(
    ("value", "decimals", "shown"), [(-0.04, 1, "0.0"), (-2.06, 1, "−2.1"), (1234567, 0, "1,234,567"), (0, 0, "0")]
)
def test_what_rounds_to_zero_carries_no_minus(value: float, decimals: int, shown: str) -> None:
    with override("en"):
        assert rendered("{{ value|signed:decimals }}", value=value, decimals=decimals) == shown


def test_days_are_written_as_the_language_writes_them() -> None:
    when = date(2027, 1, 30)
    assert rendered("{{ d|day }}, {{ d|day_of_year }}", d=when) == "30 January 2027, 30 January"
    with override("fi"):
        assert rendered("{{ d|day }}, {{ d|day_of_year }}", d=when) == "30. tammikuuta 2027, 30. tammikuuta"


def test_no_clear_change_and_not_modelled_are_different_words() -> None:
    assert rendered("{{ c|change_words }}", c=0) == "no clear change"
    assert rendered("{{ c|change_words }}", c=None) == "not modelled"
    assert rendered("{{ c|change_words }}", c=-2) == "much less"


def test_only_simulated_projects_carry_the_label() -> None:
    assert "simulated" in rendered("{% simulated p %}", p=Project(simulated=True))
    assert rendered("{% simulated p %}{% simulated nothing %}", p=Project()) == ""


def test_the_inlined_sheet_carries_the_nonce_of_the_policy(tmp_path: Path, settings: object) -> None:
    (tmp_path / "loggia").mkdir()
    (tmp_path / "loggia" / "tiny.css").write_text("p{margin:0}")
    settings.STATICFILES_DIRS = [tmp_path]  # type: ignore[attr-defined]
    request = RequestFactory().get("/")
    request.csp_nonce = "n0nce"  # type: ignore[attr-defined]
    from django.contrib.staticfiles import finders

    finders.get_finder.cache_clear()  # type: ignore[attr-defined]
    try:
        assert rendered("{% inline_css 'tiny' %}", request=request) == '<style nonce="n0nce">p{margin:0}</style>'
        assert (
            rendered("{% inline_css 'none' %}", request=request)
            == '<link rel="stylesheet" href="/static/loggia/none.css">'
        )
    finally:
        finders.get_finder.cache_clear()  # type: ignore[attr-defined]
