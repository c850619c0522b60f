"""A running demo city and a real Chromium, once per run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chromium import missing_reason, open_chromium
from tests.running import RunningSite, running_site


@pytest.fixture(scope="session")
def live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    if reason := missing_reason():
        pytest.skip(reason)
    with running_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    if reason := missing_reason():
        pytest.skip(reason)
    with open_chromium() as browser:
        yield browser
