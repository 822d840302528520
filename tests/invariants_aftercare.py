"""What must hold of tokens and certificates that came back to the counter: the part of `invariants` that knows the case kinds."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.run_grant import is_touched
from models.rulebook.kinds import AFTERCARE_KINDS, KINDS, Medium, OldCertificate
from models.rulebook.vocabulary import (
    CaseKind,
    CaseState,
    CertificateAction,
    CertificateStatus,
    ItemState,
    RunKind,
    RunState,
    TokenState,
)
from models.rulebook.workflow import RUN_CERTIFIES, TOKEN_GONE
from models.tables import Case, Certificate, Grant, Handover, Run, Token

AGREED = {
    CaseState.awaiting_payment,
    CaseState.ready_to_issue,
    CaseState.issuing,
    CaseState.awaiting_handover,
    CaseState.closed,
}


def aftercare_violations(session: Session) -> Iterable[str]:
    for case in session.scalars(select(Case).where(Case.kind.in_(AFTERCARE_KINDS))):
        yield from _old_certificate(session, case)
        yield from _runs(session, case)
    yield from _grants(session)
    for token in session.scalars(select(Token).where(Token.state.in_([TokenState.in_stock, TokenState.spoiled]))):
        if session.scalar(select(Handover.id).where(Handover.token_id == token.id)):
            yield f"token {token.serial} was handed over once and is {token.state}"


def is_accounted_for(session: Session, certificate: Certificate) -> bool:
    """Whether a certificate that was handed over is valid, or a case of its own made it what it is."""
    cases = session.scalars(select(Case).where(Case.certificate_id == certificate.id)).all()
    if certificate.status is CertificateStatus.revoked:
        return any(_revokes(case) or _was_lost(session, case) for case in cases)
    if certificate.status is CertificateStatus.suspended:
        closed = [case for case in cases if case.state is CaseState.closed]
        return any(KINDS[case.kind].status is CertificateAction.suspend for case in closed)
    return certificate.status is CertificateStatus.valid


def was_overtaken(session: Session, run: Run) -> bool:
    """Whether the PIN that this run set speaks no more: an unlock came later, or nobody uses the token again."""
    later = session.scalars(select(Run).where(Run.token_id == run.token_id, Run.id > run.id, Run.kind == RunKind.unlock)).all()
    return run.token.state in TOKEN_GONE or any(is_touched(each) for each in later)


def _revokes(case: Case) -> bool:
    rules = KINDS[case.kind]
    if rules.old is OldCertificate.revoked_at_handover:
        return any(item.state is ItemState.handed_over for item in case.items)
    if rules.old is OldCertificate.revoked_at_agreement:
        return case.state in AGREED
    return rules.status is CertificateAction.revoke and case.state is CaseState.closed


def _was_lost(session: Session, case: Case) -> bool:
    """The loss was booked by the supervisor's leave: it stays booked though the holder then wants no new token."""
    used = select(Grant.id).where(Grant.case_id == case.id, Grant.used_at.is_not(None))
    return KINDS[case.kind].medium_lost and session.scalar(used) is not None


def _old_certificate(session: Session, case: Case) -> Iterable[str]:
    """Revoked where its case says so; and the medium is where it should be."""
    if case.certificate_id is None or case.state not in AGREED:
        return
    old = session.get_one(Certificate, case.certificate_id)
    if _revokes(case) and old.status is not CertificateStatus.revoked:
        yield f"case {case.number} ({case.kind}) is done, the old certificate {old.serial} is {old.status}"
    if KINDS[case.kind].medium_lost and old.token.state is not TokenState.lost:
        yield f"case {case.number}: the lost token {old.token.serial} is {old.token.state}"
    paid = case.state not in {CaseState.awaiting_payment}
    if KINDS[case.kind].medium_handed_in and paid and old.token.state is not TokenState.returned:
        yield f"case {case.number}: the damaged token {old.token.serial} is {old.token.state}"


def _runs(session: Session, case: Case) -> Iterable[str]:
    """On the holder's own token or on a new one, as the kind says; the new certificate names the one it takes over from."""
    rules = KINDS[case.kind]
    for run in session.scalars(select(Run).where(Run.item_id.in_([item.id for item in case.items]))):
        if run.kind is not rules.work:
            yield f"run {run.key} is {run.kind} in a case of {case.kind}"
        if (run.token_id == case.token_id) != (rules.medium is Medium.holders):
            yield f"run {run.key} ({case.kind}) is on the wrong token"
        certificate = run.certificate
        if certificate is None or run.kind not in RUN_CERTIFIES:
            continue
        if certificate.replaces_id != case.certificate_id:
            yield f"certificate {certificate.serial} does not name the one it takes over from"
        elif rules.keeps_expiry and certificate.replaces is not None and certificate.not_after != certificate.replaces.not_after:
            yield f"certificate {certificate.serial} does not end with the one it takes over from"
        if case.kind is CaseKind.amendment and case.new_name and certificate.subject_name != case.new_name:
            yield f"certificate {certificate.serial} does not bear the new name"


def _grants(session: Session) -> Iterable[str]:
    """One token, one act, one use, a few minutes; and never by who opened the case."""
    for grant in session.scalars(select(Grant)):
        case = session.get_one(Case, grant.case_id)
        if case.opened_by == grant.granted_by:
            yield f"grant {grant.id} is by who opened its case"
        if KINDS[case.kind].medium_lost or KINDS[case.kind].at_platform:  # used there and then; no run does it
            if grant.used_at != grant.granted_at or grant.run_id is not None:
                yield f"grant {grant.id} that needs no run was given {grant.granted_at}, used {grant.used_at} for run {grant.run_id}"
        elif (grant.used_at is None) != (grant.run_id is None):
            yield f"grant {grant.id} was used {grant.used_at} for run {grant.run_id}"
        if grant.used_at is not None and not grant.granted_at <= grant.used_at < grant.expires_at:
            yield f"grant {grant.id} was used outside its minutes"
    for run in session.scalars(select(Run).where(Run.kind == RunKind.unlock)):
        used = session.scalars(select(Grant).where(Grant.run_id == run.id)).all()
        if len(used) != 1 or used[0].token_id != run.token_id or used[0].case_id != run.item.case_id:
            yield f"unlock {run.key} has used {len(used)} grants of its case and token"
        if run.state is RunState.cancelled and is_touched(run) and run.token.state not in TOKEN_GONE:
            yield f"unlock {run.key} was given up half way, its token is {run.token.state}"
