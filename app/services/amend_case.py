"""A later edit: the case is a draft again, and an approval given before it is cancelled with everything that followed from it."""

from app.services.case_at_hand import case_at_hand, must_be_open
from app.services.errors import Refusal
from app.services.order_work import undo_agreement
from app.services.promise_certificates import hold_case
from app.services.road import advance_case
from app.services.withdraw_exception import end_exceptions
from app.services.world import World
from models.rulebook.kinds import KINDS
from models.rulebook.oversight import ExceptionKind
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseAction


def amend_case(world: World, actor: Actor, case_id: int, version: int) -> str:
    """The case number. Possible until the fee is settled. The sets stay claimed by this case."""
    at = world.now()
    with world.writing() as session:
        case = case_at_hand(session, actor, Permission.work_at_intake, case_id)
        hold_case(session, case)
        must_be_open(case, CaseAction.amend, version)
        if KINDS[case.kind].medium_lost and case.items:
            raise Refusal("loss_is_booked")  # a certificate that was revoked as lost is not un-revoked by an edit
        undo_agreement(session, at, actor, case)
        end_exceptions(session, at, actor, case, {ExceptionKind.fee_waiver})
        undone = {"reviewed_by": None, "reviewed_at": None, "fee_total_fen": None}
        advance_case(session, at, actor, case, CaseAction.amend, version=version, changes=undone)
        session.commit()
    return case.number
