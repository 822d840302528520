"""A child process that lives as long as its parent and answers one question at a time over a socket.

For work that must not share the office's process: a PKCS#11 module (crashes under threads) and the certificate linter
(slow Python, would hold the interpreter). A child that died is started again; one that hangs is killed. Its acts must
bear repeating, because a question whose answer was lost is asked once more.

One frame: length (4 bytes, big-endian), a line of JSON, raw bytes.
"""

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_LARGEST = 256 * 1024 * 1024
_PROJECT = Path(__file__).resolve().parent.parent
# What a child may know of the parent's environment: nothing that could hold a secret.
_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE")


class ChildLost(Exception):
    """No answer: the child died twice, hung, or did not start. Whether it acted is not known."""


class ChildFault(Exception):
    """The child answered that it cannot. `code` is for programs, the text for a technician."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


class LastingChild:
    """The parent's end. May be shared by threads; after a fork the new process starts a child of its own."""

    def __init__(
        self,
        module: str,
        *arguments: str,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        deadline: float,
        start_deadline: float = 30.0,
    ) -> None:
        """`module` is run with `arguments` in `folder`. Seconds for one answer, and for a start before it."""
        self._command = [sys.executable, "-m", module, *arguments]
        self._folder = folder
        self._environment = dict(environment or {})
        self._deadline = deadline
        self._start_deadline = start_deadline
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ending: weakref.finalize | None = None
        self._greeting: dict[str, Any] | None = None  # what the running child said of itself at its start
        _all_children.add(self)

    @property
    def pid(self) -> int | None:
        """Of the running child; None between children."""
        return self._process.pid if self._process else None

    def ask(self, act: str, payload: bytes = b"", **facts: Any) -> tuple[dict[str, Any], bytes]:
        """One act. Raises ChildFault as the child tells it, ChildLost when there is no telling."""
        if not self._lock.acquire(timeout=self._deadline):
            raise ChildLost("The child is busy with other acts beyond the deadline.")
        try:
            until = time.monotonic() + self._deadline  # who waited long must not kill a child that is well
            question = json.dumps({"act": act, **facts}).encode() + b"\n" + payload
            try:
                return self._exchange(question, until)
            except (OSError, EOFError) as gone:
                if isinstance(gone, TimeoutError):
                    raise
            return self._exchange(question, until)  # it had died: a fresh child answers instead
        except TimeoutError:
            self._end()
            raise ChildLost(f"The child did not answer {act} in time and was killed.") from None
        except (OSError, EOFError) as gone:
            self._end()
            raise ChildLost(f"The child died during {act}: {gone or type(gone).__name__}.") from None
        finally:
            self._lock.release()

    def greeting(self) -> dict[str, Any]:
        """What the child says of itself; starts it if none runs. Raises as `ask`."""
        return self.ask("greet")[0]

    def launch(self) -> None:
        """Lets the child start while the parent does something else; the first `ask` waits for it."""
        with self._lock, contextlib.suppress(OSError):
            if self._line is None:
                self._begin()

    def close(self) -> None:
        with self._lock:
            self._end()

    def _exchange(self, question: bytes, until: float) -> tuple[dict[str, Any], bytes]:
        line = self._line or self._begin()
        try:
            if self._greeting is None:
                self._greeting = self._await_greeting(line)
                until = time.monotonic() + self._deadline
            _send(line, question, until)
            return _answer(line, until)
        except (OSError, EOFError):
            self._end()
            raise

    def _await_greeting(self, line: socket.socket) -> dict[str, Any]:
        try:
            return _answer(line, time.monotonic() + self._start_deadline)[0]
        except ChildFault:  # it refused to start, and is gone
            self._end()
            raise

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        environment |= {"PYTHONPATH": str(_PROJECT), "PYTHONUTF8": "1", **self._environment}
        try:
            # Its own session: Ctrl-C in the terminal ends the parent, and the child by the end of the socket.
            self._process = subprocess.Popen(
                self._command,
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                cwd=self._folder,
                env=environment,
                start_new_session=True,
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self._line = ours
        self._ending = weakref.finalize(self, _end, self._process, ours)
        return ours

    def _end(self) -> None:
        if self._ending is not None:
            self._ending()
        self._line = self._process = self._ending = self._greeting = None

    def _forget(self) -> None:
        """In a forked process: the child is the other process's, whatever its threads were doing."""
        self._lock = threading.Lock()
        if self._ending is not None and self._process is not None and self._line is not None:
            self._ending.detach()
            self._line.close()
            self._process.returncode = 0  # nobody here may wait for it
        self._line = self._process = self._ending = self._greeting = None


_all_children: "weakref.WeakSet[LastingChild]" = weakref.WeakSet()


def _forget_all() -> None:
    for child in _all_children:
        child._forget()


os.register_at_fork(after_in_child=_forget_all)


def _end(process: subprocess.Popen[bytes], line: socket.socket) -> None:
    line.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(0.2)
    process.kill()
    process.wait()


def _send(line: socket.socket, frame: bytes, until: float) -> None:
    line.settimeout(max(until - time.monotonic(), 0.001))
    line.sendall(struct.pack(">I", len(frame)) + frame)


def _receive(line: socket.socket, until: float | None) -> bytes:
    def exactly(count: int) -> bytes:
        parts = []
        while count:
            line.settimeout(None if until is None else max(until - time.monotonic(), 0.001))
            part = line.recv(min(count, 1 << 20))
            if not part:
                raise EOFError("the socket ended")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    (size,) = struct.unpack(">I", exactly(4))
    if size > _LARGEST:
        raise EOFError("a frame too large")
    return exactly(size)


def _answer(line: socket.socket, until: float) -> tuple[dict[str, Any], bytes]:
    head, _, payload = _receive(line, until).partition(b"\n")
    facts = json.loads(head)
    if "fault" in facts:
        raise ChildFault(facts["fault"], facts["detail"])
    return facts, payload


Act = Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]


def answer_questions(acts: Mapping[str, Act], greeting: Mapping[str, Any], last_faults: tuple[type[Exception], ...] = ()) -> None:
    """The child's end: says its greeting, then answers until the parent goes.

    An act's ChildFault is told to the parent. After one of `last_faults` it is told as "broken" and the child leaves,
    so that the next question meets a fresh one.
    """
    with socket.socket(fileno=os.dup(0)) as line:

        def say(facts: Mapping[str, Any], payload: bytes = b"") -> None:
            frame = json.dumps(facts).encode() + b"\n" + payload
            line.settimeout(None)
            line.sendall(struct.pack(">I", len(frame)) + frame)

        with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
            say(greeting)
            while True:
                head, _, payload = _receive(line, None).partition(b"\n")
                facts = json.loads(head)
                act = facts.pop("act")
                if act == "greet":
                    say(greeting)
                    continue
                try:
                    answer = acts[act](facts, payload)
                except ChildFault as fault:
                    say({"fault": fault.code, "detail": str(fault)})
                except last_faults as broken:
                    say({"fault": "broken", "detail": f"{type(broken).__name__}: {broken}".removesuffix(": ")})
                    return
                except Exception as unforeseen:
                    traceback.print_exc()
                    say({"fault": "broken", "detail": type(unforeseen).__name__})
                    return
                else:
                    say(*answer)


def refuse_to_start(code: str, detail: str) -> None:
    """Said instead of a greeting: the parent gets a ChildFault."""
    with socket.socket(fileno=os.dup(0)) as line:
        frame = json.dumps({"fault": code, "detail": detail}).encode() + b"\n"
        line.sendall(struct.pack(">I", len(frame)) + frame)
