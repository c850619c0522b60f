"""``build_tiles --scene SLUG [--out FOLDER]``"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ar_scenes.building import export
from ar_scenes.features import manifest_of
from ar_scenes.models import Scene
from ar_scenes.scenes import build_tiles
from ar_scenes.storage import store
from engagement.problems import Refused

BAR = 30


class Command(BaseCommand):
    help = (
        "Build the 3D tiles of one scene. Safe to run again or to interrupt: the scene is swapped in when all is there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scene", required=True, metavar="SLUG")
        parser.add_argument(
            "--out", type=Path, metavar="FOLDER", help="Also write a folder that any 3D Tiles viewer opens."
        )

    def handle(self, *args: Any, scene: str, out: Path | None, **options: Any) -> None:
        found = Scene.objects.filter(slug=scene).first()
        if found is None:
            known = ", ".join(Scene.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(
                f"There is no scene {scene!r}. Known scenes: {known}. Import one: import_scene FILE --scene SLUG."
            )
        start = time.monotonic()
        try:
            built = build_tiles(found, self._bar(start))
        except (Refused, ValueError) as refused:
            raise CommandError(str(refused)) from None
        seconds = time.monotonic() - start
        said = f"Built {built.tiles} tiles of {built.features} features, {built.gzip_bytes / 1e6:.2f} MB compressed, in {seconds:.1f} s"
        manifest = manifest_of(built.manifest_hash)
        if out is not None and manifest is not None:
            export(manifest, store(), out)
            said += f"; written to {out / 'tileset.json'}"
        self.stdout.write(f"{said}.")

    def _bar(self, start: float) -> Any:
        """A bar with the time left on a terminal; silent where nobody looks."""
        if not self.stderr.isatty():
            return lambda _share, _what: None

        def told(share: float, what: str) -> None:
            left = (time.monotonic() - start) * (1 - share) / max(share, 0.01)
            filled = "█" * round(BAR * share)
            end = "\n" if share >= 1 else ""
            self.stderr.write(f"\r{filled:░<{BAR}} {share:4.0%}  {what}, {left:.0f} s left   ", ending=end)
            self.stderr.flush()

        return told
