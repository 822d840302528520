"""Which kinds are open now for a certificate in somebody's hands, and why the others are not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from models.rulebook.editions import Edition
from models.rulebook.findings import Code
from models.rulebook.kinds import AFTERCARE_KINDS, BESIDE, KINDS, PLATFORM_KINDS, OldCertificate
from models.rulebook.vocabulary import CaseKind, CertificateStatus, TokenState
from models.rulebook.workflow import CERTIFICATE, open_actions


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What the office knows of a certificate that a case is to be about.

    `last_day`: the last day on which it is valid, in the office's time zone. `token`: the state of the medium it is on.
    `other_cases`: the kinds of the cases about it and its token that are not finished yet, without the one in question.
    """

    status: CertificateStatus
    last_day: date
    token: TokenState
    other_cases: frozenset[CaseKind] = frozenset()


def renewal_opens_on(last_day: date, edition: Edition) -> date:
    """The first day on which a certificate that is valid until `last_day` can be renewed."""
    try:
        return last_day - timedelta(days=edition.renewal_opens_days)
    except OverflowError:  # in the first days of the calendar
        return date.min


def open_kinds(certificate: CertificateFacts, today: date, edition: Edition) -> dict[CaseKind, Code | None]:
    """Every kind that begins with a certificate: why it is not open today, None where it is. For buttons, and to refuse."""
    return {kind: why_closed(kind, certificate, today, edition) for kind in CaseKind if kind in AFTERCARE_KINDS}


def why_closed(kind: CaseKind, certificate: CertificateFacts, today: date, edition: Edition) -> Code | None:
    """The first reason for which a case of this kind cannot be about the certificate today; None: it can."""
    if kind not in PLATFORM_KINDS and certificate.other_cases - BESIDE.get(kind, frozenset()):
        return Code.certificate_in_other_case
    wrong_status = _wrong_status(kind, certificate.status)
    if wrong_status is not None:
        return wrong_status
    if kind in _NEEDS_TIME_LEFT and certificate.last_day < today:
        return Code.certificate_expired
    if (
        kind in _NEEDS_MEDIUM
        and certificate.token is not TokenState.handed_over
        and not _is_here_already(kind, certificate.token)
    ):
        return Code.token_not_held
    if kind is CaseKind.renewal and today < renewal_opens_on(certificate.last_day, edition):
        return Code.renewal_too_early
    return None


# The medium is worked on, booked as returned or booked as lost: so the holder must have it.
_NEEDS_MEDIUM = frozenset(kind for kind in AFTERCARE_KINDS if KINDS[kind].medium is not None)


def _is_here_already(kind: CaseKind, token: TokenState) -> bool:
    """A damaged medium stayed here before: it failed while its PIN was set anew, or a replacement was given up."""
    return KINDS[kind].medium_handed_in and token is TokenState.returned


# What ends with the old certificate, or only stops it, has no sense once that has ended by itself.
_NEEDS_TIME_LEFT = frozenset(kind for kind in AFTERCARE_KINDS if KINDS[kind].keeps_expiry) | {
    CaseKind.suspension,
    CaseKind.revocation,
    CaseKind.rebinding,
}
_STATUS_WORDS: Mapping[CertificateStatus, Code] = {
    CertificateStatus.prepared: Code.certificate_not_handed_over,
    CertificateStatus.on_hold: Code.certificate_not_handed_over,
    CertificateStatus.valid: Code.certificate_not_suspended,
    CertificateStatus.suspended: Code.certificate_suspended,
    CertificateStatus.revoked: Code.certificate_revoked,
}


def _wrong_status(kind: CaseKind, status: CertificateStatus) -> Code | None:
    return None if status in _fitting(kind) else _STATUS_WORDS[status]


def _fitting(kind: CaseKind) -> frozenset[CertificateStatus]:
    """The statuses with which a case of the kind can begin. One on hold is undone at the station's desk, not here."""
    handed_over = {CertificateStatus.valid, CertificateStatus.suspended}
    status = KINDS[kind].status
    if status is not None:
        return frozenset(one for one in handed_over if status in open_actions(CERTIFICATE, one))
    if KINDS[kind].old is OldCertificate.revoked_at_agreement:  # first suspended, then given up for lost
        return frozenset(handed_over)
    if kind in PLATFORM_KINDS - {CaseKind.rebinding}:  # it was bound or used there, and that is what the case is about
        return frozenset(handed_over)
    return frozenset({CertificateStatus.valid})
