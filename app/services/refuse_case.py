"""Who decides refuses a case for good, with the reason and how to do it right; its sets are free again."""

from dataclasses import dataclass

from app.services.case_at_hand import case_to_decide, must_be_open
from app.services.claim_sets import release_sets
from app.services.errors import Faulty
from app.services.give_notice import NoticeKind, give_notice
from app.services.order_work import undo_agreement
from app.services.paper_facts import refusal_facts
from app.services.road import advance_case
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseAction


@dataclass(frozen=True, slots=True)
class RefusedCase:
    number: str
    notice_id: int
    notice_number: str


def refuse_case(
    world: World,
    actor: Actor,
    case_id: int,
    version: int,
    reason: str,
    advice: str = "",
    by: Permission = Permission.review_case,
) -> RefusedCase:
    """`advice`: how to do it right. Both are printed on the refusal notice; a reason is needed. `by`: reviewer's or supervisor's."""
    reason = reason.strip()
    if not reason:
        raise Faulty(fields={"reason": "required"})
    at = world.now()
    with world.writing() as session:
        case = case_to_decide(session, actor, case_id, by)
        must_be_open(case, CaseAction.refuse, version)
        undo_agreement(session, at, actor, case)
        closing = {"reviewed_by": actor.staff_id, "reviewed_at": at, "closed_at": at}
        advance_case(session, at, actor, case, CaseAction.refuse, version=version, changes=closing, reason=reason)
        release_sets(session, case)
        remedies = [(advice.strip(), "")] if advice.strip() else []
        facts = refusal_facts(session, actor, case, {}, [(reason, "")], remedies)
        notice = give_notice(session, at, actor, case, NoticeKind.refusal, facts)
        session.commit()
    return RefusedCase(case.number, notice.id, notice.number)
