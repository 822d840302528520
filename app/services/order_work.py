"""What an agreement to an aftercare case orders: one piece of work at the station, or none; and how that is undone."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.services.errors import Refusal
from app.services.promise_certificates import take_back_promise
from app.services.road import advance_item
from models.rulebook.kinds import FIRST_KINDS, KINDS
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import ItemAction
from models.rulebook.workflow import ITEM, open_actions
from models.tables import Case, CaseItem, Grant, Run
from models.worklists.exceptions import was_charged


def order_work(session: Session, at: datetime, case: Case, fee_fen: int) -> None:
    """One item for the work of the case's kind; none for a change of status, nor where one still waits from an earlier agreement."""
    work = KINDS[case.kind].work
    if work is None or any(ItemAction.begin in open_actions(ITEM, item.state) for item in case.items):
        return
    position = 1 + max((item.position for item in case.items), default=0)
    session.add(CaseItem(case_id=case.id, position=position, state_since=at, fee_fen=fee_fen, work=work))
    session.flush()
    session.refresh(case, ["items"])


def undo_agreement(session: Session, at: datetime, who: Actor, case: Case) -> None:
    """Take back what an agreement ordered or promised; nothing happens to a case that was never agreed to.

    Raises Refusal "paid_already": money that was taken, or waived, is not undone by an edit. The case's own state is the caller's affair.
    """
    if case.kind in FIRST_KINDS:
        take_back_promise(session, at, case)
        return
    if was_charged(session, case.id):
        raise Refusal("paid_already")
    for item in list(case.items):
        _take_back(session, at, who, item)
    end_grants(session, at, case)
    session.flush()
    session.refresh(case, ["items"])


def end_grants(session: Session, at: datetime, case: Case) -> None:
    """No leave that was given before and not used may be used any more."""
    session.execute(
        update(Grant)
        .where(Grant.case_id == case.id, Grant.used_at.is_(None), Grant.expires_at > at)
        .values(expires_at=at, version=Grant.version + 1)
        .execution_options(synchronize_session=False)
    )


def _take_back(session: Session, at: datetime, who: Actor, item: CaseItem) -> None:
    """An item on which a run was tried keeps its record."""
    if session.scalar(select(Run.id).where(Run.item_id == item.id).limit(1)) is None:
        session.delete(item)
    elif ItemAction.give_up in open_actions(ITEM, item.state):
        advance_item(session, at, who, item, ItemAction.give_up)
