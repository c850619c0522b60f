"""The certificate of a release: what was promised, by which method, checked how, signed by whom.

A published document is JSON-LD. Its ``proof`` signs everything else in canonical form, so anybody can verify a
downloaded file with the public keys alone (``bin/manage verify_release FILE``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from engagement.problems import Refused
from privacy import signing
from privacy.canonical import canonical

FORMAT = "loggia-release-1"
CONTEXT = {
    "@vocab": "urn:loggia:release:1:",
    "id": "@id",
    "type": "@type",
    "dcterms": "http://purl.org/dc/terms/",
    "published_on": "dcterms:issued",
    "supersedes": {"@id": "dcterms:replaces", "@type": "@id"},
}


class CertificateRefused(Refused):
    status = 409
    code = "certificate-refused"
    title = _("The certificate of this release does not hold.")


def sign(document: Mapping[str, Any], data_dir: Path, today: date) -> dict[str, Any]:
    """The document with its ``proof``: Ed25519 over the canonical form of everything else."""
    unsigned = {key: value for key, value in document.items() if key != "proof"}
    kid, signature = signing.sign(data_dir, canonical(unsigned), today)
    proof = {"type": "Ed25519Signature", "key_id": kid, "created_on": str(today), "signature": signature}
    return {**unsigned, "proof": proof}


def verify(document: Mapping[str, Any], known: signing.Register) -> signing.PublicKey:
    """The key that signed the document.

    Raises:
        CertificateRefused: wrong format, no proof, an unknown key, or content that differs from what was signed.
    """
    proof = document.get("proof")
    if document.get("format") != FORMAT or not isinstance(proof, Mapping):
        raise CertificateRefused(_("This is not a signed release of this format."))
    key = known.get(str(proof.get("key_id")))
    if key is None:
        raise CertificateRefused(
            _("It was signed with the key “%(kid)s”, which is not in the register of public keys.")
            % {"kid": proof.get("key_id")}
        )
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    if not key.verify(str(proof.get("signature")), canonical(unsigned)):
        raise CertificateRefused(_("Its content was changed after it was signed."))
    if key.retired_on and str(proof.get("created_on")) > key.retired_on:
        raise CertificateRefused(_("It was signed with a key after the day on which that key was retired."))
    return key


def parse(text: str) -> dict[str, Any]:
    """A release file as a document. Raises CertificateRefused when it is no JSON object."""
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise CertificateRefused(_("This file is not a JSON document."))
    return document
