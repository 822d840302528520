"""Pay out a refund that a supervisor allowed: booked on the branch's day, told on a slip that the payee signs."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.services.book_money import book_money
from app.services.day_sheet import cash_in_drawer
from app.services.errors import Faulty, Forbidden, Refusal
from app.services.exception_at_hand import exception_at_hand, still_open, use_exception
from app.services.exception_content import overtaken
from app.services.exception_facts import refund_facts
from app.services.give_notice import NoticeKind, give_notice
from app.services.settle_fee import needed_reference
from app.services.world import World
from models.rulebook.oversight import ExceptionAction, MoneyKind
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import PaymentMethod
from models.worklists.exceptions import askable


@dataclass(frozen=True, slots=True)
class PaidRefund:
    case_id: int
    entry_number: str
    notice_id: int
    notice_number: str
    amount_fen: int


def pay_refund(
    world: World, actor: Actor, exception_id: int, version: int, method: PaymentMethod, reference: str = ""
) -> PaidRefund:
    """Raises Faulty (`reference`; `method` where there is not so much cash in the drawer by the books), Forbidden "forbidden_granter" to
    whoever allowed it, Refusal "exception_lapsed" or "exception_overtaken", OutOfTurn and Stale: a second click pays nothing."""
    reference = needed_reference(method, reference)
    at = world.now()
    with world.writing() as session:
        exception = exception_at_hand(session, actor, Permission.take_payment, exception_id)
        if exception.decided_by == actor.staff_id:
            raise Forbidden("forbidden_granter")
        still_open(exception, ExceptionAction.use, version, at)
        receipt = askable(session, exception.case).receipt
        if receipt is None or overtaken(session, world, exception):
            raise Refusal("exception_overtaken")
        case, fen = exception.case, exception.content["amount_fen"]
        about = {"case": case, "receipt": receipt, "exception": exception, "reason": exception.reason}
        paid = {"method": method, "reference": reference}
        entry = book_money(session, at, actor, case.branch, MoneyKind.refund, fen, **paid, **about)
        _must_be_there(session, method, case.branch_id, fen)
        use_exception(session, at, actor, exception, entry=entry.number)
        notice = give_notice(session, at, actor, case, NoticeKind.refund, refund_facts(session, actor, exception, entry))
        session.commit()
    return PaidRefund(case.id, entry.number, notice.id, notice.number, fen)


def _must_be_there(session: Session, method: PaymentMethod, branch_id: int, fen: int) -> None:
    """Of what is booked already: whoever else takes money out waits for the same counter of entries."""
    if method is not PaymentMethod.cash:
        return
    session.flush()
    left = cash_in_drawer(session, branch_id)
    if left < 0:
        raise Faulty(fields={"method": "drawer_too_little"}, yuan=f"{(left + fen) / 100:.2f}")
