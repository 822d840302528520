"""A list of supervision leaves the office as a file: asked for with its filters, made in the background, told in the journal.

Who asks for it reads a language; who makes the file does not know him. So the words come with the question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.services.errors import Absent, Faulty
from app.services.guard import allow
from app.services.jobs import JobFile, Outcome, Progress, ask_job
from app.services.road import write_line
from app.services.same_page import made_already
from app.services.spreadsheet import CSV, XLSX, Cell, Table, as_csv, as_xlsx
from app.services.world import BEIJING, World
from models.rulebook.oversight import JobKind
from models.rulebook.permissions import EVERY_BRANCH, Actor, Permission
from models.tables import Branch, Job, JournalLine
from models.worklists.lists import LISTS
from models.worklists.looking import Column, Filters, Listed, Shape, Unclear, count, look

MOST_ROWS = 10_000
WITHOUT_REASON = 1_000
_STEP = 500  # rows read at a time
_FORMATS = {"csv": (as_csv, CSV), "xlsx": (as_xlsx, XLSX)}


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """`asked`: the filters in words; `wording`: see `app/words/looking`; `page`: the mark of the page that asks."""

    room: str
    filters: Filters
    format: str
    reason: str
    asked: tuple[tuple[str, str], ...]
    wording: Mapping[str, Any]
    page: str = ""


def ask_export(world: World, actor: Actor, order: ExportOrder) -> int:
    """The id of the job. Raises Absent for no such list, Forbidden, Faulty for more than WITHOUT_REASON rows without a reason."""
    allow(Permission.export_lists, actor)
    listed = LISTS.get(order.room)
    if listed is None or order.format not in _FORMATS:
        raise Absent()
    allow(listed.permission, actor)
    branch_id = branch_of(actor)
    with world.reading() as session:
        rows = _counted(session, listed, order.filters, branch_id, MOST_ROWS)
    if rows > WITHOUT_REASON and not order.reason:
        raise Faulty(fields={"reason": "export_reason_missing"}, rows=WITHOUT_REASON)
    with world.writing() as session:
        made = made_already(session, world, actor, Job, "export_list", order.page)
        if made is not None:
            return made
        now = world.now()
        question = {
            "room": order.room,
            "filters": dict(order.filters),
            "format": order.format,
            "reason": order.reason,
            "asked": [list(pair) for pair in order.asked],
            "wording": dict(order.wording),
        }
        job = ask_job(session, now, actor, JobKind.list_export, question, branch_id)
        told = {"list": order.wording["title"], "asked": "; ".join(f"{label}={value}" for label, value in order.asked)}
        write_line(
            session,
            now,
            actor,
            job,
            "export_list",
            branch_id=branch_id,
            rows=min(rows, MOST_ROWS),
            format=order.format,
            reason=order.reason,
            page=order.page,
            **told,
        )
        session.commit()
        return job.id


def make_export(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
    """The file: what the list holds now, as far as whoever asked may see it now. Raises Forbidden."""
    listed, wording = LISTS[question["room"]], question["wording"]
    allow(Permission.export_lists, actor)
    allow(listed.permission, actor)
    branch_id, rows = branch_of(actor), []
    with world.reading() as session:
        all_ = _counted(session, listed, question["filters"], branch_id, MOST_ROWS)
        of, cursor = min(all_, MOST_ROWS), None
        while len(rows) < of:
            page = look(session, listed, question["filters"], branch_id, before=cursor, size=min(_STEP, of - len(rows)))
            rows += [[_cell(column, row, wording) for column in listed.columns] for row in page.rows]
            progress(len(rows), of)
            cursor = page.older
            if cursor is None:
                break
        stamp = _stamp(session, world, actor, question, len(rows), all_ > MOST_ROWS)
        session.expunge_all()
    table = Table(wording["title"], stamp, wording["heads"], rows, world.now(), actor.name, wording["stamp"]["colon"])
    render, media_type = _FORMATS[question["format"]]
    name = f"{wording['title']}_{world.now().astimezone(BEIJING):%Y%m%d_%H%M}.{question['format']}"
    return Outcome({"rows": len(rows), "cut": all_ > MOST_ROWS}, JobFile(name, media_type, render(table)))


def branch_of(actor: Actor) -> int | None:
    """Whose rows he sees; None for all, 0, which is no branch's, for nobody's."""
    return None if not actor.roles.isdisjoint(EVERY_BRANCH) else actor.branch_id or 0


def _counted(session: Session, listed: Listed, filters: Filters, branch_id: int | None, most: int) -> int:
    try:
        return count(session, listed, filters, branch_id, most)
    except Unclear as unclear:
        raise Faulty(unclear.code) from None


def _stamp(
    session: Session, world: World, actor: Actor, question: Mapping[str, Any], rows: int, is_cut: bool
) -> list[tuple[str, str]]:
    """Who, when, where, by which filter, why: on the file itself."""
    labels = question["wording"]["stamp"]
    branch = session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
    asked = "; ".join(f"{label}={value}" for label, value in question["asked"]) or labels["everything"]
    stamp = [
        (labels["who"], actor.called),
        (labels["at"], world.now().astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")),
        (labels["branch"], branch.code if branch is not None else labels["everything"]),
        (labels["asked"], asked),
        (labels["rows"], f"{rows} ({labels['cut'].format(most=MOST_ROWS)})" if is_cut else str(rows)),
    ]
    return [*stamp, (labels["reason"], question["reason"])] if question["reason"] else stamp


def _cell(column: Column, row: Any, wording: Mapping[str, Any]) -> Cell:
    match column.shape:
        case Shape.act | Shape.change | Shape.detail | Shape.by:
            return _of_line(column.shape, row, wording["journal"])
    value = column.of(row)
    if value is None:
        return None
    match column.shape:
        case Shape.money:
            return Decimal(value) / 100
        case Shape.word | Shape.state:
            return wording["words"][column.name][value.value]
        case Shape.words:
            return wording["comma"].join(said for word, said in wording["words"][column.name].items() if word in value)
        case Shape.many:
            return len(value)
        case Shape.date:
            return value.astimezone(BEIJING).date()
        case Shape.bilingual:
            return getattr(value, f"name_{wording['language']}")
        case Shape.reason:
            return wording["reasons"].get(value, value)
        case Shape.pairs:
            return "; ".join(f"{label}={asked}" for label, asked in value)
    return value


def _of_line(shape: Shape, line: JournalLine, said: Mapping[str, Any]) -> str:
    if shape is Shape.by:
        if line.staff is not None:
            return line.staff.called
        named = line.platform.name_zh if line.platform is not None else None
        return named or (line.station.name if line.station is not None else said["program"])
    if shape is Shape.act:
        subject = said["subjects"].get(line.subject, line.subject)
        return f"{subject}{said['colon']}{said['acts'].get(f'{line.subject}:{line.act}', line.act)}"
    if shape is Shape.change:
        if line.after is None or line.before == line.after:
            return ""
        after = said["states"].get(f"{line.subject}:{line.after}", "")
        return f"{said['states'].get(f'{line.subject}:{line.before}', '')} → {after}" if line.before and after else after
    keys = [key for key in said["details"] if line.detail.get(key) not in (None, "")]
    return said["comma"].join(f"{said['details'][key]} {_value(line, key, said['values'])}" for key in keys)


def _value(line: JournalLine, key: str, words: Mapping[str, Any]) -> str:
    found = line.detail[key]
    said = words.get(f"{line.subject}:{key}", words.get(key, {}))
    return "/".join(said.get(str(one), str(one)) for one in (found if isinstance(found, list) else [found]))
