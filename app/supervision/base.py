"""The secure base of every supervision list: read-only, of the own branch, without JavaScript.

Nothing can be created, edited, deleted or exported here; what a supervisor changes goes through a service and a page of ours.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from flask import request
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from markupsafe import Markup, escape
from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Query

from app.desks import door
from app.services.errors import Absent
from app.services.world import BEIJING
from app.words.terms import term, tone
from models.rulebook.permissions import EVERY_BRANCH, Permission
from models.tables import db
from models.worklists.issuance import Page

PAGE = 50
_MOST = 2**31  # no id is as large


class ReadOnlyView(ModelView):
    """A list. Subclasses name their columns one by one; a column that is not named is not shown.

    It is read in the order of `column_default_sort` page after page from where the last one ended: `?before=` the id of the row
    above, `?after=` of the row below.
    """

    permission: ClassVar[Permission] = Permission.supervise
    branch_column: ClassVar[str] = "branch_id"  # the model's column that says whose it is
    state_column: ClassVar[str | None] = None  # an enumerated column to choose by: ?state=…
    serves = ("index_view",)  # the only endpoints that have a door

    can_create = can_edit = can_delete = can_export = can_view_details = False
    column_display_actions = False
    column_display_pk = False
    column_sortable_list = ()
    page_size = PAGE
    list_template = "admin/list.html"

    def __init__(self, model: type, name: Any, **options: Any) -> None:
        super().__init__(model, db, name=name, **options)

    @expose("/")
    def index_view(self) -> Any:
        """Flask-Admin's own counts all rows and skips those of the pages before."""
        page = self.page_at(cursor("before"), cursor("after"))
        return self.render(
            self.list_template,
            data=page.rows,
            page=page,
            list_columns=self._list_columns,
            get_value=self.get_list_value,
            asked=asked(),
        )

    def page_at(self, before: int | None, after: int | None) -> Page:
        """`before`: what follows this row; `after`: what stands before it."""
        key, descending = self._order()
        backwards, at = after is not None, after if after is not None else before
        falling = descending is not backwards
        id_ = self.model.id
        query = self.get_query()
        place = db.session.execute(select(key, id_).where(id_ == at, self._in_branch())).one_or_none() if at is not None else None
        if place is not None:
            further, level = (key < place[0], id_ < place[1]) if falling else (key > place[0], id_ > place[1])
            query = query.filter(or_(further, and_(key == place[0], level)))
        found = query.order_by(*((key.desc(), id_.desc()) if falling else (key, id_))).limit(PAGE + 1).all()
        rows, goes_on = found[:PAGE], len(found) > PAGE
        if backwards:
            rows = rows[::-1]
            return Page(rows, rows[0].id if rows and goes_on else None, rows[-1].id if rows else None)
        return Page(rows, rows[0].id if rows and place is not None else None, rows[-1].id if goes_on else None)

    def get_query(self) -> Query[Any]:
        return super().get_query().filter(self._in_branch(), self._in_state())

    def get_one(self, id: Any) -> Any:
        found = super().get_one(id)
        if found is None or not self._sees(found):
            raise Absent()
        return found

    def _order(self) -> tuple[Any, bool]:
        sort = self.column_default_sort or ("id", True)
        name, descending = (sort, False) if isinstance(sort, str) else sort
        return getattr(self.model, name), descending

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


def cursor(name: str) -> int | None:
    """The id in the query, None for what is none."""
    found = request.args.get(name, type=int)
    return found if found is not None and 0 < found < _MOST else None


_NO_QUESTION = {"before", "after", "page", "endpoint", "caller", "self"}  # the place, and what links and macros mean by a name


def asked() -> dict[str, str]:
    """What a list was asked, without its place: for the links to other pages. What begins with "_" would steer the link itself."""
    return {
        name: value
        for name, value in request.args.items()
        if value and name not in _NO_QUESTION and name.isidentifier() and name[0] != "_"
    }


# How values look, by column: Flask-Admin calls each with (view, context, model, column).


def as_state(view: Any, context: Any, model: Any, name: str) -> Markup:
    value = getattr(model, name)
    if value is None:
        return Markup("—")
    return Markup('<span class="badge {}">{}</span>').format(tone(value), term(value))


def as_instant(view: Any, context: Any, model: Any, name: str) -> str:
    value = getattr(model, name)
    return value.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if value else "—"


def as_related(*path: str) -> Any:
    """The attribute at the end of a path of relations; a dash where the path breaks off."""

    def show(view: Any, context: Any, model: Any, name: str) -> str:
        found = model
        for step in path:
            found = getattr(found, step) if found is not None else None
        return "—" if found in (None, "") else str(escape(found))

    return show


Formatters = Mapping[str, Any]
