"""kill -9 of a serving process under load: what was acknowledged is there."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from sensors.models import Observation
from sensors.registering import Registered
from tests.running import free_port
from tests.sensors.pushing import basic

CLIENTS, ENOUGH = 6, 150
SERVER = """
import os, sys
import django
from django.conf import settings
database = settings.DATABASES["default"]
database["NAME"] = sys.argv[2]
django.setup(set_prefix=False)
import uvicorn
uvicorn.run("sensors.ingesting:app", port=int(sys.argv[1]), lifespan="off", log_level="error", access_log=False)
"""


class Load:
    """Boxes that push as fast as they are answered, and remember what was acknowledged."""

    def __init__(self, port: int, key: str) -> None:
        self.port, self.headers = port, basic(key) | {"content-type": "application/json"}
        self.acknowledged: list[float] = []
        self.enough = threading.Event()
        self.threads = [threading.Thread(target=self.push, args=(number,)) for number in range(CLIENTS)]

    def push(self, client: int) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        for count in range(100_000):
            value = client * 100 + count / 1000
            body = json.dumps({"sensordatavalues": [{"value_type": "SDS_P1", "value": str(value)}]})
            try:
                link.request("POST", "/ingest/airrohr/", body, self.headers)
                answer = link.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return  # the server is dead
            if answer.status == 201:
                self.acknowledged.append(value)
                if len(self.acknowledged) >= ENOUGH:
                    self.enough.set()


def serve(port: int, folder: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "LOGGIA_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "engagement.settings"}
    name = str(connection.settings_dict["NAME"])
    command = [sys.executable, "-c", SERVER, str(port), name]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
        except OSError:
            continue
        return
    pytest.fail("the server did not start")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_acknowledged_reading_is_lost_by_kill_minus_nine(air_box: Registered, own_data_folder: Path) -> None:
    port = free_port()
    server = serve(port, own_data_folder)
    wait_for(port, server)
    load = Load(port, air_box.key or "")
    try:
        for thread in load.threads:
            thread.start()
        assert load.enough.wait(60)
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
    for thread in load.threads:
        thread.join()

    stored = set(Observation.objects.values_list("result", flat=True))
    assert len(load.acknowledged) >= ENOUGH
    assert set(load.acknowledged) <= stored
    assert len(stored) - len(load.acknowledged) <= CLIENTS  # stored, but killed before the answer
