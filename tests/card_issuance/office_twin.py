"""A TEST TWIN of the office: the station's protocol over real HTTP, with an authority of its own in memory. No part of the product.

It keeps the office's promises (leases, idempotent answers, one number per PIN) so that a station can be watched, cut off and
killed against it; `moments` names everything a station says, in order, and `at` runs a test's own act at one of them.
"""

import json
import secrets
import socket
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from models.rulebook import workflow
from models.rulebook.vocabulary import Fault, RunKind, RunState

ENROL_CODE = "TEST-CODE-0001"
Answer = tuple[int, dict[str, Any]]


class Authority:
    """A root and an issuing certificate, made in milliseconds."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)
        root_key, self._key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root_name, self._name = _name("样例根"), _name("样例签发")
        self.root = self._certificate(root_name, root_name, root_key.public_key(), root_key, True)
        self.issuing = self._certificate(self._name, root_name, self._key.public_key(), root_key, True)

    def certify(self, public_key: Any) -> bytes:
        certificate = self._certificate(_name("样例科技有限公司"), self._name, public_key, self._key, False)
        return certificate.public_bytes(Encoding.DER)

    def chain(self) -> list[bytes]:
        return [each.public_bytes(Encoding.DER) for each in (self.issuing, self.root)]

    def _certificate(self, subject: Any, issuer: Any, key: Any, signer: Any, authority: bool) -> x509.Certificate:
        builder = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number(), self.now, self.now + timedelta(365))
        builder = builder.add_extension(x509.BasicConstraints(authority, None), True)
        return builder.sign(signer, SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass(frozen=True)
class TwinHeld:
    """What the office has on record of a holder's token."""

    key_id: str
    public_key_digest: str
    certificate: bytes


@dataclass
class TwinRun:
    key: str
    token: str
    profile: str
    kind: RunKind = RunKind.issue
    held: TwinHeld | None = None
    epoch: int = 1
    lease: int = 0
    state: RunState = RunState.queued
    since: float = field(default_factory=time.monotonic)
    fault: Fault | None = None
    detail: str = ""
    certificate: bytes | None = None
    key_digest: str = ""
    signed: list[bytes] = field(default_factory=list)  # all that the authority ever signed for this run
    envelope: str = ""
    pin_id: str = ""
    void: list[str] = field(default_factory=list)
    url: str = ""
    printed: bool | None = None
    steps: list[str] = field(default_factory=list)


class OfficeTwin:
    """`with OfficeTwin() as office:`; `office.url`."""

    def __init__(self, port: int = 0) -> None:
        self.authority = Authority()
        self.runs: dict[str, TwinRun] = {}
        self.boot = ""
        self.poll: dict[str, Any] = {}
        self.polls = self.connections = 0
        self.moments: list[str] = []
        self.secret = ""
        self.numbers = iter(f"TW-{number:06d}" for number in range(1, 1000))
        self.disabled = False
        self.refuse_certify: Answer | None = None
        self.fetched: list[str] = []
        self.poll_after = 0.05
        self.bodies: list[bytes] = []
        self._acts: dict[str, Callable[[], Any]] = {}
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        twin = self

        class Handler(_Handler):
            office = twin

        self._handler = Handler
        self._server: ThreadingHTTPServer | None = None
        self._port = port

    def __enter__(self) -> "OfficeTwin":
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def open(self) -> None:
        """Listens, also again after `close`: the same address, the same memory, as a restarted office would."""
        self._server = _Server(("127.0.0.1", self._port), self._handler)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.cut()
            self._server = None

    def at(self, moment: str, act: Callable[[], Any], run: TwinRun | None = None) -> None:
        """Once, when the station says `moment` (of this run). "report:writing" before it is taken down, "report:writing:done" after;
        likewise "certify", "envelope", "stop". What `act` returns is answered instead, if it is an Answer; `CUT` cuts the line."""
        self._acts[f"{run.key} {moment}" if run else moment] = act

    def queue(self, token: str, profile: str = "p_256", kind: RunKind = RunKind.issue, held: TwinHeld | None = None) -> TwinRun:
        with self._changed:
            run = TwinRun(secrets.token_hex(16), token, profile, kind, held)
            self.runs[run.key] = run
            return run

    def resume(self, run: TwinRun) -> None:
        """The clerk's button after a fault, or after «spoiled»."""
        with self._changed:
            run.fault, run.detail = None, ""
            self._move(run, RunState.queued)

    def cancel(self, run: TwinRun) -> None:
        with self._changed:
            self._move(run, RunState.cancelled)

    def wait(self, run: TwinRun, *states: RunState, seconds: float = 30) -> None:
        """Until the run is in one of the states, and not earlier than its last move."""
        self.until(lambda: run.state in states, f"{states}", seconds, lambda: f"{run.state} {run.fault} {run.detail} {run.steps}")

    def until(self, true: Callable[[], Any], what: str, seconds: float = 30, now: Callable[[], str] = lambda: "") -> None:
        end = time.monotonic() + seconds
        with self._changed:
            while not true():  # looked at again now and then: a process that ended tells nobody
                assert time.monotonic() < end, f"waited in vain for {what}; now {now()}; heard {self.moments[-12:]}"
                self._changed.wait(0.02)

    def _move(self, run: TwinRun, state: RunState) -> None:
        run.state, run.since = state, time.monotonic()
        self._changed.notify_all()

    def answer(self, path: str, body: dict[str, Any], secret: str) -> Answer | None:
        """None cuts the connection without an answer."""
        parts = path.strip("/").split("/")[2:]
        if parts == ["enrol"]:
            return self._enrol(body)
        if self.disabled or secret != self.secret:
            return 401, {"reason": "unknown_station"}
        if parts == ["poll"]:
            with self._changed:
                return 200, self._polled(body)
        key, act = parts[1], parts[2]
        moment = f"report:{body['state']}" if act == "report" else act
        with self._changed:
            self.moments.append(moment)
            self._changed.notify_all()
        if (instead := self._acted(key, moment)) is not None:
            return None if instead is CUT else instead
        with self._changed:
            run = self.runs.get(key)
            if run is None:
                return 404, {"reason": "absent"}
            given = getattr(self, f"_{act}")(run, body)
        if (instead := self._acted(key, f"{moment}:done")) is not None:
            return None if instead is CUT else instead
        return given

    def _acted(self, key: str, moment: str) -> Any:
        act = self._acts.pop(f"{key} {moment}", None) or self._acts.pop(moment, None)
        return act() if act else None

    def _enrol(self, body: dict[str, Any]) -> Answer:
        if body["code"] != ENROL_CODE or self.secret:
            return 403, {"reason": "code_unknown"}
        self.secret = secrets.token_urlsafe(32)
        return 200, {"station": 1, "name": "1 号窗口", "branch": "HD01", "secret": self.secret}

    def _polled(self, body: dict[str, Any]) -> dict[str, Any]:
        restarted, self.boot = body["boot"] != self.boot, body["boot"]
        self.poll, self.polls = body, self.polls + 1
        self.fetched += body["envelopes_fetched"]
        working = {each["run"]: each["lease"] for each in body["working"]}
        jobs = []
        for run in self.runs.values():
            underway = run.state in workflow.RUN_UNDERWAY
            forgotten = working.get(run.key) != run.lease and time.monotonic() - run.since > 1.0
            if underway and (run.state is RunState.queued or restarted or forgotten):
                run.lease += 1
                self._move(run, RunState.inspecting)
                run.steps.append(f"{run.lease}:inspecting")
                jobs.append(self._job(run))
        self._changed.notify_all()
        return {"jobs": jobs, "poll_after": self.poll_after, "language": "zh"}

    def _job(self, run: TwinRun) -> dict[str, Any]:
        signed = held = None
        if run.held:
            held = {"key_id": run.held.key_id, "public_key_digest": run.held.public_key_digest}
            held["certificate"] = _text(run.held.certificate)
        if run.certificate:
            signed = {"der": _text(run.certificate), "chain": [_text(each) for each in self.authority.chain()]}
        return {
            "run": run.key,
            "lease": run.lease,
            "token": run.token,
            "profile": run.profile,
            "officer": {"master": 1, "epoch": run.epoch},
            "certificate": signed,
            "kind": run.kind.value,
            "held": held,
            "case": "HD01-20261121-0042",
            "item": 1,
        }

    def _leased(self, run: TwinRun, body: dict[str, Any]) -> bool:
        return body["lease"] == run.lease and run.state in workflow.RUN_UNDERWAY

    def _report(self, run: TwinRun, body: dict[str, Any]) -> Answer:
        state = RunState(body["state"])
        final = RunState.awaiting_confirmation
        if (
            state is final
            and run.state is final
            and body["lease"] == run.lease
            and body["detail"]["envelope"] == (run.envelope or None)
        ):
            return 200, {}
        if not self._leased(run, body) or not workflow.may_report(run.state, state):
            return 409, {"reason": "stale"}
        if state is final:
            assert (run.certificate is not None) == (run.kind is not RunKind.unlock)
            assert bool(run.envelope) == (run.kind is not RunKind.rekey)
            assert body["detail"]["envelope"] == (run.envelope or None)
            run.printed, run.url = body["detail"]["printed"], body["detail"]["url"]
        run.steps.append(f"{run.lease}:{state.value}")
        self._move(run, state)
        return 200, {}

    def _certify(self, run: TwinRun, body: dict[str, Any]) -> Answer:
        if not self._leased(run, body):
            return 409, {"reason": "stale"}
        if self.refuse_certify is not None:
            return self.refuse_certify
        request = x509.load_pem_x509_csr(body["csr"].encode())
        assert request.is_signature_valid
        key = request.public_key()
        digest = sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()
        if run.certificate is not None and run.key_digest != digest:
            return 422, {"fault": "key_lost"}
        if run.certificate is None:
            run.certificate, run.key_digest = self.authority.certify(key), digest
            run.signed.append(run.certificate)
        return 200, {"certificate": _text(run.certificate), "chain": [_text(each) for each in self.authority.chain()]}

    def _envelope(self, run: TwinRun, body: dict[str, Any]) -> Answer:
        if not self._leased(run, body) or run.state not in (RunState.proving, RunState.printing):
            return 409, {"reason": "stale"}
        if run.pin_id != body["pin_id"]:
            number = next(self.numbers, None)
            if number is None:
                return 409, {"fault": "no_envelope"}
            if run.envelope:
                run.void.append(run.envelope)
            run.envelope, run.pin_id = number, body["pin_id"]
        branch = {"branch_name_zh": "样例海淀网点", "branch_name_en": "Sample Branch Haidian", "on": "2026-11-21"}
        return 200, {"number": run.envelope, **branch}

    def _stop(self, run: TwinRun, body: dict[str, Any]) -> Answer:
        if not self._leased(run, body):
            return 409, {"reason": "stale"}
        run.fault, run.detail = Fault(body["fault"]), body["detail"]
        self._move(run, RunState.stopped)
        return 200, {}


CUT = (0, {})


def _text(content: bytes) -> str:
    return b64encode(content).decode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *given: Any) -> None:
        self._open: set[Any] = set()
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def cut(self) -> None:
        """Ends the kept connections too, as the end of a process would."""
        for request in list(self._open):
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A station that was killed in the middle of a word is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    office: OfficeTwin
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one piece

    def log_message(self, *_: object) -> None: ...

    def setup(self) -> None:
        super().setup()
        self.office.connections += 1

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.office.bodies.append(content)
        secret = self.headers.get("Authorization", "").removeprefix("Bearer ")
        given = self.office.answer(self.path, json.loads(content), secret)
        if given is None:
            self.close_connection = True
            return
        answer = json.dumps(given[1]).encode()
        self.send_response(given[0])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.wfile.flush()
