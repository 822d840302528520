"""A review of access: everybody is decided about, what is taken away is taken away at once, and nothing slips in between."""

import pytest
from sqlalchemy import select

from app.services.edit_staff import StaffFacts, admit_staff, edit_staff
from app.services.errors import Absent, Faulty, Forbidden, Stale
from app.services.print_access_review import print_access_review
from app.services.recognise import recognise
from app.services.review_access import Verdict, review_access
from app.services.world import World
from models.rulebook.access_review import Decision
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import Role, StaffState
from models.tables import AccessReview, JournalLine, Staff
from models.worklists.access import people_of, reviews_due, reviews_to_make
from tests.builders.people import actor_of, branch_id_of, number_of, open_login
from tests.reports.reading import text_of

KEEP = Decision.keep


def verdicts(world: World, but: dict[str, tuple[Decision, frozenset[Role]]] | None = None, up_to: str = "S") -> list[Verdict]:
    """Everybody of the branch keeps what he has, but those named; from the letter `up_to` on nobody is decided about."""
    with world.reading() as session:
        people = people_of(session, branch_id_of(world))
        return [
            Verdict(one.staff.id, one.staff.version, *(but or {}).get(one.staff.number, (KEEP, frozenset())))
            for one in people
            if one.staff.number < up_to
        ]


def made(world: World) -> AccessReview:
    with world.reading() as session:
        return session.scalars(select(AccessReview)).one()


@pytest.fixture
def supervisor(world: World) -> Actor:
    return actor_of(world, Role.supervisor)


def test_everybody_keeps_what_he_has_and_it_is_on_record(world: World, supervisor: Actor) -> None:
    open_login(world, number_of(Role.clerk))
    review_access(world, supervisor, supervisor.branch_id, 0, verdicts(world), "")
    review = made(world)
    assert review.number == "HD01-A-2026-000001"
    rows = {row["number"]: row for row in review.content}
    assert set(rows) == {"C1-HD01", "C2-HD01", "R1-HD01", "R2-HD01", "S1-HD01"}
    assert rows["C1-HD01"]["last_login"] == world.now().isoformat()
    assert rows["C2-HD01"]["last_login"] is None
    assert [rows[n]["decision"] for n in ("C1-HD01", "S1-HD01")] == ["keep", "left"], "nobody decides about himself"
    with world.reading() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.subject == "access_review")).one()
        assert (line.act, line.branch_id, line.detail["number"]) == ("review", supervisor.branch_id, review.number)
        assert session.scalars(select(Staff.version)).all() == [1] * session.query(Staff).count()


def test_what_is_taken_away_is_gone_at_once(world: World, supervisor: Actor) -> None:
    reviewer, clerk = actor_of(world, Role.reviewer), actor_of(world, which=2)
    both = StaffFacts(reviewer.name, reviewer.branch_id, frozenset({Role.clerk, Role.reviewer}))
    edit_staff(world, supervisor, reviewer.staff_id, 1, both, "考核合格")
    logins = [open_login(world, who.number) for who in (reviewer, clerk, actor_of(world))]
    decided = {
        reviewer.number: (Decision.reduce, frozenset({Role.clerk})),
        clerk.number: (Decision.disable, frozenset()),
    }
    review_access(world, supervisor, supervisor.branch_id, 0, verdicts(world, decided), "调岗")
    assert [recognise(world, login) is not None for login in logins] == [False, False, True]
    with world.reading() as session:
        assert session.get_one(Staff, reviewer.staff_id).roles == {Role.clerk}
        assert session.get_one(Staff, clerk.staff_id).state is StaffState.disabled
        lines = session.scalars(select(JournalLine).where(JournalLine.subject == "staff", JournalLine.act != "admit")).all()
        told = {(line.act, line.detail.get("reason"), line.detail.get("number")) for line in lines}
    assert {("edit", "调岗", "HD01-A-2026-000001"), ("disable", "调岗", "HD01-A-2026-000001")} <= told
    rows = {row["number"]: row for row in made(world).content}
    assert (rows[reviewer.number]["roles"], rows[reviewer.number]["stays"]) == (["clerk", "reviewer"], ["clerk"])
    assert rows[clerk.number]["stays"] == []


def test_without_a_reason_nothing_is_taken_away(world: World, supervisor: Actor) -> None:
    decided = {number_of(Role.clerk): (Decision.disable, frozenset[Role]())}
    for remark in ("", "  ", "长" * 201):
        with pytest.raises(Faulty) as fault:
            review_access(world, supervisor, supervisor.branch_id, 0, verdicts(world, decided), remark)
        assert fault.value.fields == {"remark": "review_remark"}


def test_a_page_that_is_out_of_date_decides_nothing(world: World, supervisor: Actor) -> None:
    """Somebody is missing, somebody was changed, a role would be given, or the review was made by somebody else."""
    whole = verdicts(world)
    for wrong in (whole[1:], [*whole, Verdict(supervisor.staff_id, 1, KEEP)], [Verdict(whole[0].staff_id, 7, KEEP), *whole[1:]]):
        with pytest.raises(Stale):
            review_access(world, supervisor, supervisor.branch_id, 0, wrong, "")
    for roles in (
        frozenset({Role.clerk}),
        frozenset({Role.supervisor}),
        frozenset({Role.clerk, Role.reviewer}),
        frozenset[Role](),
    ):
        given = verdicts(world, {number_of(Role.clerk): (Decision.reduce, roles)})
        with pytest.raises(Stale):
            review_access(world, supervisor, supervisor.branch_id, 0, given, "调岗")
    first = review_access(world, supervisor, supervisor.branch_id, 0, whole, "")
    with pytest.raises(Stale):
        review_access(world, supervisor, supervisor.branch_id, 0, whole, "")
    world.clock.move(days=90)
    assert review_access(world, supervisor, supervisor.branch_id, first, whole, "") > first


def test_another_branch_and_those_of_none_are_not_the_supervisors(world: World, supervisor: Actor) -> None:
    for branch_id in (branch_id_of(world, "CY01"), None, 999):
        with pytest.raises(Absent):
            review_access(world, supervisor, branch_id, 0, [], "")
    for role in (Role.clerk, Role.reviewer, Role.auditor):
        with pytest.raises(Forbidden):
            review_access(world, actor_of(world, role), supervisor.branch_id, 0, verdicts(world), "")


def test_the_administrator_looks_at_supervisors_and_at_those_of_no_branch(world: World, supervisor: Actor) -> None:
    administrator = actor_of(world, Role.administrator)
    everybody = verdicts(world, {supervisor.number: (Decision.disable, frozenset())}, up_to="T")
    review_access(world, administrator, supervisor.branch_id, 0, everybody, "离职")
    with world.reading() as session:
        assert session.get_one(Staff, supervisor.staff_id).state is StaffState.disabled
    auditor = actor_of(world, Role.auditor)
    review_access(world, administrator, None, 0, [Verdict(auditor.staff_id, 1, KEEP)], "")
    with world.reading() as session:
        review = session.scalars(select(AccessReview).where(AccessReview.branch_id.is_(None))).one()
    assert review.number == "QT-A-2026-000001"
    assert {row["number"]: row["decision"] for row in review.content} == {auditor.number: "keep", administrator.number: "left"}
    with pytest.raises(Absent):
        print_access_review(world, supervisor, review.id)
    assert print_access_review(world, auditor, review.id).pdf.startswith(b"%PDF")


def test_a_review_is_due_after_three_months(world: World, supervisor: Actor) -> None:
    def due(branch_id: int | None = supervisor.branch_id) -> int:
        with world.reading() as session:
            return reviews_due(session, world.today(), branch_id)

    assert due() == 1
    assert due(None) == 4, "three branches, and those of none"
    review_access(world, supervisor, supervisor.branch_id, 0, verdicts(world), "")
    assert (due(), due(None)) == (0, 4), "the supervisor himself was left over"
    world.clock.move(days=92 - 14)  # reviewed on 23 November; due by 23 February
    assert due() == 1
    with world.reading() as session:
        [one] = reviews_to_make(session, world.today(), supervisor.branch_id)
        assert (str(one.due_on), one.standing.value) == ("2027-02-23", "soon")
        world.clock.move(days=15)
        assert reviews_to_make(session, world.today(), supervisor.branch_id)[0].standing.value == "overdue"


def test_whom_every_review_leaves_over_is_overdue_until_an_administrator_decides(world: World, supervisor: Actor) -> None:
    """Each of the branch's reviews is in time, and none of them is about the supervisor."""
    administrator, branch_id = actor_of(world, Role.administrator), supervisor.branch_id

    def stands() -> tuple[str, int, str]:
        with world.reading() as session:
            [one] = [one for one in reviews_to_make(session, world.today(), None) if one.branch and one.branch.id == branch_id]
            return one.standing.value, one.left, str(one.due_on)

    def whole(up_to: str = "S") -> list[Verdict]:
        return verdicts(world, up_to=up_to)

    first = review_access(world, supervisor, branch_id, 0, whole(), "")
    assert stands() == ("overdue", 1, "None")
    second = review_access(world, administrator, branch_id, first, whole("T"), "")
    assert stands() == ("good", 0, "2027-02-23")
    world.clock.move(days=80)
    third = review_access(world, supervisor, branch_id, second, whole(), "")
    assert stands() == ("soon", 1, "2027-02-23"), "he counts from the administrator's review"
    world.clock.move(days=20)
    assert stands() == ("overdue", 1, "2027-02-23")
    with world.reading() as session:
        assert reviews_due(session, world.today(), branch_id) == 0, "the supervisor has done his part"
    review_access(world, administrator, branch_id, third, whole("T"), "")
    assert stands()[:2] == ("good", 0)


def test_the_only_administrator_is_not_waited_for_and_the_second_one_is(world: World) -> None:
    administrator, auditor = actor_of(world, Role.administrator), actor_of(world, Role.auditor)

    def stands() -> tuple[str, int]:
        with world.reading() as session:
            one = reviews_to_make(session, world.today(), None)[-1]
            return one.standing.value, one.left

    first = review_access(world, administrator, None, 0, [Verdict(auditor.staff_id, 1, KEEP)], "")
    assert stands() == ("good", 0)
    second = admit_staff(world, administrator, "M2", StaffFacts("样例管理员二", None, frozenset({Role.administrator})))
    assert stands() == ("overdue", 1), "there is somebody now who can look at him"
    with world.reading() as session:
        other = session.get_one(Staff, second.staff_id).as_actor()
    both = [Verdict(auditor.staff_id, 1, KEEP), Verdict(administrator.staff_id, 1, KEEP)]
    review_access(world, other, None, first, both, "")
    assert stands() == ("overdue", 1), "and somebody must look at the second"


def test_the_paper_says_what_was_decided_and_comes_out_the_same(world: World, supervisor: Actor) -> None:
    decided = {number_of(Role.clerk): (Decision.disable, frozenset[Role]())}
    review_id = review_access(world, supervisor, supervisor.branch_id, 0, verdicts(world, decided), "离职")
    paper = print_access_review(world, supervisor, review_id)
    assert paper.file_name == "HD01-A-2026-000001.pdf"
    text = text_of(paper.pdf)
    for words in (
        "权限核对记录",
        "HD01-A-2026-000001",
        "样例C1-HD01",
        "停用",
        "Disabled",
        "由系统管理员另行核对",
        "离职",
        "2027-02-23",
    ):
        assert words in text, words
    assert print_access_review(world, supervisor, review_id).pdf == paper.pdf
    with pytest.raises(Absent):
        print_access_review(world, actor_of(world, Role.supervisor, "CY01"), review_id)
