"""Who is a platform's client, and that a platform shut out in the very moment gets no token."""

import pytest

from app.services.admit_platform import NotThisPlatform, client_called, digest_of, give_access, recognise_platform
from app.services.world import World
from models.rulebook.vocabulary import PlatformState, Scope
from models.tables import Platform
from tests.builders.platforms import plant_platform

SECRET = "样例密钥-0123456789"


@pytest.fixture
def platform(world: World) -> Platform:
    return plant_platform(world, secret_digest=digest_of(SECRET))


def change(world: World, platform: Platform, **columns: object) -> None:
    with world.writing() as session:
        row = session.get_one(Platform, platform.id)
        for name, value in columns.items():
            setattr(row, name, value)
        session.commit()


def test_only_its_own_secret_proves_a_client(world: World, platform: Platform) -> None:
    client = client_called(world, "inspection")
    assert client.holds(SECRET)
    for wrong in ("", SECRET + " ", SECRET[:-1], "\ud800", digest_of(SECRET), "0" * 64):
        assert not client.holds(wrong)
    nobody = client_called(world, "Inspection")
    assert nobody.platform_id is None
    assert not nobody.holds(SECRET)
    assert SECRET not in repr(client)
    assert client.secret_digest not in repr(client)


@pytest.mark.parametrize(
    "changes", [{"state": PlatformState.disabled}, {"secret_digest": digest_of("a new one")}, {"secret_digest": None}]
)
def test_what_changed_since_the_secret_was_checked_counts(world: World, platform: Platform, changes: dict[str, object]) -> None:
    client = client_called(world, "inspection")
    change(world, platform, **changes)
    with pytest.raises(NotThisPlatform):
        give_access(world, client, [Scope.read_events])


def test_a_token_is_recognised_with_the_scopes_that_both_have(world: World, platform: Platform) -> None:
    token = give_access(world, client_called(world, "inspection"), [Scope.read_events, Scope.read_bindings])
    found = recognise_platform(world, token)
    assert found is not None
    assert (found.platform_id, found.scopes) == (platform.id, {Scope.read_events, Scope.read_bindings})
    change(world, platform, scopes=["events:read", "certificates:read", "a scope of yesterday"])
    narrowed = recognise_platform(world, token)
    assert narrowed is not None
    assert narrowed.scopes == {Scope.read_events}
    assert recognise_platform(world, token + "x") is None
    assert recognise_platform(world, "\ud800") is None
