"""Take the frozen fee, once: a numbered receipt, and the case is ready for issuance."""

from dataclasses import dataclass

from app.services.business_day import business_day
from app.services.case_at_hand import case_at_hand, must_be_open
from app.services.errors import Faulty
from app.services.numbering import next_number
from app.services.publish_crl import publish_crl
from app.services.road import advance_case, write_line
from app.services.take_effect import take_effect
from app.services.withdraw_exception import end_exceptions
from app.services.world import BEIJING, World
from models.rulebook.kinds import KINDS
from models.rulebook.oversight import ExceptionKind
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseAction, PaymentMethod
from models.tables import Receipt

_WITHOUT_REFERENCE = frozenset({PaymentMethod.cash})


@dataclass(frozen=True, slots=True)
class SettledFee:
    case_number: str
    receipt_id: int
    receipt_number: str
    amount_fen: int


def settle_fee(world: World, actor: Actor, case_id: int, version: int, method: PaymentMethod, reference: str = "") -> SettledFee:
    """`reference`: number of the card slip or the transfer, needed for both. A second click gets OutOfTurn or Stale."""
    reference = needed_reference(method, reference)
    at = world.now()
    with world.writing() as session:
        case = case_at_hand(session, actor, Permission.take_payment, case_id)
        must_be_open(case, CaseAction.settle, version)
        items = [item.fee_fen for item in case.items] or [case.fee_total_fen or 0]  # a change of status has no item
        series = f"{case.branch.code}-R-{at.astimezone(BEIJING).year}"
        receipt = Receipt(
            number=f"{series}-{next_number(session, series):06d}",
            case_id=case.id,
            branch_id=case.branch_id,
            amount_fen=sum(items),
            items=items,
            method=method,
            reference=reference,
            by=actor.staff_id,
            at=at,
            day=business_day(session, case.branch_id, at.astimezone(BEIJING).date()),
        )
        advance_case(session, at, actor, case, CaseAction.settle, version=version, fee_fen=sum(items), receipt=receipt.number)
        session.add(receipt)
        session.flush()
        write_line(session, at, actor, receipt, "take_payment", case_id=case.id, branch_id=case.branch_id, method=method.value)
        end_exceptions(session, at, actor, case, {ExceptionKind.fee_waiver})
        take_effect(session, at, actor, case)
        session.commit()
    if KINDS[case.kind].status is not None:
        publish_crl(world)
    return SettledFee(case.number, receipt.id, receipt.number, receipt.amount_fen)


def needed_reference(method: PaymentMethod, reference: str) -> str:
    """The number of the card slip or the transfer; cash has none. Raises Faulty where it is missing."""
    reference = reference.strip()
    if not reference and method not in _WITHOUT_REFERENCE:
        raise Faulty(fields={"reference": "required"})
    return reference
