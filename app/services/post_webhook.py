"""One POST to a platform's webhook: no redirect followed, five seconds in all, of the answer no more than its head.

Of the head two things count: the status, and how long the platform asks to be left alone (Retry-After, RFC 9110, 10.2.3).
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit

from app.services.sign_webhook import SignedPost
from app.services.webhook_reach import LOOPBACK, Network, OutOfReach, connect, may_be_called

TAKES = 5.0  # seconds, from the first packet to the status
_DIGITS = 9  # of seconds: more than thirty years, and no number that overflows
AWAY = frozenset({429, 502, 503, 504})  # a gateway speaks for nobody, or asks for rest


@dataclass(frozen=True, slots=True)
class Answered:
    """`status` None: there was no answer, and `fault` says why. A fault beside a status: it did not take the event.

    `rest`: how long it asks to be left alone; nothing where it does not say, or in no words that there are for it.
    """

    status: int | None
    fault: str = ""
    rest: timedelta = timedelta()

    @property
    def took(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_away(self) -> bool:
        """Nobody is at home, whatever is told: there is no answer, or only a gateway's."""
        return self.status is None or self.status in AWAY


def webhook_fault(url: str, also: Sequence[Network] = LOOPBACK) -> str | None:
    """Why this cannot be a webhook's address: webhook_form, webhook_https, webhook_network; None if it can. `also`: networks that may be
    called beside the public internet. Where a name leads to is seen only when it is called."""
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or 0 < parts.port <= 65535
    except ValueError:
        return "webhook_form"
    clean = url.isascii() and url.isprintable() and " " not in url and "\\" not in url
    if not (clean and port_is_fine and parts.hostname and parts.scheme in {"http", "https"}):
        return "webhook_form"
    if parts.username is not None or parts.password is not None or parts.fragment or "#" in url:
        return "webhook_form"
    if parts.scheme != "https" and not _is_loopback(parts.hostname):
        return "webhook_https"
    return None if _within_reach(parts.hostname, also) else "webhook_network"


def post_webhook(post: SignedPost, also: Sequence[Network], trusted: ssl.SSLContext | None = None) -> Answered:
    """Send it. Never raises for what the other side does. `also`: networks that may be called beside the public internet; `trusted`: whose
    certificates count (default: the system's)."""
    parts = urlsplit(post.url)
    if webhook_fault(post.url, also) is not None:
        return Answered(None, "address")
    try:
        with _Line(parts, also, trusted) as line:
            return line.ask(post)
    except OutOfReach:
        return Answered(None, "address")
    except TimeoutError:
        return Answered(None, "timeout")
    except (OSError, http.client.HTTPException, ValueError) as fault:
        return Answered(None, _named(fault))


class _Line:
    """A connection that is cut when its time is over, however slowly the other side dribbles."""

    def __init__(self, parts: SplitResult, also: Sequence[Network], trusted: ssl.SSLContext | None) -> None:
        self._parts, self._also, self._trusted = parts, also, trusted
        self._until = time.monotonic() + TAKES
        self._socket: socket.socket | None = None
        self._over = False
        self._timer = threading.Timer(TAKES, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "_Line":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._socket is not None:
            self._socket.close()

    def ask(self, post: SignedPost) -> Answered:
        try:
            return self._ask(post)
        except (OSError, http.client.HTTPException, ValueError):
            if self._over:
                raise TimeoutError from None
            raise

    def _ask(self, post: SignedPost) -> Answered:
        connection = self._connected()
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        connection.request("POST", path, body=post.body, headers=post.headers | {"Connection": "close"})
        answer = connection.getresponse()  # at most a hundred lines of 64 KB; what comes behind them is not read
        if self._over:
            raise TimeoutError  # cut off in the middle of its head
        fault = "" if 200 <= answer.status < 300 else "redirect" if 300 <= answer.status < 400 else "refused"
        return Answered(answer.status, fault, _rest(answer, datetime.now(UTC)) if fault else timedelta())

    def _connected(self) -> http.client.HTTPConnection:
        host, secure = self._parts.hostname or "", self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(host, self._parts.port, timeout=TAKES)
        self._socket = connect(host, connection.port, self._until, self._also)
        if secure:
            context = self._trusted or ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
            self._socket.do_handshake()
        if self._over:
            raise TimeoutError
        connection.sock = self._socket
        return connection

    def _cut(self) -> None:
        self._over = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it is down already


def _rest(answer: http.client.HTTPResponse, now: datetime) -> timedelta:
    """Both forms of Retry-After: seconds, or a date, which counts from the answer's own Date, whatever its clock says."""
    asked = (answer.getheader("Retry-After") or "").strip()
    if asked.isascii() and asked.isdigit():
        return timedelta(seconds=int(asked[:_DIGITS])) if len(asked) <= _DIGITS else timedelta(seconds=10**_DIGITS)
    until = _instant(asked)
    return max(until - (_instant(answer.getheader("Date") or "") or now), timedelta()) if until is not None else timedelta()


def _instant(text: str) -> datetime | None:
    """An HTTP-date (RFC 9110, 5.6.7), with or without its zone: it is always Greenwich."""
    try:
        found = parsedate_to_datetime(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _named(fault: Exception) -> str:
    """In a word, of a closed list where it can be; nothing that the other side said is kept."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return "certificate"
    if isinstance(fault, ssl.SSLError):
        return "tls"
    if isinstance(fault, ConnectionRefusedError):
        return "connection_refused"
    if isinstance(fault, socket.gaierror):
        return "name_unknown"
    if isinstance(fault, http.client.HTTPException | ConnectionError):
        return "broken_off"
    return "unreachable"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _within_reach(host: str, also: Sequence[Network]) -> bool:
    """Of a host that is an address; of a name nothing is known yet, but what this machine calls itself."""
    try:
        return may_be_called("127.0.0.1" if host == "localhost" else host, also)
    except ValueError:
        return True
