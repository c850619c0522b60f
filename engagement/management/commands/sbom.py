"""Write the bill of materials."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from engagement.management.operations import sbom


class Command(BaseCommand):
    help = "Print the bill of materials as CycloneDX 1.6 JSON: every package of the lock files with hashes and licence."

    def handle(self, *args: Any, **options: Any) -> None:
        base = Path(settings.BASE_DIR)
        version = tomllib.loads((base / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
        self.stdout.write(json.dumps(sbom.document(base, version), indent=1, ensure_ascii=False))
