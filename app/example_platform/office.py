"""What is asked of the office: a thin client of its platform API (OpenAPI 3.1 at /api/platforms/v1/openapi.json).

A real platform may have one generated from that document; this one shows what such a client must mind: the access token is kept
until shortly before it expires and asked for anew when it is refused, redirects are not followed, an answer that does not come is
told apart from a refusal, and a refusal's words are handed on as they are.
"""

import base64
import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

TIMEOUT = 5.0
LARGEST = 1 << 20
PAGE = 100  # events at once
KEYS_KEPT = 3600.0  # seconds: as long as the office's Cache-Control allows
_EARLY = 60.0  # seconds before its end at which a token is given up
_BASE = "/api/platforms/v1"


class OfficeAway(Exception):
    """No answer, or none that can be used: try again later. Nothing is known of what the request did."""


@dataclass(frozen=True)
class Words:
    zh: str
    en: str


class Refused(Exception):
    """The office said no. `words`: what to tell the holder."""

    def __init__(self, status: int, code: str, words: Sequence[Words]) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.words = status, code, tuple(words)


@dataclass(frozen=True)
class Verdict:
    """Whether a certificate may be bound here, now. `code`: may_bind, already_bound, choose_anew; any other refuses."""

    code: str
    words: tuple[Words, ...]


@dataclass(frozen=True)
class OfficeBinding:
    id: str
    account_reference: str
    serial: str
    since: str


class Office:
    """Of one platform. Safe for several threads."""

    def __init__(self, address: str, client_id: str, client_secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._address, self._client_id, self._secret, self._clock = address, client_id, client_secret, clock
        self._lock = threading.Lock()
        self._token, self._token_until = "", 0.0
        self._keys: dict[str, bytes] = {}
        self._keys_until = 0.0
        self._opener = urllib.request.build_opener(_NoRedirect)

    def verdict(self, serial: str) -> Verdict:
        """Status and binding in one answer: suspended, revoked and expired are among its codes."""
        try:
            found = self._call("GET", f"/certificates/{quote(serial, safe='')}/verdict")
        except Refused as refusal:
            if refusal.status != 404:
                raise
            return Verdict(refusal.code, refusal.words)
        return Verdict(found["code"], tuple(Words(each["zh"], each["en"]) for each in found["reasons"]))

    def live_binding(self, serial: str) -> OfficeBinding | None:
        """The one of this certificate at this platform."""
        found = self._call("GET", f"/bindings?{urlencode({'certificate': serial, 'live': 'true'})}")["bindings"]
        return _binding(found[0]) if found else None

    def bind(self, serial: str, account_reference: str, idempotency_key: str) -> OfficeBinding:
        """May be repeated under the same key after any end: it is done once. Raises Refused with the reasons."""
        body = {"certificate": serial, "account_reference": account_reference}
        return _binding(self._call("POST", "/bindings", body, {"Idempotency-Key": idempotency_key}))

    def events(self, after: int) -> Iterator[dict[str, Any]]:
        """All that was told since the event with this number, in order."""
        while True:
            page = self._call("GET", f"/events?{urlencode({'after': after, 'limit': PAGE})}")
            yield from page["events"]
            after = page["next"]
            if not page["more"]:
                return

    def acknowledge(self, ids: Sequence[str]) -> None:
        """That these were obeyed. May be repeated."""
        self._call("POST", "/events/acknowledgements", {"ids": list(ids)})

    def key(self, name: str) -> bytes | None:
        """The office's public Ed25519 key of this name, raw; asked for again when it is not known, and every hour: the office may
        have withdrawn one since."""
        with self._lock:
            known = self._keys.get(name) if self._clock() < self._keys_until else None
        if known is not None:
            return known
        found = self._send(urllib.request.Request(f"{self._address}{_BASE}/keys"))  # noqa: S310 - of the settings
        keys = {
            key["kid"]: base64.urlsafe_b64decode(key["x"] + "=" * (-len(key["x"]) % 4))
            for key in found["keys"]
            if (key["kty"], key["crv"]) == ("OKP", "Ed25519")
        }
        with self._lock:
            self._keys, self._keys_until = keys, self._clock() + KEYS_KEPT
        return keys.get(name)

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        for last in (False, True):
            request = urllib.request.Request(  # noqa: S310 - of the settings
                f"{self._address}{_BASE}{path}",
                json.dumps(body).encode() if body is not None else None,
                {"Authorization": f"Bearer {self._access()}", "Accept": "application/json", **(headers or {})},
                method=method,
            )
            if body is not None:
                request.add_header("Content-Type", "application/json")
            try:
                return self._send(request)
            except Refused as refusal:
                if refusal.status != 401 or last:
                    raise
                with self._lock:
                    self._token = ""
        raise AssertionError("unreachable")

    def _access(self) -> str:
        """Of the client credentials grant (RFC 6749, 4.4)."""
        with self._lock:
            if self._token and self._clock() < self._token_until:
                return self._token
            proof = base64.b64encode(f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}".encode()).decode()
            request = urllib.request.Request(  # noqa: S310 - of the settings
                f"{self._address}{_BASE}/token", b"grant_type=client_credentials", {"Authorization": f"Basic {proof}"}
            )
            given = self._send(request)
            self._token = given["access_token"]
            self._token_until = self._clock() + max(0.0, given["expires_in"] - _EARLY)
            return self._token

    def _send(self, request: urllib.request.Request) -> Any:
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                return json.loads(answer.read(LARGEST))
        except urllib.error.HTTPError as refusal:
            with refusal:
                raise _refusal(refusal.code, refusal.read(LARGEST)) from None
        except (OSError, http.client.HTTPException, ValueError) as fault:
            raise OfficeAway(str(fault)) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _refusal(status: int, content: bytes) -> Exception:
    """A problem document (RFC 9457). What may pass by itself, and what is no such document, is no refusal."""
    if status == 429 or status >= 500:
        return OfficeAway(str(status))
    try:
        problem = json.loads(content)
        reasons = [Words(each["zh"], each["en"]) for each in problem.get("reasons", ())]
        code = problem.get("code") or problem["error"]
        return Refused(status, code, reasons or [Words(problem.get("detail_zh", code), problem.get("detail_en", code))])
    except (ValueError, KeyError, TypeError, AttributeError):
        return OfficeAway(str(status))


def _binding(found: Mapping[str, Any]) -> OfficeBinding:
    return OfficeBinding(found["id"], found["account_reference"], found["certificate"], found["since"])
