"""A case as a second person looks at it: papers, scans, findings, and what an aftercare case is about. For reviewer and supervisor."""

from typing import Any

from app.desks.aftercare_page import about, days_left
from app.desks.bindings_page import at_platform
from app.desks.door import actor, world
from app.services.seal_presenter import presenter_id, presenter_mobile
from app.words.terms import term
from forms.review import SendBackForm
from models.rulebook.fees import Fee, fee_for
from models.rulebook.identity import mask_identity, mask_mobile
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.vocabulary import Use
from models.rulebook.workflow import CASE, open_actions
from models.tables import Case, db
from models.worklists.aftercare import subject_of
from models.worklists.intake import history_of
from models.worklists.review import findings_of, latest_examination, scans_of, worked_on_by


def case_in_view(case: Case) -> dict[str, Any]:
    """What both decision pages show of a case whose applicant is known."""
    applicant, examination = case.applicant, latest_examination(db.session, case.id)
    assert applicant is not None  # noqa: S101
    certificate = subject_of(db.session, case)
    return {
        "case": case,
        "use_words": [term(Use(use)) for use in case.uses],
        "examination": examination,
        "findings": findings_of(examination),
        "scans": scans_of(db.session, case.id),
        "history": history_of(db.session, applicant, case.id),
        "fee": _fee(case, applicant.certificates_promised),
        "may": {action.value for action in open_actions(CASE, case.state)},
        "is_own": bool(worked_on_by(db.session, actor().staff_id, [case.id])),
        "id_mask": mask_identity(presenter_id(world().vault, case)),
        "mobile_mask": mask_mobile(presenter_mobile(world().vault, case)),
        "certificate": certificate,
        "days_left": days_left(certificate) if certificate is not None else 0,
        "about": about(case),
        "at_platform": at_platform(case),
    }


def _fee(case: Case, promised: int) -> Fee | None:
    """What will be frozen; None while an aftercare case was not examined."""
    if case.kind in FIRST_KINDS:
        return fee_for(promised, case.certificates_asked)
    fen = case.details.get("fee_fen")
    return Fee((fen,)) if fen is not None else None


def send_back_form(case: Case) -> SendBackForm:
    """With the case's papers to choose from."""
    form = SendBackForm()
    form.places.offer(
        (f"{papers.position}:{document.kind.value}", f"{papers.position} · {term(document.kind)}")
        for papers in case.sets
        for document in papers.documents
    )
    return form
