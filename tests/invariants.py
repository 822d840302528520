"""What must hold in the office's database after anything at all: every sentence of the safety rules that a query can judge.

`violations` is asked after every journey, kill point and race. Each sentence it gives is a defect.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from cryptography import x509
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.publish_crl import LISTED_AFTER_EXPIRY
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.oversight import MoneyKind
from models.rulebook.vocabulary import (
    CaseKind,
    CaseState,
    CertificateStatus,
    EnvelopeState,
    ItemState,
    RunKind,
    RunState,
    TokenState,
)
from models.rulebook.workflow import ITEM_SETTLED, RUN_CERTIFIES, RUN_OPEN, RUN_SETS_PIN, TOKEN_GONE
from models.tables import (
    Applicant,
    Base,
    Case,
    CaseItem,
    Certificate,
    Envelope,
    Handover,
    JournalLine,
    MoneyEntry,
    Receipt,
    RevocationList,
    Run,
    SetClaim,
    StrayCertificate,
    Token,
)
from tests.invariants_aftercare import aftercare_violations, is_accounted_for, was_overtaken
from tests.invariants_bindings import binding_violations
from tests.invariants_exceptions import exception_violations
from tests.invariants_stock import stock_violations

ON_HOLD = (CertificateStatus.on_hold, CertificateStatus.suspended)  # both are listed as certificateHold
HANDED_OVER = (CertificateStatus.valid, CertificateStatus.suspended)
LIVE = (CertificateStatus.on_hold, *HANDED_OVER)
BEFORE_APPROVAL = {
    CaseState.draft,
    CaseState.correction,
    CaseState.in_review,
    CaseState.awaiting_grant,
    CaseState.returned,
    CaseState.refused,
    CaseState.withdrawn,
}


def violations(session: Session, *, settled: bool = True) -> list[str]:
    """Every broken rule, as a sentence. `settled`: reconciliation has run, nothing is under way."""
    return [
        *_certificates(session, settled),
        *_published_list(session, settled),
        *_items_and_runs(session),
        *_tokens_and_envelopes(session, settled),
        *_money(session),
        *exception_violations(session),
        *_sets(session),
        *_journal(session),
        *aftercare_violations(session),
        *binding_violations(session),
        *stock_violations(session),
    ]


def _certificates(session: Session, settled: bool) -> Iterable[str]:
    for item in session.scalars(select(CaseItem)):
        live = session.scalars(select(Certificate).where(Certificate.item_id == item.id, Certificate.status.in_(LIVE))).all()
        if len(live) > 1:
            yield f"item {item.id} has {len(live)} live certificates"
        if item.work is RunKind.unlock and session.scalar(select(Certificate.id).where(Certificate.item_id == item.id)):
            yield f"item {item.id} is an unlock and has a certificate of its own"
        if item.state is ItemState.made and item.work in RUN_CERTIFIES and len(live) != 1:
            yield f"item {item.id} is {item.state} with {len(live)} live certificates"
        if item.state is ItemState.handed_over and item.work in RUN_CERTIFIES:
            yield from _handed_over(session, item, live)
        if item.state is not ItemState.handed_over and any(c.status in HANDED_OVER for c in live):
            yield f"item {item.id} was not handed over, its certificate is off hold"
    keys = select(Certificate.public_key_digest).where(Certificate.status.in_(LIVE))
    for digest, count in session.execute(keys.add_columns(func.count()).group_by(Certificate.public_key_digest)):
        if count > 1:
            yield f"{count} live certificates share the key {digest[:16]}"
    for certificate in session.scalars(select(Certificate)):
        gone = certificate.item.case.destroyed_at is not None  # its time was over, its bytes name its holder
        if certificate.der is None and certificate.status in LIVE and not gone:
            yield f"certificate {certificate.serial} is {certificate.status} and was never signed"
        if certificate.der is not None and certificate.to_be_signed not in certificate.der:
            yield f"certificate {certificate.serial} is not what was stored before signing"
        if certificate.item.case.state in BEFORE_APPROVAL:
            yield f"certificate {certificate.serial} belongs to a case that is {certificate.item.case.state}"
        run = certificate.run
        if certificate.status in LIVE and run.state is RunState.cancelled:
            yield f"orphan: certificate {certificate.serial} is {certificate.status}, its run was cancelled"
        if settled and certificate.status is CertificateStatus.prepared and run.state not in RUN_OPEN:
            yield f"certificate {certificate.serial} is prepared for ever: its run is {run.state}"


def _handed_over(session: Session, item: CaseItem, live: Sequence[Certificate]) -> Iterable[str]:
    """Its certificate was taken off hold; what happened to it since was the work of a case of its own."""
    given = session.scalars(
        select(Certificate).join(Run, Certificate.run_id == Run.id).where(Run.item_id == item.id, Run.state == RunState.confirmed)
    ).all()
    if len(given) != 1:
        yield f"item {item.id} was handed over with {len(given)} certificates"
    for certificate in given:
        if certificate.status not in (*HANDED_OVER, CertificateStatus.revoked):
            yield f"item {item.id} was handed over, its certificate is {certificate.status}"
        if not is_accounted_for(session, certificate):
            yield f"certificate {certificate.serial} was handed over and is {certificate.status}: no case says why"
    if any(certificate not in given for certificate in live):
        yield f"item {item.id} was handed over with another certificate than its live one"


def _published_list(session: Session, settled: bool) -> Iterable[str]:
    """What relying parties are told is what is written here: read from the newest list's own bytes."""
    newest = session.scalar(select(RevocationList).order_by(RevocationList.number.desc()).limit(1))
    listed: dict[str, bool] = {}  # serial → whether for a while only
    if newest is not None:
        listed = {f"{entry.serial_number:x}": _is_hold(entry) for entry in x509.load_der_x509_crl(newest.der)}
    for certificate in session.scalars(select(Certificate)):
        if certificate.status is CertificateStatus.valid and listed.get(certificate.serial) is False:
            yield f"certificate {certificate.serial} is valid and listed as revoked for ever"
        if not settled or (newest is not None and certificate.not_after + LISTED_AFTER_EXPIRY < newest.next_update):
            continue  # long expired: nobody asks for it any more
        told = certificate.serial in listed
        if told != (certificate.status in {*ON_HOLD, CertificateStatus.revoked}):
            yield f"certificate {certificate.serial} is {certificate.status}, {'' if told else 'not '}on the published list"
        elif told and listed[certificate.serial] != (certificate.status in ON_HOLD):
            yield f"certificate {certificate.serial} is {certificate.status}, on the list for another reason"
    if settled:
        for stray in session.scalars(select(StrayCertificate)):
            if stray.serial not in listed:
                yield f"stray certificate {stray.serial} is not on the published list"


def _is_hold(entry: x509.RevokedCertificate) -> bool:
    try:
        reason = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    except x509.ExtensionNotFound:
        return False
    return reason is x509.ReasonFlags.certificate_hold


def _items_and_runs(session: Session) -> Iterable[str]:
    for item in session.scalars(select(CaseItem)):
        runs = session.scalars(select(Run).where(Run.item_id == item.id)).all()
        underway = [run for run in runs if run.state in RUN_OPEN]
        confirmed = [run for run in runs if run.state is RunState.confirmed]
        if (item.state is ItemState.in_ceremony) != (len(underway) == 1):
            yield f"item {item.id} is {item.state} with {len(underway)} open runs"
        if (item.state in {ItemState.made, ItemState.handed_over}) != (len(confirmed) == 1):
            yield f"item {item.id} is {item.state} with {len(confirmed)} confirmed runs"
        handovers = session.scalars(select(Handover).where(Handover.item_id == item.id)).all()
        if (item.state is ItemState.handed_over) != (len(handovers) == 1):
            yield f"item {item.id} is {item.state} with {len(handovers)} handovers"
    for run in session.scalars(select(Run).where(Run.state.in_([RunState.awaiting_confirmation, RunState.confirmed]))):
        yield from _what_it_made(session, run)
    for run in session.scalars(select(Run).where(Run.state == RunState.stopped)):
        if run.fault is None:
            yield f"run {run.key} stopped without a name"
    for case in session.scalars(select(Case)):
        states = {item.state for item in case.items}
        if case.state is CaseState.awaiting_handover and not states <= ITEM_SETTLED:
            yield f"case {case.number} awaits its handover with items {sorted(states)}"
        if case.state is CaseState.closed and not states <= {ItemState.handed_over, ItemState.given_up}:
            yield f"case {case.number} is closed with items {sorted(states)}"
        if case.state is CaseState.issuing and states and states <= ITEM_SETTLED:
            yield f"case {case.number} is being issued for ever: its items are {sorted(states)}"


def _what_it_made(session: Session, run: Run) -> Iterable[str]:
    """A run that waits to be confirmed, or was: the envelope and the certificate that its kind makes, on its own token."""
    envelope, certificate, gone = run.envelope, run.certificate, run.item.state is ItemState.handed_over
    if run.kind not in RUN_SETS_PIN:
        if envelope is not None:
            yield f"run {run.key} is {run.kind}, it left the PIN alone, and has an envelope"
    elif envelope is None or envelope.token_id != run.token_id:
        yield f"run {run.key} is {run.state} without an envelope of its token"
    elif not (gone and envelope.state is EnvelopeState.void and was_overtaken(session, run)):
        wanted = EnvelopeState.live if run.state is RunState.confirmed else EnvelopeState.allotted
        if envelope.state is not wanted:
            yield f"run {run.key} is {run.state}, its envelope is {envelope.state}"
    if run.kind not in RUN_CERTIFIES:
        if certificate is not None:
            yield f"run {run.key} is {run.kind} and has a certificate"
    elif certificate is None or certificate.token_id != run.token_id:
        yield f"run {run.key} is {run.state} without a certificate of its token"
    elif certificate.status not in LIVE and not gone:
        yield f"run {run.key} is {run.state}, its certificate is {certificate.status}"


def _tokens_and_envelopes(session: Session, settled: bool) -> Iterable[str]:
    for token in session.scalars(select(Token)):
        envelopes = session.scalars(
            select(Envelope).where(
                Envelope.token_id == token.id, Envelope.state.in_([EnvelopeState.live, EnvelopeState.allotted])
            )
        ).all()
        live = [envelope for envelope in envelopes if envelope.state is EnvelopeState.live]
        if len(envelopes) > 1:
            yield f"token {token.serial} has {len(envelopes)} envelopes that are not void"
        if token.state in {TokenState.made, TokenState.handed_over} and len(live) != 1:
            yield f"token {token.serial} is {token.state} with {len(live)} live envelopes"
        open_runs = session.scalars(select(Run).where(Run.token_id == token.id, Run.state.in_(RUN_OPEN))).all()
        # The holder's PIN is what it was: while a key is added beside the old one, and until a new PIN is proven.
        kept = any(run.kind is RunKind.rekey or (run.kind is RunKind.unlock and run.envelope is None) for run in open_runs)
        if live and not kept and token.state not in {TokenState.made, TokenState.handed_over}:
            yield f"token {token.serial} is {token.state} with a live envelope"
        if token.state in {TokenState.in_stock, *TOKEN_GONE} and envelopes:
            yield f"token {token.serial} is {token.state} with an envelope that is not void"
        if (token.state is TokenState.in_ceremony) != bool(open_runs):
            yield f"token {token.serial} is {token.state} with {len(open_runs)} open runs"
    for handover in session.scalars(select(Handover)):
        yield from _handover(session, handover)
    for envelope in session.scalars(select(Envelope).where(Envelope.state == EnvelopeState.in_stock)):
        if envelope.token_id is not None or envelope.pin_id is not None:
            yield f"envelope {envelope.number} is in stock and was used"
    if settled:
        for envelope in session.scalars(select(Envelope).where(Envelope.state == EnvelopeState.allotted)):
            run = session.scalar(select(Run).where(Run.envelope_id == envelope.id, Run.state.in_(RUN_OPEN)))
            if run is None:
                yield f"envelope {envelope.number} is allotted to no open run"


def _handover(session: Session, handover: Handover) -> Iterable[str]:
    run = session.scalars(select(Run).where(Run.item_id == handover.item_id, Run.state == RunState.confirmed)).one()
    envelope = handover.envelope
    if (envelope is None) != (run.kind not in RUN_SETS_PIN) or handover.envelope_id != run.envelope_id:
        yield f"handover {handover.number}: its envelope is not what its run made"
    if envelope is not None and envelope.token_id != handover.token_id:
        yield f"handover {handover.number}: its envelope is not its token's"
    if envelope is not None and envelope.state is not EnvelopeState.live and not was_overtaken(session, run):
        yield f"handover {handover.number}: its envelope is {envelope.state}, and nothing took its place"
    if handover.certificate.token_id != handover.token_id:
        yield f"handover {handover.number}: its certificate is not on its token"


def _money(session: Session) -> Iterable[str]:
    charged: dict[int, list[tuple[int, int]]] = {}
    for case in session.scalars(select(Case)):
        receipts = session.scalars(select(Receipt).where(Receipt.case_id == case.id)).all()
        waivers = session.scalars(
            select(MoneyEntry).where(MoneyEntry.case_id == case.id, MoneyEntry.kind == MoneyKind.waiver)
        ).all()
        fees = [item.fee_fen for item in case.items]
        if case.state not in BEFORE_APPROVAL and case.items:
            if case.fee_total_fen != sum(fees):
                yield f"case {case.number}: the frozen total {case.fee_total_fen} is not the sum of its items {fees}"
            if case.state is not CaseState.awaiting_payment and sum(fees) and len(receipts) + len(waivers) != 1:
                yield f"case {case.number} is {case.state} with {len(receipts)} receipts for {sum(fees)} fen"
            for fee in fees if case.kind in FIRST_KINDS else []:
                charged.setdefault(case.applicant_id or 0, []).append((case.id, fee))
        if receipts and not (sum(fees) if case.items else case.fee_total_fen):
            yield f"case {case.number} costs nothing and has {len(receipts)} receipts"
        if any(taken.amount_fen != case.fee_total_fen for taken in (*receipts, *waivers)):
            yield f"case {case.number}: a receipt is not of the frozen total"
        ceremonies = select(func.count()).select_from(Run).join(CaseItem).where(CaseItem.case_id == case.id)
        if case.kind is CaseKind.unlock:  # asked for once more after a run was given up
            ceremonies = ceremonies.where(Run.state != RunState.cancelled)
        if case.state in {*BEFORE_APPROVAL, CaseState.awaiting_payment} and session.scalar(ceremonies):
            yield f"case {case.number} is {case.state} and has a ceremony"
    for applicant in session.scalars(select(Applicant)):
        ordered = len(charged.get(applicant.id, []))
        if applicant.certificates_promised != ordered:
            yield f"applicant {applicant.id} was promised {applicant.certificates_promised} certificates, {ordered} are ordered"
    for applicant_id, fees in charged.items():
        free = sum(1 for _, fee in fees if fee == 0)
        if free > 1:
            yield f"applicant {applicant_id} was given {free} free certificates"


def _sets(session: Session) -> Iterable[str]:
    for case in session.scalars(select(Case).where(Case.state.not_in([CaseState.refused, CaseState.withdrawn]))):
        if case.state in {CaseState.draft, CaseState.correction, CaseState.returned}:
            continue
        claimed = session.scalars(select(SetClaim).where(SetClaim.case_id == case.id)).all()
        labelled = {s.position for s in case.sets[: case.certificates_asked] if s.reference}
        if not labelled <= {claim.set_position for claim in claimed}:
            yield f"case {case.number}: a labelled set was not claimed"


def _journal(session: Session) -> Iterable[str]:
    """The last line of each thing says the state it is in: no change without its line."""
    for kind in (Case, CaseItem, Run, Token, Envelope, Certificate):
        last = (
            select(JournalLine.subject_id, func.max(JournalLine.id).label("line"))
            .where(JournalLine.subject == kind.__tablename__, JournalLine.after.is_not(None))
            .group_by(JournalLine.subject_id)
            .subquery()
        )
        rows = session.execute(
            select(kind, JournalLine)
            .outerjoin(last, last.c.subject_id == kind.id)
            .outerjoin(JournalLine, JournalLine.id == last.c.line)
        )
        for thing, line in rows:
            if line is None and _is_first(kind, thing):
                continue
            if line is None or line.after != _state_of(thing).value:
                yield f"{kind.__tablename__} {thing.id} is {_state_of(thing)}, its journal says {line and line.after}"


def _state_of(thing: Any) -> StrEnum:
    state: StrEnum = thing.status if isinstance(thing, Certificate) else thing.state
    return state


def _is_first(kind: type[Base], thing: Base) -> bool:
    """A thing in its first state may have been written together with another's line, or came with a delivery."""
    first = {
        Case: CaseState.draft,
        CaseItem: ItemState.ordered,
        Run: RunState.queued,
        Token: TokenState.in_stock,
        Envelope: EnvelopeState.in_stock,
    }
    return _state_of(thing) is first.get(kind)
