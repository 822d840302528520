"""Whose access somebody else gave anew: he is told, and of a supervisor another one must agree before he decides anything again."""

import pytest
from sqlalchemy import select

from app.services.agree_to_reset import agree_to_reset, know_of_reset
from app.services.edit_staff import StaffFacts, admit_staff, reset_access, switch_staff
from app.services.errors import Absent, Faulty, Forbidden, OutOfTurn, Stale
from app.services.guard import allow
from app.services.recognise import recognise
from app.services.world import World
from models.rulebook.permissions import CLOSED_AFTER_RESET, Actor, Permission
from models.rulebook.vocabulary import Role, StaffState
from models.tables import JournalLine, Staff
from models.worklists.access import resets_to_agree
from tests.builders.people import actor_of, branch_id_of, open_login


@pytest.fixture
def administrator(world: World) -> Actor:
    return actor_of(world, Role.administrator)


@pytest.fixture
def reset(world: World, administrator: Actor) -> Actor:
    """The supervisor of HD01, just after the administrator gave him new access."""
    reset_access(world, administrator, actor_of(world, Role.supervisor).staff_id, 1, "手机丢失")
    return actor_of(world, Role.supervisor)


def colleague_of(world: World, administrator: Actor) -> Actor:
    """A second supervisor at HD01."""
    facts = StaffFacts("样例主管二", branch_id_of(world), frozenset({Role.supervisor}))
    admitted = admit_staff(world, administrator, "S2-HD01", facts)
    with world.reading() as session:
        return session.get_one(Staff, admitted.staff_id).as_actor()


def waiting(world: World, who: Actor) -> list[str]:
    with world.reading() as session:
        return [staff.number for staff in session.scalars(resets_to_agree(who.staff_id, who.branch_id))]


def test_until_another_agrees_nothing_is_decided(world: World, administrator: Actor, reset: Actor) -> None:
    colleague = colleague_of(world, administrator)
    for permission in CLOSED_AFTER_RESET:
        with pytest.raises(Forbidden) as refusal:
            allow(permission, reset)
        assert refusal.value.code == "forbidden_reset"
    allow(Permission.supervise, reset)
    assert waiting(world, colleague) == [reset.number]
    assert agree_to_reset(world, colleague, reset.staff_id, 2, "当面问过本人") == reset.number
    for permission in CLOSED_AFTER_RESET:
        allow(permission, actor_of(world, Role.supervisor))
    assert waiting(world, colleague) == []
    with world.reading() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.act == "agree_to_reset")).one()
        assert (line.staff_id, line.subject_id, line.branch_id) == (colleague.staff_id, reset.staff_id, reset.branch_id)
        assert line.detail == {"person": reset.number, "reason": "当面问过本人"}
    with pytest.raises(OutOfTurn):
        agree_to_reset(world, colleague, reset.staff_id, 3, "再一次")


def test_a_second_reset_asks_for_a_second_word(world: World, administrator: Actor, reset: Actor) -> None:
    colleague = colleague_of(world, administrator)
    agree_to_reset(world, colleague, reset.staff_id, 2, "当面问过本人")
    reset_access(world, administrator, reset.staff_id, 3, "又丢了")
    assert actor_of(world, Role.supervisor).held_back
    assert waiting(world, colleague) == [reset.number]


def test_another_branch_agrees_only_where_his_own_has_nobody(world: World, administrator: Actor, reset: Actor) -> None:
    stranger = actor_of(world, Role.supervisor, "CY01")
    assert waiting(world, stranger) == [reset.number], "nobody else supervises at HD01"
    colleague = colleague_of(world, administrator)
    assert waiting(world, stranger) == []
    with pytest.raises(Absent):
        agree_to_reset(world, stranger, reset.staff_id, 2, "当面问过本人")
    switch_staff(world, administrator, colleague.staff_id, 1, StaffState.disabled, "离职")
    assert agree_to_reset(world, stranger, reset.staff_id, 2, "打电话问过本人") == reset.number


def test_of_two_whose_access_was_given_anew_neither_lets_the_other_in(world: World, administrator: Actor, reset: Actor) -> None:
    """Whoever knows both first passwords is still one person."""
    colleague = colleague_of(world, administrator)
    reset_access(world, administrator, colleague.staff_id, 1, "手机丢失")
    with world.reading() as session:
        second = session.get_one(Staff, colleague.staff_id).as_actor()
    for one, other in ((reset, second), (second, reset)):
        with pytest.raises(Forbidden):
            agree_to_reset(world, one, other.staff_id, 2, "当面问过本人")
    assert waiting(world, actor_of(world, Role.supervisor, "CY01")) == ["S1-HD01", "S2-HD01"]


def test_nobody_agrees_to_his_own_nor_whoever_reset_nor_without_a_reason(
    world: World, administrator: Actor, reset: Actor
) -> None:
    stranger = actor_of(world, Role.supervisor, "CY01")
    for who in (administrator, reset, actor_of(world), actor_of(world, Role.auditor)):
        with pytest.raises(Forbidden):
            agree_to_reset(world, who, reset.staff_id, 2, "当面问过本人")
    for reason in ("", "  ", "长" * 201):
        with pytest.raises(Faulty):
            agree_to_reset(world, stranger, reset.staff_id, 2, reason)
    with pytest.raises(Stale):
        agree_to_reset(world, stranger, reset.staff_id, 1, "当面问过本人")
    with pytest.raises(Absent):
        agree_to_reset(world, stranger, actor_of(world).staff_id, 1, "当面问过本人")


def test_a_clerk_is_told_and_needs_nobodys_word(world: World) -> None:
    supervisor, clerk = actor_of(world, Role.supervisor), actor_of(world)
    reset_access(world, supervisor, clerk.staff_id, 1, "忘记密码")
    clerk = actor_of(world)
    assert not clerk.held_back
    assert waiting(world, supervisor) == []
    token = open_login(world, clerk.number)
    found = recognise(world, token)
    assert found is not None
    assert found.reset is not None
    assert (found.reset.by, found.reset.at) == (supervisor.called, world.now())
    for _ in range(2):
        know_of_reset(world, clerk)
    found = recognise(world, token)
    assert found is not None
    assert found.reset is None
    with world.reading() as session:
        assert len(session.scalars(select(JournalLine).where(JournalLine.act == "know_of_reset")).all()) == 1
