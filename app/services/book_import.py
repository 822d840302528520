"""The lines of a file of deliveries go into the books, part by part.

Ten thousand pieces in one transaction would keep every counter waiting (SQLite has one writer at a time); so each part is a
transaction of its own, with a pause after it. What a reader sees is never half done all the same:

1. Every piece is put down as announced. Nobody can use it yet and no sheet counts it, but its number is taken from now on. If one
   of them came in by another way meanwhile, all are taken back, and the lines are named: nothing was imported.
2. Only once all are there, one delivery after the other goes into the books whole: its paper, its pieces into stock, its ledger.
   Nothing can refuse it any more.

How far it is stands with the file and is written in each part's own transaction, only by whoever found it as he left it. Who dies is
followed by another who goes on there; who is late changes nothing.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.blank_pieces import AT_ONCE, LONGEST, announce, forget_announced
from app.services.errors import Absent, Faulty, OutOfTurn, Refusal
from app.services.guard import allow
from app.services.jobs import Gone, Outcome, Progress
from app.services.preview_import import facts_of, judge_lines, told_line
from app.services.receive_delivery import book_delivery, refuse_noted
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.delivery_file import COLUMNS, DeliveryLine, read_line
from models.rulebook.oversight import ImportAction, ImportState, StockKind
from models.rulebook.oversight_workflow import IMPORT
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.workflow import NotOpen, next_state, open_actions
from models.tables import Branch, StockImport

BREATH = 0.01  # seconds after each part, in which others write


class ImportLines:
    """The lines that are taken over, in order, and their pieces one after the other: `announced` counts these."""

    def __init__(self, kept: Sequence[Mapping[str, Any]]) -> None:
        good = (read_line(one["line"], {column: one[column] for column in COLUMNS}, LONGEST) for one in kept if not one["faults"])
        self.lines = [line for line in good if line.contents is not None]
        self.pieces = [(line.kind, serial) for line in self.lines if line.contents for serial in line.contents.inside]

    def part(self, begin: int, end: int) -> list[tuple[StockKind, list[str]]]:
        """Serials by kind."""
        return [
            (kind, [serial for _, serial in some]) for kind, some in groupby(self.pieces[begin:end], lambda one: one[0]) if kind
        ]

    def beginning_in(self, begin: int, end: int) -> Iterator[tuple[DeliveryLine, str]]:
        """The lines whose first piece is in that part, each with it."""
        place = 0
        for line in self.lines:
            if begin <= place < end:
                yield line, self.pieces[place][1]
            place += pieces_in(line)


def pieces_in(line: DeliveryLine) -> int:
    return len(line.contents.inside) if line.contents else 0


def book_import(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
    """The work itself, from wherever it is. Raises Faulty "import_changed" where nothing could be taken over."""
    import_id: int = question["import_id"]
    with world.reading() as session:
        read = import_at_hand(session, actor, import_id)
        if read.state is ImportState.imported:
            return Outcome({"import_id": import_id})
        if ImportAction.finish not in open_actions(IMPORT, read.state):
            raise OutOfTurn("import_out_of_turn")
        lines, announced, booked = ImportLines(read.lines), read.announced, read.booked
    steps = 2 * len(lines.pieces)
    if not announced:
        _judge(world, actor, import_id, lines, progress)
    for begin in range(announced, len(lines.pieces), AT_ONCE):
        progress(begin, steps)
        try:
            _announce(world, import_id, lines, begin)
        except (IntegrityError, Faulty):  # it came in by another way
            _give_up(world, actor, import_id, lines)
        time.sleep(BREATH)
    done = len(lines.pieces)
    for number, line in enumerate(lines.lines):
        if number >= booked:
            progress(done, steps)
            _book(world, actor, import_id, number, line)
            time.sleep(BREATH)
        done += pieces_in(line)
    progress(steps, steps)
    _finish(world, actor, import_id)
    return Outcome({"import_id": import_id})


def take_back(world: World, actor: Actor, import_id: int, lines: ImportLines, judged: Sequence[DeliveryLine] = ()) -> None:
    """All that is announced, part by part; then the file is as it was when it was looked at. `judged`: lines with what is wrong with
    them now. Raises Refusal "import_booked"."""
    while True:
        with world.writing() as session:
            read = import_at_hand(session, actor, import_id)
            if read.state is not ImportState.taking:
                return  # another was first
            if read.booked:
                raise Refusal("import_booked")
            begin = max(0, read.announced - AT_ONCE)
            for kind, serials in lines.part(begin, read.announced):
                forget_announced(session, kind, serials, read.branch_id)
            _step(session, read, announced=begin)
            if begin == 0:
                _named(session, world, actor, read, judged)
                session.commit()
                return
            session.commit()
        time.sleep(BREATH)


def import_at_hand(session: Session, actor: Actor, import_id: int) -> StockImport:
    """Raises Absent, also to whoever is of another branch."""
    read = session.get(StockImport, import_id)
    if read is None:
        raise Absent()
    allow(Permission.manage_stock, actor, Subject(read.branch_id))
    return read


def next_of(read: StockImport, action: ImportAction) -> ImportState:
    """Raises OutOfTurn."""
    try:
        return next_state(IMPORT, read.state, action)
    except NotOpen:
        raise OutOfTurn("import_out_of_turn") from None


def advance_import(
    session: Session,
    at: datetime,
    actor: Actor,
    read: StockImport,
    action: ImportAction,
    version: int,
    changes: Mapping[str, Any] | None = None,
    **said: Any,
) -> None:
    """Move a file along its table, with its line in the journal."""
    before, after = read.state, next_of(read, action)
    claim(session, read, version, state=after, state_since=at, **(changes or {}))
    write_line(
        session, at, actor, read, action.value, before=before, after=after, branch_id=read.branch_id, file=read.file_name, **said
    )


def _judge(world: World, actor: Actor, import_id: int, lines: ImportLines, progress: Progress) -> None:
    """Once more: what was good when it was looked at may be in the books by now."""
    judge_lines(world, actor, lines.lines, progress)
    if any(line.faults for line in lines.lines):
        take_back(world, actor, import_id, lines, lines.lines)
        raise Faulty("import_changed")


def _announce(world: World, import_id: int, lines: ImportLines, begin: int) -> None:
    end = min(begin + AT_ONCE, len(lines.pieces))
    with world.writing() as session:
        read = session.get_one(StockImport, import_id)
        _step(session, read, found=begin, announced=end)
        for line, first in lines.beginning_in(begin, end):
            refuse_noted(session, read.branch_id, facts_of(line), first)
        for kind, serials in lines.part(begin, end):
            announce(session, world.now(), kind, serials, read.branch_id)
        session.commit()


def _give_up(world: World, actor: Actor, import_id: int, lines: ImportLines) -> None:
    """What is ours goes first, so that what is left in the books is the others'."""
    take_back(world, actor, import_id, lines)
    judge_lines(world, actor, lines.lines, lambda done, of: None)
    with world.writing() as session:
        read = import_at_hand(session, actor, import_id)
        if read.state is ImportState.previewed:
            _rename(session, read, lines.lines)
            session.commit()
    raise Faulty("import_changed")


def _book(world: World, actor: Actor, import_id: int, number: int, line: DeliveryLine) -> None:
    assert line.contents is not None  # it is one of the good ones  # noqa: S101
    with world.writing() as session:
        read = session.get_one(StockImport, import_id)
        _step(session, read, found_booked=number, booked=number + 1)
        branch = session.get_one(Branch, read.branch_id)
        book_delivery(session, world.now(), actor, branch, facts_of(line), line.contents, read.id)
        session.commit()


def _finish(world: World, actor: Actor, import_id: int) -> None:
    with world.writing() as session:
        read = session.get_one(StockImport, import_id, with_for_update=True)
        if read.state is ImportState.taking:
            advance_import(session, world.now(), actor, read, ImportAction.finish, read.version, lines=read.booked)
            session.commit()


def _step(session: Session, read: StockImport, found: int | None = None, found_booked: int | None = None, **now: int) -> None:
    """How far it is, if it is still as it was found. Raises Gone: another is at it, or it was stopped."""
    at = (
        StockImport.state == ImportState.taking,
        StockImport.announced == (read.announced if found is None else found),
        StockImport.booked == (read.booked if found_booked is None else found_booked),
    )
    outcome = session.execute(
        update(StockImport).where(StockImport.id == read.id, *at).values(**now).execution_options(synchronize_session=False)
    )
    if outcome.rowcount != 1:
        raise Gone()
    session.refresh(read)


def _named(session: Session, world: World, actor: Actor, read: StockImport, judged: Sequence[DeliveryLine]) -> None:
    _rename(session, read, judged)
    advance_import(session, world.now(), actor, read, ImportAction.stop, read.version, {"reason": ""})


def _rename(session: Session, read: StockImport, judged: Sequence[DeliveryLine]) -> None:
    """Each line with what is wrong with it now."""
    now_told = {line.number: told_line(line) for line in judged}
    lines = [now_told.get(line["line"], line) for line in read.lines]
    claim(session, read, read.version, lines=lines, faulty=sum(1 for line in lines if line["faults"]))
