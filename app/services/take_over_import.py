"""A file of deliveries that was looked at is taken over: all of it, or the good lines alone where a supervisor says why; in one breath."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.blank_pieces import LONGEST
from app.services.errors import Absent, Faulty, OutOfTurn
from app.services.guard import allow
from app.services.jobs import Outcome, Progress, ask_job
from app.services.preview_import import facts_of, judge_lines, preview, told_line
from app.services.receive_delivery import book_delivery
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.delivery_file import COLUMNS, DeliveryLine, read_line
from models.rulebook.oversight import ImportAction, JobKind
from models.rulebook.oversight_workflow import IMPORT
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.workflow import NotOpen, next_state
from models.tables import Branch, StockImport


def ask_take_over(world: World, actor: Actor, import_id: int, version: int, only_good: bool = False, reason: str = "") -> int:
    """The id of the background work. `only_good`: leave the faulty lines, for a reason.

    Raises Faulty at only_good and reason, Absent, OutOfTurn, Stale: also for a second click.
    """
    with world.writing() as session:
        read = _at_hand(session, actor, import_id)
        _next(read, ImportAction.take_over)
        if read.faulty and not only_good:
            raise Faulty(fields={"only_good": "import_faulty"})
        if read.faulty and not reason.strip():
            raise Faulty(fields={"reason": "required"})
        if read.faulty == len(read.lines):
            raise Faulty(fields={"only_good": "import_nothing_good"})
        claim(session, read, version, reason=reason.strip() if read.faulty else "")
        question = {"step": "take_over", "import_id": read.id, "version": read.version}
        job = ask_job(session, world.now(), actor, JobKind.stock_import, question, read.branch_id)
        session.commit()
        return job.id


def drop_import(world: World, actor: Actor, import_id: int, version: int) -> None:
    """Nothing of it is taken over. Raises Absent, OutOfTurn, Stale."""
    with world.writing() as session:
        read = _at_hand(session, actor, import_id)
        _advance(session, world, actor, read, ImportAction.drop, version)
        session.commit()


def work_on_import(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
    """Whichever step was asked for. Each bears being begun again."""
    if question["step"] == "preview":
        return preview(world, actor, question, progress)
    return _take_over(world, actor, question["import_id"], question["version"], progress)


def _take_over(world: World, actor: Actor, import_id: int, version: int, progress: Progress) -> Outcome:
    """Judged once more: what was good when it was looked at may be in the books by now. Then nothing is taken over, and the page names
    what changed."""
    with world.reading() as session:
        read = _at_hand(session, actor, import_id)
        if read.state in _TAKEN:
            return Outcome({"import_id": import_id})
        good = [_again(line) for line in read.lines if not line["faults"]]
    judge_lines(world, actor, good, progress)
    if any(line.faults for line in good):
        _name_what_changed(world, actor, import_id, version, good)
        raise Faulty("import_changed")
    with world.writing() as session:
        read = _at_hand(session, actor, import_id)
        _advance(session, world, actor, read, ImportAction.take_over, version, taken=len(good), left=read.faulty)
        branch = session.get_one(Branch, read.branch_id)
        try:
            for line in good:
                if line.contents is not None:
                    book_delivery(session, world.now(), actor, branch, facts_of(line), line.contents, read.id)
            session.commit()
        except IntegrityError:  # somebody else took in one of the pieces by a blink
            raise Faulty("import_changed") from None
        return Outcome({"import_id": import_id})


_TAKEN = frozenset(after for (_, action), after in IMPORT.items() if action is ImportAction.take_over)


def _name_what_changed(world: World, actor: Actor, import_id: int, version: int, judged: Sequence[DeliveryLine]) -> None:
    now_told = {line.number: told_line(line) for line in judged}
    with world.writing() as session:
        read = _at_hand(session, actor, import_id)
        lines = [now_told.get(line["line"], line) for line in read.lines]
        claim(session, read, version, lines=lines, faulty=sum(1 for line in lines if line["faults"]), reason="")
        session.commit()


def _again(line: Mapping[str, Any]) -> DeliveryLine:
    return read_line(line["line"], {column: line[column] for column in COLUMNS}, LONGEST)


def _at_hand(session: Session, actor: Actor, import_id: int) -> StockImport:
    read = session.get(StockImport, import_id)
    if read is None:
        raise Absent()
    allow(Permission.manage_stock, actor, Subject(read.branch_id))
    return read


def _next(read: StockImport, action: ImportAction) -> Any:
    try:
        return next_state(IMPORT, read.state, action)
    except NotOpen:
        raise OutOfTurn(state=read.state.value, action=action.value) from None


def _advance(
    session: Session, world: World, actor: Actor, read: StockImport, action: ImportAction, version: int, **said: Any
) -> None:
    before, after, now = read.state, _next(read, action), world.now()
    claim(session, read, version, state=after, state_since=now)
    told = {"file": read.file_name, **({"reason": read.reason} if read.reason else {}), **said}
    write_line(session, now, actor, read, action.value, before=before, after=after, branch_id=read.branch_id, **told)
