"""The secure base of every supervision list: read-only, of the own branch, without JavaScript.

Nothing can be created, edited, deleted or exported here; what a supervisor changes goes through a service and a page of ours.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from flask import request
from flask_admin.contrib.sqla import ModelView
from markupsafe import Markup, escape
from sqlalchemy import ColumnElement, false, true
from sqlalchemy.orm import Query

from app.desks import door
from app.services.errors import Absent
from app.services.world import BEIJING
from app.words.terms import term, tone
from models.rulebook.permissions import EVERY_BRANCH, Permission
from models.tables import db

PAGE = 50
LAST_PAGE = 200  # what lies deeper is found by the search box, not by leafing


class ReadOnlyView(ModelView):
    """A list. Subclasses name their columns one by one; a column that is not named is not shown, searched or sorted."""

    permission: ClassVar[Permission] = Permission.supervise
    branch_column: ClassVar[str] = "branch_id"  # the model's column that says whose it is
    state_column: ClassVar[str | None] = None  # an enumerated column to choose by: ?state=…
    serves = ("index_view",)  # the only endpoints that have a door

    can_create = can_edit = can_delete = can_export = can_view_details = False
    column_display_actions = False
    column_display_pk = False
    column_searchable_list = ()
    column_sortable_list = ()
    page_size = PAGE
    simple_list_pager = True  # a count of everything is a walk over everything
    list_template = "admin/list.html"

    def __init__(self, model: type, name: Any, **options: Any) -> None:
        super().__init__(model, db, name=name, **options)

    def get_query(self) -> Query[Any]:
        return super().get_query().filter(self._in_branch(), self._in_state())

    def get_count_query(self) -> Query[Any]:
        return super().get_count_query().filter(self._in_branch(), self._in_state())

    def get_one(self, id: Any) -> Any:
        found = super().get_one(id)
        if found is None or not self._sees(found):
            raise Absent()
        return found

    def get_list(self, page: int | None, *args: Any, **kwargs: Any) -> Any:
        if page and not 0 <= page <= LAST_PAGE:
            raise Absent()
        return super().get_list(page, *args, **kwargs)

    def _in_branch(self) -> ColumnElement[bool]:
        actor = door.actor()
        if not actor.roles.isdisjoint(EVERY_BRANCH):
            return true()
        return getattr(self.model, self.branch_column) == actor.branch_id if actor.branch_id is not None else false()

    def _sees(self, found: Any) -> bool:
        branch_id = getattr(found, self.branch_column)
        actor = door.actor()
        return not actor.roles.isdisjoint(EVERY_BRANCH) or (branch_id is not None and branch_id == actor.branch_id)

    def _in_state(self) -> ColumnElement[bool]:
        chosen = self.chosen_state()
        return true() if chosen is None else getattr(self.model, self.state_column or "") == chosen

    def chosen_state(self) -> StrEnum | None:
        """The state asked for. Raises Absent for one that does not exist."""
        asked = request.args.get("state")
        if not asked or self.state_column is None:
            return None
        try:
            return self.states()(asked)
        except ValueError:
            raise Absent() from None

    def states(self) -> type[StrEnum]:
        return getattr(self.model, self.state_column or "").type.enum_class


# How values look, by column: Flask-Admin calls each with (view, context, model, column).


def as_state(view: Any, context: Any, model: Any, name: str) -> Markup:
    value = getattr(model, name)
    if value is None:
        return Markup("—")
    return Markup('<span class="badge {}">{}</span>').format(tone(value), term(value))


def as_instant(view: Any, context: Any, model: Any, name: str) -> str:
    value = getattr(model, name)
    return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if value else "—"


def as_yuan(view: Any, context: Any, model: Any, name: str) -> str:
    return f"{getattr(model, name) / 100:.2f}"


def as_related(*path: str) -> Any:
    """The attribute at the end of a path of relations; a dash where the path breaks off."""

    def show(view: Any, context: Any, model: Any, name: str) -> str:
        found = model
        for step in path:
            found = getattr(found, step) if found is not None else None
        return "—" if found in (None, "") else str(escape(found))

    return show


Formatters = Mapping[str, Any]
