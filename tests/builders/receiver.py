"""A platform's webhook for tests: small and strict. It proves every signature by itself, from the bytes that came over the wire.

Nothing of the office's code is in it but the published key. What RFC 9421 (signature base), RFC 9530 (digest) and RFC 8941 (the
few forms that occur) ask for is written down here once more.
"""

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MUST_COVER = {"@method", "@target-uri", "content-type", "content-digest"}
TOO_OLD = 300  # seconds between `created` and the receiver's clock


class Refused(Exception):
    """The request is not believed; the text says why."""


@dataclass(frozen=True)
class Request:
    method: str
    url: str
    headers: dict[str, str]  # lower-case names
    body: bytes


@dataclass
class Receiver:
    """`keys`: the office's published set. `now`: the receiver's clock, seconds. `plan`: what to do with the next requests, one
    each: a status, a status with headers, or "hang", "drop", "redirect", "flood", "drip"; afterwards `always`.
    """

    keys: dict[str, Any]
    now: Callable[[], float] = time.time
    plan: list[Any] = field(default_factory=list)
    always: Any = None
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)  # events that had an effect, in their order
    repeated: int = 0  # known ids that came again
    late: int = 0  # unknown ids behind a later one of the same binding
    at_once: dict[str, int] = field(default_factory=dict)  # id → how many at the same time at most
    before_answer: Callable[[dict[str, Any]], None] = lambda event: None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _inside: dict[str, int] = field(default_factory=dict)

    def take(self, request: Request) -> int:
        """Believe it or not, then act on it once. Returns the status."""
        try:
            event = believe(request, self.keys, self.now())
        except Refused as why:
            with self._lock:
                self.refusals.append(str(why))
            return 401
        with self._inside_of(event["id"]):
            self.before_answer(event)
            with self._lock:
                self._act(event)
        return 204

    def _act(self, event: dict[str, Any]) -> None:
        known = {taken["id"] for taken in self.taken}
        binding = (event["binding"] or {}).get("id")
        if event["id"] in known:
            self.repeated += 1
        elif any((taken["binding"] or {}).get("id") == binding and taken["number"] > event["number"] for taken in self.taken):
            self.late += 1  # what is known of this binding is newer
        else:
            self.taken.append(event)

    @contextmanager
    def _inside_of(self, key: str) -> Iterator[None]:
        with self._lock:
            self._inside[key] = self._inside.get(key, 0) + 1
            self.at_once[key] = max(self.at_once.get(key, 0), self._inside[key])
        try:
            yield
        finally:
            with self._lock:
                self._inside[key] -= 1

    def numbers(self, binding: str | None = None) -> list[int]:
        return [event["number"] for event in self.taken if binding is None or event["binding"]["id"] == binding]


def believe(request: Request, keys: dict[str, Any], now: float) -> dict[str, Any]:
    """The event, if the office signed this very request lately. Raises Refused."""
    label, covered, parameters, written = _signature_input(request.headers.get("signature-input", ""))
    if not set(covered) >= MUST_COVER:
        raise Refused("covers too little")
    if abs(now - int(parameters["created"])) > TOO_OLD:
        raise Refused("too old")
    if parameters.get("alg", "ed25519") != "ed25519" or parameters.get("tag") != "one-certificate-event":
        raise Refused("of another kind")
    key = next((key for key in keys["keys"] if key["kid"] == parameters["keyid"]), None)
    if key is None or (key["kty"], key["crv"]) != ("OKP", "Ed25519"):
        raise Refused("key unknown")
    base = "".join(f'"{name}": {_component(request, name)}\n' for name in covered) + f'"@signature-params": {written}'
    signature = re.fullmatch(rf"{label}=:([A-Za-z0-9+/=]+):", request.headers.get("signature", ""))
    if signature is None:
        raise Refused("no signature")
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "=="))
        public.verify(base64.b64decode(signature[1]), base.encode("ascii"))
    except InvalidSignature:
        raise Refused("signature wrong") from None
    digest = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
    if request.headers.get("content-digest") != f"sha-256=:{digest}:":
        raise Refused("digest wrong")
    event = json.loads(request.body)
    if event["id"] != parameters.get("nonce"):
        raise Refused("nonce is not the event's")
    return event


def _signature_input(header: str) -> tuple[str, list[str], dict[str, str], str]:
    """Label, covered components, parameters, and the member's value as it is written (it is signed as it is written)."""
    found = re.fullmatch(r"([a-z][a-z0-9_.*-]*)=(\(([^)]*)\)((?:;[a-z]+=(?:\d+|\"[^\"]*\"))*))", header)
    if found is None:
        raise Refused("no signature input")
    label, written, inside, behind = found.groups()
    parameters = {name: value.strip('"') for name, value in re.findall(r";([a-z]+)=(\d+|\"[^\"]*\")", behind)}
    if not {"created", "keyid", "nonce"} <= parameters.keys():
        raise Refused("parameters missing")
    return label, re.findall(r'"([^"]+)"', inside), parameters, written


def _component(request: Request, name: str) -> str:
    derived = {"@method": request.method, "@target-uri": request.url}
    if name in derived:
        return derived[name]
    if name not in request.headers:
        raise Refused(f"{name} missing")
    return request.headers[name].strip()


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"
    timeout = 20

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request("POST", f"http://{headers['host']}{self.path}", headers, self.rfile.read(length))
        self.receiver.requests.append(request)
        todo = self.receiver.plan.pop(0) if self.receiver.plan else self.receiver.always
        if isinstance(todo, str):
            getattr(self, f"_{todo}")()
            return
        if isinstance(todo, tuple):
            status, headers = todo
            self._answer(status, *headers.items())
            return
        self._answer(todo if todo is not None else self.receiver.take(request))

    def do_GET(self) -> None:
        self.receiver.requests.append(Request("GET", self.path, {}, b""))
        self._answer(204)

    def _answer(self, status: int, *more: tuple[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in more:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _drop(self) -> None:
        self.close_connection = True

    def _hang(self) -> None:
        self.close_connection = True
        self.rfile.read(1)  # until the other side has had enough

    def _drip(self) -> None:
        """A byte now and then, so that no single wait is long."""
        self.close_connection = True
        try:
            for byte in b"HTTP/1.1 200 OK\r\n" + b"X-Slow: " + b"a" * 600:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.02)
        except OSError:
            return

    def _redirect(self) -> None:
        self._answer(307, ("Location", self.path + "/elsewhere"))

    def _flood(self) -> None:
        """Says yes, and does not stop talking."""
        self.close_connection = True
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(4000):
                self.wfile.write(b"x" * 65536)
        except OSError:
            return

    def log_message(self, *_: Any) -> None:
        return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        return  # a sender that was killed


@contextmanager
def receiving(receiver: Receiver, port: int = 0) -> Iterator[Receiver]:
    """Serve it on loopback; `receiver.url` is its webhook's address."""
    server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"receiver": receiver}))
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/office-events"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
