"""The station's side of the children that work on tokens: keeps some ready, asks each one thing, kills it when it hangs."""

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
# Children kept ready: more than an issuance has acts, which follow each other faster than a child warms up. They are replaced
# while the processor waits anyway, or when they run out.
_READY, _FEW = 6, 1
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

    def __init__(self, library: str, launcher: tuple[str, ...], environment: Mapping[str, str], rehearse: bool) -> None:
        self._command = [*launcher, sys.executable, "-P", "-m", "card_issuance.token_child", library]
        self._command += ["rehearse"] if rehearse else []
        self._environment = dict(environment)
        self._lock = threading.Lock()
        self._ready: list[Child] = []
        self._ordered = 0  # children asked for and not received yet
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.owner = os.getpid()

    def ask(self, request: dict[str, Any], deadline: float, takes_long: bool = False) -> dict[str, Any]:
        """One act in one child. Raises the fault that it answers; DriverHung after `deadline` seconds; DriverFailed if it died.

        `takes_long`: hundreds of milliseconds on one processor, in which the other can warm up new children.
        """
        child = self._hand_over(request | {"deadline": deadline}, deadline)
        until = time.monotonic() + deadline
        try:
            if takes_long or len(self._ready) + self._ordered <= _FEW:
                with contextlib.suppress(DriverFailed):  # the next act will meet the same trouble and tell it
                    self.prepare()
            answer = self._read(child, until)
        finally:
            child.close()
        if "fault" in answer:
            raise faults.from_mapping(answer)
        content: dict[str, Any] = answer["answer"]
        return content

    def prepare(self) -> None:
        """Have children made ready. Does not wait for them."""
        with self._lock:
            try:
                self._begin()
                self._order(_READY - len(self._ready) - self._ordered)
            except OSError as trouble:
                self._end()
                raise DriverFailed(f"no child process can be started: {type(trouble).__name__}") from None

    def close(self) -> None:
        """Children that work go on to their end; the waiting ones leave."""
        with self._lock:
            self._end()

    def _hand_over(self, request: dict[str, Any], deadline: float) -> Child:
        """To a child that has said that it begins. One that died before that did nothing: another gets the request."""
        for _ in range(_READY + 2):
            with self._lock:
                child = self._next()
            try:
                child.line.settimeout(deadline)
                write_frame(child.line, request)
                read_frame(child.line)
                return child
            except TimeoutError:
                child.kill()
                child.close()
                raise DriverHung("a child did not take its request; it was killed") from None
            except (OSError, EOFError, ValueError):
                child.close()
            except BaseException:
                child.close()
                raise
        raise DriverFailed("no child takes its request")

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

    def _next(self) -> Child:
        """The child that has been ready for longest. With the lock held. A nursery that has died is started again, once."""
        for attempt in (1, 2):
            try:
                self._begin()
                if not self._ready:
                    self._order(1 - self._ordered)
                    self._receive()
                return self._ready.pop(0)
            except (OSError, EOFError) as trouble:
                self._end()
                if attempt == 2:
                    raise DriverFailed(f"no child process can be started: {type(trouble).__name__}") from None
        raise AssertionError("unreachable")

    def _order(self, count: int) -> None:
        for _ in range(count):
            self._line.send(b"spare")
            self._ordered += 1

    def _receive(self) -> None:
        """One of the children that were ordered."""
        space = socket.CMSG_SPACE(2 * array.array("i").itemsize)
        message, extra, _, _ = self._line.recvmsg(64, space, socket.MSG_CMSG_CLOEXEC)
        if not message:
            raise EOFError
        self._ordered -= 1
        line, handle = array.array("i", extra[0][2])
        self._ready.append(Child(int(message), socket.socket(fileno=line), handle))

    @property
    def _line(self) -> socket.socket:
        if self._control is None:
            raise EOFError
        return self._control

    def _begin(self) -> None:
        """Start the nursery unless it runs."""
        if self._control is not None:
            return
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
                self._line.send(f"end {pid}".encode())
                while self._ordered:
                    self._receive()  # the answers come in order
                return self._line.recv(64).decode() or "unknown"
            except (OSError, EOFError):
                return "unknown"

    def _end(self) -> None:
        for child in self._ready:
            child.close()
        self._ready.clear()
        self._ordered = 0
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


def nursery_of(library: str, launcher: tuple[str, ...], environment: Mapping[str, str], rehearse: bool) -> Nursery:
    """The one of this process for these settings. `rehearse`: SoftHSM; its children warm up on no token."""
    key = (library, launcher, tuple(sorted(environment.items())), rehearse)
    with _guard:
        held = _nurseries.get(key)
        if held is None or held.owner != os.getpid():  # after a fork the old one belongs to the other process
            held = _nurseries[key] = Nursery(library, launcher, environment, rehearse)
        return held


@atexit.register
def close_all() -> None:
    with _guard:
        held = [nursery for nursery in _nurseries.values() if nursery.owner == os.getpid()]
        _nurseries.clear()
    for nursery in held:
        nursery.close()
