"""What a change of a certificate does to its bindings, in the same transaction: they end, they move along, or their platforms are told."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from app.services.end_binding import close_binding
from app.services.road import Who, write_line
from app.services.tell_platform import tell
from models.rulebook.bindings import follows
from models.rulebook.vocabulary import BindingEnd, CertificateAction, EventKind
from models.tables import Binding, Case, Certificate
from models.worklists.binding_facts import policy_of
from models.worklists.bindings import live_bindings_of

_TOLD = {
    CertificateAction.suspend: EventKind.certificate_suspended,
    CertificateAction.resume: EventKind.certificate_resumed,
}


def follow_status(
    session: Session, at: datetime, who: Who, certificate: Certificate, action: CertificateAction, case: Case
) -> None:
    """After the certificate moved: revoked, its bindings end; suspended or resumed, its platforms are told and the bindings stay.

    The certificate's row is claimed by then, and whoever binds it holds that row, too: no binding is made behind its back.
    """
    if action is CertificateAction.revoke:
        for binding in live_bindings_of(session, certificate.id):
            close_binding(session, at, who, binding, BindingEnd.certificate_revoked, case=case)
    elif action in _TOLD:
        for binding in live_bindings_of(session, certificate.id):
            tell(session, at, binding.platform, _TOLD[action], binding)


def follow_bindings(session: Session, at: datetime, who: Who, case: Case, old: Certificate, new: Certificate) -> None:
    """At a handover, before the old certificate is revoked: wherever it is bound, the platform's policy says whether the binding
    goes on with the new one or ends. Nothing happens in a case that replaces nothing."""
    session.refresh(old, with_for_update=True)  # nobody binds it meanwhile
    for binding in live_bindings_of(session, old.id):
        end = follows(case.kind, policy_of(binding.platform))
        if end is BindingEnd.moved:
            _move(session, at, who, case, binding, new)
        elif end is not None:
            close_binding(session, at, who, binding, end, case=case)


def _move(session: Session, at: datetime, who: Who, case: Case, binding: Binding, new: Certificate) -> None:
    close_binding(session, at, who, binding, BindingEnd.moved, case=case)
    heir = Binding(
        key=secrets.token_hex(16),
        platform_id=binding.platform_id,
        applicant_id=binding.applicant_id,
        certificate_id=new.id,
        account_reference=binding.account_reference,
        since=at,
        follows_id=binding.id,
    )
    session.add(heir)
    write_line(
        session,
        at,
        who,
        heir,
        "move",
        case_id=case.id,
        branch_id=case.branch_id,
        platform=binding.platform.code,
        certificate=new.serial,
    )
    moved_to = {"binding": heir.key, "certificate": new.serial}
    tell(session, at, binding.platform, EventKind.binding_moved, binding, moved_to=moved_to)
