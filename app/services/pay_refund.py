"""Pay out a refund that a supervisor allowed: booked on the branch's day, told on a slip that the payee signs."""

from dataclasses import dataclass

from app.services.book_money import book_money
from app.services.errors import Forbidden, Refusal
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
    """Raises Faulty (reference), Forbidden "forbidden_granter" to whoever allowed it, Refusal "exception_lapsed" or
    "exception_overtaken", OutOfTurn and Stale: a second click pays nothing."""
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
        use_exception(session, at, actor, exception, entry=entry.number)
        notice = give_notice(session, at, actor, case, NoticeKind.refund, refund_facts(session, actor, exception, entry))
        session.commit()
    return PaidRefund(case.id, entry.number, notice.id, notice.number, fen)
