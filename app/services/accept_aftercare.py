"""Accept an aftercare case: nothing speaks against it, a slip is numbered, and it goes to whoever must agree to its kind."""

from sqlalchemy.exc import IntegrityError

from app.services.accept_case import AcceptedCase
from app.services.case_at_hand import aftercare_at_hand, must_be_open
from app.services.errors import Faulty, Refusal
from app.services.examine_aftercare import judge_aftercare
from app.services.file_aftercare import file_aftercare
from app.services.give_notice import NoticeKind, give_notice, keep_examination
from app.services.paper_facts import acceptance_facts
from app.services.relay_credentials import relay_credentials
from app.services.road import advance_case
from app.services.use_admission import use_admission
from app.services.world import World
from models.rulebook.kinds import KINDS
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction, Role

_ASKS = {Role.reviewer: CaseAction.accept, Role.supervisor: CaseAction.ask_grant, None: CaseAction.relay}


def accept_aftercare(world: World, actor: Actor, case_id: int, version: int) -> AcceptedCase:
    """Raises Faulty (something is not filled in), Refusal "not_in_order" (papers or certificate will not do) or "code_taken"
    (the new code was promised to another applicant), "no_registry_authority" (nobody to relay to), OutOfTurn and Stale."""
    at = world.now()
    with world.writing() as session:
        case = aftercare_at_hand(session, actor, case_id)
        action = _ASKS[KINDS[case.kind].agrees]
        must_be_open(case, CaseAction.save, version)  # a draft: a leave is asked for later, too, and that is no acceptance
        verdict = judge_aftercare(session, world, case)
        if not verdict.reading.is_complete:
            raise Faulty("not_filled_in", fields=verdict.reading.faults)
        if not verdict.accepted:
            raise Refusal("not_in_order")
        columns = file_aftercare(session, case, verdict)
        examination = keep_examination(session, at, actor, case, verdict.question_json(), verdict.answer_json())
        facts = acceptance_facts(session, world, actor, case, columns, verdict)
        notice = give_notice(session, at, actor, case, NoticeKind.acceptance, facts, examination)
        try:
            advance_case(session, at, actor, case, action, version=version, changes=columns, notice=notice.number)
        except IntegrityError:  # another open case changes its applicant to the same code
            raise Refusal("code_taken") from None
        use_admission(session, at, actor, verdict.admission)
        if action is CaseAction.relay:  # nobody here has to agree
            relay_credentials(session, at, actor, case)
        session.commit()
    return AcceptedCase(case.number, notice.id, notice.number)
