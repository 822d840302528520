"""The applicant's page: everything about one applicant, from every branch as far as it may be seen, and what can be done now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, render_template

from app.desks.applicants_timeline import LABELS, WIDTH, draw
from app.desks.bindings_page import may_open, places_of
from app.desks.casefile import OpenAct, open_acts
from app.desks.door import actor, door, world
from app.desks.shell import said
from app.services.edition_at_hand import edition_on
from app.services.errors import Absent
from app.services.world import BEIJING
from app.words.journal import act_in_words, change_in_words, details_in_words
from models.rulebook.aftercare_words import reason
from models.rulebook.editions import Edition
from models.rulebook.lifetime import CertificateFacts, open_kinds, renewal_opens_on
from models.rulebook.permissions import EVERY_BRANCH, Permission
from models.rulebook.vocabulary import CaseKind, CertificateStatus
from models.rulebook.workflow import CASE_FINAL
from models.tables import Applicant, Case, Certificate, db
from models.worklists.applicants import ApplicantFile, applicant_file

desk = Blueprint("applicants", __name__, url_prefix="/applicants")

_LIVE = (CertificateStatus.valid, CertificateStatus.suspended, CertificateStatus.on_hold)


@dataclass(frozen=True)
class OpenNow:
    """What can be done about one certificate today. `work`: the unfinished cases about it. `why`: where nothing can."""

    certificate: Certificate
    days_left: int
    renewal_from: date
    kinds: Sequence[CaseKind]
    work: Sequence[Case]
    why: str


@dataclass(frozen=True)
class OpenCase:
    case: Case
    acts: Sequence[OpenAct]


@desk.get("/<int:applicant_id>")
@door(Permission.read_applicant)
def page(applicant_id: int) -> str:
    """Of any branch: an applicant is the city's. Of other branches' cases it tells number, kind, state and branch."""
    applicant = db.session.get(Applicant, applicant_id)
    if applicant is None:
        raise Absent()
    who, now, today = actor(), world().now(), world().today()
    everywhere = not who.roles.isdisjoint(EVERY_BRANCH)
    # Whoever belongs to no branch and to none of those roles sees no branch's cases.
    file = applicant_file(db.session, applicant, None if everywhere else who.branch_id or 0)
    edition = edition_on(db.session, today)
    return render_template(
        "applicants/page.html",
        applicant=applicant,
        file=file,
        open_now=[_open_now(one, file, today, edition) for one in file.certificates if one.status in _LIVE],
        open_cases=_open_cases(file),
        time_line=draw(file.certificates, file.handovers, file.turns, now),
        size=(WIDTH, LABELS),
        places=places_of(applicant.id),
        may_open=may_open(),
        back="applicant",
        now=now,
        sees=who.sees_branch,
        met=any(who.sees_branch(case.branch_id) for case in file.cases),
        act_in_words=act_in_words,
        change_in_words=change_in_words,
        details_in_words=details_in_words,
    )


def _open_now(certificate: Certificate, file: ApplicantFile, today: date, edition: Edition) -> OpenNow:
    work = file.work.get(certificate.id, ())
    last_day = certificate.not_after.astimezone(BEIJING).date()
    facts = CertificateFacts(certificate.status, last_day, certificate.token.state, frozenset(case.kind for case in work))
    kinds = open_kinds(facts, today, edition)
    fitting = [kind for kind, closed in kinds.items() if closed is None]
    closed = kinds[CaseKind.revocation]  # what stands in the way of everything stands in the way of this too
    return OpenNow(
        certificate=certificate,
        days_left=(last_day - today).days,
        renewal_from=renewal_opens_on(last_day, edition),
        kinds=fitting,
        work=work,
        why=said(reason(closed, CaseKind.revocation, edition)) if closed is not None and not fitting and not work else "",
    )


def _open_cases(file: ApplicantFile) -> list[OpenCase]:
    """Unfinished cases that may be seen, with the acts that the workflow table opens and the permissions page allows."""
    seen = (case for case in file.cases if case.state not in CASE_FINAL and actor().sees_branch(case.branch_id))
    return [OpenCase(case, open_acts(case)) for case in seen]
