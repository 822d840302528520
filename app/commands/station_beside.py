"""The station that `serve` runs beside the office: a process of its own, begun again when it dies, gone when the office goes."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PAUSE = 1.0  # seconds before a station that died is begun again
_PATIENCE = 10.0  # seconds that it has to end its work

_log = logging.getLogger("office.station")
_libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None


class StationBeside:
    """One thread starts the station and waits for it. The kernel ends the station if this program is killed."""

    def __init__(self, home: Path, office_url: str, port: int) -> None:
        self._home = home
        self._told = {"STATION_OFFICE_URL": office_url, "STATION_PAGE_PORT": str(port)}
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name="station", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        with self._lock:
            if self._child is not None and self._child.poll() is None:
                self._child.terminate()
        self._thread.join(_PATIENCE)
        if self._child is not None and self._child.poll() is None:
            self._child.kill()

    def _keep(self) -> None:
        # The death signal is tied to the thread that starts the child: this one, which lives as long as the program.
        while not self._stopping.is_set():
            with self._lock:
                self._child = subprocess.Popen(
                    [sys.executable, "-m", "app.cli", "station", "--directory", str(self._home)],
                    stdin=subprocess.DEVNULL,
                    env=os.environ | self._told,
                    preexec_fn=_end_with_parent if _libc else None,
                )
            code = self._child.wait()
            if not self._stopping.is_set():
                _log.error("the station ended with code %s; it is begun again", code)
                self._stopping.wait(_PAUSE)


def _end_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
