"""The auditor and the administrator hold no other role: also for whoever writes past the services, also for two at once."""

import threading
from itertools import permutations

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.services.world import World
from models.rulebook.permissions import role_conflict
from models.rulebook.vocabulary import Role
from models.tables import Staff, StaffRole
from models.tables.role_guard import REFUSED, removals, statements
from tests.builders.people import actor_of


@pytest.fixture(params=["world", pytest.param("postgresql_world", marks=pytest.mark.postgresql)])
def any_world(request: pytest.FixtureRequest) -> World:
    """The same guard on both databases."""
    made: World = request.getfixturevalue(request.param)
    return made


def somebody(world: World) -> int:
    """A member of staff without any role."""
    with world.writing() as session:
        staff = Staff(number="N1", name="样例无岗", password_hash="x")
        session.add(staff)
        session.commit()
        return staff.id


def give(world: World, staff_id: int, *roles: Role) -> None:
    with world.engine.begin() as connection:
        connection.execute(delete(StaffRole).where(StaffRole.staff_id == staff_id))
        for role in roles:
            connection.execute(insert(StaffRole).values(staff_id=staff_id, role=role))


def roles_of(world: World, staff_id: int) -> frozenset[Role]:
    with world.reading() as session:
        return session.get_one(Staff, staff_id).roles


def test_every_pair_of_roles_is_held_or_refused_as_the_rulebook_says(any_world: World) -> None:
    staff_id, refused = somebody(any_world), 0
    for pair in permutations(Role, 2):
        if role_conflict(frozenset(pair)):
            refused += 1
            with pytest.raises(IntegrityError, match=REFUSED):
                give(any_world, staff_id, *pair)
        else:
            give(any_world, staff_id, *pair)
            assert roles_of(any_world, staff_id) == set(pair)
    assert refused == 14
    give(any_world, staff_id, Role.clerk, Role.reviewer, Role.supervisor)


def test_a_role_is_not_turned_into_one_that_stands_alone(any_world: World) -> None:
    clerk, auditor = actor_of(any_world), actor_of(any_world, Role.auditor)
    give(any_world, clerk.staff_id, Role.clerk, Role.reviewer)
    with any_world.engine.connect() as connection:
        for turned in (
            update(StaffRole).where(StaffRole.staff_id == clerk.staff_id, StaffRole.role == Role.clerk).values(role=Role.auditor),
            update(StaffRole).where(StaffRole.staff_id == auditor.staff_id).values(staff_id=clerk.staff_id),
        ):
            with pytest.raises(IntegrityError, match=REFUSED):
                connection.execute(turned)
            connection.rollback()
        only = update(StaffRole).where(StaffRole.staff_id == auditor.staff_id).values(role=Role.clerk)
        assert connection.execute(only).rowcount == 1, "his only role may become another"
        connection.rollback()


@pytest.mark.postgresql
def test_two_who_give_one_person_a_role_each_at_once_do_not_both_succeed(postgresql_world: World) -> None:
    """Neither sees the other's row before its commit; the guard makes the second wait, and then look."""
    staff_id, engine = somebody(postgresql_world), postgresql_world.engine
    outcome: list[str] = []

    def second() -> None:
        with engine.connect() as connection:
            try:
                connection.execute(insert(StaffRole).values(staff_id=staff_id, role=Role.auditor))
                connection.commit()
                outcome.append("held")
            except IntegrityError as error:
                outcome.append(REFUSED if REFUSED in str(error.orig) else str(error.orig))

    with engine.connect() as first:
        first.execute(insert(StaffRole).values(staff_id=staff_id, role=Role.clerk))
        other = threading.Thread(target=second)
        other.start()
        with engine.connect() as watching:
            while not watching.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")) and not outcome:
                watching.rollback()
        assert outcome == [], "the second waits"
        first.commit()
        other.join(10)
    assert outcome == [REFUSED]
    assert roles_of(postgresql_world, staff_id) == {Role.clerk}


def test_the_guard_can_be_taken_down_and_hung_again(any_world: World) -> None:
    dialect, staff_id = any_world.engine.dialect.name, somebody(any_world)
    with any_world.engine.begin() as connection:
        for statement in removals(dialect):
            connection.exec_driver_sql(statement)
    give(any_world, staff_id, Role.clerk, Role.auditor)
    give(any_world, staff_id)
    with any_world.engine.begin() as connection:
        for statement in statements(dialect):
            connection.exec_driver_sql(statement)
    with pytest.raises(IntegrityError, match=REFUSED):
        give(any_world, staff_id, Role.clerk, Role.auditor)
    with any_world.reading() as session:
        assert session.scalars(select(StaffRole.role).where(StaffRole.staff_id == staff_id)).all() == []
