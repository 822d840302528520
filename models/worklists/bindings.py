"""The register of bindings, what waits for a platform or an authority, and what platforms are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.rulebook.bindings import Relation, counting_choice, is_stale
from models.rulebook.vocabulary import CaseState, PlatformState
from models.tables import Applicant, Binding, BindingChoice, Case, Platform, PlatformEvent, Relay
from models.worklists.binding_facts import WHOLE, Line, choice_of, history_of, policy_of, relation_of
from models.worklists.issuance import PAGE, Page, keyset


def platforms(session: Session, *, active_only: bool = False) -> Sequence[Platform]:
    """By code."""
    query = select(Platform).order_by(Platform.code)
    return session.scalars(query.where(Platform.state == PlatformState.active) if active_only else query).all()


def live_binding(session: Session, platform_id: int, applicant_id: int) -> Binding | None:
    return session.scalars(
        select(Binding)
        .where(Binding.platform_id == platform_id, Binding.applicant_id == applicant_id, Binding.until.is_(None))
        .options(*WHOLE)
    ).one_or_none()


def live_bindings_of(session: Session, certificate_id: int) -> Sequence[Binding]:
    """Wherever the certificate is bound now, by platform."""
    return session.scalars(
        select(Binding)
        .where(Binding.certificate_id == certificate_id, Binding.until.is_(None))
        .order_by(Binding.platform_id)
        .options(*WHOLE)
    ).all()


def binding_called(session: Session, key: str) -> Binding | None:
    """By its name on the wire."""
    return session.scalars(select(Binding).where(Binding.key == key).options(*WHOLE)).one_or_none()


def register(
    session: Session,
    *,
    platform_id: int | None = None,
    credit_code: str = "",
    live_only: bool = True,
    before: int | None = None,
    after: int | None = None,
) -> Page:
    """The register over all branches, the newest first; keyset paging by id as on every list (`Page.rows` are bindings)."""
    query = select(Binding).options(*WHOLE)
    if platform_id is not None:
        query = query.where(Binding.platform_id == platform_id)
    if credit_code:
        query = query.join(Applicant, Binding.applicant_id == Applicant.id).where(Applicant.credit_code == credit_code)
    if live_only:
        query = query.where(Binding.until.is_(None))
    if after is not None:
        found = list(session.scalars(query.where(Binding.id > after).order_by(Binding.id).limit(PAGE + 1)))
        rows = found[:PAGE][::-1]
        return Page(rows, rows[0].id if len(found) > PAGE else None, rows[-1].id if rows else None)
    if before is not None:
        query = query.where(Binding.id < before)
    found = list(session.scalars(query.order_by(Binding.id.desc()).limit(PAGE + 1)))
    rows = found[:PAGE]
    return Page(rows, rows[0].id if before is not None and rows else None, rows[-1].id if len(found) > PAGE else None)


@dataclass(frozen=True)
class Standing:
    """How an applicant stands at one platform. `stale`: the live binding no longer counts. `counts`: the choice still does."""

    platform: Platform
    live: Binding | None
    stale: bool
    past: tuple[Binding, ...]
    choice: BindingChoice | None
    counts: bool
    relation: Relation


def standing_of(session: Session, platform: Platform, applicant_id: int, lines: Sequence[Line], at: datetime) -> Standing:
    rows = history_of(session, platform.id, applicant_id)
    relation, policy = relation_of(session, platform.id, applicant_id, lines, at), policy_of(platform)
    live = relation.live
    return Standing(
        platform=platform,
        live=next((row for row in rows if row.until is None), None),
        stale=live is not None and is_stale(policy, live, relation),
        past=tuple(row for row in rows if row.until is not None),
        choice=choice_of(session, platform.id, applicant_id),
        counts=counting_choice(policy, relation) is not None,
        relation=relation,
    )


def waiting_cases(
    session: Session, branch_id: int, state: CaseState, before: int | None = None, after: int | None = None
) -> Page:
    """A branch's cases that wait for a platform or an authority, the oldest first; their age is that of `Case.state_since`."""
    query = (
        select(Case)
        .where(Case.branch_id == branch_id, Case.state == state, Case.platform_id.is_not(None))
        .options(joinedload(Case.applicant), joinedload(Case.opener))
    )
    return keyset(session, query, before, after)


def told_for(session: Session, case_id: int) -> PlatformEvent | None:
    """The event by whose acknowledgement the case will be closed, or was."""
    return session.scalars(
        select(PlatformEvent).where(PlatformEvent.case_id == case_id).order_by(PlatformEvent.id.desc()).limit(1)
    ).first()


def relay_of(session: Session, case_id: int) -> Relay | None:
    return session.scalars(select(Relay).where(Relay.case_id == case_id).options(joinedload(Relay.platform))).one_or_none()


def ended_by(session: Session, case_id: int) -> Sequence[Binding]:
    """The bindings that a case ended: by the counter, or at a handover (`moved`, `certificate_replaced`)."""
    return session.scalars(select(Binding).where(Binding.case_id == case_id).order_by(Binding.id).options(*WHOLE)).all()


def events_after(session: Session, platform_id: int, number: int, limit: int) -> Sequence[PlatformEvent]:
    """A platform's events with higher numbers, in order."""
    return session.scalars(
        select(PlatformEvent)
        .where(PlatformEvent.platform_id == platform_id, PlatformEvent.number > number)
        .order_by(PlatformEvent.number)
        .limit(limit)
    ).all()
