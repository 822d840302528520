"""What the bindings desk looks at besides the register: whom the holder means, and what is at work for him at platforms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.kinds import PLATFORM_KINDS
from models.rulebook.vocabulary import CertificateStatus
from models.rulebook.workflow import CASE_FINAL
from models.tables import Applicant, Case, CaseItem, Certificate, Platform, PlatformEvent, Relay
from models.worklists.aftercare import find_certificates
from models.worklists.search import applicants_called

MOST_CASES = 20


@dataclass(frozen=True)
class Waiting:
    """What a listed case waits for: the event that the platform is to acknowledge, or the relay that the authority is to answer."""

    platform: Platform
    event: PlatformEvent | None
    relay: Relay | None


def find_applicants(session: Session, text: str) -> Sequence[Applicant]:
    """By token serial or certificate serial, exactly; by credit code or a part of the name. Over all branches, each once."""
    text = text.strip()
    if not text:
        return ()
    found = {one.applicant_id: one.applicant for one in find_certificates(session, text)}
    found |= {one.id: one for one in applicants_called(session, text)}
    return list(found.values())


def certificates_in_use(session: Session, applicant_id: int) -> Sequence[Certificate]:
    """Those that were handed over and not revoked, the newest first."""
    return session.scalars(
        select(Certificate)
        .where(
            Certificate.applicant_id == applicant_id,
            Certificate.status.in_((CertificateStatus.valid, CertificateStatus.suspended)),
        )
        .order_by(Certificate.id.desc())
        .options(joinedload(Certificate.token), joinedload(Certificate.item).joinedload(CaseItem.case))
    ).all()


def cases_at_platforms(session: Session, applicant_id: int) -> Sequence[Case]:
    """An applicant's cases about platforms, of every branch, the newest first."""
    return session.scalars(
        select(Case)
        .where(Case.applicant_id == applicant_id, Case.kind.in_(tuple(PLATFORM_KINDS)))
        .order_by(Case.id.desc())
        .limit(MOST_CASES)
        .options(joinedload(Case.branch))
    ).all()


def open_at_platforms(cases: Iterable[Case]) -> Mapping[int, Sequence[Case]]:
    """Those that are not finished, by platform."""
    found: dict[int, list[Case]] = {}
    for case in cases:
        if case.state not in CASE_FINAL and case.platform_id is not None:
            found.setdefault(case.platform_id, []).append(case)
    return found


def waiting_for(session: Session, cases: Sequence[Case]) -> Mapping[int, Waiting]:
    """By case. One look at each table, however many cases there are."""
    if not cases:
        return {}
    ids = [case.id for case in cases]
    platforms = {one.id: one for one in session.scalars(select(Platform))}
    events = {
        one.case_id: one
        for one in session.scalars(select(PlatformEvent).where(PlatformEvent.case_id.in_(ids)).order_by(PlatformEvent.id))
    }
    relays = {one.case_id: one for one in session.scalars(select(Relay).where(Relay.case_id.in_(ids)))}
    return {
        case.id: Waiting(platforms[case.platform_id], events.get(case.id), relays.get(case.id))
        for case in cases
        if case.platform_id is not None
    }
