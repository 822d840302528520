"""The office's programs, started warm: a process that has imported all of them waits, and each start is a fork of it.

What runs, what is killed and what is started again are the programs themselves, by their own commands, each with the
environment, folder, log and session of its own that a start from the shell would give it. Only their imports are not paid for
every time: two seconds of a processor each, hundreds of times in the files of kills.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.config import HOUSE

_START = 120.0  # seconds for the imports, on a busy machine


class Started:
    """As much of a `Popen` as anybody asks for."""

    def __init__(self, pid: int, standby: "Standby") -> None:
        self.pid, self.returncode, self._standby = pid, None, standby

    def poll(self) -> int | None:
        """Until it is asked for here its process id is nobody else's."""
        with self._standby.lock:
            if self.returncode is None:
                self.returncode = self._standby.ask(end=self.pid)
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        until = time.monotonic() + (timeout or 3600)
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.005)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Standby:
    """The process that waits, begun when it is first needed, gone with the one that began it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._line: socket.socket | None = None

    def start(self, words: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path | None) -> Started:
        """`words`: as `python -m` is given them. Without a log it writes where the tests write."""
        facts = {"words": list(words), "environment": dict(environment), "folder": str(folder), "log": str(log or "")}
        with self.lock:
            return Started(self.ask(start=facts), self)

    def ask(self, **order: Any) -> Any:
        with self.lock:
            self._line = self._line or _begun()
            _say(self._line, order)
            return _hear(self._line)


STANDBY = Standby()  # one for each process that runs tests


def _begun() -> socket.socket:
    ours, theirs = socket.socketpair()
    with theirs:
        environment = os.environ | {"PYTHONPATH": str(HOUSE), "PYTHONUTF8": "1"}
        process = subprocess.Popen([sys.executable, "-m", __name__], stdin=theirs, env=environment, start_new_session=True)
    ours.settimeout(_START)

    def end() -> None:
        ours.close()
        process.wait(10)

    atexit.register(end)
    return ours


def _say(line: socket.socket, facts: Any) -> None:
    frame = json.dumps(facts).encode()
    line.sendall(struct.pack(">I", len(frame)) + frame)


def _hear(line: socket.socket) -> Any:
    (size,) = struct.unpack(">I", _exactly(line, 4))
    return json.loads(_exactly(line, size))


def _exactly(line: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        part = line.recv(count - len(found))
        if not part:
            raise EOFError
        found += part
    return found


def stand_by() -> list[str]:
    """Answers until the tests are gone, and leaves; or returns in a forked process, with the words of the program it is to be."""
    line = socket.socket(fileno=os.dup(0))
    while True:
        try:
            order = _hear(line)
        except (EOFError, ConnectionResetError):
            os._exit(0)
        if "end" in order:
            pid, status = os.waitpid(order["end"], os.WNOHANG)
            _say(line, os.waitstatus_to_exitcode(status) if pid else None)
            continue
        pid = os.fork()
        if pid:
            _say(line, pid)
            continue
        line.close()
        return _become(order["start"])


def _become(facts: dict[str, Any]) -> list[str]:
    os.setsid()
    out = os.open(facts["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666) if facts["log"] else 2
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, number in ((nothing, 0), (out, 1), (out, 2)):
        os.dup2(file, number)
    for file in {nothing, out} - {0, 1, 2}:
        os.close(file)
    os.environ.clear()
    os.environ.update(facts["environment"])
    os.chdir(facts["folder"])
    tempfile.tempdir = None  # asked for again, in this environment
    words: list[str] = facts["words"]
    return words


if __name__ == "__main__":
    import app.commands.serve
    import app.commands.station  # noqa: F401
    from reports import paper

    paper.warm()
    assert threading.active_count() == 1, "a thread does not survive a fork"
    gc.collect()
    gc.freeze()
    sys.argv = stand_by()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
