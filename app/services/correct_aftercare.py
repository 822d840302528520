"""An aftercare case is not accepted: one correction notice with all that is missing. The revisit opens the same case."""

from app.services.case_at_hand import aftercare_at_hand, must_be_open
from app.services.errors import Refusal
from app.services.examine_aftercare import judge_aftercare
from app.services.file_aftercare import file_aftercare
from app.services.give_notice import NoticeKind, give_notice, keep_examination
from app.services.paper_facts import correction_facts
from app.services.request_correction import NoticedCase
from app.services.road import advance_case
from app.services.use_admission import use_admission
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction


def correct_aftercare(world: World, actor: Actor, case_id: int, version: int) -> NoticedCase:
    """Raises Refusal "nothing_to_correct", OutOfTurn and Stale."""
    at = world.now()
    with world.writing() as session:
        case = aftercare_at_hand(session, actor, case_id)
        must_be_open(case, CaseAction.request_correction, version)
        verdict = judge_aftercare(session, world, case)
        if verdict.accepted:
            raise Refusal("nothing_to_correct")
        columns = file_aftercare(session, case, verdict) | {"new_name": "", "new_credit_code": ""}
        examination = keep_examination(session, at, actor, case, verdict.question_json(), verdict.answer_json())
        facts = correction_facts(session, actor, case, columns, verdict)
        notice = give_notice(session, at, actor, case, NoticeKind.correction, facts, examination)
        advance_case(
            session, at, actor, case, CaseAction.request_correction, version=version, changes=columns, notice=notice.number
        )
        use_admission(session, at, actor, verdict.admission)
        session.commit()
    return NoticedCase(case.number, notice.id, notice.number)
