"""What templates of every room need: texts in the reader's language, honest numbers, pictures, the inlined sheet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.forms import BoundField
from django.template.context import Context
from django.templatetags.static import static
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from engagement import appeals, demo, desk, moderation, pictures, statements
from engagement.desk import DeskEntry
from engagement.languages import direction, pick, picked_language
from engagement.models import Appeal, Project, QueueItem, Ruling, User
from engagement.moderation import Content
from engagement.statements import Statement

register = template.Library()

MINUS = "−"
CHANGE_WORDS: dict[int | None, Promise] = {
    -2: gettext_lazy("much less"),
    -1: gettext_lazy("less"),
    0: gettext_lazy("no clear change"),
    1: gettext_lazy("more"),
    2: gettext_lazy("much more"),
    None: gettext_lazy("not modelled"),
}
LANGUAGE_NAMES = dict(settings.LANGUAGES)


@register.filter
def in_language(texts: Mapping[str, str] | None) -> str:
    """The text of a language map in the reader's language, else the nearest there is."""
    return pick(texts)


@register.simple_tag
def lang_of(texts: Mapping[str, str] | None) -> SafeString:
    """`` lang="fi" dir="ltr"`` where a text is not in the page's language, so that screen readers speak it right."""
    shown = picked_language(texts)
    if not texts or shown == (get_language() or "en").split("-")[0]:
        return mark_safe("")
    return format_html(' lang="{}" dir="{}"', shown, direction(shown))


@register.filter
def language_name(code: str) -> str:
    """The language's own name, such as "Suomi"; the code itself for a language we do not offer."""
    return LANGUAGE_NAMES.get(code, code)


@register.simple_tag
def simulated(thing: object) -> SafeString:
    """The label of a project, site or reading that the demo's generator made; empty for real ones."""
    if not getattr(thing, "simulated", False):
        return mark_safe("")
    return format_html('<span class="tag simulated">{}</span>', _("simulated"))


@register.filter
def change_words(change_class: int | None) -> str:
    """Difference class −2 … 2 in words; None was computed by no model, which is not the same as no change."""
    return str(CHANGE_WORDS[change_class])


@register.simple_tag
def range_words(value: float, low: float, high: float, unit: str = "", decimals: int = 0) -> SafeString:
    """``−4,100 (−4,700 to −3,400) cars``: a number never stands without its range."""
    return format_html(
        '<bdi class="number">{} <span class="muted">({})</span>{}</bdi>',
        signed(value, decimals),
        _("%(low)s to %(high)s") % {"low": signed(low, decimals), "high": signed(high, decimals)},
        f" {unit}" if unit else "",
    )


@register.filter
def signed(value: float, decimals: int = 0) -> str:
    """A number in the reader's format with a true minus sign; what rounds to zero carries none."""
    rounded = round(abs(value), decimals)
    text = number_format(rounded, decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return f"{MINUS}{text}" if value < 0 and rounded else text


@register.filter(expects_localtime=True)
def day(when: date | None) -> str:
    """``30 January 2027`` as the reader's language writes it."""
    # Translators: a date format in Django's letters, such as "j. E Y" in Finnish.
    return date_format(when, pgettext("date format", "j F Y")) if when else ""


@register.filter(expects_localtime=True)
def day_of_year(when: date | None) -> str:
    """``30 January``"""
    # Translators: a date format in Django's letters without the year, such as "j. E" in Finnish.
    return date_format(when, pgettext("date format", "j F")) if when else ""


@register.simple_tag
def project_picture(project: Project) -> SafeString:
    """The place of a project drawn from real geometry as inline SVG; empty where no geometry is imported."""
    return pictures.of_project(project)


@register.simple_tag(takes_context=True)
def inline_css(context: Context, name: str) -> SafeString:
    """The sheet ``name`` inside the page: one round trip less before the first question shows.

    Carries the nonce of the content security policy. Falls back to a link while nothing is bundled.
    """
    found = finders.find(f"loggia/{name}.css")
    if not isinstance(found, str):
        return format_html('<link rel="stylesheet" href="{}">', static(f"loggia/{name}.css"))
    sheet = _sheet(found, Path(found).stat().st_mtime_ns)
    nonce = getattr(context.get("request"), "csp_nonce", "")
    # The sheet is our own bundle, not input; it holds no "</style".
    return format_html('<style nonce="{}">{}</style>', nonce, mark_safe(sheet))


@lru_cache(maxsize=16)
def _sheet(path: str, _modified: int) -> str:
    return Path(path).read_text(encoding="utf-8")


STATE_WORDS: dict[str, Any] = {
    "waiting": pgettext_lazy("state of a remark", "waits for a moderator"),
    "approved": pgettext_lazy("state of a remark", "published"),
    "rejected": pgettext_lazy("state of a remark", "not published"),
    "counted": pgettext_lazy("state of an answer", "counted"),
    "withdrawn": pgettext_lazy("state of an answer", "withdrawn"),
}


@register.filter
def state_words(state: str) -> str:
    """What happened to something that a resident gave, in words for residents."""
    return str(STATE_WORDS.get(state, state))


@register.simple_tag
def statement_of(ruling: Ruling) -> Statement:
    """The statement of reasons in the author's language."""
    return statements.compose(ruling)


@register.simple_tag
def appeal_of(ruling: Ruling) -> Appeal | None:
    """The request for a second look at a ruling, if there is one."""
    return appeals.of(ruling)


@register.simple_tag
def content_of(item: QueueItem) -> Content | None:
    """What a moderated item says; None when it was withdrawn."""
    return moderation.content_of(item)


@register.simple_tag
def described(field: BoundField) -> SafeString:
    """A form field's control, tied to its help and its errors for screen readers."""
    about = []
    if field.help_text:
        about.append(f"{field.id_for_label}-help")
    if field.errors:
        about.append(f"{field.id_for_label}-errors")
    attrs: dict[str, str | bool] = {"aria-describedby": " ".join(about)} if about else {}
    return field.as_widget(attrs=attrs | ({"aria-invalid": "true"} if field.errors else {}))


@register.simple_tag
def demo_accounts() -> list[User]:
    """Accounts that the sign-in page of a demonstration offers."""
    return demo.accounts()


@register.simple_tag
def demo_password() -> str:
    return demo.PASSWORD


@register.simple_tag(takes_context=True)
def desk_entries(context: Context) -> list[DeskEntry]:
    """The pages of the desk that the person may open, for the navigation."""
    return desk.entries_for(context.get("user"))
