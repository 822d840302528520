"""Accept an application: the rulebook finds nothing against it, its sets are used up, and a slip is numbered."""

from dataclasses import dataclass

from app.services.case_at_hand import application_at_hand, must_be_open
from app.services.claim_sets import allot_labels, claim_sets
from app.services.errors import Faulty, Refusal
from app.services.examine_case import judge
from app.services.file_papers import file_papers
from app.services.give_notice import NoticeKind, give_notice, keep_examination
from app.services.paper_facts import acceptance_facts
from app.services.road import advance_case
from app.services.use_admission import use_admission
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction


@dataclass(frozen=True, slots=True)
class AcceptedCase:
    number: str
    notice_id: int
    notice_number: str


def accept_case(world: World, actor: Actor, case_id: int, version: int) -> AcceptedCase:
    """Advice is noted, not enforced. Raises Faulty (something is not filled in), Refusal "not_in_order" (the papers will not
    do) or "set_reused" (another case was first), OutOfTurn and Stale."""
    at = world.now()
    with world.writing() as session:
        case = application_at_hand(session, actor, case_id)
        must_be_open(case, CaseAction.accept, version)
        verdict = judge(session, world, case)
        if not verdict.reading.is_complete:
            raise Faulty("not_filled_in", fields=verdict.reading.faults)
        if not verdict.accepted:
            raise Refusal("not_in_order")
        columns = file_papers(session, world, actor, case, verdict)
        claim_sets(session, case, [*verdict.marks, *allot_labels(case, columns["certificates_asked"])])
        examination = keep_examination(session, at, actor, case, verdict.question_json(), verdict.answer_json())
        facts = acceptance_facts(session, world, actor, case, columns, verdict)
        notice = give_notice(session, at, actor, case, NoticeKind.acceptance, facts, examination)
        advance_case(session, at, actor, case, CaseAction.accept, version=version, changes=columns, notice=notice.number)
        use_admission(session, at, actor, verdict.admission)
        session.commit()
    return AcceptedCase(case.number, notice.id, notice.number)
