"""A fee that is not taken: booked as a waiver, told on a slip, and the case goes on as if it had been paid."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.services.book_money import book_money
from app.services.exception_at_hand import use_exception
from app.services.exception_facts import waiver_facts
from app.services.give_notice import NoticeKind, give_notice
from app.services.road import advance_case
from app.services.take_effect import take_effect
from models.rulebook.oversight import MoneyKind
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction
from models.tables import ExceptionRequest


def waive_fee(session: Session, at: datetime, actor: Actor, exception: ExceptionRequest) -> None:
    """In the granter's transaction. There is no receipt; the frozen fee stays as it was frozen. Whoever commits publishes the list."""
    case, fen = exception.case, exception.content["amount_fen"]
    entry = book_money(
        session, at, actor, case.branch, MoneyKind.waiver, fen, case=case, exception=exception, reason=exception.decision
    )
    use_exception(session, at, actor, exception, entry=entry.number)
    notice = give_notice(session, at, actor, case, NoticeKind.waiver, waiver_facts(session, actor, exception))
    advance_case(session, at, actor, case, CaseAction.settle, fee_fen=0, waiver=entry.number, notice=notice.number)
    take_effect(session, at, actor, case)
