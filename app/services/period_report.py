"""The period report: a branch's work, times, refusals, stock and uncollected pieces by months, as PDF or as a workbook.

Figures only: no applicant is named in it. What an auditor asks for over all branches is told branch by branch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.errors import Absent, Faulty
from app.services.guard import allow
from app.services.jobs import JobFile, Outcome, Progress, ask_job
from app.services.period_sections import (
    Section,
    reasons_section,
    stock_section,
    times_section,
    uncollected_section,
    works_section,
)
from app.services.spreadsheet import XLSX, Table, as_workbook
from app.services.world import BEIJING, World
from models.rulebook.oversight import JobKind, JobState
from models.rulebook.oversight_workflow import JOB_FINAL
from models.rulebook.permissions import EVERY_BRANCH, Actor, Permission, Subject
from models.tables import Branch, Job, Staff
from models.worklists.overview import Measured, measured
from models.worklists.period import bounds, moved, next_month, reasons, uncollected, worked
from reports import period_report as paper
from reports.table import Cell, Column

MOST_MONTHS = 12
PDF = "application/pdf"
FORMS = ("pdf", "xlsx")


@dataclass(frozen=True, slots=True)
class PeriodOrder:
    """Whole months, `first` and `last` by their first days; `branch_id` None: every branch, for who sees all. `form`: of FORMS;
    `language`: "zh" or "en", of the workbook (the paper bears both)."""

    first: date
    last: date
    branch_id: int | None
    form: str
    language: str = "zh"


def ask_period_report(world: World, actor: Actor, order: PeriodOrder) -> int:
    """The job's id; who asks again for what is not finished yet is led to the same job.

    Raises Faulty (`last`: before the first, too many months, not begun yet), Absent for another branch."""
    allow(Permission.read_reports, actor)
    faults = {}
    if order.last < order.first:
        faults["last"] = "period_backwards"
    elif len(_months(order.first, order.last)) > MOST_MONTHS:
        faults["last"] = "period_too_long"
    elif order.last > world.today():
        faults["last"] = "period_not_begun"
    if order.form not in FORMS:
        faults["form"] = "required"
    if faults:
        raise Faulty(fields=faults)
    with world.writing() as session:
        branch_id = _scope(session, actor, order.branch_id)
        question = {
            "first": order.first.isoformat(),
            "last": order.last.isoformat(),
            "branch_id": branch_id,
            "form": order.form,
            "language": order.language,
        }
        same = _under_way(session, actor, question)
        if same is not None:
            return same
        job = ask_job(session, world.now(), actor, JobKind.period_report, question, branch_id)
        session.commit()
        return job.id


def period_report(world: World, actor: Actor, question: Mapping[str, Any], progress: Progress) -> Outcome:
    """A job's work; its steps are branches and months."""
    allow(Permission.read_reports, actor)
    first, last = (date.fromisoformat(question[name]) for name in ("first", "last"))
    months = _months(first, last)
    with world.reading() as session:
        branch_id = _scope(session, actor, question["branch_id"])
        query = select(Branch).order_by(Branch.code)
        branches = session.scalars(query if branch_id is None else query.where(Branch.id == branch_id)).all()
        sections = _sections(session, world, branches, months, progress)
    period = f"{first:%Y-%m} – {last:%Y-%m}" if first != last else f"{first:%Y-%m}"
    scope = (branches[0].name_zh, branches[0].name_en) if branch_id is not None else ("全部网点", "All branches")
    stem = f"期间报表_{branches[0].code if branch_id is not None else 'ALL'}_{first:%Y%m}-{last:%Y%m}"
    if question["form"] == "pdf":
        return Outcome(file=JobFile(f"{stem}.pdf", PDF, _paper(world, actor, period, scope, sections)))
    content = as_workbook([_sheet(world.now(), actor, period, scope, one, question["language"]) for one in sections])
    return Outcome(file=JobFile(f"{stem}.xlsx", XLSX, content))


def _under_way(session: Session, actor: Actor, question: Mapping[str, Any]) -> int | None:
    """Of two clicks at once the second waits for the first one's commit, and finds its job."""
    session.execute(select(Staff.id).where(Staff.id == actor.staff_id).with_for_update(key_share=True))
    under_way = [state for state in JobState if state not in JOB_FINAL]
    jobs = session.scalars(
        select(Job).where(Job.asked_by == actor.staff_id, Job.kind == JobKind.period_report, Job.state.in_(under_way))
    )
    return next((job.id for job in jobs if job.question == question), None)


def _months(first: date, last: date) -> list[date]:
    """One more than allowed at most: enough to refuse."""
    found = [first.replace(day=1)]
    while len(found) <= MOST_MONTHS:
        found.append(next_month(found[-1]))
    return list(takewhile(lambda month: month <= last, found))


def _scope(session: Session, actor: Actor, branch_id: int | None) -> int | None:
    """Whose figures: the actor's own branch; for who sees all, the one that he chose."""
    if actor.roles.isdisjoint(EVERY_BRANCH):
        branch_id = actor.branch_id
    if branch_id is None and actor.roles.isdisjoint(EVERY_BRANCH):
        raise Absent()
    if branch_id is not None:
        if session.get(Branch, branch_id) is None:
            raise Absent()
        allow(Permission.read_reports, actor, Subject(branch_id))
    return branch_id


def _sections(
    session: Session, world: World, branches: Sequence[Branch], months: Sequence[date], progress: Progress
) -> list[Section]:
    works, stock, times = {}, {}, {}
    done, steps = 0, len(branches) * (len(months) + 1)
    for branch in branches:
        for month in months:
            progress(done, steps)
            works[month, branch.code] = worked(session, branch.id, month)
            stock[month, branch.code] = moved(session, branch.id, month)
            times[month, branch.code] = _times(session, branch, month)
            done += 1
    since, until = bounds(months[0])[0], bounds(months[-1])[1]
    told, lying = {}, {}
    for branch in branches:
        progress(done, steps)
        told[branch.code] = reasons(session, branch.id, since, until)
        lying[branch.code] = uncollected(session, branch.id, world.now())
        done += 1
    progress(steps, steps)
    return [
        works_section(works),
        times_section(times),
        reasons_section(told),
        stock_section(stock),
        uncollected_section(lying),
    ]


def _times(session: Session, branch: Branch, month: date) -> list[Measured]:
    since, until = bounds(month)
    return measured(session, [branch.id], since, until)


def _paper(world: World, actor: Actor, period: str, scope: tuple[str, str], sections: Sequence[Section]) -> bytes:
    return paper.render(
        paper.PeriodReport(
            period=period,
            scope_zh=scope[0],
            scope_en=scope[1],
            made_on=world.today(),
            made_by=actor.name,
            sections=tuple(
                paper.Section(
                    title_zh=one.title[0],
                    title_en=one.title[1],
                    note_zh=one.note[0],
                    note_en=one.note[1],
                    columns=tuple(
                        Column(head[0], head[1], share, "right" if is_number else "left")
                        for head, share, is_number in one.columns
                    ),
                    rows=tuple(tuple(_cell(value) for value in row) for row in one.rows),
                )
                for one in sections
            ),
        )
    )


def _cell(value: Any) -> Cell | str:
    if isinstance(value, tuple):
        return Cell(*value)
    return "—" if value is None else str(value)


def _sheet(at: datetime, actor: Actor, period: str, scope: tuple[str, str], one: Section, language: str) -> Table:
    which = 1 if language == "en" else 0
    labels = (("期间", "Period"), ("网点", "Branch"), ("制表", "Made by"), ("时间", "At"), ("说明", "Note"))
    made = at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    values = (period, scope[which], actor.called, made, one.note[which])
    return Table(
        title=one.title[which],
        stamp=[(label[which], value) for label, value in zip(labels, values, strict=True) if value],
        heads=[head[which] for head, _, _ in one.columns],
        rows=[[value[which] if isinstance(value, tuple) else value for value in row] for row in one.rows],
        made_at=at,
        author=actor.name,
    )
