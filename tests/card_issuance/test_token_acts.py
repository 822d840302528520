"""The acts on real tokens: SoftHSM and opencryptoki, told apart by configuration alone."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest
from cryptography import x509

from card_issuance import token_acts
from card_issuance.faults import (
    DriverFailed,
    KeyLost,
    NoToken,
    PinLocked,
    PinWrong,
    ProofFailed,
    TokenNotBlank,
    WrongToken,
)
from card_issuance.officer import derive
from card_issuance.pin import Pin
from card_issuance.slots import SlotReader, SlotState
from tests.builders.tokens import KEY, MASTER, Issuer, Medium, key_digest, medium_of, openssl, simulated_medium

KINDS = ["softhsm", pytest.param("opencryptoki", marks=pytest.mark.opencryptoki)]


@pytest.fixture(scope="module")
def issuer():
    return Issuer()


@pytest.fixture(params=KINDS)
def medium(request, tmp_path):
    with medium_of(request.param, tmp_path) as blank:
        yield blank


@pytest.fixture
def soft(tmp_path):
    return simulated_medium(tmp_path)


def key_identifier(certificate: bytes) -> str:
    public = x509.load_der_x509_certificate(certificate).public_key()
    return x509.SubjectKeyIdentifier.from_public_key(public).digest.hex()


def profiles_of(medium: Medium) -> list[str]:
    return ["rsa_2048"] if medium.inside else ["rsa_2048", "p_256"]


def test_the_whole_sequence_ends_in_a_proof(medium, issuer):
    for profile in profiles_of(medium):
        certificate = medium.issue(issuer, profile)
        proof = medium.prove(certificate, issuer)
        assert (proof.serial, proof.key_id) == (medium.serial, KEY)
        assert proof.public_key_digest == key_digest(certificate)
        assert proof.challenge != medium.prove(certificate, issuer).challenge
        seen = medium.look()
        (key,) = seen.keys
        assert (key.kind, key.private, key.local, key.sensitive, key.extractable) == (profile, True, True, True, False)
        assert {c.id for c in seen.certificates} > {KEY}
        assert len(seen.certificates) == 3
        token_acts.initialise(medium.where, medium.serial, medium.officer_pin, medium.pin, {c.id for c in seen.certificates})


def test_the_request_names_the_serial_and_is_signed_on_the_token(medium):
    medium.initialise()
    for number, profile in enumerate(profiles_of(medium)):
        request = medium.generate(f"{number:032x}", profile)
        asked = x509.load_pem_x509_csr(request)
        assert asked.subject.rfc4514_string() == f"CN={medium.serial}"
        assert asked.is_signature_valid
        judged = subprocess.run(["openssl", "req", "-verify", "-noout"], input=request, capture_output=True, check=True)
        assert b"verify OK" in judged.stderr


def test_other_programs_see_the_same(medium, issuer, tmp_path):
    certificate = medium.issue(issuer)
    assert medium.tool("--read-object", "--type", "cert", "--id", KEY) == certificate
    listed = medium.logged_in_tool("--list-objects", "--type", "privkey").decode()
    assert "sensitive" in listed
    assert "local" in listed
    assert "extractable" not in listed.replace("never extractable", "")
    text = b"signed by another program"
    digest_info = bytes.fromhex("3031300d060960864801650304020105000420") + openssl("dgst", "-sha256", "-binary", stdin=text)
    signature = medium.logged_in_tool("--sign", "--mechanism", "RSA-PKCS", "--id", KEY, stdin=digest_info)
    (tmp_path / "signature").write_bytes(signature)
    (tmp_path / "public.pem").write_bytes(openssl("x509", "-inform", "DER", "-pubkey", "-noout", stdin=certificate))
    files = ["-verify", str(tmp_path / "public.pem"), "-signature", str(tmp_path / "signature")]
    assert openssl("dgst", "-sha256", *files, stdin=text).strip() == b"Verified OK"
    for der in issuer.chain:
        assert der == medium.tool("--read-object", "--type", "cert", "--id", key_identifier(der))


def test_every_act_may_be_repeated(medium, issuer):
    medium.initialise()
    medium.initialise()
    request = medium.generate()
    again = medium.generate()
    assert x509.load_pem_x509_csr(request).public_key() == x509.load_pem_x509_csr(again).public_key()
    certificate = issuer.certificate(request)
    medium.write(certificate, issuer)
    medium.write(certificate, issuer)
    medium.prove(certificate, issuer)
    medium.prove(certificate, issuer)
    assert len(medium.look().certificates) == 3
    assert len(medium.look().keys) == 1


def test_a_blank_token_is_seen_as_blank_and_then_as_initialised(medium):
    reader = SlotReader(medium.where)
    (view,) = reader.list()
    assert (view.serial, view.state) == (medium.serial, SlotState.blank)
    seen = medium.look(logged_in=False)
    assert (seen.initialised, seen.user_pin, seen.keys, seen.certificates) == (False, "unset", (), ())
    medium.initialise()
    (view,) = reader.list()
    assert (view.serial, view.state, view.label) == (medium.serial, SlotState.initialised, medium.serial)
    seen = medium.look(logged_in=False)
    assert (seen.initialised, seen.user_pin, seen.officer_pin) == (True, "ok", "ok")


def test_initialising_refuses_a_key_that_was_not_named_and_changes_nothing(medium, issuer):
    certificate = medium.issue(issuer)
    stranger = replace(medium, pin=Pin("90174628"))
    with pytest.raises(TokenNotBlank, match=KEY):
        stranger.initialise()
    with pytest.raises(TokenNotBlank, match=KEY):
        stranger.initialise("77" * 16)
    with pytest.raises(TokenNotBlank):  # the chain's certificates were not named either
        stranger.initialise(KEY)
    medium.prove(certificate, issuer)  # with the PIN as it was


def test_a_key_that_was_named_makes_room_for_a_new_one(medium, issuer):
    medium.initialise()
    before = x509.load_pem_x509_csr(medium.generate()).public_key()
    medium.pin = Pin("90174628")
    seen = medium.initialise(KEY)
    assert seen.keys == ()
    assert medium.look().keys == ()
    assert x509.load_pem_x509_csr(medium.generate()).public_key() != before


def test_a_wrong_officer_pin_opens_nothing_and_is_told_apart(medium, issuer):
    certificate = medium.issue(issuer)
    wrong = replace(medium, officer_pin=derive(MASTER, medium.serial, 1, medium.where.officer_pin_length))
    with pytest.raises(PinWrong) as refused:
        wrong.new_pin()
    assert refused.value.role == "officer"
    seen = token_acts.inspect(medium.where, medium.serial, None, wrong.officer_pin)
    assert seen.officer_ok is False
    assert token_acts.inspect(medium.where, medium.serial, None, medium.officer_pin).officer_ok is True
    medium.prove(certificate, issuer)


def test_initialising_with_a_wrong_officer_pin_refuses(medium):
    medium.initialise()
    wrong = replace(medium, officer_pin=derive(MASTER, medium.serial, 1, medium.where.officer_pin_length))
    with pytest.raises(PinWrong) as refused:
        wrong.initialise()
    assert refused.value.role == "officer"
    medium.generate()


def test_a_new_pin_by_the_officer_leaves_the_key_unharmed(medium, issuer):
    certificate = medium.issue(issuer)
    before = medium.look()
    old = medium.pin
    medium.new_pin()
    with pytest.raises(PinWrong) as refused:
        token_acts.inspect(medium.where, medium.serial, old)
    assert refused.value.role == "user"
    medium.prove(certificate, issuer)
    after = medium.look()
    assert (after.keys, set(after.certificates)) == (before.keys, set(before.certificates))


@pytest.mark.parametrize("act", ["generate", "write", "prove", "inspect"])
def test_a_wrong_user_pin_opens_nothing(soft, issuer, act):
    certificate = soft.issue(issuer)
    wrong = replace(soft, pin=Pin("00000000"))
    acts = {
        "generate": wrong.generate,
        "write": lambda: wrong.write(certificate, issuer),
        "prove": lambda: wrong.prove(certificate, issuer),
        "inspect": wrong.look,
    }
    with pytest.raises(PinWrong):
        acts[act]()
    soft.prove(certificate, issuer)


@pytest.mark.opencryptoki
def test_a_token_that_locks_is_believed_and_the_officer_unlocks_it(tmp_path, issuer):
    with medium_of("opencryptoki", tmp_path) as medium:
        certificate = medium.issue(issuer)
        wrong = replace(medium, pin=Pin("00000000"))
        told = []
        for _ in range(4):
            with pytest.raises((PinWrong, PinLocked)) as refused:
                wrong.look()
            told.append((type(refused.value), medium.look(logged_in=False).user_pin))
        assert told == [(PinWrong, "low"), (PinWrong, "final"), (PinLocked, "locked"), (PinLocked, "locked")]
        with pytest.raises(PinLocked):
            medium.look()  # the right PIN comes too late
        medium.new_pin()
        assert medium.look().user_pin == "ok"
        medium.prove(certificate, issuer)


@pytest.mark.opencryptoki
def test_an_officer_pin_can_lock_too(tmp_path):
    with medium_of("opencryptoki", tmp_path) as medium:
        medium.initialise()
        wrong = replace(medium, officer_pin=Pin("wrongpin"))
        told = []
        for _ in range(3):
            with pytest.raises((PinWrong, PinLocked)) as refused:
                wrong.new_pin()
            told.append((type(refused.value), refused.value.role))
        assert told == [(PinWrong, "officer"), (PinWrong, "officer"), (PinLocked, "officer")]
        assert medium.look().officer_pin == "locked"
        medium.generate()  # the holder is not harmed


@pytest.mark.opencryptoki
def test_a_token_left_with_its_factory_officer_pin_is_taken_up(tmp_path):
    """The station may die between C_InitToken and the change of the factory's officer PIN."""
    with medium_of("opencryptoki", tmp_path) as medium:
        factory = medium.where.factory_officer_pin
        assert factory
        left = replace(medium, where=replace(medium.where, factory_officer_pin=None), officer_pin=factory)
        left.initialise()
        with pytest.raises(PinWrong):
            medium.new_pin()
        medium.initialise()
        medium.new_pin()
        with pytest.raises(PinWrong):
            left.new_pin()


@pytest.mark.opencryptoki
def test_a_key_kind_that_the_module_cannot_make_is_a_named_failure(tmp_path):
    with medium_of("opencryptoki", tmp_path) as medium:
        medium.initialise()
        with pytest.raises(DriverFailed, match="p_256: MechanismInvalid"):
            medium.generate(profile="p_256")
        medium.generate()


def test_a_token_is_found_by_its_exact_serial_or_not_at_all(medium):
    other = replace(medium, serial=medium.serial + "X")
    with pytest.raises(WrongToken, match=medium.serial):
        other.look(logged_in=False)
    with pytest.raises(WrongToken):
        replace(medium, serial=medium.serial[:-1]).look(logged_in=False)


def test_among_several_tokens_only_the_one_named_is_touched(tmp_path, issuer):
    first, second = simulated_medium(tmp_path, "BJ26000001"), simulated_medium(tmp_path, "BJ26000002")
    certificate = second.issue(issuer)
    assert not first.look(logged_in=False).initialised
    assert second.prove(certificate, issuer).serial == "BJ26000002"
    first.initialise()
    assert first.look().keys == ()
    assert len(second.look().keys) == 1


def test_without_any_token_there_is_none(soft):
    soft.where.cabinet.remove(soft.serial)
    with pytest.raises(NoToken):
        soft.look(logged_in=False)
    assert SlotReader(soft.where).list() == []


def test_a_medium_that_calls_itself_something_else_is_the_wrong_one(soft):
    (soft.where.state / "inserted" / soft.serial / "medium").write_text("BJ26009999")
    with pytest.raises(WrongToken, match="BJ26009999"):
        soft.look(logged_in=False)
    (view,) = SlotReader(soft.where).list()
    assert view.state is SlotState.unreadable


def test_a_certificate_for_another_key_is_not_written(medium, issuer):
    medium.initialise()
    medium.generate()
    other = issuer.certificate(medium.generate("6b" * 16))
    with pytest.raises(KeyLost):
        medium.write(other, issuer)
    with pytest.raises(KeyLost):
        medium.prove(other, issuer)
    assert medium.look().certificates == ()


def test_another_certificate_for_the_same_key_takes_the_place_of_the_first(medium, issuer):
    medium.initialise()
    request = medium.generate()
    first, second = issuer.certificate(request), issuer.certificate(request, "北京某某科技股份有限公司")
    medium.write(first, issuer)
    medium.write(second, issuer)
    medium.prove(second, issuer)
    with pytest.raises(ProofFailed, match="byte for byte"):
        medium.prove(first, issuer)


def test_a_proof_fails_where_a_certificate_is_missing(medium, issuer):
    medium.initialise()
    certificate = issuer.certificate(medium.generate())
    with pytest.raises(ProofFailed, match="byte for byte"):
        medium.prove(certificate, issuer)
    token_acts.write(medium.where, medium.serial, medium.pin, KEY, certificate, issuer.chain[:1])
    with pytest.raises(ProofFailed, match="1 of the chain"):
        medium.prove(certificate, issuer)


@pytest.mark.parametrize("half", ["privkey", "pubkey"])
def test_half_a_key_is_made_anew(medium, half):
    medium.initialise()
    before = x509.load_pem_x509_csr(medium.generate()).public_key()
    medium.logged_in_tool("--delete-object", "--type", half, "--id", KEY)
    after = x509.load_pem_x509_csr(medium.generate()).public_key()
    assert after != before
    (key,) = medium.look().keys
    assert key.private is True
    assert key.public_key_digest


@pytest.mark.parametrize("half", ["privkey", "pubkey"])
def test_half_a_certified_key_is_lost_and_not_replaced(medium, issuer, half):
    certificate = medium.issue(issuer)
    medium.logged_in_tool("--delete-object", "--type", half, "--id", KEY)
    for act in (medium.generate, lambda: medium.write(certificate, issuer), lambda: medium.prove(certificate, issuer)):
        with pytest.raises(KeyLost):
            act()


def test_a_key_that_came_from_outside_is_no_proof(soft, issuer, tmp_path):
    """Imported with the right id and a right certificate: LOCAL tells."""
    soft.initialise()
    openssl("genrsa", "-out", str(tmp_path / "key.pem"), "2048")
    request = openssl("req", "-new", "-key", str(tmp_path / "key.pem"), "-subj", "/CN=x")
    for kind, flags in (("privkey", []), ("pubkey", ["-pubout"])):
        der = openssl("rsa", "-in", str(tmp_path / "key.pem"), "-outform", "DER", *flags)
        (tmp_path / kind).write_bytes(der)
        soft.logged_in_tool("--write-object", str(tmp_path / kind), "--type", kind, "--id", KEY, "--usage-sign")
    certificate = issuer.certificate(request)
    soft.write(certificate, issuer)
    with pytest.raises(ProofFailed, match="local False"):
        soft.prove(certificate, issuer)
    with pytest.raises(KeyLost):
        soft.generate()


def test_pins_that_the_module_would_not_take_are_refused_before_the_token_is_touched(medium):
    long = "5" + "82039174" * 4
    with pytest.raises(ValueError, match="user PIN"):
        replace(medium, pin=Pin(long)).initialise()
    with pytest.raises(ValueError, match="officer PIN"):
        replace(medium, officer_pin=Pin("12345")).new_pin()
    assert not medium.look(logged_in=False).initialised


def test_a_pin_is_not_set_by_initialising_a_token_of_somebody_else(soft):
    """Initialised by other hands under another label: not ours to empty."""
    environment = soft.where.cabinet.environment(soft.serial)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "theirs", "--pin", "58203917", "--so-pin", "theirs123"],
        env=environment,
        check=True,
        capture_output=True,
    )
    with pytest.raises(WrongToken, match="theirs"):
        soft.initialise()
