"""The ledger of the stock as a list: every piece that came into the drawer or left it, and on what ground."""

from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from flask import request, url_for
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy.orm import Query, joinedload

from app.services.errors import Absent
from app.supervision.base import ReadOnlyView, as_instant, as_related
from app.words.journal import reason_in_words
from app.words.terms import term
from models.rulebook.oversight import MovementKind, StockKind
from models.tables import Movement

Member = TypeVar("Member", bound=StrEnum)


def _ground(view: Any, context: Any, model: Movement, name: str) -> Any:
    """The case, delivery or transfer that it belongs to."""
    for endpoint, key, value in (
        ("casefile.page", "case_id", model.case_id),
        ("deliveries.page", "delivery_id", model.delivery_id),
        ("transfers.page", "transfer_id", model.transfer_id),
    ):
        if value is not None:
            shown = {"case_id": lazy_gettext("案件"), "delivery_id": lazy_gettext("到货"), "transfer_id": lazy_gettext("调拨")}
            return Markup('<a href="{}">{}</a>').format(url_for(endpoint, **{key: value}), shown[key])
    return "—"


class MovementList(ReadOnlyView):
    list_template = "admin/stock_movements.html"
    column_list = ("at", "day", "branch", "kind", "serial", "what", "amount", "case_id", "reason")
    column_labels: ClassVar[Any] = {
        "at": lazy_gettext("时间"),
        "day": lazy_gettext("业务日"),
        "branch": lazy_gettext("网点"),
        "kind": lazy_gettext("品种"),
        "serial": lazy_gettext("号码段"),
        "what": lazy_gettext("变动"),
        "amount": lazy_gettext("增减"),
        "case_id": lazy_gettext("凭据"),
        "reason": lazy_gettext("原因"),
    }
    column_formatters: ClassVar[Any] = {
        "at": as_instant,
        "branch": as_related("branch", "code"),
        "kind": lambda view, context, model, name: term(model.kind),
        "what": lambda view, context, model, name: term(model.what),
        "amount": lambda view, context, model, name: f"{model.amount:+d}",
        "case_id": _ground,
        "reason": lambda view, context, model, name: reason_in_words(model.reason),
    }
    column_searchable_list = ("serial",)
    column_default_sort = ("id", True)
    kinds, whats = tuple(StockKind), tuple(MovementKind)

    def get_query(self) -> Query[Any]:
        query = super().get_query().options(joinedload(Movement.branch))
        for column, chosen in ((Movement.kind, self.chosen_kind()), (Movement.what, self.chosen_what())):
            query = query if chosen is None else query.filter(column == chosen)
        return query

    def chosen_kind(self) -> StockKind | None:
        return _chosen(StockKind, "kind")

    def chosen_what(self) -> MovementKind | None:
        return _chosen(MovementKind, "what")


def _chosen(list_: type[Member], name: str) -> Member | None:
    """The member asked for. Raises Absent for one that does not exist."""
    asked = request.args.get(name)
    try:
        return list_(asked) if asked else None
    except ValueError:
        raise Absent() from None
