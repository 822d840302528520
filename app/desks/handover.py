"""The handover desk: what lies ready, who collects it, and the comparison of what is on the counter with what is written."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.desks.door import actor, door, see, world
from app.desks.refusals import sentence, show_faults
from app.desks.row_ids import row_id
from app.services.errors import Absent, Faulty, OutOfTurn, Stale
from app.services.hand_over import Collector, HandedOver, Scanned, hand_over
from app.services.seal_presenter import presenter_id
from app.words.ceremony import WORK
from app.words.terms import term
from forms.base import OfficeForm
from forms.handover import handover_form
from models.rulebook import workflow
from models.rulebook.bindings import follows
from models.rulebook.identity import mask_identity
from models.rulebook.kinds import KINDS
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import BindingEnd, IdentityKind, ItemAction, RunKind
from models.tables import Case, CaseItem, Platform, db
from models.worklists.binding_facts import policy_of
from models.worklists.bindings import ended_by, live_bindings_of
from models.worklists.handover import case_by_stub, handovers_of, uncollected

desk = Blueprint("handover", __name__, url_prefix="/handover")

LONG = timedelta(days=7)  # who has not come by then is worth a telephone call


@desk.get("/")
@door(Permission.hand_over_token)
def queue() -> str:
    return _queue()


@desk.get("/find")
@door(Permission.hand_over_token)
def find() -> Any:
    """The claim stub's barcode, or the case number as typed."""
    stub = request.args.get("stub", "")[:60]
    case = case_by_stub(db.session, stub)
    if case is None or not actor().sees_branch(case.branch_id):
        return _queue(stub=stub, missing=True), 404
    return redirect(url_for("handover.page", case_id=case.id))


@desk.get("/<int:case_id>")
@door(Permission.hand_over_token)
def page(case_id: int) -> str:
    return _page(_case(case_id))


@desk.post("/<int:case_id>")
@door(Permission.hand_over_token)
def hand(case_id: int) -> Any:
    case = _case(case_id)
    form = _form(case)
    try:
        if not form.validate():
            return _page(case, form), 422
        done = hand_over(world(), actor(), case_id, form.seen_version, _collector(form), _scanned(form, case))
        _tell(done, case)
    except Faulty as fault:
        show_faults(form, fault)
        return _page(case, form, "" if fault.fields else sentence(fault)), 422
    except (Stale, OutOfTurn) as late:
        flash(sentence(late), "warning")
    return _back(case_id)


def _tell(done: HandedOver, case: Case) -> None:
    work = KINDS[case.kind].work or RunKind.issue
    flash(str(WORK[work].handed_over) % {"n": len(done.numbers)}, "success")
    if not done.published:
        flash(_("发证机构暂时没有应答，吊销列表会在一分钟内自动补发。"), "warning")


def _queue(stub: str = "", missing: bool = False) -> str:
    listed = uncollected(
        db.session, actor().branch_id or 0, request.args.get("before", type=row_id), request.args.get("after", type=row_id)
    )
    return render_template("handover/queue.html", page=listed, stub=stub, missing=missing, long_ago=world().now() - LONG)


def _page(case: Case, form: OfficeForm | None = None, fault: str = "") -> str:
    form = form or _form(case)
    if request.method == "GET":
        form.version.data = str(case.version)
    return render_template(
        "handover/case.html",
        case=case,
        form=form,
        fault=fault,
        made=_made(case),
        enveloped=_enveloped(case),
        handovers=handovers_of(db.session, case),
        presenter_masked=mask_identity(presenter_id(world().vault, case)),
        differs="ground" in form.errors,
        bindings=_bindings(case),
    )


@dataclass(frozen=True)
class Followed:
    """What becomes of a binding of the old certificate. `kept`: it goes on with the new one; `done`: the handover is over."""

    platform: Platform
    kept: bool
    done: bool


def _bindings(case: Case) -> list[Followed]:
    """Where the certificate that the case replaces is bound, or was until the handover."""
    ended = [Followed(one.platform, one.end is BindingEnd.moved, True) for one in ended_by(db.session, case.id)]
    if ended or case.certificate_id is None:
        return ended
    live = [
        (one.platform, follows(case.kind, policy_of(one.platform))) for one in live_bindings_of(db.session, case.certificate_id)
    ]
    return [Followed(platform, end is BindingEnd.moved, False) for platform, end in live if end is not None]


def _made(case: Case) -> list[CaseItem]:
    return [item for item in case.items if workflow.ITEM.get((item.state, ItemAction.hand_over))]


def _enveloped(case: Case) -> set[int]:
    """Positions of the items with which an envelope goes; the others' PIN is what it was."""
    return {item.position for item in case.items if item.work in workflow.RUN_SETS_PIN}


def _form(case: Case) -> OfficeForm:
    positions = [item.position for item in _made(case)]
    return handover_form(positions, [(kind, term(kind)) for kind in IdentityKind], _enveloped(case))


def _collector(form: OfficeForm) -> Collector:
    return Collector(form["name"].data, IdentityKind(form["id_kind"].data), form["id_number"].data, form["ground"].data)


def _scanned(form: OfficeForm, case: Case) -> list[Scanned]:
    chosen = [item for item in _made(case) if form[f"take_{item.position}"].data]
    enveloped = _enveloped(case)
    return [
        Scanned(
            item.id,
            form[f"token_{item.position}"].data,
            form[f"envelope_{item.position}"].data if item.position in enveloped else "",
        )
        for item in chosen
    ]


def _case(case_id: int) -> Case:
    case = see(db.session.get(Case, case_id))
    if case.applicant is None:
        raise Absent()
    return case


def _back(case_id: int) -> Response:
    return redirect(url_for("handover.page", case_id=case_id), 303)
