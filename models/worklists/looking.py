"""How the lists of supervision are asked: pages, counts and files put the same question.

A list is asked in parts, each of which an index answers in the list's own order: by branch for whoever sees all of them, by platform
where the rows are everybody's, by the ways in which a journal line can be about somebody. The parts are merged, so that a page costs the
same however many rows there are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true, union
from sqlalchemy.orm import Session, joinedload

from models.rulebook.permissions import Permission
from models.tables import Branch, Platform
from models.worklists.issuance import Page

PAGE = 50
MOST_COUNTED = 1000  # on a page; it says "1,000+" beyond
MOST_OF_A_NAME = 200  # where an applicant is asked for: of names that many bear, row by row has to be looked at

Filters = Mapping[str, str]  # as `forms/looking` gives them: values of words, days as ISO 8601, numbers as typed
Part = list[ColumnElement[bool]]
Parts = list[Part]  # any of them, all conditions of each


class Narrow(Parts):
    """Parts of few rows, found by an index of their own: one that begins with the branch would be walked from end to end."""


def aside(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Asked of each row that another condition found: no index is entered by it, and its share is estimated as ever."""
    return condition.is_(true())


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
    number = "number"
    many = "many"  # how many there are in it
    date = "date"  # on which an instant falls at the counters
    word = "word"  # of a closed list
    state = "state"  # of a closed list, as a badge
    words = "words"  # several of a closed list
    bilingual = "bilingual"  # what bears a name in both languages
    pairs = "pairs"  # of a label and a value
    reason = "reason"  # as it was typed, or a code of the program's
    by = "by"  # who did it: staff, station, platform or the program
    act = "act"
    change = "change"
    detail = "detail"


@dataclass(frozen=True, slots=True)
class Column:
    """`path`: attributes, or keys, from the row to the value; by default the column's own name."""

    name: str
    path: tuple[str, ...] = ()
    shape: Shape = Shape.text

    def of(self, row: Any) -> Any:
        """The value, None where the path breaks off."""
        found = row
        for step in self.path or (self.name,):
            if found is None:
                return None
            found = found.get(step) if isinstance(found, Mapping) else getattr(found, step)
        return found


BRANCH = Column("branch", ("branch", "code"))  # of most lists


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is read in the order of. `within`: a filter, and its column, which the index has in front of it: a part for each of
    its words."""

    key: Any
    within: tuple[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Whose:
    """`mine`: the parts of one branch; none: the rows are everybody's. `holds`: the same as a condition that no index is tempted by.

    `spread`: what the indexes begin with where no branch is asked for: ids, their column, and the filter that settles it.
    """

    mine: Callable[[int], Parts] | None = None
    holds: Callable[[int], ColumnElement[bool]] | None = None
    spread: tuple[Any, Any, str] | None = None


def of_branch(column: Any, spread: bool = True) -> Whose:
    return Whose(
        lambda branch_id: [[column == branch_id]],
        lambda branch_id: aside(column == branch_id),
        (Branch.id, column, "branch") if spread else None,
    )


def of_branches(*columns: Any) -> Whose:
    """Whichever of them it is."""
    return Whose(
        lambda branch_id: [[column == branch_id] for column in columns],
        lambda branch_id: aside(or_(*(column == branch_id for column in columns))),
    )


def of_platform(column: Any) -> Whose:
    return Whose(spread=(Platform.id, column, "platform"))


EVERYBODYS = Whose()


@dataclass(frozen=True)
class Listed:
    """`filters`: name → the parts that it asks for; `here`: those that mean the branch of whoever asks. `order`: of the list; `orders`:
    where it is asked by such a filter, the first of them counting. `always`: what holds of all rows. `related`: chains to load."""

    room: str
    model: Any
    whose: Whose
    columns: tuple[Column, ...]
    order: Order
    descending: bool
    filters: Mapping[str, Callable[[Session, str], Parts]]
    here: Mapping[str, Callable[[int | None], Parts]] = field(default_factory=dict)
    words: Mapping[str, type[StrEnum]] = field(default_factory=dict)
    related: tuple[tuple[Any, ...], ...] = ()
    orders: Mapping[str, Order] = field(default_factory=dict)
    always: tuple[ColumnElement[bool], ...] = ()
    permission: Permission = Permission.supervise

    @property
    def names(self) -> tuple[str, ...]:
        """Of all that can be asked; of the branch by whoever sees more than one."""
        return (*self.filters, *self.here, *(("branch",) if self.whose.mine is not None else ()))

    def order_by(self, filters: Filters) -> Order:
        return next((order for name, order in self.orders.items() if name in filters), self.order)


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
    model, key = listed.model, listed.order_by(filters).key
    backwards, cursor = after is not None, after if after is not None else before
    falling = listed.descending is not backwards
    parts = _parts(session, listed, filters, branch_id)
    place = _place(session, listed, key, cursor, branch_id)
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
    model, key = listed.model, listed.order_by(filters).key
    found: set[int] = set()  # part by part, for mostly the first has enough; a row may be in several
    for part in _parts(session, listed, filters, branch_id):
        found.update(session.scalars(_merged(model, key, listed.descending, [part], most + 1)))
        if len(found) > most:
            return most + 1
    return len(found)


def _parts(session: Session, listed: Listed, filters: Filters, branch_id: int | None) -> Parts:
    filters, whose, order = dict(filters), listed.whose, listed.order_by(filters)
    code = filters.pop("branch", None)
    if code is not None:
        asked = session.scalar(select(Branch.id).where(Branch.code == code))
        if asked is None or branch_id not in (None, asked):
            return []
        branch_id = asked
    parts: Parts = [[*listed.always]]
    narrow = False
    for name, value in filters.items():
        further = listed.here[name](branch_id) if name in listed.here else listed.filters[name](session, value)
        narrow = narrow or isinstance(further, Narrow)
        parts = _all_of(parts, further)
    if narrow:
        return parts if branch_id is None or whose.holds is None else [[*part, whose.holds(branch_id)] for part in parts]
    if order.within is not None and order.within[0] not in filters:
        name, column = order.within
        parts = _all_of(parts, [[column == word] for word in listed.words[name]])
    if branch_id is not None and whose.mine is not None:
        return _all_of(parts, whose.mine(branch_id))
    if whose.spread is None or whose.spread[2] in filters:
        return parts
    ids, column, _ = whose.spread
    return _all_of(parts, [[column == id_] for id_ in session.scalars(select(ids))])


def _all_of(parts: Parts, further: Parts) -> Parts:
    return [[*part, *more] for part in parts for more in further]


def _place(session: Session, listed: Listed, key: Any, cursor: int | None, branch_id: int | None) -> tuple[Any, int] | None:
    """The row that a page begins behind; one that may not be seen is no place."""
    if cursor is None:
        return None
    seen, holds = select(key, listed.model.id).where(listed.model.id == cursor), listed.whose.holds
    found = session.execute(seen if branch_id is None or holds is None else seen.where(holds(branch_id))).one_or_none()
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
    whole = (_joined(chain) for chain in listed.related)
    rows = session.scalars(select(listed.model).where(listed.model.id.in_(ids)).options(*whole)).unique()
    found = {row.id: row for row in rows}
    return [found[id_] for id_ in ids if id_ in found]


def _joined(chain: Sequence[Any]) -> Any:
    first, *rest = chain
    option = joinedload(first)
    for relation in rest:
        option = option.joinedload(relation)
    return option
