"""A file of deliveries is looked at in the background: every faulty line is named, nothing is taken in yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.blank_pieces import LONGEST
from app.services.errors import Absent, Faulty
from app.services.guard import allow
from app.services.jobs import Outcome, Progress, ask_job
from app.services.receive_delivery import DeliveryFacts, refuse_known
from app.services.road import write_line
from app.services.same_page import made_already
from app.services.world import World
from models.rulebook.delivery_file import BadFile, DeliveryLine, LineFault, read_lines
from models.rulebook.oversight import ImportState, JobKind
from models.rulebook.permissions import Actor, Permission
from models.tables import Job, StockImport

LARGEST = 200 * 1024  # bytes


def ask_preview(world: World, actor: Actor, file_name: str, content: bytes, mark: str = "") -> int:
    """The id of the background work that reads the file; of a second click the first one's. Raises Faulty at `file`, Absent."""
    allow(Permission.manage_stock, actor)
    text = _decoded(content)
    try:
        read_lines(text, LONGEST)  # what is no list at all is said at once
    except BadFile as fault:
        raise Faulty(fields={"file": fault.code}) from None
    with world.writing() as session:
        there = made_already(session, world, actor, Job, "give_file", mark)
        if there is not None:
            return there
        if actor.branch_id is None:
            raise Absent()
        now, name = world.now(), "".join(filter(str.isprintable, file_name)).strip()[-120:]
        question = {
            "step": "preview",
            "file_name": name,
            "digest": sha256(content).hexdigest(),
            "given_at": now.isoformat(),
            "text": text,
        }
        job = ask_job(session, now, actor, JobKind.stock_import, question, actor.branch_id)
        write_line(session, now, actor, job, "give_file", branch_id=actor.branch_id, file=name, page=mark)
        session.commit()
        return job.id


def preview(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
    """The work itself. Begun again it finds what it wrote down before."""
    given_at = datetime.fromisoformat(question["given_at"])
    with world.reading() as session:
        there = _previewed(session, actor, given_at, question["digest"])
    if there is not None:
        return Outcome({"import_id": there})
    lines = read_lines(question["text"], LONGEST)
    judge_lines(world, actor, lines, progress)
    with world.writing() as session:
        read = StockImport(
            branch_id=actor.branch_id,
            file_name=question["file_name"],
            digest=question["digest"],
            state_since=given_at,
            lines=[told_line(line) for line in lines],
            faulty=sum(1 for line in lines if line.faults),
            by=actor.staff_id,
            at=given_at,
        )
        session.add(read)
        said = {"file": read.file_name, "lines": len(lines), "faulty": read.faulty}
        write_line(session, world.now(), actor, read, "preview", after=ImportState.previewed, branch_id=actor.branch_id, **said)
        session.commit()
        return Outcome({"import_id": read.id})


def judge_lines(world: World, actor: Actor, lines: Sequence[DeliveryLine], progress: Progress) -> None:
    """Add to each line what is wrong with it in the books: its note or its serials are there already."""
    for done, line in enumerate(lines):
        progress(done, len(lines))
        if line.contents is None or line.kind is None:
            continue
        with world.reading() as session:
            try:
                refuse_known(session, actor.branch_id or 0, facts_of(line), line.contents)
            except Faulty as fault:
                line.faults += [LineFault(code, fault.facts) for code in fault.fields.values()]


def facts_of(line: DeliveryLine) -> DeliveryFacts:
    """Only of a line whose kind is known."""
    typed = line.typed
    if line.kind is None:
        raise ValueError("a line without a kind is no delivery")
    return DeliveryFacts(line.kind, typed["note"], typed["supplier"], typed["first"], typed["last"], line.counted)


def told_line(line: DeliveryLine) -> dict[str, Any]:
    """As it is kept: what was typed, how many pieces it brings, its faults."""
    return {
        "line": line.number,
        **line.typed,
        "pieces": len(line.contents.inside) if line.contents else 0,
        "faults": [{"code": fault.code, "facts": dict(fault.facts)} for fault in line.faults],
    }


def _previewed(session: Session, actor: Actor, given_at: datetime, digest: str) -> int | None:
    return session.scalar(
        select(StockImport.id).where(
            StockImport.branch_id == actor.branch_id,
            StockImport.by == actor.staff_id,
            StockImport.at == given_at,
            StockImport.digest == digest,
        )
    )


def _decoded(content: bytes) -> str:
    """Spreadsheet programs write UTF-8 with or without a mark before it, or the national character set."""
    if not content.strip():
        raise Faulty(fields={"file": "import_empty"})
    if len(content) > LARGEST:
        raise Faulty(fields={"file": "import_large"})
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Faulty(fields={"file": "import_no_text"})
