"""The bill of materials (CycloneDX 1.6): every package that runs here, with its version, hashes and licence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

PINNED = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)(?:\[[^]]*\])?==(?P<version>[^ ;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def document(base: Path, version: str) -> dict[str, Any]:
    """The document of the clone at ``base``; the same clone gives the same bytes, so it carries no time."""
    components = sorted(
        [*python(base / "requirements.lock"), *browser(base / "package-lock.json")], key=lambda one: one["purl"]
    )
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "loggia", "version": version}},
        "components": components,
    }


def python(lock: Path) -> Iterator[dict[str, Any]]:
    """Packages of the Python lock file. A release has one hash per file that may be installed."""
    for block in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8")):
        if found := PINNED.match(block):
            name = found["name"].lower().replace("_", "-")
            hashes = sorted({*HASH.findall(block)})
            yield _component("pypi", name, found["version"], hashes, _licence(name))


def browser(lock: Path) -> Iterator[dict[str, Any]]:
    """Packages of npm that reach the browser; tools of the build have no part in a running site."""
    for path, entry in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
        if path and not entry.get("dev"):
            name = path.removeprefix("node_modules/").rpartition("node_modules/")[2]
            yield _component("npm", name.replace("@", "%40"), entry["version"], [], entry.get("license", ""))


def _component(kind: str, name: str, version: str, hashes: list[str], licence: str) -> dict[str, Any]:
    component: dict[str, Any] = {
        "type": "library",
        "name": name.replace("%40", "@"),
        "version": version,
        "purl": f"pkg:{kind}/{name}@{version}",
    }
    if hashes:
        component["hashes"] = [{"alg": "SHA-256", "content": digest} for digest in hashes]
    if licence:
        component["licenses"] = [{"license": {"name": licence}}]
    return component


def _licence(name: str) -> str:
    """As the installed package states it, one line; empty where it is not installed on this system."""
    try:
        facts = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    stated = str(facts["License-Expression"] or facts["License"] or "")
    classifiers = [str(line) for line in facts.get_all("Classifier") or []]
    named = next((line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")), "")
    return stated if stated and "\n" not in stated and len(stated) < 80 else named
