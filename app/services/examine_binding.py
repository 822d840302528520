"""What the rulebook says about an applicant's certificates at a platform: to the platform, to the desk, and to its cases. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.platform_at_hand import platform_at_hand
from app.services.world import World
from models.rulebook.binding_words import ADVICE_WORDS, VERDICT_WORDS
from models.rulebook.bindings import (
    NOTHING_YET,
    Advice,
    CounterCode,
    Verdict,
    may_bind,
    which_to_use,
    why_not_rebind,
    why_not_relay,
    why_not_reset,
)
from models.rulebook.findings import Sentence
from models.rulebook.kinds import KINDS
from models.rulebook.vocabulary import BindingEnd, CaseKind, CertificateStatus
from models.tables import Case, Certificate, Platform
from models.worklists.binding_facts import asked_of, lines_of, policy_of, relation_of
from models.worklists.bindings import Standing, platforms, standing_of


@dataclass(frozen=True, slots=True)
class Examined:
    """`certificate`: its serial, None for an unknown one; `subject_name` as the certificate has it."""

    verdict: Verdict
    sentence: Sentence
    certificate: str | None
    subject_name: str
    not_after: datetime | None


def examine_binding(world: World, platform_id: int, serial: str) -> Examined:
    """May this certificate be bound at this platform now? Raises Absent or Forbidden for the platform."""
    at = world.now()
    with world.reading() as session:
        platform = platform_at_hand(session, platform_id)
        certificate = session.scalars(select(Certificate).where(Certificate.serial == serial)).one_or_none()
        if certificate is None or certificate.status is CertificateStatus.prepared:
            verdict = may_bind(policy_of(platform), None, NOTHING_YET, at)
            return Examined(verdict, VERDICT_WORDS[verdict.code], None, "", None)
        lines = lines_of(session, certificate.applicant_id)
        relation = relation_of(session, platform.id, certificate.applicant_id, lines, at)
        verdict = may_bind(policy_of(platform), asked_of(certificate, lines), relation, at)
        return Examined(verdict, VERDICT_WORDS[verdict.code], certificate.serial, certificate.subject_name, certificate.not_after)


@dataclass(frozen=True)
class Advised:
    """Which of an applicant's certificates to use at one platform."""

    platform: Platform
    advice: Advice
    sentence: Sentence
    certificates: tuple[Certificate, ...]
    standing: Standing


def advise(session: Session, applicant_id: int, at: datetime) -> tuple[Advised, ...]:
    """One for each active platform."""
    lines = lines_of(session, applicant_id)
    every = {one.id: one for line in lines for one in line.certificates}
    asked = [asked_of(one, lines) for one in every.values()]
    told = []
    for platform in platforms(session, active_only=True):
        standing = standing_of(session, platform, applicant_id, lines, at)
        advice = which_to_use(policy_of(platform), asked, standing.relation, at)
        about = tuple(every[one] for one in advice.certificates)
        told.append(Advised(platform, advice, ADVICE_WORDS[advice.code], about, standing))
    return tuple(told)


def why_not_here(
    session: Session, platform: Platform, kind: CaseKind, applicant_id: int, certificate: Certificate | None, at: datetime
) -> CounterCode | None:
    """Why a case of this kind is not open at the counter for this platform; None: it is. `certificate`: the chosen one of a
    rebinding, None where none is chosen yet."""
    policy = policy_of(platform)
    if KINDS[kind].ends_binding is None:
        return why_not_relay(policy, platform.registry_authority)
    lines = lines_of(session, applicant_id)
    relation = relation_of(session, platform.id, applicant_id, lines, at)
    if KINDS[kind].ends_binding is BindingEnd.reset:
        return why_not_reset(policy, relation)
    return why_not_rebind(policy, asked_of(certificate, lines) if certificate is not None else None, relation)


def why_not_at_platform(session: Session, case: Case, at: datetime) -> CounterCode | None:
    """The same for a case that exists; None for kinds that are not about a platform."""
    if case.platform_id is None or case.applicant_id is None:
        return None
    certificate = session.get(Certificate, case.certificate_id) if case.certificate_id is not None else None
    return why_not_here(session, session.get_one(Platform, case.platform_id), case.kind, case.applicant_id, certificate, at)


def choosable(session: Session, platform: Platform, applicant_id: int, at: datetime) -> Sequence[Certificate]:
    """The certificates that may be chosen for a rebinding: in somebody's hands, in order, and not the one that counts already."""
    lines, policy = lines_of(session, applicant_id), policy_of(platform)
    relation = relation_of(session, platform.id, applicant_id, lines, at)
    return [
        one
        for line in lines
        for one in line.certificates
        if one.status is CertificateStatus.valid
        and one.not_after >= at
        and why_not_rebind(policy, asked_of(one, lines), relation) is None
    ]
