"""The process behind the acts: a nursery that has imported everything and touched no token, and forks a child per act.

python-pkcs11 does not survive a fork *after* the module is initialised; the nursery never loads one. A forked child sits
ready with the library mapped in, so that an act does not wait for Python, and ends with its act. The PIN goes from the
station straight to that child over a socket of their own: never through the nursery, an argument list or the environment.

Run as `python -m card_issuance.token_child LIBRARY [rehearse]`, control socket (SOCK_SEQPACKET) at standard input:
    "spare"      → a new child: its process id, and two descriptors: its socket, its pidfd
    "end PID"    → how that child ended: "exit N", "signal N", or "alive"
Between parent and child, frames of 4 bytes of length and JSON: the request; "begun", before which nothing was done; the answer.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import resource
import signal
import socket
import struct
import sys
import time
from typing import Any

from card_issuance import faults, token_rehearsal, token_work

_LARGEST_FRAME = 1 << 20
_GRACE = 2.0  # seconds beyond the deadline after which the kernel ends a child that nobody else ended


def read_frame(line: socket.socket) -> dict[str, Any]:
    """EOFError if the other end is gone. The socket's timeout is for each part; the caller sets it anew."""
    size = int.from_bytes(_exactly(line, 4))
    if size > _LARGEST_FRAME:
        raise EOFError("a frame too large")
    content: dict[str, Any] = json.loads(_exactly(line, size))
    return content


def write_frame(line: socket.socket, content: dict[str, Any]) -> None:
    body = json.dumps(content).encode()
    line.sendall(struct.pack(">I", len(body)) + body)


def _exactly(line: socket.socket, count: int) -> bytes:
    parts = b""
    while len(parts) < count:
        part = line.recv(count - len(parts))
        if not part:
            raise EOFError("the other end is gone")
        parts += part
    return parts


def main() -> None:
    library, rehearse = sys.argv[1], "rehearse" in sys.argv[2:]
    control = socket.socket(fileno=os.dup(0))
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold a PIN
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is the station's to answer
    if rehearse:
        token_rehearsal.sweep_rehearsals()
    gc.collect()
    gc.freeze()
    ends: dict[int, str] = {}
    while message := control.recv(64):
        _reap(ends)
        word, _, number = message.decode().partition(" ")
        try:
            if word == "spare":
                _bear(control, library, rehearse)
            else:
                control.send(_end_of(int(number), ends).encode())
        except (BrokenPipeError, ConnectionResetError):
            return


def _bear(control: socket.socket, library: str, rehearse: bool) -> None:
    theirs, ours = socket.socketpair()
    child = os.fork()
    if child == 0:
        control.close()
        theirs.close()
        _sit(ours, library, rehearse)
    ours.close()
    handle = os.pidfd_open(child)
    with theirs:
        socket.send_fds(control, [str(child).encode()], [theirs.fileno(), handle])
    os.close(handle)


def _sit(line: socket.socket, library: str, rehearse: bool) -> None:
    """Wait for the one request, answer it, end. Never returns."""
    status = 1
    try:
        gc.disable()
        with contextlib.suppress(OSError):  # the act itself will say what is wrong with it
            ctypes.CDLL(library)
            if rehearse:
                with contextlib.suppress(faults.DriverFault):
                    token_rehearsal.rehearse(library)
        request = read_frame(line)
        signal.setitimer(signal.ITIMER_REAL, request.pop("deadline") + _GRACE)  # also when the station is gone by then
        write_frame(line, {"begun": True})
        write_frame(line, _answer(request))
        line.close()
        status = 0
    except (EOFError, OSError):
        pass  # nobody asks any more
    finally:
        os._exit(status)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"answer": token_work.perform(request)}
    except faults.DriverFault as fault:
        return fault.as_mapping()
    except OSError as error:
        return faults.DriverFailed(f"{type(error).__name__}: {error.strerror}: {error.filename}").as_mapping()
    except Exception as unforeseen:
        # The type and the place suffice for a technician; the text of a foreign exception could hold anything.
        place = unforeseen.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        at = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "unknown place"
        return faults.DriverFailed(f"{type(unforeseen).__name__} at {os.path.basename(at)}").as_mapping()


def _reap(ends: dict[int, str]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            code = os.waitstatus_to_exitcode(ended[1])
            ends[ended[0]] = f"signal {-code}" if code < 0 else f"exit {code}"
    for oldest in list(ends)[:-64]:
        del ends[oldest]


def _end_of(child: int, ends: dict[int, str]) -> str:
    until = time.monotonic() + 1
    while child not in ends and time.monotonic() < until:
        time.sleep(0.005)
        _reap(ends)
    return ends.get(child, "alive")


if __name__ == "__main__":
    main()
