"""The applicant withdraws: the case ends, its sets and its promised certificates are free again."""

from app.services.case_at_hand import case_at_hand, must_be_open
from app.services.claim_sets import release_sets
from app.services.errors import Faulty
from app.services.order_work import undo_agreement
from app.services.promise_certificates import hold_case
from app.services.road import advance_case
from app.services.withdraw_exception import end_exceptions
from app.services.world import World
from models.rulebook.oversight import ExceptionKind
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseAction


def withdraw_case(world: World, actor: Actor, case_id: int, version: int, reason: str) -> str:
    """The case number. Possible until the fee is settled; needs a reason."""
    reason = reason.strip()
    if not reason:
        raise Faulty(fields={"reason": "required"})
    at = world.now()
    with world.writing() as session:
        case = case_at_hand(session, actor, Permission.work_at_intake, case_id)
        hold_case(session, case)
        must_be_open(case, CaseAction.withdraw, version)
        undo_agreement(session, at, actor, case)
        release_sets(session, case)
        end_exceptions(session, at, actor, case, {ExceptionKind.fee_waiver, ExceptionKind.admission})
        closing = {"closed_at": at, "fee_total_fen": None}
        advance_case(session, at, actor, case, CaseAction.withdraw, version=version, changes=closing, reason=reason)
        session.commit()
    return case.number
