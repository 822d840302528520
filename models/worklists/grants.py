"""What the supervisor looks at: cases that wait for his leave, and the leaves that were given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.vocabulary import CaseAction
from models.tables import Case, Grant, Staff, Token
from models.worklists.issuance import Page, keyset
from models.worklists.review import QueueRow, states_open_to, worked_on_by

MOST_GRANTS = 20  # shown of those that were given


@dataclass(frozen=True)
class GivenGrant:
    grant: Grant
    case: Case
    token_serial: str
    by: Staff

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be used."""
        return self.grant.used_at is None and self.grant.expires_at > now


def cases_to_grant(branch_id: int) -> Select[tuple[Case]]:
    return select(Case).where(Case.branch_id == branch_id, Case.state.in_(states_open_to(CaseAction.grant)))


def grants_queue(session: Session, branch_id: int, staff_id: int, before: int | None = None, after: int | None = None) -> Page:
    """Cases that wait for a supervisor's leave, in the order they were opened."""
    query = cases_to_grant(branch_id).options(joinedload(Case.applicant), joinedload(Case.opener))
    page = keyset(session, query, before, after)
    own = worked_on_by(session, staff_id, [case.id for case in page.rows])
    return Page([QueueRow(case, case.id in own) for case in page.rows], page.newer, page.older)


def given_grants(session: Session, branch_id: int, case_id: int | None = None) -> Sequence[GivenGrant]:
    """The newest leaves given at the branch, or for one case."""
    newest = select(Grant.id).where(Grant.branch_id == branch_id if case_id is None else Grant.case_id == case_id)
    ids = session.scalars(newest.order_by(Grant.granted_at.desc(), Grant.id.desc()).limit(MOST_GRANTS)).all()
    query = (
        select(Grant, Case, Token.serial, Staff)
        .join(Case, Grant.case_id == Case.id)
        .join(Token, Grant.token_id == Token.id)
        .join(Staff, Grant.granted_by == Staff.id)
        .where(Grant.id.in_(ids), Case.branch_id == branch_id)
        .order_by(Grant.granted_at.desc(), Grant.id.desc())
        .options(joinedload(Case.applicant))
    )
    return [GivenGrant(*row) for row in session.execute(query).unique()]
