"""What the walk carries from hop to hop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chromium import missing_reason, open_chromium
from tests.running import RunningSite
from tests.visitor import Visitor


@dataclass
class Baggage:
    """The running site, the browser, signed-in people, and what earlier hops left for later ones."""

    site: RunningSite
    browser: Any
    pictures: Path | None = None
    people: dict[str, Visitor] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def packed(cls, site: RunningSite, pictures: Path | None) -> Iterator[Baggage]:
        if reason := missing_reason():
            raise SystemExit(reason)
        with open_chromium() as browser:
            yield cls(site, browser, pictures)

    def visitor(self, language: str = "en") -> Visitor:
        """Somebody without an account."""
        return Visitor(self.site.base_url, language=language)

    def person(self, role: str) -> Visitor:
        """A member of the cast; signed in once, because the form limits tries."""
        if role not in self.people:
            self.people[role] = self.visitor().sign_in(role)
        return self.people[role]

    def picture(self, page: Any, name: str) -> None:
        if self.pictures:
            self.pictures.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(self.pictures / f"{name}.png"))
