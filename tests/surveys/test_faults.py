"""The fault suite in small: ``bin/bench faults`` lives through a thousand of the same stories."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.faults import tried

STORIES = 30


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_brought_back_whatever_breaks(tmp_path: Path) -> None:
    found = tried(tmp_path, STORIES)
    assert (found.stories, found.lost, found.doubled, found.brought_back) == (30, 0, 0, 0)
    assert set(found.faults) == {"none", "tab", "cut-request", "cut-answer", "five-at-once", "server"}
