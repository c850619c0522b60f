"""Small things that the templates of surveys need."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from engagement.languages import direction
from surveys.asking import Asked

register = template.Library()


@register.simple_tag
def spoken(asked: Asked) -> SafeString:
    """`` lang="fi" dir="ltr"`` where a question is not in the page's language."""
    if asked.language == (get_language() or "en").split("-")[0] or asked.language in {"und", ""}:
        return mark_safe("")
    return format_html(' lang="{}" dir="{}"', asked.language, direction(asked.language))


@register.simple_tag
def described(asked: Asked) -> SafeString:
    """`` aria-describedby="…"`` for the field or the group of a question; a single field also says `` aria-invalid``."""
    ids = " ".join(f"{asked.id}-{part}" for part, shown in (("hint", asked.hint), ("error", asked.error)) if shown)
    invalid = mark_safe(' aria-invalid="true"') if asked.error and not asked.is_grouped else ""
    return format_html("{}{}", format_html(' aria-describedby="{}"', ids) if ids else "", invalid)


@register.filter
def places(asked: Asked) -> range:
    """The places that an option of a ranking can take."""
    return range(1, len(asked.options) + 1)
