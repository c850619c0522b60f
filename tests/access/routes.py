"""Every route of the site, read from the site itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """``name`` as :func:`django.urls.reverse` takes it, ``pattern`` as written, ``view`` as Django calls it."""

    name: str
    pattern: str
    view: Any


def routes() -> list[Route]:
    return list(_below(get_resolver(), "", ""))


def _below(resolver: Any, prefix: str, namespace: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _below(entry, prefix + str(entry.pattern), inner)
        else:
            yield Route(namespace + (entry.name or ""), prefix + str(entry.pattern), entry.callback)


def is_ours(route: Route) -> bool:
    """Pages of the framework's administration and of the sign-in library have rules of their own, by prefix."""
    return not route.pattern.startswith(("admin/", "accounts/"))
