"""What the rulebook says about a case as it lies on the counter: the findings, the fee, and what is not filled in yet."""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.admission import Admission, admission_of
from app.services.case_at_hand import case_at_hand
from app.services.claim_sets import Mark, UsedUp, marks_of_set, used_up
from app.services.read_draft import Reading, read_draft
from app.services.seal_presenter import presenter_id, presenter_mobile
from app.services.world import World
from models.rulebook import credit_code
from models.rulebook.exceptions import may_be_admitted
from models.rulebook.fees import Fee, fee_for
from models.rulebook.findings import Code, Finding, Level, find
from models.rulebook.permissions import Actor, Permission
from models.rulebook.precheck import Answer, examine, regime_of
from models.rulebook.question import answer_json, question_json
from models.tables import Applicant, Case


@dataclass(frozen=True, slots=True)
class Verdict:
    """`findings` are the rulebook's, and a `sets.reused` for each set that another case has used up (`used_up` says which).

    `admission`: the supervisor's leave without which no rule would cover the applicant.
    """

    reading: Reading
    findings: tuple[Finding, ...]
    fee: Fee
    used_up: tuple[UsedUp, ...]
    marks: tuple[Mark, ...]
    admission: Admission | None = field(default=None, kw_only=True)

    @property
    def was_asked(self) -> bool:
        """Whether enough is known to ask the rulebook at all."""
        return self.reading.question is not None

    @property
    def refusals(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level is Level.refuse)

    @property
    def advices(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level is Level.advise)

    @property
    def accepted(self) -> bool:
        return self.was_asked and not self.refusals

    @property
    def is_covered(self) -> bool:
        return all(finding.code is not Code.applicant_not_covered for finding in self.findings)

    @property
    def may_be_admitted(self) -> bool:
        """Whether a supervisor could admit the applicant, whom no rule covers."""
        return self.reading.question is not None and may_be_admitted(self.reading.question.applicant)

    def question_json(self) -> dict[str, Any]:
        assert self.reading.question is not None  # noqa: S101
        return question_json(self.reading.question)

    def answer_json(self) -> dict[str, Any]:
        told = {"admission": self.admission.told()} if self.admission is not None else {}
        return answer_json(Answer(self.findings, self.fee)) | told


def judge(session: Session, world: World, case: Case, *, suppose_admitted: bool = False) -> Verdict:
    """Examine the case's draft as of today. Reads only.

    `suppose_admitted`: what would be found if a supervisor admitted the applicant, as far as he may.
    """
    known = known_applicant(session, str(case.draft.get("credit_code") or ""))
    issued = known.certificates_promised if known is not None else 0
    read = partial(
        read_draft,
        case.draft,
        presenter_id(world.vault, case),
        presenter_mobile(world.vault, case),
        on=world.today(),
        is_local_tax=case.branch.is_local_tax,
        certificates_issued=issued,
    )
    reading, admission = read(), None
    if reading.question is not None and may_be_admitted(reading.question.applicant):
        admission = admission_of(session, case, reading.credit_code, world.now())
        reading = read(admitted=admission is not None or suppose_admitted)
    marks = marks_of_set(session, case, reading.labels)
    used = used_up(session, case, marks)
    if reading.question is None:
        return Verdict(reading, (), fee_for(issued, reading.certificates), tuple(used), tuple(marks))
    answer = examine(reading.question)
    found = {finding.set for finding in answer.findings if finding.code is Code.sets_reused}
    regime = regime_of(reading.question.applicant)
    more = [find(Code.sets_reused, regime, one.position) for one in used if one.position not in found]
    return Verdict(reading, (*answer.findings, *more), answer.fee, tuple(used), tuple(marks), admission=admission)


def known_applicant(session: Session, typed: str) -> Applicant | None:
    """The applicant of record with the code that was typed; None also where that is no code."""
    code = credit_code.read(typed)
    if not isinstance(code, credit_code.CreditCode):
        return None
    return session.scalars(select(Applicant).where(Applicant.credit_code == code.code)).one_or_none()


def examine_case(world: World, actor: Actor, case_id: int) -> Verdict:
    """For the page: the verdict on the case as it is kept."""
    with world.reading() as session:
        return judge(session, world, case_at_hand(session, actor, Permission.read_case, case_id))
