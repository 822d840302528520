"""How the lists of supervision are asked: pages, counts and files put the same question.

A list is asked in parts, each of which an index answers in the list's own order: by branch for whoever sees all of them, by the ways
in which a journal line can be about somebody. The parts are merged, so that a page costs the same however many rows there are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, union
from sqlalchemy.orm import Session, joinedload

from models.tables import Branch
from models.worklists.issuance import Page

PAGE = 50
MOST_COUNTED = 1000  # on a page; it says "1,000+" beyond

Filters = Mapping[str, str]  # as `forms/looking` gives them: values of words, days as ISO 8601, numbers as typed
Part = list[ColumnElement[bool]]
Parts = list[Part]  # any of them, all conditions of each


class Narrow(Parts):
    """Parts of few rows, found by an index of their own: one that begins with the branch would be walked from end to end."""


class Unclear(Exception):
    """A filter that cannot be answered as it stands: its name, and a sentence's code."""

    def __init__(self, name: str, code: str) -> None:
        super().__init__(code)
        self.name, self.code = name, code


class Shape(StrEnum):
    """How a value is shown."""

    text = "text"
    instant = "instant"
    day = "day"
    money = "money"  # fen
    word = "word"  # of a closed list
    by = "by"  # who did it: staff, station, platform or the program
    act = "act"
    change = "change"
    detail = "detail"


@dataclass(frozen=True, slots=True)
class Column:
    """`path`: attributes from the row to the value; by default the column's own name."""

    name: str
    path: tuple[str, ...] = ()
    shape: Shape = Shape.text

    def of(self, row: Any) -> Any:
        """The value, None where the path breaks off."""
        found = row
        for step in self.path or (self.name,):
            found = getattr(found, step) if found is not None else None
        return found


@dataclass(frozen=True)
class Listed:
    """`filters`: name → the parts that it asks for. `key`: what the list is ordered by; `keys`: by what else, where it is asked by
    such a filter, the first of them counting. `by_branch`: the indexes begin with the branch. `by_state`: and go on with this."""

    room: str
    model: Any
    columns: tuple[Column, ...]
    key: Any
    descending: bool
    filters: Mapping[str, Callable[[Session, str], Parts]]
    words: Mapping[str, type[StrEnum]] = field(default_factory=dict)
    related: tuple[Any, ...] = ()
    keys: Mapping[str, Any] = field(default_factory=dict)
    by_branch: bool = True
    by_state: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that can be asked; of the branch by whoever sees more than one."""
        return (*self.filters, "branch")

    def order(self, filters: Filters) -> Any:
        return next((key for name, key in self.keys.items() if name in filters), self.key)


def look(
    session: Session,
    listed: Listed,
    filters: Filters,
    branch_id: int | None,
    before: int | None = None,
    after: int | None = None,
    size: int = PAGE,
) -> Page:
    """A page of what `branch_id` may see (None: every branch). `before`: what follows this row; `after`: what stands before it.

    Raises Unclear.
    """
    model, key = listed.model, listed.order(filters)
    backwards, cursor = after is not None, after if after is not None else before
    falling = listed.descending is not backwards
    parts = _parts(session, listed, filters, branch_id)
    place = _place(session, model, key, cursor, branch_id)
    if place is not None:
        beyond = _beyond(model, key, place, falling)
        parts = [[*part, beyond] for part in parts]
    ids = list(session.scalars(_merged(model, key, falling, parts, size + 1)))
    rows, goes_on = _loaded(session, listed, ids[:size]), len(ids) > size
    if backwards:
        rows = rows[::-1]
        return Page(rows, rows[0].id if rows and goes_on else None, rows[-1].id if rows else None)
    return Page(rows, rows[0].id if rows and place is not None else None, rows[-1].id if goes_on else None)


def count(session: Session, listed: Listed, filters: Filters, branch_id: int | None, most: int = MOST_COUNTED) -> int:
    """How many rows there are, counted to `most` + 1 and no further. Raises Unclear."""
    model, key = listed.model, listed.order(filters)
    found: set[int] = set()  # part by part, for mostly the first has enough; a row may be in several
    for part in _parts(session, listed, filters, branch_id):
        found.update(session.scalars(_merged(model, key, listed.descending, [part], most + 1)))
        if len(found) > most:
            return most + 1
    return len(found)


def _parts(session: Session, listed: Listed, filters: Filters, branch_id: int | None) -> Parts:
    filters = dict(filters)
    code = filters.pop("branch", None)
    if code is not None:
        asked = session.scalar(select(Branch.id).where(Branch.code == code))
        if asked is None or branch_id not in (None, asked):
            return []
        branch_id = asked
    parts: Parts = [[]]
    narrow = False
    for name, value in filters.items():
        further = listed.filters[name](session, value)
        narrow = narrow or isinstance(further, Narrow)
        parts = [[*part, *more] for part in parts for more in further]
    if narrow:
        return parts if branch_id is None else [[*part, listed.model.branch_id + 0 == branch_id] for part in parts]
    if listed.by_state is not None and "state" not in filters:
        parts = [[*part, listed.by_state == state] for part in parts for state in listed.words["state"]]
    if branch_id is not None:
        return [[*part, listed.model.branch_id == branch_id] for part in parts]
    if not listed.by_branch:
        return parts
    branches = session.scalars(select(Branch.id)).all()
    return [[*part, listed.model.branch_id == branch] for part in parts for branch in branches]


def _place(session: Session, model: Any, key: Any, cursor: int | None, branch_id: int | None) -> tuple[Any, int] | None:
    if cursor is None:
        return None
    seen = select(key, model.id).where(model.id == cursor)
    found = session.execute(seen if branch_id is None else seen.where(model.branch_id == branch_id)).one_or_none()
    return (found[0], found[1]) if found is not None else None


def _beyond(model: Any, key: Any, place: tuple[Any, int], falling: bool) -> ColumnElement[bool]:
    value, id_ = place
    if key is model.id:
        return model.id < id_ if falling else model.id > id_
    further, level = (key < value, model.id < id_) if falling else (key > value, model.id > id_)
    # The first condition is what an index is entered by; the second takes the place itself out.
    return and_(key <= value if falling else key >= value, or_(further, level))


def _merged(model: Any, key: Any, falling: bool, parts: Parts, size: int) -> Select[tuple[int]]:
    """The ids of the first `size` rows of any part."""
    by = _by(key, model.id, falling)
    each = [select(model.id.label("id"), key.label("by")).where(*part).order_by(*by).limit(size) for part in parts]
    if not each:
        return select(model.id).where(false())
    if len(each) == 1:
        return select(each[0].subquery().c.id)
    whole = union(*(select(one.subquery()) for one in each)).subquery()
    return select(whole.c.id).order_by(*_by(whole.c.by, whole.c.id, falling)).limit(size)


def _by(key: Any, id_: Any, falling: bool) -> list[Any]:
    columns = [id_] if key is id_ else [key, id_]
    return [column.desc() for column in columns] if falling else columns


def _loaded(session: Session, listed: Listed, ids: Sequence[int]) -> list[Any]:
    rows = session.scalars(
        select(listed.model).where(listed.model.id.in_(ids)).options(*(joinedload(each) for each in listed.related))
    )
    found = {row.id: row for row in rows}
    return [found[id_] for id_ in ids if id_ in found]
