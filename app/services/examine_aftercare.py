"""What the rulebook says about an aftercare case as it lies on the counter: papers, certificate, fee, and what is not filled in yet."""

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.admission import admission_of
from app.services.case_at_hand import case_at_hand
from app.services.certificate_facts import certificate_facts
from app.services.edition_at_hand import edition_of, edition_on
from app.services.errors import OutOfTurn
from app.services.examine_binding import why_not_at_platform
from app.services.examine_case import Verdict, known_applicant
from app.services.read_aftercare import AftercareReading, read_aftercare
from app.services.seal_presenter import presenter_id, presenter_mobile
from app.services.world import BEIJING, World
from models.rulebook.aftercare import examine_aftercare as examine
from models.rulebook.aftercare_words import binding_finding, found
from models.rulebook.bindings import COUNTER_CLAUSES
from models.rulebook.damage import DamageJudgement, judge_damage, replacement_fee_fen
from models.rulebook.editions import Edition
from models.rulebook.exceptions import may_be_admitted
from models.rulebook.facts import ApplicantFacts
from models.rulebook.findings import Finding
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.lifetime import why_closed
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseAction
from models.tables import Applicant, Case, Certificate, Handover


@dataclass(frozen=True, slots=True)
class AftercareVerdict(Verdict):
    """As for an application; `damage` is what the answers about a damaged medium lead to, once all are given."""

    reading: AftercareReading
    edition: Edition
    damage: DamageJudgement | None


def judge_aftercare(session: Session, world: World, case: Case, *, suppose_admitted: bool = False) -> AftercareVerdict:
    """Examine the case's draft as of today. Reads only. `suppose_admitted`: as for an application."""
    today, applicant = world.today(), case.applicant
    assert applicant is not None  # an aftercare case is opened about a certificate, which has one  # noqa: S101
    certificate, edition = session.get_one(Certificate, case.certificate_id), edition_on(session, today)
    facts, admission = facts_of(applicant), None
    if may_be_admitted(facts):
        admission = admission_of(session, case, applicant.credit_code, world.now())
        facts = replace(facts, admitted=admission is not None or suppose_admitted)
    reading = read_aftercare(
        case.draft,
        presenter_id(world.vault, case),
        presenter_mobile(world.vault, case),
        kind=case.kind,
        on=today,
        applicant=facts,
        code=applicant.credit_code,
        requirements=edition.requirements[case.kind],
        token_serial=certificate.token.serial,
        is_local_tax=case.branch.is_local_tax,
    )
    if reading.new_credit_code and known_applicant(session, reading.new_credit_code) is not None:
        reading = replace(reading, faults={**reading.faults, "new_credit_code": "code_taken"})
    damage = judge_damage(reading.damage) if reading.damage is not None else None
    fee = replacement_fee_fen(damage.verdict, handed_over_on(session, certificate), today, edition) if damage else None
    assert reading.question is not None  # noqa: S101
    answer = examine(reading.question, edition, certificate_facts(session, certificate, case), fee)
    findings = (*answer.findings, *_at_platform(session, world, case, edition))
    return AftercareVerdict(reading, findings, answer.fee, (), (), edition, damage, admission=admission)


def _at_platform(session: Session, world: World, case: Case, edition: Edition) -> tuple[Finding, ...]:
    """Why nothing can be done at the case's platform, in a case about one."""
    why = why_not_at_platform(session, case, world.now())
    return () if why is None else (found(binding_finding(why), case.kind, edition, COUNTER_CLAUSES[why]),)


def facts_of(applicant: Applicant) -> ApplicantFacts:
    """The applicant of record, as the rulebook sees it."""
    return ApplicantFacts(
        kind=applicant.kind,
        name=applicant.name,
        has_seal=applicant.has_seal,
        named_after_proprietor=applicant.named_after_proprietor,
        holds_code_bearing_licence=applicant.holds_code_bearing_licence,
        established_on=applicant.established_on,
        certificates_issued=applicant.certificates_promised,
    )


def handed_over_on(session: Session, certificate: Certificate) -> date:
    """The day the certificate's medium first came into its holder's hands."""
    at = session.scalars(
        select(Handover.at).where(Handover.token_id == certificate.token_id).order_by(Handover.id).limit(1)
    ).one()
    return at.astimezone(BEIJING).date()


def is_still_open(session: Session, world: World, case: Case) -> bool:
    """Whether the case's kind still fits its certificate, and what is bound: between acceptance and agreement time passes."""
    facts = certificate_facts(session, session.get_one(Certificate, case.certificate_id), case)
    in_order = why_closed(case.kind, facts, world.today(), edition_of(session, case)) is None
    return in_order and why_not_at_platform(session, case, world.now()) is None


def examine_aftercare(world: World, actor: Actor, case_id: int) -> AftercareVerdict:
    """For the page: the verdict on the case as it is kept. Raises OutOfTurn for a new application."""
    with world.reading() as session:
        case = case_at_hand(session, actor, Permission.read_case, case_id)
        if case.kind in FIRST_KINDS:
            raise OutOfTurn(state=case.state.value, action=CaseAction.save.value)
        return judge_aftercare(session, world, case)
