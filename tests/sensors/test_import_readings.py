"""``bin/manage import_readings``: the file door for operators."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from sensors.models import Observation
from sensors.registering import Registered


def run(file: Path, device: str, **options: str) -> str:
    out = StringIO()
    call_command("import_readings", str(file), device=device, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_a_file_goes_in_once_and_what_is_refused_is_said(air_box: Registered, tmp_path: Path) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0).isoformat()
    file = tmp_path / "history.csv"
    file.write_text(f"time,pm10\n{hour},11.5\n{hour},-3\n")
    assert run(file, air_box.device.code).endswith("1 created, 0 there already, 0 in conflict, 1 rejected.\n")
    again = run(file, air_box.device.code.lower())
    assert "line 3: pm10 = -3" in again
    assert again.endswith("0 created, 1 there already, 0 in conflict, 1 rejected.\n")
    assert Observation.objects.count() == 1


def test_what_cannot_be_read_is_refused_with_a_sentence(air_box: Registered, tmp_path: Path) -> None:
    file = tmp_path / "cats.csv"
    file.write_text("cat,colour\nMiri,grey\n")
    for device, options, said in (
        (air_box.device.code, {}, "no column called time"),
        ("00000001", {}, "no box with the code"),
        (air_box.device.code, {"timezone": "Moon/Crater"}, "is no time zone"),
    ):
        with pytest.raises(CommandError, match=said):
            run(file, device, **options)
    with pytest.raises(CommandError, match="cannot be read"):
        run(tmp_path / "absent.csv", air_box.device.code)
