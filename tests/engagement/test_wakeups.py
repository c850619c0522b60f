"""A commit in one process wakes the hubs of all."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest

from engagement import wakeups


@pytest.mark.parametrize("length", [60, 67, 68, 69, 72, 200])
def test_a_wake_up_arrives_however_long_the_path_of_the_data_folder(length: int, settings: Any) -> None:
    settings.REDIS_URL = ""

    async def woken() -> bool:
        async with wakeups.listening() as wake:
            wakeups.send()
            return await asyncio.wait_for(wake.wait(), 30)

    with tempfile.TemporaryDirectory() as top:
        settings.DATA_DIR = Path(top, "").joinpath("x" * (length - len(top) - 1))
        assert asyncio.run(woken())
