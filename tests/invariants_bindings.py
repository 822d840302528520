"""What must hold of bindings and of what platforms are told: the part of `invariants` that knows platforms."""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.rulebook.kinds import KINDS, PLATFORM_KINDS
from models.rulebook.vocabulary import (
    BindingEnd,
    CaseKind,
    CaseState,
    CertificateStatus,
    DeliveryState,
    EventKind,
)
from models.tables import (
    Binding,
    BindingChoice,
    Case,
    IdempotentAnswer,
    JournalLine,
    Notice,
    Platform,
    PlatformEvent,
    Relay,
)

IN_HANDS = {CertificateStatus.valid, CertificateStatus.suspended}
TOLD = {CaseState.awaiting_acknowledgement, CaseState.closed}


def binding_violations(session: Session) -> Iterable[str]:
    yield from _bindings(session)
    yield from _events(session)
    for case in session.scalars(select(Case).where(Case.kind.in_(PLATFORM_KINDS))):
        yield from _case(session, case)
    for choice in session.scalars(select(BindingChoice)):
        if choice.certificate.applicant_id != choice.applicant_id:
            yield f"choice {choice.id} is of another applicant's certificate"
    for answer in session.scalars(select(IdempotentAnswer)):
        bound = session.scalars(select(Binding).where(Binding.key == answer.answer["key"])).one_or_none()
        if bound is None or bound.platform_id != answer.platform_id:
            yield f"the answer under key {answer.key} names a binding that is not there"


def _bindings(session: Session) -> Iterable[str]:
    live = Counter((row.platform_id, row.applicant_id) for row in session.scalars(select(Binding).where(Binding.until.is_(None))))
    yield from (
        f"{count} live bindings of applicant {who} at platform {where}" for (where, who), count in live.items() if count > 1
    )
    for row in session.scalars(select(Binding)):
        if row.certificate.applicant_id != row.applicant_id:
            yield f"binding {row.key} is of another applicant's certificate"
        if row.until is None and row.certificate.status not in IN_HANDS:
            yield f"binding {row.key} is live, its certificate is {row.certificate.status}"
        if (row.until is None) != (row.end is None) or (row.until is not None and row.until < row.since):
            yield f"binding {row.key} ended {row.until} as {row.end}"
        yield from _heir(session, row)
        yield from _told_of(session, row)


def _heir(session: Session, row: Binding) -> Iterable[str]:
    """What moved goes on with the certificate that took over, at once and for the same account."""
    heirs = session.scalars(select(Binding).where(Binding.follows_id == row.id)).all()
    if len(heirs) > 1:
        yield f"{len(heirs)} bindings follow {row.key}"
    if row.end is BindingEnd.moved and len(heirs) != 1:
        yield f"binding {row.key} moved to nowhere"
    for heir in heirs:
        same = (heir.platform_id, heir.applicant_id, heir.since) == (row.platform_id, row.applicant_id, row.until)
        if not same or row.end not in {BindingEnd.moved, BindingEnd.chosen_anew}:
            yield f"binding {heir.key} does not take over where {row.key} ended"
        moved = heir.certificate.replaces_id == row.certificate_id and heir.account_reference == row.account_reference
        if row.end is BindingEnd.moved and not moved:
            yield f"binding {heir.key} is not what {row.key} moved to"


def _told_of(session: Session, row: Binding) -> Iterable[str]:
    """One line and one event for its beginning, and for its end. (What was planted by rows has neither.)"""
    acts = Counter(
        session.scalars(select(JournalLine.act).where(JournalLine.subject == "binding", JournalLine.subject_id == row.id))
    )
    events = Counter(session.scalars(select(PlatformEvent.kind).where(PlatformEvent.binding_id == row.id)))
    if acts["bind"] > 1 or acts["move"] > 1 or acts["end"] > 1:
        yield f"binding {row.key} has the lines {dict(acts)}"
    if acts["bind"] != events[EventKind.binding_made] and (acts["bind"] or acts["move"]):
        yield f"binding {row.key} began by {dict(acts)}, its platform was told {dict(events)}"
    ended = events[EventKind.binding_ended] + events[EventKind.binding_moved]
    if (acts["bind"] or acts["move"] or acts["end"]) and not (ended == acts["end"] == (row.until is not None)):
        yield f"binding {row.key} ended {row.until} with {acts['end']} lines and {ended} events"
    if events[EventKind.binding_moved] and row.end is not BindingEnd.moved:
        yield f"binding {row.key} is told as moved, it ended as {row.end}"


def _events(session: Session) -> Iterable[str]:
    for platform in session.scalars(select(Platform)):
        numbers = list(
            session.scalars(
                select(PlatformEvent.number).where(PlatformEvent.platform_id == platform.id).order_by(PlatformEvent.number)
            )
        )
        if numbers != list(range(1, platform.events_told + 1)):
            yield f"platform {platform.code} was told {platform.events_told} times, its events are numbered {numbers}"
    for event in session.scalars(select(PlatformEvent)):
        body = event.body
        if (body["id"], body["number"], body["type"]) != (event.key, event.number, event.kind.value):
            yield f"event {event.key} says of itself {body}"
        if event.acknowledged_at is not None and event.delivery is not DeliveryState.delivered:
            yield f"event {event.key} is acknowledged and {event.delivery}"
        if event.case_id is not None and session.get_one(Case, event.case_id).state not in TOLD:
            yield f"event {event.key} waits for a case that is {session.get_one(Case, event.case_id).state}"


def _case(session: Session, case: Case) -> Iterable[str]:
    """It waits for the platform as long as there is an event that was not acknowledged, and for the authority as long as it did
    not answer; and it is closed when it waits no more."""
    awaited = session.scalars(select(PlatformEvent).where(PlatformEvent.case_id == case.id)).all()
    unsaid = [event for event in awaited if event.acknowledged_at is None]
    if (case.state is CaseState.awaiting_acknowledgement) != bool(unsaid) or len(awaited) > 1:
        yield f"case {case.number} is {case.state} with {len(awaited)} events, {len(unsaid)} of them not acknowledged"
    relay = session.scalars(select(Relay).where(Relay.case_id == case.id)).one_or_none()
    if (case.state is CaseState.awaiting_answer) != (relay is not None and relay.answer is None):
        yield f"case {case.number} is {case.state}, its relay is answered {relay.answer if relay is not None else 'nowhere'}"
    ends, done = KINDS[case.kind].ends_binding, case.state in TOLD
    slips = session.scalar(select(func.count()).select_from(Notice).where(Notice.case_id == case.id, Notice.kind == "binding"))
    ended = session.scalars(select(Binding).where(Binding.case_id == case.id)).all()
    if ends is not None and slips != done:
        yield f"case {case.number} is {case.state} with {slips} binding slips"
    if any(row.end is not ends for row in ended) or len(ended) != len(awaited):
        yield f"case {case.number} ({case.kind}) ended {[row.end for row in ended]}, awaited {len(awaited)} events"
    chosen = session.scalar(select(BindingChoice.id).where(BindingChoice.case_id == case.id))
    if (chosen is not None) != (case.kind is CaseKind.rebinding and done):
        yield f"case {case.number} ({case.kind}) is {case.state}, chosen is {chosen}"
