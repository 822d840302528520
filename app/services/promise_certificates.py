"""The first certificate ever of an applicant is free, each further one is not; over all branches, also in the same second.

Certificates are counted when a fee is frozen, on the applicant's own row: locked first, then changed by a conditional UPDATE.
The applicant's row is always locked before other rows are written, so two use cases cannot wait for each other.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.road import advance_case, claim, write_line
from app.services.take_effect import take_effect
from models.rulebook.fees import FIRST_FEN, Fee, fee_for
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction, CaseState
from models.rulebook.workflow import CASE, open_actions
from models.tables import Applicant, Case, CaseItem

_UNPAID = [state for state in CaseState if CaseAction.settle in open_actions(CASE, state)]


def lock_applicant(session: Session, case: Case) -> Applicant:
    """The case's applicant as it is now, its row locked to the end of the transaction."""
    return session.scalars(
        select(Applicant).where(Applicant.id == case.applicant_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def hold_case(session: Session, case: Case) -> None:
    """Have the case as it is now, its row held to the end of the transaction, and before it the applicant's: what an approval
    ordered is taken back once, by the first of two."""
    if case.kind in FIRST_KINDS and case.applicant_id is not None:
        lock_applicant(session, case)
    session.refresh(case, with_for_update=True)
    session.expire(case, ["items"])


def promise_certificates(session: Session, applicant: Applicant, count: int) -> Fee:
    """Count `count` certificates as promised to a locked applicant; the fee for them."""
    fee = fee_for(applicant.certificates_promised, count)
    claim(session, applicant, applicant.version, certificates_promised=applicant.certificates_promised + count)
    return fee


def order_items(session: Session, at: datetime, case: Case, fee: Fee) -> None:
    """One item for each certificate, with its share of the fee."""
    for position, fen in enumerate(fee.items_fen, start=1):
        session.add(CaseItem(case_id=case.id, position=position, state_since=at, fee_fen=fen))
    session.flush()
    session.refresh(case, ["items"])


def take_back_promise(session: Session, at: datetime, case: Case) -> None:
    """Undo an approval's promise: its items go. If the free certificate was among them, a later unpaid case gets it.

    Nothing happens to a case that was never approved. The case's own state is the caller's affair.
    """
    items = list(case.items)
    if not items:
        return
    applicant = lock_applicant(session, case)
    held_the_free_one = any(item.fee_fen == FIRST_FEN for item in items)
    claim(session, applicant, applicant.version, certificates_promised=applicant.certificates_promised - len(items))
    for item in items:
        session.delete(item)
    session.flush()
    session.refresh(case, ["items"])
    if held_the_free_one:
        _pass_on_the_free_one(session, at, applicant, case)


def _pass_on_the_free_one(session: Session, at: datetime, applicant: Applicant, given_up: Case) -> None:
    heir = session.scalars(
        select(Case)
        .where(Case.applicant_id == applicant.id, Case.id != given_up.id, Case.state.in_(_UNPAID))
        .order_by(Case.reviewed_at, Case.id)
        .limit(1)
        .with_for_update()
    ).first()
    if heir is None or heir.fee_total_fen is None:
        return
    first = heir.items[0]
    total = heir.fee_total_fen - first.fee_fen + FIRST_FEN
    claim(session, first, first.version, fee_fen=FIRST_FEN)
    claim(session, heir, heir.version, fee_total_fen=total)
    write_line(
        session, at, None, heir, "lower_fee", case_id=heir.id, branch_id=heir.branch_id, fee_fen=total, instead_of=given_up.number
    )
    settle_if_free(session, at, None, heir)


def settle_if_free(session: Session, at: datetime, who: Actor | None, case: Case) -> bool:
    """A fee of nothing is settled by itself; whether it was."""
    if case.fee_total_fen != FIRST_FEN:
        return False
    advance_case(session, at, who, case, CaseAction.settle, fee_fen=FIRST_FEN)
    take_effect(session, at, who, case)
    return True
