"""A running demo city and a real Chromium, once per run; the loop is walked once, so that every page has something to show."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import missing_reason, open_chromium
from tests.running import RunningSite
from tests.walk.baggage import Baggage


@pytest.fixture(scope="session")
def demo_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a freshly loaded demo city, to be copied."""
    site = RunningSite(tmp_path_factory.mktemp("demo"))
    site.manage("migrate", "--verbosity", "0")
    site.manage("load_demo", "--no-run")
    return site.data_dir


def copied(demo_data: Path, folder: Path) -> RunningSite:
    shutil.copytree(demo_data, folder, ignore=shutil.ignore_patterns("sockets"), dirs_exist_ok=True)
    return RunningSite(folder)


@pytest.fixture(scope="session")
def live_site(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    site = copied(demo_data, tmp_path_factory.mktemp("site"))
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture
def own_site(demo_data: Path, tmp_path: Path) -> Iterator[RunningSite]:
    """A site of the test's own, to be killed."""
    site = copied(demo_data, tmp_path / "site")
    try:
        site.start()
        yield site
    finally:
        site.stop()
        sys.stdout.write(site.log.read_text()[-4000:])  # pytest shows it beside a failure


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if reason := missing_reason():
        pytest.skip(reason)
    with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def walked_site(live_site: RunningSite, chromium: Any) -> RunningSite:
    """The live site after the whole loop was walked."""
    from tests.walk.__main__ import HOPS

    baggage = Baggage(live_site, chromium)
    for name, hop in HOPS:
        try:
            hop(baggage)
        except Exception as error:
            raise AssertionError(f"hop {name} failed: {error}") from error
    return live_site
