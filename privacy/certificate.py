"""The certificate of a release: what was promised, by which method, checked how, signed by whom.

A published document is JSON-LD. Its ``proof`` signs everything else in canonical form, so anybody can verify a
downloaded file with the public keys alone (``bin/manage verify_release FILE``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from engagement.problems import Refused
from privacy import signing
from privacy.canonical import canonical

FORMAT = "loggia-release-1"
RECORDS_FORMAT = "loggia-records-1"
FORMATS = (FORMAT, RECORDS_FORMAT)
CONTEXT = {
    "@vocab": "urn:loggia:release:1:",
    "id": "@id",
    "type": "@type",
    "dcterms": "http://purl.org/dc/terms/",
    "published_on": "dcterms:issued",
    "supersedes": {"@id": "dcterms:replaces", "@type": "@id"},
}

UNIT_MEANING = {
    "response": "one response. Behind an open link nobody knows persons: whoever answers twice is two units",
    "person": "one person, who had one link or one sign-in",
    "host": "one host of sensors, with all of them together",
}
DUPLICATE_RISK = {
    "": "not examined",
    "persons": "none: one link or sign-in per person",
    "none": "open link: no responses were suspiciously alike; nobody knows persons",
    "some": "open link: fewer than a tenth of the responses were suspiciously alike; nobody knows persons",
    "many": "open link: a tenth of the responses or more were suspiciously alike; nobody knows persons",
}
SIDE_CHANNELS = [
    "the number of responses left out, and which of three words describes the duplicate risk, depend on exact answers",
    "whether a table passed the gate depends on exact answers; a table that is missing here may have been held",
    "which groups were merged may depend on exact answers",
    "how long the computation took is not hidden from people with access to the server",
]


class CertificateRefused(Refused):
    status = 409
    code = "certificate-refused"
    title = _("The certificate of this release does not hold.")


@dataclass(frozen=True)
class Facts:
    """What a document says about where its figures come from. Dates are ISO 8601 days."""

    id: UUID
    project: str
    project_title: Mapping[str, str]
    simulated: bool
    round: UUID
    population: str
    unit: str
    supersedes: UUID | None
    k: int
    max_error_points: float
    rules_frozen_on: str
    key_destroyed_on: str | None
    answers_sha256: str
    answers_frozen_on: str
    source: str
    loss: Mapping[str, float]
    left_out: int = 0
    duplicates: str = ""


def statement(facts: Facts, methods: list[dict[str, Any]], joint: Mapping[str, float]) -> dict[str, Any]:
    """What is promised and how, field by field as NIST SP 800-226 asks, with the three risks of WP 216.

    Args:
        methods: how each table was protected.
        joint: success of telling membership from all tables together.
    """
    return {
        "follows": ["NIST SP 800-226", "Article 29 Working Party Opinion 05/2014 (WP 216)", "ISO/IEC 20889"],
        "guarantee": "(ε, δ)-differential privacy of everything published about this population together",
        "unit_of_privacy": facts.unit,
        "unit_meaning": UNIT_MEANING[facts.unit],
        "neighbouring": f"two data sets that differ by one {facts.unit} being there or not",
        "if_the_number_of_answers_is_known_exactly": "read every ε as doubled: replacing is removing and adding",
        "privacy_loss": dict(facts.loss),
        "accounting": "pure ε by addition, zCDP by addition of ρ; the tighter of the two is claimed",
        "mechanisms": methods,
        "contribution_bound": (
            "from the questionnaire, never typed: one response per unit and table, as many options as it lets one tick, "
            "numbers between the bounds it enforces; what exceeds that is dropped by keyed hash or cut off"
        ),
        "keys": "public lists of options; options that nobody chose are answered too",
        "trust_model": "central: the site holds the answers until the stated day, the noise is added before publishing",
        "post_processing": "shares, means and ranges are computed from the noisy counts alone; counts are never clipped",
        "range": "95 %: noise of the stated mechanism and sampling, as a Wilson range; at least 95 % by construction",
        "side_channels": SIDE_CHANNELS,
        "rules": {
            "fewest_units_in_a_group": facts.k,
            "most_noise_in_percentage_points": facts.max_error_points,
            "frozen_on": facts.rules_frozen_on,
            "key_destroyed_on": facts.key_destroyed_on,
        },
        "answers": {
            "sha256": facts.answers_sha256,
            "frozen_on": facts.answers_frozen_on,
            "source": facts.source,
            "left_out_by_two_officers": facts.left_out,
            "duplicate_risk": DUPLICATE_RISK[facts.duplicates],
        },
        "risks": _risks(methods, joint),
        "engine": f"OpenDP {version('opendp')}",
    }


def _risks(methods: list[dict[str, Any]], joint: Mapping[str, float]) -> dict[str, Any]:
    """WP 216: singling out, linkability, inference."""
    return {
        "singling_out": {
            "attacker": "knows everybody else's answers and asks whether one unit took part, from all tables together",
            "worst": dict(joint),
        },
        "linkability": {
            "attacker": "wants to connect records of the same unit in two releases",
            "worst": None,
            "because": "a release holds no records, only counts with noise",
        },
        "inference": {
            "attacker": "knows everybody else's answers and guesses the answer of one unit",
            "worst": max((method["inference"] for method in methods), key=_gain),
        },
    }


def _gain(figures: Mapping[str, float]) -> float:
    return figures["upper"] - figures["blind"]


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
    if document.get("format") not in FORMATS or not isinstance(proof, Mapping):
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
