"""The station's side of the children that work on tokens: keeps one ready, asks it one thing, kills it when it hangs."""

from __future__ import annotations

import array
import atexit
import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from card_issuance import faults
from card_issuance.faults import DriverFailed, DriverHung
from card_issuance.token_child import read_frame, write_frame

_PROJECT = Path(__file__).resolve().parent.parent
# What a child may know of the station's environment: nothing that could hold a secret.
_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")
_START = 20.0  # seconds for the nursery to import what it needs and bear the first child


@dataclass(frozen=True, slots=True)
class Child:
    """One that waits for its one request."""

    pid: int
    line: socket.socket
    handle: int  # pidfd: a process id could be somebody else's by the time we kill

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        select.select([self.handle], [], [], 2)  # readable once it has ended

    def close(self) -> None:
        self.line.close()
        os.close(self.handle)


class Nursery:
    """Of one library, launcher and environment. Threads may share it."""

    def __init__(self, library: str, launcher: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self._command = [*launcher, sys.executable, "-P", "-m", "card_issuance.token_child", library]
        self._environment = dict(environment)
        self._lock = threading.Lock()
        self._ready: list[Child] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.owner = os.getpid()

    def ask(self, request: dict[str, Any], deadline: float) -> dict[str, Any]:
        """One act in one child. Raises the fault that it answers; DriverHung after `deadline` seconds; DriverFailed if it died."""
        child = self._hand_over(request | {"deadline": deadline})
        until = time.monotonic() + deadline
        try:
            with contextlib.suppress(DriverFailed):  # the next act will meet the same trouble and tell it
                self.prepare()  # while this one works
            answer = self._read(child, until)
        finally:
            child.close()
        if "fault" in answer:
            raise faults.from_mapping(answer)
        content: dict[str, Any] = answer["answer"]
        return content

    def prepare(self) -> None:
        """Have one child ready."""
        with self._lock:
            if not self._ready:
                self._ready.append(self._bear())

    def close(self) -> None:
        """Children that work go on to their end; the waiting ones leave."""
        with self._lock:
            self._end()

    def _hand_over(self, request: dict[str, Any]) -> Child:
        while True:
            with self._lock:
                child = self._ready.pop() if self._ready else None
                fresh = child is None
                child = child or self._bear()
            try:
                write_frame(child.line, request)
            except OSError as gone:  # it died while it waited, so it did nothing: another may
                child.close()
                if fresh:
                    raise DriverFailed(f"the child does not take its request: {type(gone).__name__}") from None
            except BaseException:
                child.close()
                raise
            else:
                return child

    def _read(self, child: Child, until: float) -> dict[str, Any]:
        try:
            child.line.settimeout(max(until - time.monotonic(), 0.001))
            return read_frame(child.line)
        except TimeoutError:
            child.kill()
            raise DriverHung("no answer within the deadline; the child was killed") from None
        except (OSError, EOFError, ValueError):
            child.kill()
            raise DriverFailed(f"the child died: {self._end_of(child.pid)}") from None

    def _bear(self) -> Child:
        """With the lock held. A nursery that has died is started again, once."""
        for attempt in (1, 2):
            try:
                if self._control is None:
                    self._begin()
                assert self._control is not None  # noqa: S101
                self._control.send(b"spare")
                flags = socket.MSG_CMSG_CLOEXEC
                message, extra, _, _ = self._control.recvmsg(64, socket.CMSG_SPACE(2 * array.array("i").itemsize), flags)
                if not message:
                    raise EOFError
                line, handle = array.array("i", extra[0][2])
                return Child(int(message), socket.socket(fileno=line), handle)
            except (OSError, EOFError) as trouble:
                self._end()
                if attempt == 2:
                    raise DriverFailed(f"no child process can be started: {type(trouble).__name__}") from None
        raise AssertionError("unreachable")

    def _begin(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        environment |= {"PYTHONPATH": str(_PROJECT), "PYTHONUTF8": "1", **self._environment}
        try:
            with theirs:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,  # a driver's own chatter is not ours to keep
                    cwd="/",
                    env=environment,
                    start_new_session=True,
                )
        except OSError:
            ours.close()
            raise
        ours.settimeout(_START)
        self._control = ours

    def _end_of(self, pid: int) -> str:
        with self._lock:
            try:
                if self._control is None:
                    return "unknown"
                self._control.send(f"end {pid}".encode())
                return self._control.recv(64).decode() or "unknown"
            except OSError:
                return "unknown"

    def _end(self) -> None:
        for child in self._ready:
            child.close()
        self._ready.clear()
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None and self.owner == os.getpid():
            try:
                self._process.wait(1)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None


_nurseries: dict[tuple[Any, ...], Nursery] = {}
_guard = threading.Lock()


def nursery_of(library: str, launcher: tuple[str, ...], environment: Mapping[str, str]) -> Nursery:
    """The one of this process for these settings."""
    key = (library, launcher, tuple(sorted(environment.items())))
    with _guard:
        held = _nurseries.get(key)
        if held is None or held.owner != os.getpid():  # after a fork the old one belongs to the other process
            held = _nurseries[key] = Nursery(library, launcher, environment)
        return held


@atexit.register
def close_all() -> None:
    with _guard:
        held = [nursery for nursery in _nurseries.values() if nursery.owner == os.getpid()]
        _nurseries.clear()
    for nursery in held:
        nursery.close()
