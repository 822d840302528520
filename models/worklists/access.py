"""Who may do what, where: the people of a branch with their roles and last logins, and when they were last looked at."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from models.rulebook.access_review import Decision, Standing, due_on, standing
from models.rulebook.vocabulary import StaffState
from models.tables import AccessReview, Branch, Staff, StaffSession
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
    due_on: date | None  # none: it was never made
    standing: Standing

    @property
    def left(self) -> int:
        """How many the last review left to an administrator: himself, and whoever ranks as he does."""
        return sum(1 for row in self.last.content if row["decision"] == Decision.left) if self.last else 0


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


def last_review(session: Session, branch_id: int | None) -> AccessReview | None:
    query = select(AccessReview).where(of_branch(AccessReview.branch_id, branch_id))
    return session.scalar(query.options(joinedload(AccessReview.reviewer)).order_by(AccessReview.id.desc()).limit(1))


def reviews_to_make(session: Session, today: date, branch_id: int | None) -> list[ReviewDue]:
    """How it stands with the reviews of a branch; with None of all branches, and of those who belong to none."""
    query = select(Branch).order_by(Branch.code)
    places: list[Branch | None] = [*session.scalars(query if branch_id is None else query.where(Branch.id == branch_id))]
    if branch_id is None:
        places.append(None)
    return [_due(place, last_review(session, place.id if place else None), today) for place in places]


def reviews_due(session: Session, today: date, branch_id: int | None) -> int:
    """How many of them are due within two weeks, or overdue."""
    return sum(1 for one in reviews_to_make(session, today, branch_id) if one.standing is not Standing.good)


def _due(branch: Branch | None, last: AccessReview | None, today: date) -> ReviewDue:
    made = last.at.astimezone(BEIJING).date() if last else None
    return ReviewDue(branch, last, due_on(made) if made else None, standing(made, today))
