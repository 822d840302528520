"""The station's line to its office: JSON over one kept-open HTTP connection, every refusal by name.

All of the protocol's calls may be repeated: where an answer was lost, the caller asks again with the same words.
"""

import http.client
import json
import socket
import ssl
from base64 import b64decode
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from card_issuance.ceremony_job import EnvelopeNumber, Held, Job, Kind, SignedCertificate, Step

VERSION = "1"
ANSWER_LIMIT = 1 << 20  # bytes


class OfficeDown(Exception):
    """No answer, or none that makes sense. Worth asking again."""


class NotEnrolled(Exception):
    """The office does not know this station (any more). It must be enrolled anew."""


class CodeRefused(Exception):
    """The enrolment code is wrong, expired or used. The text is the office's reason code."""


class StaleLease(Exception):
    """The run went to somebody else, or was called off: drop it at once."""


class RunRefused(Exception):
    """The office stops the run by name; "" where it does not understand this station."""

    def __init__(self, fault: str, detail: str) -> None:
        super().__init__(fault)
        self.fault = fault
        self.detail = detail


@dataclass(frozen=True)
class PollAnswer:
    jobs: tuple[Job, ...]
    poll_after: float  # seconds
    language: str  # "zh" or "en"


@dataclass(frozen=True)
class Enrolment:
    station: int | str
    name: str
    branch: str
    secret: str


class OfficeLine:
    """One connection, for one thread. `secret` is empty only while enrolling."""

    def __init__(self, url: str, secret: str = "", authority_file: Path | None = None, timeout: float = 30.0) -> None:
        parts = urlsplit(url)
        self._prefix = parts.path.rstrip("/")
        self._secret = secret
        self._timeout = timeout
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            trust = ssl.create_default_context(cafile=authority_file)
            self._connection = http.client.HTTPSConnection(parts.netloc, timeout=timeout, context=trust)
        else:
            self._connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)

    def enrol(self, code: str) -> Enrolment:
        """Redeems a one-time code. Raises CodeRefused, OfficeDown."""
        status, answer = self._post("/api/station/enrol", {"code": code, "version": VERSION})
        if status == 403:
            raise CodeRefused(str(answer.get("reason", "refused")))
        if status != 200:
            raise OfficeDown(f"the office answered {status} to the enrolment")
        return Enrolment(answer["station"], str(answer["name"]), str(answer["branch"]), str(answer["secret"]))

    def poll(self, state: dict[str, Any]) -> PollAnswer:
        answer = self._call("/api/station/poll", state)
        try:
            jobs = tuple(_job(each) for each in answer["jobs"])
            return PollAnswer(jobs, float(answer["poll_after"]), str(answer.get("language", "zh")))
        except (KeyError, TypeError, ValueError) as fault:
            raise OfficeDown(f"the office's jobs cannot be read: {type(fault).__name__} {fault}") from fault

    def report(self, job: Job, step: Step, detail: dict[str, Any] | None = None) -> None:
        self._call(f"/api/station/runs/{job.run}/report", {"lease": job.lease, "state": step.value, "detail": detail or {}})

    def certify(self, job: Job, request: str) -> SignedCertificate:
        answer = self._call(f"/api/station/runs/{job.run}/certify", {"lease": job.lease, "csr": request})
        return _certificate(answer["certificate"], answer["chain"])

    def envelope(self, job: Job, pin_id: str) -> EnvelopeNumber:
        answer = self._call(f"/api/station/runs/{job.run}/envelope", {"lease": job.lease, "pin_id": pin_id})
        return EnvelopeNumber(
            str(answer["number"]),
            str(answer["branch_name_zh"]),
            str(answer["branch_name_en"]),
            date.fromisoformat(answer["on"]),
        )

    def stop(self, job: Job, fault: str, detail: str) -> None:
        self._call(f"/api/station/runs/{job.run}/stop", {"lease": job.lease, "fault": fault, "detail": detail})

    def close(self) -> None:
        self._connection.close()

    def _call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        status, answer = self._post(path, body)
        if status == 200:
            return answer
        if status == 401:
            raise NotEnrolled
        if status == 409 and "fault" not in answer:
            raise StaleLease
        if "fault" in answer:
            raise RunRefused(str(answer["fault"]), str(answer.get("detail", "")))
        if path.startswith("/api/station/runs/") and 400 <= status < 500 and status != 429:
            if status == 404:
                raise StaleLease  # the run does not exist for this station
            raise RunRefused("", f"the office answered {status} {answer.get('reason', '')} {answer.get('at', '')}".rstrip())
        raise OfficeDown(f"the office answered {status}")

    def _post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._secret:
            headers["Authorization"] = f"Bearer {self._secret}"
        try:
            status, answer = self._exchange(path, content, headers)
        except (OSError, http.client.HTTPException) as fault:
            self._connection.close()
            raise OfficeDown(f"the office does not answer ({_words(fault)})") from fault
        try:
            parsed = json.loads(answer)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            parsed = {}
            if status == 200:
                raise OfficeDown("the office's answer is not JSON; is the address right?")
        return status, parsed

    def _exchange(self, path: str, content: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """One request; once more on a fresh connection if the office had closed the kept one meanwhile."""
        kept = self._connection.sock is not None
        try:
            return self._once(path, content, headers)
        except (http.client.RemoteDisconnected, ConnectionError):
            self._connection.close()
            if not kept:
                raise
            return self._once(path, content, headers)

    def _once(self, path: str, content: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        if self._connection.sock is None:
            self._connection.connect()
            assert self._connection.sock is not None  # noqa: S101  # connect() made it
            self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection.request("POST", self._prefix + path, content, headers)
        answer = self._connection.getresponse()
        body = answer.read(ANSWER_LIMIT)
        if not answer.isclosed():  # more than any answer of the protocol
            self._connection.close()
        return answer.status, body


def _words(fault: Exception) -> str:
    if isinstance(fault, ConnectionRefusedError):
        return "nothing listens at its address"
    if isinstance(fault, TimeoutError):
        return "timeout"
    if isinstance(fault, ssl.SSLError):
        return f"TLS: {fault.reason or type(fault).__name__}"
    if isinstance(fault, socket.gaierror):
        return "its name is unknown to DNS"
    return type(fault).__name__


def _certificate(der: str, chain: list[str]) -> SignedCertificate:
    return SignedCertificate(b64decode(der, validate=True), tuple(b64decode(each, validate=True) for each in chain))


def _held(given: dict[str, Any]) -> Held:
    return Held(str(given["key_id"]), str(given["public_key_digest"]), b64decode(given["certificate"], validate=True))


def _job(given: dict[str, Any]) -> Job:
    signed = given["certificate"]
    held = given.get("held")
    return Job(
        run=str(given["run"]),
        lease=int(given["lease"]),
        token=str(given["token"]),
        profile=str(given["profile"]),
        officer_master=int(given["officer"]["master"]),
        officer_epoch=int(given["officer"]["epoch"]),
        certificate=None if signed is None else _certificate(signed["der"], signed["chain"]),
        case=str(given["case"]),
        item=int(given["item"]),
        kind=Kind(given.get("kind", Kind.issue)),
        held=None if held is None else _held(held),
    )
