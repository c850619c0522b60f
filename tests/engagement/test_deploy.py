"""The samples for operators say what the site really does, and the tools that read them take them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from engagement import guards
from engagement.management.operations import sbom

ROOT = Path(settings.BASE_DIR)
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_commands_that_exist_and_locks_the_process_in(unit: Path) -> None:
    text = unit.read_text()
    commands = re.findall(r"^Exec\w+=/opt/loggia/bin/manage (\w+)", text, re.MULTILINE)
    assert commands
    assert set(commands) <= set(get_commands())
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "User=loggia", "UMask=0077", "Restart=always"):
        assert line in text.splitlines()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_reads_the_unit(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    wrong = [line for line in done.stderr.splitlines() if unit.name in line and "/opt/loggia" not in line]
    assert wrong == []


def test_proxies_let_through_as_much_as_the_site_takes_and_hide_its_figures() -> None:
    largest = max(guards.LIMITS.values()) // guards.MEGABYTE
    nginx, caddy = (DEPLOY / "nginx" / "loggia.conf").read_text(), (DEPLOY / "caddy" / "Caddyfile").read_text()
    assert f"client_max_body_size {largest}m;" in nginx
    assert f"max_size {largest}MB" in caddy
    for text in (nginx, caddy):
        assert "/metrics" in text
        assert "127.0.0.1:8000" in text
    assert nginx.count("access_log off;") == 2


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_reads_its_sample(tmp_path: Path) -> None:
    from engagement.lan import certificate

    pem = certificate("127.0.0.1", tmp_path)
    sample = (DEPLOY / "nginx" / "loggia.conf").read_text()
    sample = sample.replace("/etc/loggia/tls/certificate.pem", str(pem)).replace(
        "/etc/loggia/tls/key.pem", str(tmp_path / "key.pem")
    )
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{sample}\n}}\n")
    done = subprocess.run(["nginx", "-t", "-c", str(whole)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_image_starts_the_same_commands_as_the_units() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    assert 'ENTRYPOINT ["/opt/loggia/bin/manage"]' in text
    assert "USER loggia" in text
    assert "LOGGIA_DATA_DIR=/var/lib/loggia" in text


def test_the_bill_of_materials_names_every_pinned_package_with_its_hashes() -> None:
    made = sbom.document(ROOT, "0.1.0")
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    by_purl = {one["purl"].rpartition("@")[0]: one for one in made["components"]}
    pinned = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*\])?==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert {f"pkg:pypi/{name.lower().replace('_', '-')}" for name in pinned} <= set(by_purl)
    django = by_purl["pkg:pypi/django"]
    assert django["licenses"] == [{"license": {"name": "BSD-3-Clause"}}]
    assert all(len(entry["content"]) == 64 for entry in django["hashes"])
    assert "pkg:npm/three" in by_purl
    assert json.dumps(made) == json.dumps(sbom.document(ROOT, "0.1.0"))
