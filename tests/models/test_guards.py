"""The database itself keeps the ledgers as they were written, and the closed days closed, on both databases."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.services.business_day import business_day
from app.services.world import World
from models.rulebook.oversight import (
    DayState,
    DraftState,
    ExceptionKind,
    ExceptionState,
    MoneyKind,
    MovementKind,
    ShiftState,
    StockKind,
)
from models.rulebook.oversight_workflow import EXCEPTION_OPEN
from models.rulebook.vocabulary import CaseState, PaymentMethod, Role, TokenState
from models.tables import (
    AccessReview,
    Branch,
    Case,
    DayClose,
    Edition,
    EditionAuthor,
    EditionDraft,
    ExceptionRequest,
    Grant,
    JournalLine,
    MoneyEntry,
    Movement,
    Receipt,
    ShiftHandover,
    Token,
    guard_statements,
)
from tests.builders.issuance import plant_case
from tests.builders.people import actor_of, branch_id_of

TODAY = date(2026, 11, 23)


@pytest.fixture(params=["world", pytest.param("postgresql_world", marks=pytest.mark.postgresql)])
def either(request: pytest.FixtureRequest) -> World:
    found: World = request.getfixturevalue(request.param)
    return found


def movement(world: World, day: date) -> dict[str, Any]:
    return {
        "at": world.now(),
        "day": day,
        "branch_id": branch_id_of(world),
        "kind": StockKind.token,
        "serial": "T-1",
        "what": MovementKind.received,
        "amount": 1,
    }


def entry(world: World, day: date) -> dict[str, Any]:
    return {
        "number": f"HD01-M-2026-{day:%m%d}",
        "kind": MoneyKind.difference,
        "branch_id": branch_id_of(world),
        "day": day,
        "amount_fen": 20_000,
        "method": PaymentMethod.cash,
        "by": actor_of(world, Role.supervisor).staff_id,
        "at": world.now(),
    }


def receipt(world: World, day: date) -> dict[str, Any]:
    return {
        "number": f"HD01-R-2026-{day:%m%d}",
        "case_id": plant_case(world, state=CaseState.ready_to_issue),
        "branch_id": branch_id_of(world),
        "amount_fen": 18_000,
        "items": [18_000],
        "method": PaymentMethod.cash,
        "by": actor_of(world).staff_id,
        "at": world.now(),
        "day": day,
    }


def line(world: World, **changes: Any) -> int:
    """The id of a line of the journal, about a case."""
    case_id = plant_case(world, state=CaseState.closed)
    with world.writing() as session:
        made = JournalLine(
            at=world.now(), case_id=case_id, subject="case_file", subject_id=case_id, act="close", detail={"note": "样例"}
        )
        session.add(made)
        session.execute(update(Case).where(Case.id == case_id).values(**changes) if changes else select(1))
        session.commit()
        return made.id


BOOKED = pytest.mark.parametrize(("table", "made"), [(Movement, movement), (MoneyEntry, entry), (Receipt, receipt)])


def run(world: World, statement: Any, *values: Any) -> None:
    with world.writing() as session:
        session.execute(statement, *values)
        session.commit()


def close_through(world: World, day: date | None) -> None:
    run(world, update(Branch).where(Branch.id == branch_id_of(world)).values(closed_through=day))


@BOOKED
def test_what_was_booked_is_never_changed_or_taken_away(either: World, table: Any, made: Any) -> None:
    run(either, insert(table), made(either, TODAY))
    amount = {"amount": -1} if table is Movement else {"amount_fen": 1}
    for statement in (update(table).values(**amount), update(table).values(day=TODAY + timedelta(days=1)), delete(table)):
        with pytest.raises(DBAPIError, match=f"{table.__tablename__} is never changed"):
            run(either, statement)
    with either.reading() as session:
        assert session.scalars(select(table.day)).one() == TODAY


@BOOKED
def test_nothing_is_booked_on_a_closed_day(either: World, table: Any, made: Any) -> None:
    values = made(either, TODAY)
    close_through(either, TODAY)
    for late in (TODAY, TODAY - timedelta(days=30)):
        with pytest.raises(DBAPIError, match=f"{table.__tablename__} is of a day that is closed"):
            run(either, insert(table), values | {"day": late})
    run(either, insert(table), values | {"day": TODAY + timedelta(days=1)})


def test_a_closed_day_is_not_opened_again(either: World) -> None:
    close_through(either, TODAY)
    for earlier in (None, TODAY - timedelta(days=1)):
        with pytest.raises(DBAPIError, match="branch is never changed"):
            close_through(either, earlier)
    close_through(either, TODAY + timedelta(days=1))


@pytest.mark.parametrize("final", [DayState.closed, DayState.recounted])
def test_a_sheet_that_is_final_stays_as_it_was_printed(either: World, final: DayState) -> None:
    counted = {
        "number": "HD01-C-20261123-1",
        "branch_id": branch_id_of(either),
        "day": TODAY,
        "state": DayState.counted,
        "state_since": either.now(),
        "counted": {},
        "counted_by": actor_of(either).staff_id,
        "counted_at": either.now(),
    }
    run(either, insert(DayClose), counted)
    run(either, update(DayClose).values(state=final, sheet={"day": "2026-11-23"}))
    for statement in (update(DayClose).values(sheet={}), update(DayClose).values(state=DayState.counted), delete(DayClose)):
        with pytest.raises(DBAPIError, match="day_close is never changed"):
            run(either, statement)


def test_the_guards_may_be_set_up_again(either: World) -> None:
    with either.engine.begin() as connection:
        for statement in guard_statements(connection.dialect.name):
            connection.exec_driver_sql(statement)


def drafted(world: World) -> int:
    """A proposed draft of one author."""
    draft = {
        "code": "P2-2027",
        "state": DraftState.proposed,
        "state_since": world.now(),
        "content": {"says": "something"},
        "based_on": "P1",
        "written_by": actor_of(world, Role.supervisor).staff_id,
        "written_at": world.now(),
    }
    run(world, insert(EditionDraft), draft)
    with world.reading() as session:
        draft_id: int = session.scalars(select(EditionDraft.id)).one()
    return draft_id


def publish(world: World, by: int) -> None:
    run(world, update(EditionDraft).values(state=DraftState.published, published_by=by, published_at=world.now()))


def test_a_published_edition_stays_as_it_was_published(either: World) -> None:
    edition = {"code": "P9-2027", "effective_from": date(2027, 9, 1), "published_at": either.now(), "content": {"fee": 1}}
    run(either, insert(Edition), edition)
    for change in ({"content": {"fee": 2}}, {"effective_from": date(2027, 9, 2)}, {"code": "P8-2027"}, {"published_at": None}):
        with pytest.raises(DBAPIError, match="edition is never changed"):
            run(either, update(Edition).where(Edition.code == "P9-2027").values(**change))
    with pytest.raises(DBAPIError, match="edition is never changed"):
        run(either, delete(Edition).where(Edition.code == "P9-2027"))
    with either.reading() as session:
        assert session.get_one(Edition, "P9-2027").content == {"fee": 1}


def test_no_author_publishes_and_nobody_becomes_one_after_the_publication(either: World) -> None:
    draft_id = drafted(either)
    writer, helper, other = (actor_of(either, Role.supervisor, branch).staff_id for branch in ("HD01", "CY01", "DS01"))
    run(either, insert(EditionAuthor), {"draft_id": draft_id, "staff_id": helper})
    with pytest.raises(DBAPIError, match="is published by none of its authors"):
        publish(either, helper)
    with pytest.raises(DBAPIError, match="two_people"):
        publish(either, writer)
    publish(either, other)
    with pytest.raises(DBAPIError, match="is published by none of its authors"):
        run(either, insert(EditionAuthor), {"draft_id": draft_id, "staff_id": other})
    for statement in (delete(EditionAuthor), update(EditionAuthor).values(staff_id=writer)):
        with pytest.raises(DBAPIError, match="edition_author is never changed"):
            run(either, statement)
    for statement in (update(EditionDraft).values(content={}), delete(EditionDraft)):
        with pytest.raises(DBAPIError, match="edition_draft is never changed"):
            run(either, statement)


@pytest.mark.postgresql
def test_who_writes_while_he_publishes_in_another_window_does_not_do_both(postgresql_world: World) -> None:
    """Neither transaction sees what the other has not committed yet: the draft's row lets one of them through at a time."""
    world, refusals = postgresql_world, list[str]()
    draft_id, other = drafted(world), actor_of(world, Role.supervisor, "CY01").staff_id

    def sign() -> None:
        try:
            run(world, insert(EditionAuthor), {"draft_id": draft_id, "staff_id": other})
        except DBAPIError as refused:
            refusals.append(str(refused.orig))

    with Session(world.engine) as publishing:
        publishing.execute(update(EditionDraft).values(state=DraftState.published, published_by=other))
        late = threading.Thread(target=sign)
        late.start()
        late.join(0.3)
        assert late.is_alive()
        publishing.commit()
    late.join(10)
    assert ["published by none of its authors" in refusal for refusal in refusals] == [True]


@pytest.mark.postgresql
def test_an_entry_waits_for_a_close_that_is_under_way_and_is_refused_then(postgresql_world: World) -> None:
    """It was begun before the close was committed, and says the day that was right then."""
    world, refusals = postgresql_world, list[str]()
    values = movement(world, TODAY)

    def book() -> None:
        try:
            run(world, insert(Movement), values)
        except DBAPIError as refused:
            refusals.append(str(refused.orig))

    with Session(world.engine) as closing:
        closing.execute(update(Branch).where(Branch.id == branch_id_of(world)).values(closed_through=TODAY))
        late = threading.Thread(target=book)
        late.start()
        late.join(0.3)
        assert late.is_alive()
        closing.commit()
    late.join(10)
    assert ["of a day that is closed" in refusal for refusal in refusals] == [True]


def test_whoever_books_after_the_close_is_told_the_next_day(either: World) -> None:
    close_through(either, TODAY)
    with either.writing() as session:
        assert business_day(session, branch_id_of(either), TODAY) == TODAY + timedelta(days=1)
        assert business_day(session, branch_id_of(either), TODAY + timedelta(days=5)) == TODAY + timedelta(days=5)


ANOTHER: dict[str, Any] = {
    "id": 999_999,
    "at": datetime(2026, 1, 1, tzinfo=UTC),
    "staff_id": 1,
    "station_id": None,
    "platform_id": None,
    "branch_id": 1,
    "case_id": None,
    "subject": "staff",
    "subject_id": 7,
    "act": "open",
    "before": "x",
    "after": "y",
}


def test_the_journal_is_only_ever_added_to(either: World) -> None:
    line_id = line(either)
    assert set(ANOTHER) | {"detail"} == {column.key for column in JournalLine.__table__.columns}
    for changes in ({"detail": {}}, *({name: value} for name, value in ANOTHER.items())):
        with pytest.raises(DBAPIError, match="journal_line is never changed"):
            run(either, update(JournalLine).where(JournalLine.id == line_id).values(**changes))
    with pytest.raises(DBAPIError, match="journal_line is never changed"):
        run(either, delete(JournalLine).where(JournalLine.id == line_id))
    if either.engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="journal_line is never changed"):
            run(either, text("TRUNCATE journal_line"))


def test_of_a_destroyed_case_what_people_typed_is_blanked_and_nothing_else(either: World) -> None:
    line_id = line(either, destroyed_at=either.now())
    run(either, update(JournalLine).where(JournalLine.id == line_id).values(detail={}))
    with pytest.raises(DBAPIError, match="journal_line is never changed"):
        run(either, update(JournalLine).where(JournalLine.id == line_id).values(act="open"))
    with pytest.raises(DBAPIError, match="journal_line is never changed"):
        run(either, delete(JournalLine).where(JournalLine.id == line_id))


def test_a_review_of_access_stays_as_it_was_signed(either: World) -> None:
    who = actor_of(either, Role.administrator).staff_id
    signed = {"number": "QT-A-2026-000001", "branch_id": None, "content": [], "remark": "", "by": who, "at": either.now()}
    run(either, insert(AccessReview), signed)
    for statement in (update(AccessReview).values(remark="样例"), delete(AccessReview)):
        with pytest.raises(DBAPIError, match="access_review is never changed"):
            run(either, statement)


def answered_shift(world: World) -> int:
    giver, taker = actor_of(world).staff_id, actor_of(world, Role.reviewer).staff_id
    offered = {
        "number": "HD01-K-2026-000001",
        "branch_id": branch_id_of(world),
        "day": TODAY,
        "state": ShiftState.offered,
        "state_since": world.now(),
        "counted": {"cash_fen": 100},
        "sheet": {"day": "2026-11-23"},
        "given_by": giver,
        "given_at": world.now(),
        "taken_by": taker,
    }
    run(world, insert(ShiftHandover), offered)
    run(world, update(ShiftHandover).values(state=ShiftState.accepted, taken_at=world.now()))
    with world.reading() as session:
        return session.scalars(select(ShiftHandover.id)).one()


def test_a_shift_that_was_answered_stays_as_it_was_taken_over(either: World) -> None:
    answered_shift(either)
    for changes in ({"sheet": {}}, {"counted": {}}, {"state": ShiftState.declined}, {"taken_at": None}, {"version": 9}):
        with pytest.raises(DBAPIError, match="shift_handover is never changed"):
            run(either, update(ShiftHandover).values(**changes))
    gone(either, ShiftHandover)


def gone(world: World, table: Any) -> None:
    """It cannot be deleted, by whatever word."""
    words = [delete(table)]
    if world.engine.dialect.name == "postgresql":
        words.append(text(f"TRUNCATE {table.__tablename__} CASCADE"))
    for statement in words:
        with pytest.raises(DBAPIError, match=f"{table.__tablename__} is never changed"):
            run(world, statement)


def requested(world: World, state: ExceptionState = ExceptionState.asked) -> int:
    """The id of its case."""
    case_id = plant_case(world, state=CaseState.in_review)
    asked = {
        "number": "HD01-Q-2026-000001",
        "kind": ExceptionKind.fee_waiver,
        "state": ExceptionState.asked,
        "state_since": world.now(),
        "case_id": case_id,
        "branch_id": branch_id_of(world),
        "reason": "样例原因",
        "content": {"amount_fen": 100},
        "asked_by": actor_of(world).staff_id,
        "asked_at": world.now(),
        "expires_at": world.now() + timedelta(days=3),
    }
    run(world, insert(ExceptionRequest), asked)
    decided = {"decided_by": actor_of(world, Role.supervisor).staff_id, "decided_at": world.now(), "decision": "样例决定"}
    if state is not ExceptionState.asked:
        run(world, update(ExceptionRequest).values(state=state, **decided))
    return case_id


@pytest.mark.parametrize("state", sorted(set(ExceptionState) - EXCEPTION_OPEN))
def test_a_request_that_is_over_stays_as_it_was_decided(either: World, state: ExceptionState) -> None:
    requested(either, state)
    earlier = either.now() - timedelta(days=1)
    for changes in (
        {"state": ExceptionState.asked},
        {"decided_by": None},
        {"decided_at": earlier},
        {"used_at": earlier},
        {"expires_at": earlier},
        {"reason": ""},
        {"decision": ""},
        {"content": {}},
        {"content": {"amount_fen": 1}},
    ):
        with pytest.raises(DBAPIError, match="exception_request is never changed"):
            run(either, update(ExceptionRequest).values(**changes))
    gone(either, ExceptionRequest)


def test_who_asked_for_what_never_changes_even_while_it_waits(either: World) -> None:
    requested(either)
    another = actor_of(either, Role.reviewer).staff_id
    for changes in (
        {"asked_by": another},
        {"asked_at": either.now()},
        {"kind": ExceptionKind.refund},
        {"number": "HD01-Q-2026-9"},
    ):
        with pytest.raises(DBAPIError, match="exception_request is never changed"):
            run(either, update(ExceptionRequest).values(**changes))
    gone(either, ExceptionRequest)


def test_of_a_destroyed_case_a_request_is_blanked_and_never_worded_anew(either: World) -> None:
    case_id = requested(either, ExceptionState.refused)
    run(either, update(Case).where(Case.id == case_id).values(destroyed_at=either.now()))
    with pytest.raises(DBAPIError, match="exception_request is never changed"):
        run(either, update(ExceptionRequest).values(decision="另一个决定"))
    run(either, update(ExceptionRequest).values(content={}, reason="", decision=""))
    with pytest.raises(DBAPIError, match="exception_request is never changed"):
        run(either, update(ExceptionRequest).values(state=ExceptionState.asked))


def given_leave(world: World) -> int:
    """A leave for ten minutes; the id of its case."""
    case_id = plant_case(world, state=CaseState.ready_to_issue)
    with world.writing() as session:
        token = Token(serial="T-7", branch_id=branch_id_of(world), state=TokenState.in_stock, state_since=world.now())
        session.add(token)
        session.flush()
        session.add(
            Grant(
                branch_id=branch_id_of(world),
                case_id=case_id,
                token_id=token.id,
                granted_by=actor_of(world, Role.supervisor).staff_id,
                granted_at=world.now(),
                expires_at=world.now() + timedelta(minutes=10),
                reason="样例原因",
            )
        )
        session.commit()
    return case_id


def test_a_leave_is_neither_prolonged_nor_given_to_another_nor_used_too_late(either: World) -> None:
    given_leave(either)
    until = either.now() + timedelta(minutes=10)
    for changes in (
        {"expires_at": until + timedelta(minutes=1)},
        {"used_at": until + timedelta(minutes=1)},
        {"granted_by": actor_of(either).staff_id},
        {"granted_at": until},
        {"reason": ""},
        {"reason": "另一个原因"},
    ):
        with pytest.raises(DBAPIError, match="supervisor_grant is never changed"):
            run(either, update(Grant).values(**changes))
    gone(either, Grant)
    run(either, update(Grant).values(expires_at=either.now() + timedelta(minutes=1)))  # ended earlier, by another one


def test_a_leave_that_was_used_stays_used_and_only_its_reason_is_blanked(either: World) -> None:
    case_id = given_leave(either)
    run(either, update(Grant).values(used_at=either.now()))
    for changes in ({"used_at": None}, {"run_id": None}, {"expires_at": either.now()}, {"reason": ""}):
        with pytest.raises(DBAPIError, match="supervisor_grant is never changed"):
            run(either, update(Grant).values(**changes))
    run(either, update(Case).where(Case.id == case_id).values(destroyed_at=either.now()))
    with pytest.raises(DBAPIError, match="supervisor_grant is never changed"):
        run(either, update(Grant).values(reason="另一个原因"))
    run(either, update(Grant).values(reason=""))
    gone(either, Grant)
