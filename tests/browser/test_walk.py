"""The whole loop, as ``bin/demo --check`` walks it."""

from __future__ import annotations

import pytest

from tests.running import RunningSite

pytestmark = pytest.mark.browser


def test_the_loop_is_closed(walked_site: RunningSite) -> None:
    assert walked_site.server is not None
    assert walked_site.server.poll() is None
