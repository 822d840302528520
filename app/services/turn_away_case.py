"""No rule covers the applicant: the counter refuses, with the reason and how to do it right on a numbered notice."""

from app.services.case_at_hand import application_at_hand, must_be_open
from app.services.claim_sets import release_sets
from app.services.errors import Refusal
from app.services.examine_case import judge
from app.services.file_papers import file_papers
from app.services.give_notice import NoticeKind, give_notice, keep_examination
from app.services.paper_facts import refusal_facts
from app.services.refuse_case import RefusedCase
from app.services.request_correction import needed_for_a_notice
from app.services.road import advance_case
from app.services.withdraw_exception import end_exceptions
from app.services.world import World
from models.rulebook.oversight import ExceptionKind
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction


def turn_away_case(world: World, actor: Actor, case_id: int, version: int) -> RefusedCase:
    """Only where `applicant.not_covered` was found; anything else can be corrected. Raises Refusal "is_covered" then."""
    at = world.now()
    with world.writing() as session:
        case = application_at_hand(session, actor, case_id)
        must_be_open(case, CaseAction.refuse, version)
        verdict = judge(session, world, case)
        needed_for_a_notice(verdict)
        if verdict.is_covered:
            raise Refusal("is_covered")
        columns = file_papers(session, world, actor, case, verdict) | {"closed_at": at}
        release_sets(session, case)
        end_exceptions(session, at, actor, case, {ExceptionKind.admission})
        examination = keep_examination(session, at, actor, case, verdict.question_json(), verdict.answer_json())
        reasons = [(finding.message_zh, finding.message_en) for finding in verdict.refusals]
        facts = refusal_facts(session, actor, case, columns, reasons, [])
        notice = give_notice(session, at, actor, case, NoticeKind.refusal, facts, examination)
        advance_case(session, at, actor, case, CaseAction.refuse, version=version, changes=columns, notice=notice.number)
        session.commit()
    return RefusedCase(case.number, notice.id, notice.number)
