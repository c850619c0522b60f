"""A private PostGIS and Redis for one benchmark: started by ``bin/lib/services.sh``, gone afterwards."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

NAMES = ("DATABASE_URL", "CONTACTS_URL", "REDIS_URL")
SCRIPT = f"""
source bin/lib/services.sh
work=$1
start_services >&2 || exit 1
trap stop_services EXIT
echo {" ".join(f"${name}" for name in NAMES)}
read -r _
"""


@contextmanager
def postgis() -> Iterator[dict[str, str]]:
    """Environment variables of databases that live as long as the block."""
    with tempfile.TemporaryDirectory() as work:
        running = subprocess.Popen(
            ["bash", "-c", SCRIPT, "services", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert running.stdin is not None
        assert running.stdout is not None
        try:
            urls = running.stdout.readline().split()
            if len(urls) != len(NAMES):
                raise SystemExit("PostGIS or Redis did not start; bin/setup --dev installs them.")
            yield dict(zip(NAMES, urls, strict=True)) | {"LOGGIA_DATA_DIR": work}
        finally:
            running.stdin.close()
            running.wait()
