"""The fee desk: who is to pay, the fee taken once, the receipt."""

from datetime import datetime, time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app.desks.door import actor, door, see, world
from app.desks.refusals import sentence, show_faults
from app.desks.row_ids import row_id
from app.services.errors import Faulty, OutOfTurn, Stale
from app.services.settle_fee import settle_fee
from app.services.world import BEIJING
from forms.cashier import SettleForm
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import CaseAction, PaymentMethod
from models.rulebook.workflow import CASE, open_actions
from models.tables import Case, db
from models.worklists.cashier import fee_queue, latest_receipts, receipt_of
from models.worklists.exceptions import askable, entries_of, exceptions_of
from models.worklists.review import capped_count, states_open_to

desk = Blueprint("cashier", __name__, url_prefix="/fee")


@desk.get("/")
@door(Permission.take_payment)
def queue() -> str:
    branch_id = actor().branch_id or 0
    page = fee_queue(db.session, branch_id, request.args.get("before", type=row_id), request.args.get("after", type=row_id))
    today = datetime.combine(world().today(), time(), BEIJING)
    return render_template(
        "cashier/queue.html",
        page=page,
        count=capped_count(db.session, branch_id, states_open_to(CaseAction.settle)),
        receipts=latest_receipts(db.session, branch_id, today),
    )


@desk.get("/<int:case_id>")
@door(Permission.take_payment)
def page(case_id: int) -> str:
    return _page(see(db.session.get(Case, case_id)), SettleForm(None))


@desk.post("/<int:case_id>/settle")
@door(Permission.take_payment)
def settle(case_id: int) -> Any:
    """Charged once: a second click is shown the first one's receipt."""
    case, form = see(db.session.get(Case, case_id)), SettleForm()
    if not form.validate():
        return _page(case, form), 422
    try:
        done = settle_fee(world(), actor(), case_id, form.seen_version, PaymentMethod(form.method.data), form.reference.data)
        flash(_("已收费，收据 %(number)s。", number=done.receipt_number), "success")
    except Faulty as fault:
        show_faults(form, fault)
        return _page(case, form), 422
    except (Stale, OutOfTurn) as late:
        flash(sentence(late), "warning")
    return redirect(url_for("cashier.page", case_id=case_id), 303)


def _page(case: Case, form: SettleForm) -> str:
    return render_template(
        "cashier/page.html",
        case=case,
        form=form,
        receipt=receipt_of(db.session, case.id),
        may_settle=CaseAction.settle in open_actions(CASE, case.state),
        entries=entries_of(db.session, case.id),
        exceptions=exceptions_of(db.session, case.id),
        askable=askable(db.session, case),
    )
