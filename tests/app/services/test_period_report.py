"""The period report: its figures are those of what was done, counted beside it; two forms, the same rows; nobody is named."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.services.accept_case import accept_case
from app.services.errors import Absent, Faulty, Forbidden
from app.services.job_kinds import WORKS
from app.services.jobs import run_jobs
from app.services.period_report import PeriodOrder, ask_period_report
from app.services.refuse_case import refuse_case
from app.services.road import write_line
from app.services.withdraw_case import withdraw_case
from app.services.world import World
from models.rulebook.oversight import JobState
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseState, ItemState, Role
from models.tables import Case, CaseItem, Certificate, Job
from tests.builders.aftercare import plant_held
from tests.builders.cases import drafted, in_review, noticed
from tests.builders.issuance import plant_stock
from tests.builders.people import actor_of, branch_id_of
from tests.reports.reading import text_of

NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)
SUPERVISOR, AUDITOR = Role.supervisor, Role.auditor


def order(first: date = NOVEMBER, last: date = NOVEMBER, **changes: Any) -> PeriodOrder:
    return PeriodOrder(**{"first": first, "last": last, "branch_id": None, "form": "xlsx"} | changes)


def made(world: World, actor: Actor, wanted: PeriodOrder) -> Job:
    job_id = ask_period_report(world, actor, wanted)
    run_jobs(world, WORKS)
    with world.reading() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.fault) == (JobState.done, "")
        assert job.content
        return job


def sheets(job: Job) -> dict[str, list[tuple[Any, ...]]]:
    """By title, without stamp and heads."""
    book = load_workbook(io.BytesIO(job.content or b""))
    return {sheet.title: [tuple(row) for row in sheet.iter_rows(min_row=4, values_only=True)] for sheet in book}


@pytest.fixture
def month(world: World) -> None:
    """In November at Haidian: five opened, of which one refused, one withdrawn, one sent back for papers; one at Chaoyang."""
    plant_stock(world)
    refused = in_review(world)
    refuse_case(world, actor_of(world, Role.reviewer), refused.id, refused.version, "样例甲说不办了")
    gone = drafted(world)
    withdraw_case(world, actor_of(world), gone.id, gone.version, "改日再来")
    noticed(world)
    in_review(world)
    drafted(world)
    drafted(world, "CY01")


def test_the_figures_are_those_of_the_branch_and_the_month(world: World, month: None) -> None:
    found = sheets(made(world, actor_of(world, SUPERVISOR), order()))
    assert list(found) == ["业务量", "办理时间", "不予受理和补正的理由", "库存变动", "未领介质"]
    assert found["业务量"] == [
        ("2026-11", "HD01", "新办", 5, 0, 1, 1),
        ("合计", None, None, 5, 0, 1, 1),
    ]
    refusals = [row for row in found["不予受理和补正的理由"] if row[1] == "不予受理"]
    assert refusals == [("HD01", "不予受理", "人工写明的理由（见各案件）", 1)]
    corrections = [row for row in found["不予受理和补正的理由"] if row[1] == "补正"]
    assert len(corrections) == 1
    assert corrections[0][3] == 1


def test_another_month_is_another_months(world: World, month: None) -> None:
    found = sheets(made(world, actor_of(world, SUPERVISOR), order(OCTOBER, OCTOBER)))
    assert found["业务量"] == []
    assert found["不予受理和补正的理由"] == []


def test_days_belong_to_months_as_the_counters_calendar_has_it(world: World) -> None:
    """Half past midnight on 1 November in Beijing is October still by UTC."""
    case = drafted(world)
    with world.writing() as session:
        session.get_one(Case, case.id).opened_at = world.now().replace(month=10, day=31, hour=16, minute=30)
        session.commit()
    assert sheets(made(world, actor_of(world, SUPERVISOR), order(OCTOBER, OCTOBER)))["业务量"] == []
    assert sheets(made(world, actor_of(world, SUPERVISOR), order()))["业务量"][0][3] == 1


def test_the_auditor_is_told_of_every_branch_or_of_one(world: World, month: None) -> None:
    auditor = actor_of(world, AUDITOR)
    rows = sheets(made(world, auditor, order()))["业务量"]
    assert [(row[1], row[3]) for row in rows] == [("CY01", 1), ("HD01", 5), (None, 6)]
    rows = sheets(made(world, auditor, order(branch_id=branch_id_of(world, "CY01"))))["业务量"]
    assert [(row[1], row[3]) for row in rows] == [("CY01", 1), (None, 1)]


def test_a_supervisor_is_told_of_his_own_branch_whatever_he_asks(world: World, month: None) -> None:
    rows = sheets(made(world, actor_of(world, SUPERVISOR, "CY01"), order(branch_id=branch_id_of(world))))["业务量"]
    assert {row[1] for row in rows} == {"CY01", None}
    with pytest.raises(Absent):
        ask_period_report(world, actor_of(world, AUDITOR), order(branch_id=999))
    for role in (Role.clerk, Role.reviewer, Role.administrator):
        with pytest.raises(Forbidden):
            ask_period_report(world, actor_of(world, role), order())


def test_paper_and_workbook_say_the_same_and_name_nobody(world: World, month: None) -> None:
    supervisor = actor_of(world, SUPERVISOR)
    workbook, paper = made(world, supervisor, order()), made(world, supervisor, order(form="pdf"))
    text = text_of(paper.content)
    for row in sheets(workbook)["业务量"]:
        assert str(row[3]) in text
    assert "业务量" in text
    assert "Refusals and corrections by reason" in text
    for name in ("北京样例科技有限公司", "样例甲说不办了", "样例乙"):
        assert name not in text
        assert name not in str(sheets(workbook))
    again = made(world, supervisor, order(form="pdf"))
    assert again.content == paper.content
    assert (paper.file_name, workbook.media_type[-5:]) == ("期间报表_HD01_202611-202611.pdf", "sheet")


def test_the_workbook_speaks_the_readers_language(world: World, month: None) -> None:
    job = made(world, actor_of(world, SUPERVISOR), order(language="en"))
    assert sheets(job)["Cases"][0][2] == "New application"


@pytest.mark.parametrize(
    ("first", "last", "fault"),
    [
        (NOVEMBER, OCTOBER, "period_backwards"),
        (date(2025, 11, 1), NOVEMBER, "period_too_long"),
        (NOVEMBER, date(2026, 12, 1), "period_not_begun"),
    ],
)
def test_a_period_that_is_none_is_refused(world: World, first: date, last: date, fault: str) -> None:
    with pytest.raises(Faulty) as refusal:
        ask_period_report(world, actor_of(world, SUPERVISOR), order(first, last))
    assert refusal.value.fields == {"last": fault}


def test_what_is_made_and_not_collected_is_named_the_longest_first(world: World) -> None:
    wanted = []
    for days in (3, 40):
        held = plant_held(world)
        with world.writing() as session:
            item = session.scalars(
                select(CaseItem)
                .join(Certificate, Certificate.item_id == CaseItem.id)
                .where(Certificate.id == held.certificate_id)
            ).one()
            item.state, item.state_since = ItemState.made, world.now() - timedelta(days=days)
            item.case.state = CaseState.awaiting_handover
            wanted.insert(0, ("HD01", item.case.number, held.token_serial, days))
            session.commit()
    assert sheets(made(world, actor_of(world, SUPERVISOR), order()))["未领介质"] == wanted


def test_times_are_those_that_the_journal_tells(world: World) -> None:
    """Ten minutes at the counter, five at the reviewer's desk; refused cases are not measured."""
    case = drafted(world)
    world.clock.move(minutes=10)  # type: ignore[attr-defined]
    accept_case(world, actor_of(world), case.id, case.version)
    world.clock.move(minutes=5)  # type: ignore[attr-defined]
    with world.writing() as session:
        row = session.get_one(Case, case.id)
        row.state, row.closed_at = CaseState.closed, world.now()
        write_line(session, world.now(), None, row, "close", after=CaseState.closed, case_id=row.id, branch_id=row.branch_id)
        session.commit()
    [row] = sheets(made(world, actor_of(world, SUPERVISOR), order()))["办理时间"]
    assert row[:7] == ("2026-11", "HD01", "新办", 1, 15, 5, 15)


def test_who_asks_again_while_it_is_made_is_led_to_the_same_job(world: World) -> None:
    supervisor = actor_of(world, SUPERVISOR)
    first = ask_period_report(world, supervisor, order())
    assert ask_period_report(world, supervisor, order()) == first
    assert ask_period_report(world, supervisor, order(form="pdf")) != first
    run_jobs(world, WORKS)
    assert ask_period_report(world, supervisor, order()) > first


def test_a_whole_year_goes(world: World) -> None:
    made(world, actor_of(world, SUPERVISOR), order(date(2025, 12, 1), NOVEMBER, form="pdf"))
