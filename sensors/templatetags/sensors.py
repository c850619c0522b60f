"""How sensor pages write a moment."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.translation import pgettext

register = template.Library()


@register.filter(expects_localtime=True)
def moment(when: datetime | None) -> str:
    """``22 Nov, 18:00``; readings are rarely older than a year."""
    # Translators: a date and time format in Django's letters, such as "j.n. \\k\\l\\o H.i" in Finnish.
    return date_format(when, pgettext("date format", "j M, H:i")) if when else ""
