"""The money of a day: receipts and what was booked beside them, by the branch's business day."""

from datetime import date, timedelta
from typing import Any, ClassVar

from flask import request
from flask_admin import BaseView, expose
from sqlalchemy import select

from app.desks import door
from app.services.business_day import business_day
from app.services.errors import Absent
from models.rulebook.oversight import MoneyKind
from models.rulebook.permissions import EVERY_BRANCH, Permission
from models.rulebook.vocabulary import PaymentMethod
from models.tables import Branch, db
from models.worklists.money import money_of_day


class MoneyPage(BaseView):
    permission: ClassVar[Permission] = Permission.supervise
    serves = ("index_view",)

    @expose("/")
    def index_view(self) -> Any:
        branches = list(db.session.scalars(_branches()))
        branch = _chosen(branches)
        today = business_day(db.session, branch.id, door.world().today())
        day = _day() or today
        return self.render(
            "admin/money.html",
            money=money_of_day(db.session, branch.id, day),
            branch=branch,
            branches=branches,
            today=today,
            before=day - timedelta(days=1),
            after=day + timedelta(days=1) if day < today else None,
            is_closed=branch.closed_through is not None and day <= branch.closed_through,
            kinds=list(MoneyKind),
            methods=list(PaymentMethod),
        )


def _branches() -> Any:
    actor = door.actor()
    every = select(Branch).order_by(Branch.code)
    return every if not actor.roles.isdisjoint(EVERY_BRANCH) else every.where(Branch.id == actor.branch_id)


def _chosen(branches: list[Branch]) -> Branch:
    """By its code in the query, else the first. Raises Absent for another branch's."""
    code = request.args.get("branch", "")
    found = next((branch for branch in branches if not code or branch.code == code), None)
    if found is None:
        raise Absent()
    return found


def _day() -> date | None:
    """None where no day is asked for. Raises Absent for what is no day of this century."""
    asked = request.args.get("day", "")
    if not asked:
        return None
    try:
        found = date.fromisoformat(asked)
    except ValueError:
        raise Absent() from None
    if not 2000 <= found.year <= 2099:
        raise Absent()
    return found
