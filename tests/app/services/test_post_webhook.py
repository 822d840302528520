"""The one POST to a platform: whose certificate it trusts, what it calls an address, what it names a fault."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from app.services.post_webhook import Answered, post_webhook, webhook_fault
from app.services.sign_webhook import SignedPost
from app.services.webhook_reach import LOOPBACK, may_be_called, networks


class _Yes(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A webhook behind TLS on loopback, and the certificate that it shows."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "platform.example")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(names, critical=False).sign(key, SHA256())
    file = tmp_path / "platform.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = HTTPServer(("127.0.0.1", 0), _Yes)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a client that does not trust it hangs up
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}/events", file
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_platform_whose_certificate_nobody_vouches_for_is_told_nothing(secure: tuple[str, Path]) -> None:
    url, file = secure
    assert post_webhook(SignedPost(url, b"{}"), LOOPBACK) == Answered(None, "certificate")
    assert post_webhook(SignedPost(url, b"{}"), LOOPBACK, ssl.create_default_context(cafile=file)) == Answered(204)
    elsewhere = SignedPost(url.replace("127.0.0.1", "localhost"), b"{}")  # not a name of the certificate's
    assert post_webhook(elsewhere, LOOPBACK, ssl.create_default_context(cafile=file)) == Answered(None, "certificate")


def test_what_is_in_the_way_has_a_name() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        port = nobody.getsockname()[1]
        assert post_webhook(SignedPost(f"http://127.0.0.1:{port}/", b"{}"), LOOPBACK) == Answered(None, "connection_refused")
    assert post_webhook(SignedPost("https://nowhere.invalid/", b"{}"), LOOPBACK).fault in {"name_unknown", "timeout"}
    with socket.create_server(("127.0.0.1", 0)) as plain:
        thread = threading.Thread(target=lambda: plain.accept()[0].close(), daemon=True)
        thread.start()
        url = f"https://127.0.0.1:{plain.getsockname()[1]}/"
        assert post_webhook(SignedPost(url, b"{}"), LOOPBACK).fault in {"tls", "broken_off"}
        thread.join()


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://platform.example.cn/events?kind=1", None),
        ("http://127.0.0.1:8602/office-events", None),
        ("http://127.8.9.1/", None),
        ("http://[::1]:8602/", None),
        ("http://localhost/", None),
        ("http://platform.example.cn/", "webhook_https"),
        ("http://127.0.0.1.example.cn/", "webhook_https"),
        ("http://localhost.example.cn/", "webhook_https"),
        ("http://10.0.0.1/", "webhook_https"),
        ("http://2130706433/", "webhook_https"),
        ("file:///etc/passwd", "webhook_form"),
        ("https://user@platform.example.cn/", "webhook_form"),
        ("https://platform.example.cn/#", "webhook_form"),
        ("https://platform.example.cn/a b", "webhook_form"),
        ("https://platform.example.cn/\r\nHost: other", "webhook_form"),
        ("https://platform.example.cn\\@other/", "webhook_form"),
        ("https://[::1/", "webhook_form"),
        ("https://platform.example.cn:0/", "webhook_form"),
        ("", "webhook_form"),
    ],
)
def test_an_address_is_whole_and_secret_on_its_way(url: str, fault: str | None) -> None:
    assert webhook_fault(url) == fault


@pytest.mark.parametrize(
    ("address", "called"),
    [
        ("203.0.114.7", True),
        ("2400:3200::1", True),
        ("127.0.0.1", False),
        ("::1", False),
        ("10.0.0.8", False),
        ("172.16.9.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),  # where clouds tell machines their secrets
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("0.0.0.0", False),  # noqa: S104 - called, not listened on
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.8", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
    ],
)
def test_the_office_calls_the_public_internet_and_what_a_setting_names(address: str, called: bool) -> None:
    assert may_be_called(address, ()) is called
    assert may_be_called(address, networks("0.0.0.0/0, ::/0"))


def test_what_is_typed_as_an_address_is_looked_at_when_it_is_typed() -> None:
    assert webhook_fault("https://10.0.0.8/events", ()) == "webhook_network"
    assert webhook_fault("https://10.0.0.8/events", networks("10.0.0.0/8")) is None
    assert webhook_fault("http://localhost:8602/events", ()) == "webhook_network"
    assert webhook_fault("https://[::ffff:127.0.0.1]/", ()) == "webhook_network"


def test_a_name_that_leads_into_the_house_is_not_followed(monkeypatch: pytest.MonkeyPatch, resting: HTTPServer) -> None:
    """The name is asked once: what was answered, and looked at, is what is called."""
    asked: list[str] = []
    inside = resting.server_address[1]

    def answer(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", inside))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    heard = _Resting.heard
    assert post_webhook(SignedPost(f"https://platform.example.cn:{inside}/", b"{}"), ()) == Answered(None, "address")
    assert (asked, _Resting.heard) == (["platform.example.cn"], heard)


def test_of_several_addresses_only_those_outside_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    def refuse(self: socket.socket, address: object) -> None:
        tried.append(address)
        raise ConnectionRefusedError

    found = [("10.0.0.8", 443), ("203.0.114.7", 443), ("169.254.169.254", 443), ("203.0.114.8", 443)]
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in found]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert post_webhook(SignedPost("https://platform.example.cn/", b"{}"), ()) == Answered(None, "connection_refused")
    assert tried == [("203.0.114.7", 443), ("203.0.114.8", 443)]


MINUTE, NOON = timedelta(minutes=1), "Mon, 23 Nov 2026 12:00:00 GMT"


class _Resting(BaseHTTPRequestHandler):
    headers_given: ClassVar[list[tuple[str, str]]] = []
    status = 503
    heard = 0

    def do_POST(self) -> None:
        type(self).heard += 1
        self.send_response_only(self.status)
        for name, value in self.headers_given:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def resting() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), _Resting)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def rest_of(server: HTTPServer, status: int, *headers: tuple[str, str]) -> timedelta:
    _Resting.status, _Resting.headers_given = status, list(headers)
    answered = post_webhook(SignedPost(f"http://127.0.0.1:{server.server_address[1]}/", b"{}"), LOOPBACK)
    assert answered.status == status
    return answered.rest


@pytest.mark.parametrize(
    ("asked", "rest"),
    [
        ("60", MINUTE),
        (" 60 ", MINUTE),
        ("0", timedelta()),
        ("000000060", MINUTE),
        ("999999999", timedelta(seconds=999_999_999)),
        ("9" * 400, timedelta(seconds=10**9)),
        ("Mon, 23 Nov 2026 12:01:00 GMT", MINUTE),
        ("Monday, 23-Nov-26 12:01:00 GMT", MINUTE),
        ("Mon Nov 23 12:01:00 2026", MINUTE),
        ("Mon, 23 Nov 2026 20:01:00 +0800", MINUTE),
        ("Mon, 23 Nov 2026 11:59:00 GMT", timedelta()),
        ("Mon, 23 Nov 99999999999 12:01:00 GMT", timedelta()),
        ("Fri, 31 Dec 9999 23:59:59 -1200", timedelta()),
        ("-60", timedelta()),
        ("60.5", timedelta()),
        ("1e3", timedelta()),
        ("\u0661\u0662".encode().decode("latin-1"), timedelta()),
        ("\xb2", timedelta()),
        ("soon", timedelta()),
        ("", timedelta()),
    ],
)
def test_both_forms_of_retry_after_are_read_and_nothing_else(resting: HTTPServer, asked: str, rest: timedelta) -> None:
    assert rest_of(resting, 503, ("Date", NOON), ("Retry-After", asked)) == rest


def test_a_date_counts_from_the_answers_own_whatever_its_clock_says(resting: HTTPServer) -> None:
    long_ago = ("Date", "Mon, 23 Nov 1998 12:00:00 GMT")
    assert rest_of(resting, 429, long_ago, ("Retry-After", "Mon, 23 Nov 1998 12:01:00 GMT")) == MINUTE
    assert rest_of(resting, 429, ("Retry-After", "Mon, 23 Nov 1998 12:01:00 GMT")) == timedelta()
    assert rest_of(resting, 429, ("Date", "today"), ("Retry-After", "Thu, 23 Nov 2990 12:01:00 GMT")) > timedelta(days=365)


def test_whoever_takes_it_asks_for_no_rest(resting: HTTPServer) -> None:
    assert rest_of(resting, 204, ("Retry-After", "60")) == timedelta()
    assert rest_of(resting, 500, ("Retry-After", "60")) == rest_of(resting, 307, ("Retry-After", "60")) == MINUTE
