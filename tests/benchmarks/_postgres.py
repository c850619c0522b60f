"""A private PostGIS for a benchmark: own folder, own port, durable as a town's would be, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import free_port

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@contextmanager
def postgis() -> Iterator[str]:
    """Its ``DATABASE_URL``.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
    """
    if not BINARIES:
        raise FileNotFoundError("PostgreSQL is not installed: bin/setup --dev")
    folder = Path(tempfile.mkdtemp(prefix="bench-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    port = free_port()
    try:
        _run("initdb", "-A", "trust", "-U", "loggia", "-D", f"{folder}/data")
        settings = f"-k {folder} -h 127.0.0.1 -p {port}"
        _run("pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", settings, "start")
        try:
            _run("createdb", "-h", str(folder), "-p", str(port), "-U", "loggia", "loggia")
            yield f"postgis://loggia@127.0.0.1:{port}/loggia"
        finally:
            _run("pg_ctl", "-D", f"{folder}/data", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *words: str) -> None:
    # PostgreSQL refuses to run as root.
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_postgres, str(BINARIES[-1] / program), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
