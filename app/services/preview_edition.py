"""What a draft of the rules would have changed: the last cases about certificates, judged by it instead.

New applications follow the manual, which no edition touches; so they are not among them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.advance_draft import advance_draft, draft_at_hand, edition_in
from app.services.edition_at_hand import editions
from app.services.errors import Refusal
from app.services.examine_aftercare import handed_over_on
from app.services.guard import allow
from app.services.jobs import Outcome, Progress, ask_job
from app.services.world import BEIJING, World
from models.rulebook.damage import Verdict
from models.rulebook.edition_sense import faults_of
from models.rulebook.editions import Edition, NoEdition, edition_on, read
from models.rulebook.exceptions import may_be_admitted
from models.rulebook.facts import Question
from models.rulebook.findings import Finding, Level
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.oversight import DraftAction, JobKind, JobState
from models.rulebook.permissions import Actor, Permission
from models.rulebook.question import parse
from models.rulebook.rejudge import Past, Place, Rejudged, rejudge
from models.rulebook.strict_json import Malformed
from models.rulebook.vocabulary import CaseKind
from models.tables import Case, Certificate, Examination, Job

CASES = 1000
AT_ONCE = 50
_KINDS = tuple(kind for kind in CaseKind if kind not in FIRST_KINDS)


def ask_preview(world: World, actor: Actor, draft_id: int, version: int) -> int:
    """The job's id. Raises Refusal "edition_preview_runs" while one is at work; OutOfTurn, Stale."""
    allow(Permission.write_rules, actor)
    at = world.now()
    with world.writing() as session:
        draft = draft_at_hand(session, draft_id)
        running = session.get(Job, draft.preview_id) if draft.preview_id else None
        if running is not None and running.state in {JobState.waiting, JobState.running}:
            raise Refusal("edition_preview_runs")
        if faults_of(edition_in(draft)):
            raise Refusal("edition_senseless")
        job = ask_job(session, at, actor, JobKind.edition_preview, {"draft_id": draft.id, "content": draft.content})
        session.flush()
        advance_draft(session, at, actor, draft, DraftAction.save, version, told_as="preview", preview_id=job.id)
        session.commit()
        return job.id


def preview_edition(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
    """The work itself. `answer`: how many were judged and how many could not be read, the cases that differ, their sentences once."""
    allow(Permission.write_rules, actor)
    draft = read(question["content"])
    found = _Found()
    with world.reading() as session:
        kept = editions(session)
        ids = session.scalars(
            select(Case.id)
            .where(Case.kind.in_(_KINDS), select(Examination.id).where(Examination.case_id == Case.id).exists())
            .order_by(Case.id.desc())
            .limit(CASES)
        ).all()
    progress(0, max(1, len(ids)))
    for begin in range(0, len(ids), AT_ONCE):
        with world.reading() as session:
            for case, examination in _last_examinations(session, ids[begin : begin + AT_ONCE]):
                found.take(case, _judged(session, case, examination, kept, draft))
        progress(min(begin + AT_ONCE, len(ids)), len(ids))
    return Outcome(found.answer())


@dataclass
class _Found:
    judged: int = 0
    unreadable: int = 0
    cases: list[dict[str, Any]] = field(default_factory=list)
    sentences: dict[str, dict[str, str]] = field(default_factory=dict)

    def take(self, case: Case, result: Rejudged | None) -> None:
        if result is None:
            self.unreadable += 1
            return
        self.judged += 1
        if result.differs:
            self.cases.append(
                {
                    "case_id": case.id,
                    "branch_id": case.branch_id,
                    "number": case.number,
                    "kind": case.kind.value,
                    "was": result.accepted_was,
                    "now": result.accepted_now,
                    "gone": [self._sentence(one) for one in result.gone],
                    "appeared": [self._sentence(one) for one in result.appeared],
                    "fee_was": result.fee_was,
                    "fee_now": result.fee_now,
                }
            )

    def _sentence(self, finding: Finding) -> str:
        """Its key: the same sentence is kept once, however many cases have it."""
        told = {"zh": finding.message_zh, "en": finding.message_en}
        key = next((key for key, kept in self.sentences.items() if kept == told), str(len(self.sentences) + 1))
        self.sentences[key] = told
        return key

    def answer(self) -> dict[str, Any]:
        return {"judged": self.judged, "unreadable": self.unreadable, "cases": self.cases, "sentences": self.sentences}


def _last_examinations(session: Session, case_ids: Sequence[int]) -> Iterator[tuple[Case, Examination]]:
    """The newest case first, each with the last asking that mattered."""
    last = select(func.max(Examination.id)).where(Examination.case_id.in_(case_ids)).group_by(Examination.case_id)
    rows = session.execute(
        select(Case, Examination)
        .join(Examination, Examination.case_id == Case.id)
        .where(Examination.id.in_(last))
        .order_by(Case.id.desc())
    )
    yield from ((case, examination) for case, examination in rows.all())


def _judged(session: Session, case: Case, examination: Examination, kept: tuple[Edition, ...], draft: Edition) -> Rejudged | None:
    """None for what can no longer be read: its content was destroyed when its time was over."""
    certificate = session.get(Certificate, case.certificate_id) if case.certificate_id else None
    try:
        question = parse(examination.question)
        if certificate is None:
            return None
        past = Past(
            _as_admitted(question, examination.answer),
            refused=_places(examination.answer, Level.refuse),
            advised=_places(examination.answer, Level.advise),
            last_day=certificate.not_after.astimezone(BEIJING).date(),
            damage=_damage(session, case, certificate),
        )
        return rejudge(past, edition_on(kept, question.on), draft)
    except (Malformed, NoEdition):
        return None


def _as_admitted(question: Question, answer: Mapping[str, Any]) -> Question:
    """Whom a supervisor admitted is judged as admitted, as he was then: no question can say so, the answer kept it."""
    if "admission" not in answer or not may_be_admitted(question.applicant):
        return question
    return replace(question, applicant=replace(question.applicant, admitted=True))


def _places(answer: Mapping[str, Any], level: Level) -> frozenset[Place]:
    return frozenset(
        (one["code"], one["set"], one["document"]) for one in answer.get("findings", ()) if one["level"] == level.value
    )


def _damage(session: Session, case: Case, certificate: Certificate) -> tuple[Verdict, date] | None:
    verdict = case.details.get("verdict") if case.kind is CaseKind.replacement_damaged else None
    return (Verdict(verdict), handed_over_on(session, certificate)) if verdict else None
