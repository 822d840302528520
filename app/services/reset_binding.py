"""A reset or a rebinding that was agreed to: the live binding ends, the choice is written down, and the case waits for the platform."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.services.end_binding import close_binding
from app.services.give_notice import NoticeKind, give_notice
from app.services.platform_paper_facts import binding_facts
from app.services.road import advance_case
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import BindingEnd, CaseAction
from models.tables import BindingChoice, Case, Certificate
from models.worklists.bindings import live_binding


def reset_binding(session: Session, at: datetime, who: Actor, case: Case, end: BindingEnd) -> None:
    """`end`: reset, or rebinding to the case's certificate. Where nothing is bound any more nobody has to be told, and the case is
    closed at once. Raises Stale where the binding ended in the same moment."""
    assert case.platform_id is not None and case.applicant_id is not None  # what such a case is about  # noqa: S101, PT018
    chosen = _choose(session, at, case) if end is BindingEnd.rebinding else None
    live = live_binding(session, case.platform_id, case.applicant_id)
    if live is not None:
        close_binding(session, at, who, live, end, case=case, awaited=True)
    notice = give_notice(session, at, who, case, NoticeKind.binding, binding_facts(session, case, at, live, chosen))
    told = {"notice": notice.number}
    if live is not None:
        advance_case(session, at, who, case, CaseAction.tell_platform, **told)
    else:
        advance_case(session, at, who, case, CaseAction.carry_out, changes={"closed_at": at}, **told)


def _choose(session: Session, at: datetime, case: Case) -> Certificate:
    chosen = session.get_one(Certificate, case.certificate_id)
    session.add(
        BindingChoice(
            platform_id=case.platform_id,
            applicant_id=case.applicant_id,
            certificate_id=chosen.id,
            case_id=case.id,
            at=at,
        )
    )
    return chosen
