"""A real site for tests: server and worker processes of their own, on a free port, with a data folder of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RunningSite:
    """Server and worker of one data folder. Each can be killed and started again."""

    def __init__(self, data_dir: Path, *, port: int | None = None) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        self.base_url = f"http://localhost:{self.port}"
        self.environment = {
            **os.environ,
            "LOGGIA_DATA_DIR": str(data_dir),
            "LOGGIA_DEMO": "1",
            "LOGGIA_BASE_URL": self.base_url,
            "LOGGIA_INSECURE_HTTP": "1",
            "DJANGO_SETTINGS_MODULE": "engagement.settings",
        }
        self.server: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self.log = data_dir / "site.log"

    @property
    def socket_url(self) -> str:
        return self.base_url.replace("http", "ws", 1)

    def manage(self, *words: str) -> None:
        """Run a management command to its end. Raises RuntimeError with its output when it fails."""
        self.told(*words)

    def told(self, *words: str) -> str:
        """What a management command prints. Raises RuntimeError with its output when it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(words)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
        return done.stdout

    def _spawn(self, *words: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def start_server(self) -> None:
        self.server = self._spawn("serve", "--port", str(self.port))
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if self.server.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.base_url}/healthz", timeout=2).close()
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.05)  # a starting process; nothing to wait on but its port
            else:
                return
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-4000:]}")

    def start_worker(self) -> None:
        self.worker = self._spawn("worker")

    def start(self) -> None:
        self.start_server()
        self.start_worker()

    def kill_server(self) -> None:
        """kill -9, as a power cut would."""
        if self.server:
            self.server.send_signal(signal.SIGKILL)
            self.server.wait()

    def kill_worker(self) -> None:
        if self.worker:
            self.worker.send_signal(signal.SIGKILL)
            self.worker.wait()

    def stop(self) -> None:
        for process in (self.server, self.worker):
            if process and process.poll() is None:
                process.terminate()
        for process in (self.server, self.worker):
            if process:
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@contextmanager
def running_site(data_dir: Path, *, demo: bool = True) -> Iterator[RunningSite]:
    """A migrated, running site; with the demo city unless told otherwise."""
    site = RunningSite(data_dir)
    site.manage("migrate", "--verbosity", "0")
    if demo:
        site.manage("load_demo")
    try:
        site.start()
        yield site
    finally:
        site.stop()
