"""What the office signs: proven by our own reading of RFC 9421, by the library, and against whoever replays, reorders or tampers."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import HTTPMessageVerifier, InvalidSignature, MappingKeyResolver
from http_message_signatures.algorithms import ED25519
from sqlalchemy import select

from app.services.keep_told import tell_all
from app.services.office_key import SigningKey, ensure_office_key, make_key, published_keys, signing_key
from app.services.sign_webhook import COVERED, TAG, SignedPost, sign_post
from app.services.world import World
from models.rulebook.vocabulary import EventKind
from models.tables import JournalLine, OfficeKey, Platform
from tests.builders.platforms import plant_binding, plant_event, plant_platform
from tests.builders.receiver import TOO_OLD, Receiver, Refused, Request, believe, receiving

FIRST = "office-1"


@pytest.fixture
def keys(world: World) -> dict[str, Any]:
    ensure_office_key(world)
    return published_keys(world)


@pytest.fixture
def receiver(world: World, keys: dict[str, Any]) -> Iterator[Receiver]:
    with receiving(Receiver(keys, now=lambda: world.now().timestamp())) as made:
        yield made


def sent(world: World, receiver: Receiver, bindings: int = 1, each: int = 1) -> tuple[Platform, list[Request]]:
    """Told in the ordinary way, and caught on the wire."""
    platform = plant_platform(world, webhook_url=receiver.url)
    for binding in [plant_binding(world, platform) for _ in range(bindings)]:
        for turn in range(each):
            plant_event(world, platform, binding, EventKind.binding_ended if turn % 2 else EventKind.binding_made)
    assert tell_all(world) == bindings * each
    return platform, list(receiver.requests)


def another(receiver: Receiver) -> Receiver:
    """A receiver that has seen nothing yet."""
    return Receiver(receiver.keys, now=receiver.now)


def refused(request: Request, keys: dict[str, Any], now: float) -> bool:
    try:
        believe(request, keys, now)
    except Refused:
        return True
    return False


def test_the_example_of_the_standard_is_believed_by_our_own_reading() -> None:
    """RFC 9421, B.2.6: the signature base and the signature of the Ed25519 example."""
    public = "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"
    base = (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@method": POST\n"@path": /foo\n"@authority": example.com\n'
        '"content-type": application/json\n"content-length": 18\n"@signature-params": ("date" "@method" "@path" "@authority" '
        '"content-type" "content-length");created=1618884473;keyid="test-key-ed25519"'
    )
    signature = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
    key = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(public + "="))
    key.verify(base64.b64decode(signature), base.encode())


def test_what_goes_out_is_believed_by_both(world: World, receiver: Receiver, keys: dict[str, Any]) -> None:
    world.clock.at = datetime.now(UTC)  # the library looks at the clock on the wall
    _, [request] = sent(world, receiver)
    assert believe(request, keys, world.now().timestamp())["type"] == "binding.made"
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(keys["keys"][0]["x"] + "="))
    resolver = MappingKeyResolver(public_keys={FIRST: public}, private_keys={})
    verifier = HTTPMessageVerifier(signature_algorithm=ED25519, key_resolver=resolver)
    message = SignedPost(request.url, request.body, dict(request.headers))
    wanted = {"expect_tag": TAG, "require_components": COVERED}
    [proven] = verifier.verify(message, body=request.body, **wanted)
    assert proven.parameters["created"] == int(world.now().timestamp())
    assert proven.nonce == json.loads(request.body)["id"]
    assert proven.label == "office"
    with pytest.raises(InvalidSignature):
        verifier.verify(message, body=request.body + b" ", **wanted)


def test_whoever_changes_anything_is_not_believed(world: World, receiver: Receiver, keys: dict[str, Any]) -> None:
    _, [request] = sent(world, receiver)
    now, other = world.now().timestamp(), SigningKey(FIRST, Ed25519PrivateKey.generate())
    event = json.loads(request.body)
    forged = sign_post(other, request.url, request.body, world.now(), event["id"])
    headers = request.headers
    changed = {
        "body": replace(request, body=request.body.replace(b"binding.made", b"binding.ended")),
        "method": replace(request, method="PUT"),
        "host": replace(request, url=request.url.replace("127.0.0.1", "localhost")),
        "path": replace(request, url=request.url + "/other"),
        "query": replace(request, url=request.url + "?other"),
        "type": replace(request, headers=headers | {"content-type": "text/plain"}),
        "digest": replace(request, headers=headers | {"content-digest": "sha-256=:AAAA:"}),
        "created": replace(
            request, headers=headers | {"signature-input": headers["signature-input"].replace("created=1", "created=2")}
        ),
        "key": replace(request, headers=headers | {"signature-input": headers["signature-input"].replace(FIRST, "office-9")}),
        "coverage": replace(
            request, headers=headers | {"signature-input": headers["signature-input"].replace(' "content-digest"', "")}
        ),
        "no signature": replace(request, headers={name: value for name, value in headers.items() if name != "signature"}),
        "another's key": replace(request, headers={name.lower(): value for name, value in forged.headers.items()}),
    }
    assert believe(request, keys, now)
    believed = [what for what, one in changed.items() if not refused(one, keys, now)]
    assert believed == []


def test_a_replayed_notice_has_no_second_effect_and_an_old_one_is_refused(world: World, receiver: Receiver) -> None:
    _, requests = sent(world, receiver, bindings=2, each=3)
    taken = list(receiver.taken)
    for request in requests * 2:
        assert receiver.take(request) == 204
    assert (receiver.taken, receiver.repeated) == (taken, 12)
    world.clock.move(seconds=TOO_OLD + 1)
    assert {receiver.take(request) for request in requests} == {401}
    assert receiver.taken == taken


def test_reordered_notices_leave_what_the_last_one_says(world: World, receiver: Receiver) -> None:
    """Each carries its number: a receiver knows what is newer, whatever comes first."""
    _, requests = sent(world, receiver, bindings=2, each=4)
    last = {taken["binding"]["id"]: taken for taken in receiver.taken}
    for order in (requests[::-1], requests[1::2] + requests[::2], requests[3:] + requests[:3]):
        fresh = another(receiver)
        for request in order:
            assert fresh.take(request) == 204
        assert {taken["binding"]["id"]: taken for taken in fresh.taken} == last
        assert len(fresh.taken) + fresh.late == len(requests)


def test_a_second_try_is_the_same_notice_signed_anew(world: World, receiver: Receiver) -> None:
    receiver.plan = ["drop", 500]
    platform = plant_platform(world, webhook_url=receiver.url)
    plant_event(world, platform, plant_binding(world, platform))
    for minutes in (0, 1, 2):
        world.clock.move(minutes=minutes)
        tell_all(world)
    first, second, third = receiver.requests
    assert first.body == second.body == third.body
    assert len({request.headers["signature"] for request in receiver.requests}) == 3
    assert len(receiver.taken) == 1
    assert receiver.take(third) == 204
    assert (len(receiver.taken), receiver.repeated) == (1, 1)


def test_one_key_is_made_and_lies_sealed(world: World) -> None:
    for _ in range(3):
        ensure_office_key(world)
    private = signing_key(world).private
    with world.reading() as session:
        key = session.scalars(select(OfficeKey)).one()
        assert private.private_bytes_raw() not in key.private_sealed
        assert key.public == private.public_key().public_bytes_raw()
        assert [line.act for line in session.scalars(select(JournalLine).where(JournalLine.subject == "office_key"))] == ["make"]
        shown = json.dumps(published_keys(world))
    assert '"d"' not in shown
    assert base64.urlsafe_b64encode(private.private_bytes_raw()).decode().rstrip("=") not in shown


def test_a_newer_key_signs_and_the_older_stays_published(world: World, receiver: Receiver) -> None:
    with world.writing() as session:
        session.add(make_key(world, 2, world.now(), world.now()))
        session.commit()
    receiver.keys = published_keys(world)
    assert [key["kid"] for key in receiver.keys["keys"]] == ["office-2", "office-1"]
    _, [request] = sent(world, receiver)
    assert 'keyid="office-2"' in request.headers["signature-input"]
    assert receiver.refusals == []
