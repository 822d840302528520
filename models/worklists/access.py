"""Who may do what, where: the people of a branch with their roles and last logins, and when they were last looked at."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, not_, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from models.rulebook.access_review import Decision, Standing, due_on, standing
from models.rulebook.vocabulary import Role, StaffState
from models.tables import AccessReview, Branch, Staff, StaffRole, StaffSession
from models.tables.base import BEIJING


@dataclass(frozen=True, slots=True)
class Person:
    staff: Staff
    last_login: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """`branch` None: those who belong to no branch."""

    branch: Branch | None
    last: AccessReview | None
    due_on: date | None  # none: it was never made, or somebody was never decided about
    standing: Standing
    left: int  # whom the last review left to an administrator: himself, and whoever ranks as he does; whoever sees all: who is left yet


def of_branch(column: ColumnElement[int | None], branch_id: int | None) -> ColumnElement[bool]:
    return column.is_(None) if branch_id is None else column == branch_id


def people_of(session: Session, branch_id: int | None) -> list[Person]:
    """Everybody of a branch (None: of none) who can sign in, by number."""
    rows = session.scalars(
        select(Staff)
        .where(of_branch(Staff.branch_id, branch_id), Staff.state == StaffState.active)
        .options(selectinload(Staff.role_rows))
        .order_by(Staff.number)
    ).all()
    logins = dict(
        session.execute(
            select(StaffSession.staff_id, func.max(StaffSession.created_at))
            .where(StaffSession.staff_id.in_([staff.id for staff in rows]))
            .group_by(StaffSession.staff_id)
        ).all()
    )
    return [Person(staff, logins.get(staff.id)) for staff in rows]


def able_at(session: Session, branch_id: int) -> list[Staff]:
    """Everybody who may do something at a branch: its own people, and those who belong to none."""
    return list(
        session.scalars(
            select(Staff)
            .where(or_(Staff.branch_id == branch_id, Staff.branch_id.is_(None)), Staff.state == StaffState.active)
            .options(selectinload(Staff.role_rows))
            .order_by(Staff.branch_id.is_(None), Staff.number)
        )
    )


def resets_to_agree(staff_id: int, branch_id: int | None) -> Select[Staff]:
    """Supervisors to whom somebody gave new access and about whom no other supervisor has said yet that it was in order: those of the
    branch; also those of a branch that has nobody else to say so. With None of every branch, to look at. Nobody agrees to his own."""
    other = aliased(Staff)
    unsettled = (Staff.state == StaffState.active, _supervises(Staff), _open_reset(Staff))
    could = (other.state == StaffState.active, _supervises(other), not_(_open_reset(other)))
    colleague = select(other.id).where(other.branch_id == Staff.branch_id, other.id != Staff.id, *could).exists()
    mine = true() if branch_id is None else or_(Staff.branch_id == branch_id, not_(colleague))
    return select(Staff).where(*unsettled, Staff.id != staff_id, mine).order_by(Staff.number)


def _supervises(staff: type[Staff]) -> ColumnElement[bool]:
    return select(StaffRole.role).where(StaffRole.staff_id == staff.id, StaffRole.role == Role.supervisor).exists()


def _open_reset(staff: type[Staff]) -> ColumnElement[bool]:
    return and_(staff.reset_at.is_not(None), staff.reset_agreed_by.is_(None))


def last_review(session: Session, branch_id: int | None) -> AccessReview | None:
    query = select(AccessReview).where(of_branch(AccessReview.branch_id, branch_id))
    return session.scalar(query.options(joinedload(AccessReview.reviewer)).order_by(AccessReview.id.desc()).limit(1))


def reviews_to_make(session: Session, today: date, branch_id: int | None) -> list[ReviewDue]:
    """How it stands with the reviews of a branch; with None of all branches, and of those who belong to none.

    A branch's own supervisor counts from the last review. Whoever sees all counts for each person from the last time that somebody
    decided about him: whom review after review left over is overdue, though each review was in time.
    """
    query = select(Branch).order_by(Branch.code)
    if branch_id is not None:
        own = session.scalars(query.where(Branch.id == branch_id))
        return [_since_last(place, last_review(session, place.id), today) for place in own]
    people = _to_look_at(session)
    looked = _looked_at(session, today)
    places: list[Branch | None] = [*session.scalars(query), None]
    return [
        _due(place, last_review(session, place.id if place else None), today, people[place.id if place else None], looked)
        for place in places
    ]


def reviews_due(session: Session, today: date, branch_id: int | None) -> int:
    """How many of them are due within two weeks, or overdue."""
    return sum(1 for one in reviews_to_make(session, today, branch_id) if one.standing is not Standing.good)


def _since_last(branch: Branch, last: AccessReview | None, today: date) -> ReviewDue:
    made = _day(last.at) if last else None
    left = sum(1 for row in last.content if row["decision"] == Decision.left) if last else 0
    return ReviewDue(branch, last, due_on(made) if made else None, standing(made, today), left)


def _due(
    branch: Branch | None, last: AccessReview | None, today: date, people: Sequence[str], looked: Mapping[str, date | None]
) -> ReviewDue:
    """Who came since the last review has time until the next one."""
    made = _day(last.at) if last else None
    days = [looked.get(number, made) for number in people] or [made]
    known = [day for day in days if day is not None]
    first = min(known) if len(known) == len(days) else None
    left = sum(1 for day in days if standing(day, today) is not Standing.good) if last else 0
    return ReviewDue(branch, last, due_on(first) if first else None, standing(first, today), left)


def _to_look_at(session: Session) -> Mapping[int | None, list[str]]:
    """The numbers of everybody active by his branch, but for the one administrator whom no other administrator could look at."""
    staff = session.scalars(select(Staff).where(Staff.state == StaffState.active).options(selectinload(Staff.role_rows))).all()
    administrators = [one for one in staff if Role.administrator in one.roles]
    found: dict[int | None, list[str]] = defaultdict(list)
    for one in staff:
        if administrators != [one]:
            found[one.branch_id].append(one.number)
    return found


def _looked_at(session: Session, today: date) -> Mapping[str, date | None]:
    """By number when somebody last decided about him, none for whom every review of a year left over."""
    since = datetime.combine(today - timedelta(days=366), time(), BEIJING)
    found: dict[str, date | None] = {}
    for review in session.scalars(select(AccessReview).where(AccessReview.at >= since).order_by(AccessReview.id)):
        for row in review.content:
            if row["decision"] == Decision.left:
                found.setdefault(row["number"], None)
            else:
                found[row["number"]] = _day(review.at)
    return found


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
