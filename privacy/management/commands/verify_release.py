"""Verify a downloaded release with the public keys alone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy import certificate, release, signing
from privacy.certificate import CertificateRefused


class Command(BaseCommand):
    help = (
        "Verify the certificate of a release file and print what it promises. Needs no database: the public keys come "
        "from this site, or from a file saved from https://the-site/.well-known/loggia-keys.json."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="The release as downloaded (JSON-LD).")
        parser.add_argument("--keys", type=Path, help="The register of public keys, if it is another site's.")

    def handle(self, *args: Any, file: Path, keys: Path | None, **options: Any) -> None:
        try:
            text = file.read_text(encoding="utf-8")
            known = signing.parse_register(keys.read_text()) if keys else signing.register(settings.DATA_DIR)
            found = release.read(text, hashlib.sha256(text.encode()).hexdigest(), known)
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise CommandError(f"{file} could not be verified: {error}") from None
        except CertificateRefused as refused:
            raise CommandError(f"{file}: {refused}") from None
        key = certificate.verify(found.document, known)
        self.stdout.write(
            f"The certificate holds: {found.project}, published {found.published_on}, signed with key {key.kid}.\n"
            f"  {len(found.cells)} figures about {', '.join(found.questions)}; unit: {found.unit}.\n"
            f"  ε {found.epsilon:g} at δ {found.delta:g}; sha256 {found.sha256}."
        )
