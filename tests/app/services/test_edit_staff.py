"""Who may make and change whom, and what ends with it."""

from functools import partial

import pytest
from sqlalchemy import select, update

from app.services.appoint_administrator import appoint_administrator
from app.services.edit_staff import StaffFacts, admit_staff, edit_staff, reset_access, switch_staff
from app.services.errors import Absent, Faulty, Forbidden, Stale
from app.services.jobs import KEPT, ask_job
from app.services.recognise import recognise
from app.services.sign_in import NotAdmitted, sign_in
from app.services.world import World
from models.rulebook.oversight import JobKind, JobState
from models.rulebook.permissions import role_conflict
from models.rulebook.vocabulary import Role, StaffState
from models.tables import Job, JournalLine, Staff
from tests.app.services.test_races import at_once
from tests.builders.people import PASSWORD, actor_of, branch_id_of, number_of, open_login

CLERK = frozenset({Role.clerk})


def staff_row(world: World, staff_id: int) -> Staff:
    with world.reading() as session:
        row = session.get_one(Staff, staff_id)
        assert row.roles is not None
        return row


def test_a_supervisor_lets_in_a_clerk_who_must_change_his_password(world: World) -> None:
    supervisor = actor_of(world, Role.supervisor)
    access = admit_staff(world, supervisor, "hd-77", StaffFacts("样例新人", branch_id_of(world), CLERK))
    assert access.number == "HD-77"
    found = recognise(world, sign_in(world, "HD-77", access.password, "", "10.0.0.1").token)
    assert found is not None
    assert found.must_change_password
    assert access.password not in repr(staff_row(world, access.staff_id).password_hash)
    with world.reading() as session:
        lines = session.scalars(select(JournalLine).where(JournalLine.act == "admit")).all()
    assert [line.staff_id for line in lines] == [supervisor.staff_id]
    assert access.password not in str([line.detail for line in lines])


@pytest.mark.parametrize("roles", [{Role.supervisor}, {Role.clerk, Role.supervisor}, {Role.auditor}, {Role.administrator}])
def test_a_supervisor_makes_nobody_of_his_own_rank_or_above(world: World, roles: set[Role]) -> None:
    branch = None if roles & {Role.auditor, Role.administrator} else branch_id_of(world)
    with pytest.raises((Forbidden, Faulty)):
        admit_staff(world, actor_of(world, Role.supervisor), "X77", StaffFacts("样例", branch, frozenset(roles)))


def test_a_supervisor_reaches_his_own_branch_only(world: World) -> None:
    supervisor, other = actor_of(world, Role.supervisor), actor_of(world, Role.clerk, "CY01")
    facts = StaffFacts("样例", branch_id_of(world), CLERK)
    with pytest.raises(Absent):
        edit_staff(world, supervisor, other.staff_id, 1, facts)
    with pytest.raises(Absent):
        switch_staff(world, supervisor, other.staff_id, 1, StaffState.disabled, "离职")
    with pytest.raises(Absent):
        reset_access(world, supervisor, actor_of(world, Role.auditor).staff_id, 1, "忘记密码")
    with pytest.raises(Absent):
        admit_staff(world, supervisor, "X77", StaffFacts("样例", branch_id_of(world, "CY01"), CLERK))


@pytest.mark.parametrize("role", [Role.clerk, Role.reviewer, Role.auditor])
def test_others_change_nobody(world: World, role: Role) -> None:
    with pytest.raises(Forbidden):
        reset_access(world, actor_of(world, role), actor_of(world, Role.clerk, which=2).staff_id, 1, "忘记密码")


@pytest.mark.parametrize("role", [Role.supervisor, Role.administrator])
def test_nobody_changes_himself(world: World, role: Role) -> None:
    me = actor_of(world, role)
    with pytest.raises(Forbidden):
        switch_staff(world, me, me.staff_id, 1, StaffState.disabled, "离职")


def test_who_was_shut_out_this_very_moment_shuts_nobody_out(world: World) -> None:
    """His page was recognised before he was disabled: two administrators who disable each other do not leave an office without one."""
    first = actor_of(world, Role.administrator)
    access = admit_staff(world, first, "X77", StaffFacts("样例", None, frozenset({Role.administrator})))
    second = staff_row(world, access.staff_id).as_actor()
    switch_staff(world, first, second.staff_id, 1, StaffState.disabled, "离职")
    with pytest.raises(Forbidden):
        switch_staff(world, second, first.staff_id, 1, StaffState.disabled, "离职")
    with pytest.raises(Forbidden):
        edit_staff(world, second, first.staff_id, 1, StaffFacts("样例", branch_id_of(world), CLERK))
    with pytest.raises(Forbidden):
        reset_access(world, second, first.staff_id, 1, "忘记密码")
    with pytest.raises(Forbidden):
        admit_staff(world, second, "X78", StaffFacts("样例", None, frozenset({Role.administrator})))
    assert staff_row(world, first.staff_id).state is StaffState.active


def test_who_lost_his_role_this_very_moment_uses_it_no_more(world: World) -> None:
    supervisor, clerk = actor_of(world, Role.supervisor), actor_of(world)
    as_clerk = StaffFacts("样例", supervisor.branch_id, CLERK)
    edit_staff(world, actor_of(world, Role.administrator), supervisor.staff_id, 1, as_clerk, "调岗")
    with pytest.raises(Forbidden):
        switch_staff(world, supervisor, clerk.staff_id, 1, StaffState.disabled, "离职")


@pytest.mark.postgresql
def test_of_two_administrators_who_shut_each_other_out_at_once_one_stays(postgresql_world: World) -> None:
    world = postgresql_world
    first = actor_of(world, Role.administrator)
    access = admit_staff(world, first, "X77", StaffFacts("样例", None, frozenset({Role.administrator})))
    second = staff_row(world, access.staff_id).as_actor()
    for _ in range(10):
        acts = [
            partial(switch_staff, world, who, whom.staff_id, staff_row(world, whom.staff_id).version, StaffState.disabled, "离职")
            for who, whom in ((first, second), (second, first))
        ]
        at_once(*acts)
        states = {one: staff_row(world, one.staff_id).state for one in (first, second)}
        stays = [one for one, state in states.items() if state is StaffState.active]
        assert stays, "nobody is left to let anybody in"
        for gone in {first, second} - set(stays):
            switch_staff(world, stays[0], gone.staff_id, staff_row(world, gone.staff_id).version, StaffState.active, "误停")


def test_what_was_made_for_him_is_not_fetched_with_another_role(world: World) -> None:
    """An export is kept for its asker for a day: not beyond the role or the branch by which he asked."""
    supervisor, administrator = actor_of(world, Role.supervisor), actor_of(world, Role.administrator)
    kept = {"content": b"rows", "file_name": "x.csv", "media_type": "text/csv", "content_until": world.now() + KEPT}
    with world.writing() as session:
        for _ in range(2):
            job = ask_job(session, world.now(), supervisor, JobKind.list_export, {}, supervisor.branch_id)
            session.flush()
            session.execute(update(Job).where(Job.id == job.id).values(state=JobState.done, **kept))
        session.commit()
    facts = StaffFacts("样例", supervisor.branch_id, frozenset({Role.supervisor}))
    edit_staff(world, administrator, supervisor.staff_id, 1, facts)
    with world.reading() as session:
        assert [job.content for job in session.scalars(select(Job))] == [b"rows"] * 2
    edit_staff(world, administrator, supervisor.staff_id, 2, StaffFacts("样例", branch_id_of(world, "CY01"), facts.roles), "调动")
    with world.reading() as session:
        assert [job.content for job in session.scalars(select(Job))] == [None, None]


def test_a_change_of_role_ends_his_logins_a_change_of_name_does_not(world: World) -> None:
    supervisor, clerk = actor_of(world, Role.supervisor), actor_of(world)
    token = open_login(world, clerk.number)
    edit_staff(world, supervisor, clerk.staff_id, 1, StaffFacts("样例改名", clerk.branch_id, CLERK))
    assert recognise(world, token) is not None
    edit_staff(world, supervisor, clerk.staff_id, 2, StaffFacts("样例改名", clerk.branch_id, CLERK | {Role.reviewer}), "考核合格")
    assert recognise(world, token) is None
    assert staff_row(world, clerk.staff_id).roles == {Role.clerk, Role.reviewer}


@pytest.mark.parametrize("reason", ["", "  ", "因" * 201])
def test_other_roles_or_another_branch_are_given_for_a_reason(world: World, reason: str) -> None:
    administrator, clerk = actor_of(world, Role.administrator), actor_of(world)
    for facts in (
        StaffFacts(clerk.name, clerk.branch_id, CLERK | {Role.reviewer}),
        StaffFacts(clerk.name, branch_id_of(world, "CY01"), CLERK),
    ):
        with pytest.raises(Faulty) as fault:
            edit_staff(world, administrator, clerk.staff_id, 1, facts, reason)
        assert fault.value.fields == {"reason": "required"}
    assert staff_row(world, clerk.staff_id).roles == CLERK


def test_the_journal_says_whom_it_was_and_what_he_was_before(world: World) -> None:
    supervisor, clerk = actor_of(world, Role.supervisor), actor_of(world)
    edit_staff(world, supervisor, clerk.staff_id, 1, StaffFacts("样例改名", clerk.branch_id, CLERK | {Role.reviewer}), "考核合格")
    switch_staff(world, supervisor, clerk.staff_id, 2, StaffState.disabled, "离职")
    with world.reading() as session:
        edited, disabled = (
            session.scalars(select(JournalLine).where(JournalLine.subject == "staff", JournalLine.act == act)).one()
            for act in ("edit", "disable")
        )
    assert edited.detail == {
        "person": clerk.number,
        "name": "样例改名",
        "name_before": clerk.name,
        "place": "HD01",
        "roles": ["clerk", "reviewer"],
        "roles_before": ["clerk"],
        "reason": "考核合格",
    }
    assert disabled.detail == {"person": clerk.number, "reason": "离职"}


def test_disabling_ends_his_logins_and_letting_in_again_does_not_bring_them_back(world: World) -> None:
    supervisor, clerk = actor_of(world, Role.supervisor), actor_of(world)
    token = open_login(world, clerk.number)
    switch_staff(world, supervisor, clerk.staff_id, 1, StaffState.disabled, "离职")
    with pytest.raises(NotAdmitted):
        sign_in(world, clerk.number, PASSWORD, "", "10.0.0.1")
    switch_staff(world, supervisor, clerk.staff_id, 2, StaffState.active, "回来上班")
    assert recognise(world, token) is None
    assert sign_in(world, clerk.number, PASSWORD, "", "10.0.0.1")


def test_a_reset_takes_password_second_factor_and_logins(world: World) -> None:
    administrator, supervisor = actor_of(world, Role.administrator), actor_of(world, Role.supervisor)
    token = open_login(world, supervisor.number)
    access = reset_access(world, administrator, supervisor.staff_id, 1, "忘记密码")
    assert recognise(world, token) is None
    with pytest.raises(NotAdmitted):
        sign_in(world, supervisor.number, PASSWORD, "", "10.0.0.1")
    found = recognise(world, sign_in(world, supervisor.number, access.password, "", "10.0.0.1").token)
    assert found is not None
    assert found.must_change_password
    assert not found.has_second_factor


def test_a_stale_page_changes_nobody(world: World) -> None:
    supervisor, clerk = actor_of(world, Role.supervisor), actor_of(world)
    facts = StaffFacts("样例改名", clerk.branch_id, CLERK)
    edit_staff(world, supervisor, clerk.staff_id, 1, facts)
    with pytest.raises(Stale):
        edit_staff(world, supervisor, clerk.staff_id, 1, facts)


@pytest.mark.parametrize(
    ("branch", "roles", "field", "code"),
    [
        ("HD01", set(), "roles", "role_missing"),
        (None, {Role.auditor, Role.clerk}, "roles", "role_conflict"),
        (None, {Role.administrator, Role.auditor}, "roles", "role_conflict"),
        (None, {Role.clerk}, "branch_id", "branch_missing"),
        ("HD01", {Role.auditor}, "branch_id", "branch_superfluous"),
        ("HD01", {Role.administrator}, "branch_id", "branch_superfluous"),
    ],
)
def test_roles_and_branch_must_go_together(world: World, branch: str | None, roles: set[Role], field: str, code: str) -> None:
    facts = StaffFacts("样例", branch_id_of(world, branch) if branch else None, frozenset(roles))
    with pytest.raises(Faulty) as fault:
        admit_staff(world, actor_of(world, Role.administrator), "X77", facts)
    assert fault.value.fields == {field: code}


def test_a_number_is_given_once(world: World) -> None:
    administrator = actor_of(world, Role.administrator)
    facts = StaffFacts("样例", branch_id_of(world), CLERK)
    with pytest.raises(Faulty) as fault:
        admit_staff(world, administrator, number_of(Role.clerk).lower(), facts)
    assert fault.value.fields == {"number": "number_taken"}
    for poor in ("", "a" * 17, "张三", "a b"):
        with pytest.raises(Faulty) as fault:
            admit_staff(world, administrator, poor, facts)
        assert fault.value.fields == {"number": "number_form"}


def test_conflicts_of_roles_are_the_permissions_pages() -> None:
    assert role_conflict(frozenset({Role.auditor, Role.clerk}))


def test_the_first_administrator_is_appointed_once(world: World) -> None:
    with pytest.raises(Forbidden):
        appoint_administrator(world, "A7", "样例", "a long sentence of mine")
    administrator = actor_of(world, Role.administrator)
    with world.writing() as session:
        session.get_one(Staff, administrator.staff_id).state = StaffState.disabled
        session.commit()
    assert appoint_administrator(world, "a7", "样例", "a long sentence of mine")
    with pytest.raises(Forbidden):
        appoint_administrator(world, "A8", "样例", "a long sentence of mine")
