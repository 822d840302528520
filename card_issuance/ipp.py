"""The few words of the Internet Printing Protocol that a PIN printer needs, spoken to the local CUPS over its socket.

Nothing but the local scheduler is spoken to, so a PIN envelope never crosses a network in this program's hands. The
commands `lp` and `cancel` would do for submitting, but `cancel -x` refuses a finished job, and its spool file with the PIN
would stay readable; Cancel-Job with `purge-job` removes it.

Source: RFC 8010 (encoding), RFC 8011 (operations, states), CUPS Implementation of IPP (`purge-job`, PeerCred).
"""

import getpass
import http.client
import os
import socket
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

VERSION = b"\x01\x01"
PRINT_JOB, CANCEL_JOB, GET_JOB, GET_PRINTER = 0x0002, 0x0008, 0x0009, 0x000B
OPERATION_GROUP, JOB_GROUP, END = 0x01, 0x02, 0x03
INTEGER, BOOLEAN, ENUM = 0x21, 0x22, 0x23
NAME, KEYWORD, URI, CHARSET, LANGUAGE, MEDIA_TYPE = 0x42, 0x44, 0x45, 0x47, 0x48, 0x49
NOT_FOUND = 0x0406

Value = int | bool | str
Attribute = tuple[int, str, Value]  # tag, name, value


class IppFailed(Exception):
    """The scheduler could not be reached, or refused. The text is for a technician."""

    def __init__(self, detail: str, status: int = 0) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status


class _SocketConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(os.fspath(self._path))


def _attribute(tag: int, name: str, value: Value) -> bytes:
    if tag == BOOLEAN:
        raw = bytes([bool(value)])
    elif tag in (INTEGER, ENUM):
        raw = struct.pack(">i", value)
    else:
        raw = str(value).encode()
    key = name.encode()
    return bytes([tag]) + struct.pack(">H", len(key)) + key + struct.pack(">H", len(raw)) + raw


def encode(operation: int, attributes: Sequence[Attribute], job: Sequence[Attribute] = ()) -> bytes:
    """One request: its operation attributes, then those of the job template."""
    parts = [VERSION, struct.pack(">HI", operation, 1), bytes([OPERATION_GROUP])]
    parts.append(_attribute(CHARSET, "attributes-charset", "utf-8"))
    parts.append(_attribute(LANGUAGE, "attributes-natural-language", "en"))
    parts.extend(_attribute(*each) for each in attributes)
    if job:
        parts.append(bytes([JOB_GROUP]))
        parts.extend(_attribute(*each) for each in job)
    parts.append(bytes([END]))
    return b"".join(parts)


def decode(answer: bytes) -> tuple[int, dict[str, list[Value]]]:
    """Status code and attributes by name, all groups in one. Raises IppFailed where the bytes are no IPP answer."""
    attributes: dict[str, list[Value]] = {}
    try:
        status = struct.unpack_from(">H", answer, 2)[0]
        at, name = 8, ""
        while answer[at] != END:
            tag = answer[at]
            at += 1
            if tag < 0x10:
                continue
            length = struct.unpack_from(">H", answer, at)[0]
            if length:
                name = answer[at + 2 : at + 2 + length].decode()
            at += 2 + length
            size = struct.unpack_from(">H", answer, at)[0]
            raw = answer[at + 2 : at + 2 + size]
            at += 2 + size
            attributes.setdefault(name, []).append(_value(tag, raw))
    except (IndexError, struct.error, UnicodeDecodeError) as fault:
        raise IppFailed("the print scheduler's answer is no IPP") from fault
    return status, attributes


def _value(tag: int, raw: bytes) -> Value:
    if tag == BOOLEAN:
        return raw != b"\0"
    if tag in (INTEGER, ENUM):
        return int(struct.unpack(">i", raw)[0])
    return raw.decode(errors="replace")


class Scheduler:
    """The local CUPS. Every call opens its own connection: a station prints a few pages an hour."""

    def __init__(self, path: Path, timeout: float = 10.0) -> None:
        self._path = path
        self._timeout = timeout
        self._user = getpass.getuser()

    def _ask(self, target: str, body: bytes) -> dict[str, list[Value]]:
        connection = _SocketConnection(self._path, self._timeout)
        headers = {"Content-Type": "application/ipp", "Authorization": f"PeerCred {self._user}"}
        try:
            connection.request("POST", target, body, headers)
            answer = connection.getresponse()
            content = answer.read(1 << 20)
        except (OSError, http.client.HTTPException) as fault:
            raise IppFailed(f"the print scheduler at {self._path} does not answer: {type(fault).__name__}") from fault
        finally:
            connection.close()
        if answer.status != 200:
            raise IppFailed(f"the print scheduler answered HTTP {answer.status}", answer.status)
        status, attributes = decode(content)
        if status >= 0x0400:
            words = ", ".join(str(each) for each in attributes.get("status-message", ())) or "no reason given"
            raise IppFailed(f"the print scheduler refused: {words} (0x{status:04x})", status)
        return attributes

    def _of(self, queue: str) -> list[Attribute]:
        return [(URI, "printer-uri", f"ipp://localhost/printers/{queue}"), (NAME, "requesting-user-name", self._user)]

    def printer(self, queue: str) -> dict[str, list[Value]]:
        """The queue's attributes, `printer-state`, `printer-state-reasons`, `printer-is-accepting-jobs` among them."""
        return self._ask(f"/printers/{queue}", encode(GET_PRINTER, self._of(queue)))

    def print(self, queue: str, title: str, document: bytes | bytearray, options: Mapping[str, str]) -> int:
        """Hands one PDF to the queue. Returns the job's number."""
        operation = [
            *self._of(queue),
            (NAME, "job-name", title),
            (MEDIA_TYPE, "document-format", "application/pdf"),
        ]
        template = [(KEYWORD, name, value) for name, value in options.items()]
        answer = self._ask(f"/printers/{queue}", encode(PRINT_JOB, operation, template) + document)
        number = answer.get("job-id", [0])[0]
        if not isinstance(number, int) or number <= 0:
            raise IppFailed("the print scheduler gave the job no number")
        return number

    def job(self, queue: str, number: int) -> dict[str, list[Value]]:
        """The job's attributes, `job-state` and `job-state-reasons` among them."""
        return self._ask("/jobs/", encode(GET_JOB, [*self._of(queue)[:1], (INTEGER, "job-id", number), self._of(queue)[1]]))

    def purge(self, queue: str, number: int) -> None:
        """Cancels the job if it still runs, and removes it and its document from the spool. Silent when it is gone."""
        uri, user = self._of(queue)
        try:
            self._ask("/jobs/", encode(CANCEL_JOB, [uri, (INTEGER, "job-id", number), user, (BOOLEAN, "purge-job", True)]))
        except IppFailed as fault:
            if fault.status != NOT_FOUND:
                raise
