"""Whatever bytes are shown: read, or refused by the one error that says so."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from card_issuance.authority import Authority
from card_issuance.shown_certificate import LARGEST, NoCertificate, read_shown


def test_an_authoritys_own_certificates_are_read_for_what_they_are(authority: Authority) -> None:
    issuing, root = authority.chain()
    by_root = read_shown(issuing, root)
    assert (by_root.ours, by_root.genuine, by_root.der) == (True, True, issuing)
    assert by_root.serial == f"{x509.load_der_x509_certificate(issuing).serial_number:x}"
    by_itself = read_shown(issuing, issuing)
    assert (by_itself.ours, by_itself.genuine) == (False, False)
    assert by_itself.issuer
    in_pem = x509.load_der_x509_certificate(issuing).public_bytes(Encoding.PEM)
    assert read_shown(b"\n\t " + in_pem + b"whatever follows", root) == by_root


def test_what_follows_a_certificate_or_is_too_large_is_refused(authority: Authority) -> None:
    issuing, root = authority.chain()
    for content in (issuing + b"\x00", issuing[:-1], b"", bytes(LARGEST + 1)):
        with pytest.raises(NoCertificate):
            read_shown(content, root)


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(data=st.data())
def test_no_change_of_any_bytes_is_more_than_a_refusal(data: st.DataObject, one_chain: tuple[bytes, ...]) -> None:
    issuing, root = one_chain
    content = bytearray(issuing)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    try:
        shown = read_shown(bytes(content), root)
    except NoCertificate:
        return
    assert not shown.genuine or shown.der == issuing


@pytest.fixture(scope="module")
def one_chain(authority: Authority) -> tuple[bytes, ...]:
    return authority.chain()
