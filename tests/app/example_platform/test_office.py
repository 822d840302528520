"""The example's client and the office's own API, over HTTP: what one says the other understands."""

import threading

import pytest
from sqlalchemy import delete, update
from werkzeug.serving import make_server

from app.example_platform.obey import acknowledge_all, obey_all, read_feed
from app.example_platform.office import KEYS_KEPT, Office, OfficeAway, OfficeBinding, Refused
from app.example_platform.store import Store
from app.services.enrol_station import digest_of
from app.services.office_key import keys_told, signing_key
from app.services.renew_office_key import renew_office_key
from models.rulebook.vocabulary import CaseKind, CaseState, CertificateStatus, PlatformState, Role
from models.tables import Case, Platform, PlatformAccess
from tests.builders.aftercare import plant_held
from tests.builders.bindings import agreed_at, plant_platform
from tests.builders.people import actor_of

SECRET = "secret-of-the-test-platform"


@pytest.fixture
def address(app):
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def platform(world):
    return plant_platform(world, secret_digest=digest_of(SECRET))


@pytest.fixture
def office(address, platform):
    return Office(address, platform.client_id, SECRET)


def test_a_certificate_is_bound_once_and_then_is(world, office):
    held = plant_held(world)
    assert office.verdict(held.serial).code == "may_bind"
    assert office.live_binding(held.serial) is None
    bound = office.bind(held.serial, "u-1", "key-1")
    assert office.bind(held.serial, "u-1", "key-1") == bound
    assert office.verdict(held.serial).code == "already_bound"
    assert office.live_binding(held.serial) == bound == OfficeBinding(bound.id, "u-1", held.serial, bound.since)


def test_refusals_bring_the_offices_words(world, office):
    held = plant_held(world, status=CertificateStatus.suspended)
    verdict = office.verdict(held.serial)
    assert verdict.code == "suspended"
    assert "暂停" in verdict.words[0].zh
    with pytest.raises(Refused) as refused:
        office.bind(held.serial, "u-1", "key-1")
    assert (refused.value.status, refused.value.code, refused.value.words) == (409, "suspended", verdict.words)
    assert office.verdict("5ed2").code == "certificate_unknown"


def test_a_reset_is_read_obeyed_and_acknowledged_and_only_then_done(world, office, platform, tmp_path):
    held, store = plant_held(world), Store(tmp_path / "platform.sqlite")
    office.bind(held.serial, "u-1", "key-1")
    case = agreed_at(world, platform, held, CaseKind.binding_reset)
    assert case.state is CaseState.awaiting_acknowledgement
    read_feed(store, office)
    assert obey_all(store)
    acknowledge_all(store, office)
    with world.reading() as session:
        assert session.get_one(Case, case.id).state is CaseState.closed
    read_feed(store, office)
    acknowledge_all(store, office)


def test_an_access_token_that_has_ended_is_asked_for_anew(world, office):
    held = plant_held(world)
    assert office.verdict(held.serial).code == "may_bind"
    with world.writing() as session:
        session.execute(delete(PlatformAccess))
        session.commit()
    assert office.verdict(held.serial).code == "may_bind"


def test_a_wrong_secret_and_a_disabled_platform_are_refusals_and_not_silence(world, address, office, platform):
    held = plant_held(world)
    with pytest.raises(Refused) as refused:
        Office(address, platform.client_id, "another").verdict(held.serial)
    assert (refused.value.status, refused.value.code) == (401, "invalid_client")
    with world.writing() as session:
        session.execute(update(Platform).values(state=PlatformState.disabled))
        session.commit()
    with pytest.raises(Refused):
        office.verdict(held.serial)


def test_too_many_calls_and_no_office_are_silence_and_not_refusals(world, address, platform):
    with world.writing() as session:
        session.execute(update(Platform).values(calls_a_minute=2))
        session.commit()
    office, held = Office(address, platform.client_id, SECRET), plant_held(world)
    with pytest.raises(OfficeAway):
        [office.verdict(held.serial) for _ in range(6)]
    with pytest.raises(OfficeAway):
        Office("http://127.0.0.1:9", "inspection", SECRET).verdict(held.serial)


def test_the_offices_keys_are_found_by_name(world, office):
    key = signing_key(world)
    assert office.key(key.name) == key.private.public_key().public_bytes_raw()
    assert office.key("office-99") is None


def test_a_key_that_the_office_has_withdrawn_is_believed_no_longer_than_an_hour(world, address, platform):
    now = [0.0]
    office = Office(address, platform.client_id, SECRET, clock=lambda: now[0])
    old = signing_key(world).name
    assert office.key(old) is not None
    administrator = actor_of(world, Role.administrator)
    renew_office_key(world, administrator, keys_told(world)[0].id, "备份磁盘遗失", at_once=True)
    now[0] = KEYS_KEPT - 1
    assert office.key(old) is not None
    now[0] = KEYS_KEPT
    assert office.key(old) is None
    assert office.key(signing_key(world).name) is not None
