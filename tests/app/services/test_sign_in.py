"""Who is let in, who waits, who is shut out."""

import pytest
from sqlalchemy import select

from app.services import sign_in as door
from app.services.address_delay import ADDRESS_FORGOTTEN, ADDRESS_TRIES, TooMany
from app.services.recognise import ABSOLUTE, IDLE, recognise
from app.services.sign_in import LOCKED_FOR, TRIES, Admitted, NotAdmitted, sign_in
from app.services.sign_out import sign_out
from app.services.world import World
from models.rulebook.vocabulary import Role, StaffState
from models.tables import JournalLine, Staff, StaffSession
from tests.builders.people import PASSWORD, actor_of, code_now, number_of

CLERK = number_of(Role.clerk)
SUPERVISOR = number_of(Role.supervisor)


def go(world: World, number: str = CLERK, password: str = PASSWORD, code: str = "", address: str = "10.0.0.1") -> Admitted:
    return sign_in(world, number, password, code, address)


def test_number_and_password_let_a_clerk_in(world: World) -> None:
    admitted = go(world)
    someone = recognise(world, admitted.token)
    assert someone is not None
    assert someone.actor.number == CLERK
    assert someone.actor.roles == {Role.clerk}


def test_only_a_digest_of_the_token_is_stored(world: World) -> None:
    token = go(world).token
    with world.reading() as session:
        assert token not in [row.token_digest for row in session.scalars(select(StaffSession))]
    assert recognise(world, token[:-1]) is None


@pytest.mark.parametrize(
    ("number", "password"), [(CLERK, "wrong"), ("NOBODY", PASSWORD), (CLERK, ""), (CLERK.lower() + " ", PASSWORD)]
)
def test_anything_wrong_has_one_answer(world: World, number: str, password: str) -> None:
    with pytest.raises(NotAdmitted) as refusal:
        go(world, number, password)
    assert refusal.value.code == "not_admitted"
    assert refusal.value.facts == {}


def test_an_unknown_number_costs_the_same_work(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str | None] = []
    real = door.password_matches
    monkeypatch.setattr(door, "password_matches", lambda stored, given: checked.append(stored) or real(stored, given))
    for number in (CLERK, "NOBODY"):
        with pytest.raises(NotAdmitted):
            go(world, number, "wrong")
    assert len(checked) == 2
    assert checked[1] is None  # and `password_matches` verifies a hash for nobody too


def test_the_fifth_wrong_try_locks_also_for_the_right_password(world: World) -> None:
    for _ in range(TRIES):
        with pytest.raises(NotAdmitted):
            go(world, password="wrong")
    with pytest.raises(NotAdmitted):
        go(world)
    world.clock.move(LOCKED_FOR)
    assert go(world)
    with world.reading() as session:
        assert session.scalars(select(JournalLine.act).where(JournalLine.act == "lock_account")).all() == ["lock_account"]


def test_a_right_password_forgives_earlier_wrong_ones(world: World) -> None:
    for _ in range(3):
        for _ in range(TRIES - 1):
            with pytest.raises(NotAdmitted):
                go(world, password="wrong", address="10.9.9.9")
        world.clock.move(hours=2)
        assert go(world, address="10.9.9.9")


def test_an_address_that_guesses_waits_longer_and_longer_and_others_do_not(world: World) -> None:
    for which in range(ADDRESS_TRIES):
        with pytest.raises(NotAdmitted):
            go(world, f"GUESS{which}", "wrong")
    with pytest.raises(TooMany) as first:
        go(world)
    assert 0 < first.value.facts["seconds"] <= 3
    assert go(world, address="10.0.0.2")
    world.clock.move(seconds=3)
    with pytest.raises(NotAdmitted):
        go(world, "GUESS", "wrong")
    world.clock.move(seconds=3)
    with pytest.raises(TooMany):
        go(world)
    world.clock.move(ADDRESS_FORGOTTEN)
    assert go(world)


def test_a_supervisor_needs_the_code_as_well(world: World) -> None:
    with pytest.raises(NotAdmitted):
        go(world, SUPERVISOR)
    with pytest.raises(NotAdmitted):
        go(world, SUPERVISOR, code="000000")
    assert go(world, SUPERVISOR, code=code_now(world))


def test_a_code_is_good_for_one_login(world: World) -> None:
    code = code_now(world)
    assert go(world, SUPERVISOR, code=code)
    with pytest.raises(NotAdmitted):
        go(world, SUPERVISOR, code=code)
    world.clock.move(seconds=30)
    with pytest.raises(NotAdmitted):
        go(world, SUPERVISOR, code=code)
    assert go(world, SUPERVISOR, code=code_now(world))


def test_a_code_is_not_used_up_by_a_wrong_password(world: World) -> None:
    code = code_now(world)
    with pytest.raises(NotAdmitted):
        go(world, SUPERVISOR, password="wrong", code=code)
    assert go(world, SUPERVISOR, code=code)


def test_a_login_ends_when_idle_and_when_old(world: World) -> None:
    token = go(world).token
    world.clock.move(IDLE)
    assert recognise(world, token) is not None  # and this visit counts
    world.clock.move(IDLE)
    assert recognise(world, token) is not None
    world.clock.move(IDLE)
    world.clock.move(seconds=1)
    assert recognise(world, token) is None
    token = go(world).token
    for _ in range(int(ABSOLUTE / IDLE)):
        world.clock.move(IDLE)
        assert recognise(world, token) is not None
    world.clock.move(seconds=1)
    assert recognise(world, token) is None


def test_a_disabled_member_of_staff_is_out_at_once(world: World) -> None:
    token = go(world).token
    with world.writing() as session:
        session.scalars(select(Staff).where(Staff.number == CLERK)).one().state = StaffState.disabled
        session.commit()
    assert recognise(world, token) is None
    with pytest.raises(NotAdmitted):
        go(world)


def test_signing_out_ends_this_login_and_no_other(world: World) -> None:
    here, there = go(world).token, go(world).token
    sign_out(world, actor_of(world), here)
    assert recognise(world, here) is None
    assert recognise(world, there) is not None


def test_signing_in_over_an_old_login_ends_the_old_one(world: World) -> None:
    old = go(world).token
    new = sign_in(world, CLERK, PASSWORD, "", "10.0.0.1", leaving=old).token
    assert recognise(world, old) is None
    assert recognise(world, new) is not None
