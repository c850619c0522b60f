from __future__ import annotations

import pytest

from engagement import erasing
from engagement.erasing import Erased
from engagement.models import Project


@pytest.fixture(autouse=True)
def no_holders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "_holders", {})


def test_every_holder_of_a_copy_is_told_and_what_they_say_is_reported(project: Project) -> None:
    heard: list[str] = []

    def exports(erased: Erased) -> list[str]:
        heard.append(f"{erased.kind} {erased.ref} {erased.why}")
        return ["Two holders of copies were told."]

    erasing.register_holder("exports", exports)
    erasing.register_holder("webhooks", lambda _erased: [])
    assert erasing.announce(Erased("survey", "7", project)) == ["Two holders of copies were told."]
    assert heard == ["survey 7 withdrawn"]


def test_a_holder_that_registers_again_is_told_once(project: Project) -> None:
    erasing.register_holder("exports", lambda _erased: ["first"])
    erasing.register_holder("exports", lambda _erased: ["second"])
    assert erasing.announce(Erased("survey", "7", project)) == ["second"]
