"""``bin/demo --check``: walk the whole loop headless through the public doors; a line per hop with its time.

Nothing here touches the database: pages, API, device doors and sockets only, and a real Chromium for hops 0 and 2.
Exits with 1 at the first hop that fails. ``--pictures FOLDER`` also renews the README's pictures.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.running import RunningSite
from tests.walk.baggage import Baggage
from tests.walk.hops import planning, residents, sensors, twin

HOPS: list[tuple[str, Callable[[Baggage], str]]] = [
    ("0 poster", residents.poster),
    ("1 twin", twin.tiles),
    ("2 resident sees it", twin.page),
    ("3 survey", residents.survey),
    ("4 moderation", residents.moderation),
    ("5 sensors", sensors.values),
    ("6 release", planning.release),
    ("7 scenario", planning.scenario),
    ("8 back to the phone", planning.back_to_the_phone),
]


def walk(site: RunningSite, pictures: Path | None) -> bool:
    with Baggage.packed(site, pictures) as baggage:
        for name, hop in HOPS:
            started = time.monotonic()
            try:
                told = hop(baggage)
            except Exception:
                traceback.print_exc()
                print(f"FAIL  hop {name}  ({time.monotonic() - started:.1f} s)", flush=True)
                return False
            print(f"ok    hop {name:<20} {time.monotonic() - started:5.1f} s  {told}", flush=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, help="Renew the README's pictures in this folder.")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="loggia-check-") as folder:
        site = RunningSite(Path(folder))
        try:
            site.manage("migrate", "--verbosity", "0")
            site.manage("load_demo", "--no-run")
            print(f"ok    demo city loaded           {time.monotonic() - started:5.1f} s", flush=True)
            site.start()
            good = walk(site, options.pictures)
        finally:
            site.stop()
        if not good:
            print(site.log.read_text()[-3000:], file=sys.stderr)
    print(f"The loop {'is closed' if good else 'is broken'} ({time.monotonic() - started:.0f} s in all).", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
