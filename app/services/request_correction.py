"""Not accepted: one correction notice with all defects and what to bring. The revisit opens the same case."""

from dataclasses import dataclass

from app.services.case_at_hand import application_at_hand, must_be_open
from app.services.errors import Faulty, Refusal
from app.services.examine_case import Verdict, judge
from app.services.file_papers import file_papers
from app.services.give_notice import NoticeKind, give_notice, keep_examination
from app.services.paper_facts import correction_facts
from app.services.road import advance_case
from app.services.use_admission import use_admission
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction

# Without these nobody can be told anything; the rest may be missing just because a paper is.
NEEDED = ("credit_code", "kind", "name", "has_seal", "holds_code_bearing_licence", "certificates")


@dataclass(frozen=True, slots=True)
class NoticedCase:
    number: str
    notice_id: int
    notice_number: str


def needed_for_a_notice(verdict: Verdict) -> None:
    """Raises Faulty while it is not known who applies, for what."""
    missing = {field: code for field, code in verdict.reading.faults.items() if field in NEEDED}
    if missing or not verdict.was_asked:
        raise Faulty("not_filled_in", fields=missing)


def request_correction(world: World, actor: Actor, case_id: int, version: int) -> NoticedCase:
    """Raises Faulty (who applies is not filled in), Refusal "nothing_to_correct", OutOfTurn and Stale."""
    at = world.now()
    with world.writing() as session:
        case = application_at_hand(session, actor, case_id)
        must_be_open(case, CaseAction.request_correction, version)
        verdict = judge(session, world, case)
        needed_for_a_notice(verdict)
        if verdict.accepted:
            raise Refusal("nothing_to_correct")
        columns = file_papers(session, world, actor, case, verdict)
        examination = keep_examination(session, at, actor, case, verdict.question_json(), verdict.answer_json())
        facts = correction_facts(session, actor, case, columns, verdict)
        notice = give_notice(session, at, actor, case, NoticeKind.correction, facts, examination)
        advance_case(
            session, at, actor, case, CaseAction.request_correction, version=version, changes=columns, notice=notice.number
        )
        use_admission(session, at, actor, verdict.admission)
        session.commit()
    return NoticedCase(case.number, notice.id, notice.number)
