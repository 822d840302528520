"""A list leaves the office: read back from the files, by programs that read such files."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from app.services import export_list
from app.services.edit_staff import StaffFacts, edit_staff
from app.services.errors import Absent, Faulty, Forbidden
from app.services.export_list import ExportOrder, ask_export, make_export
from app.services.job_kinds import WORKS
from app.services.jobs import Progress, run_jobs
from app.services.settle_fee import settle_fee
from app.services.world import World
from app.words.looking import wording
from models.rulebook.oversight import JobState
from models.rulebook.vocabulary import CaseKind, PaymentMethod, Role
from models.tables import Job, JournalLine, Receipt
from models.worklists.lists import LISTS
from tests.builders.cases import awaiting_payment, drafted, in_review, resident_number
from tests.builders.day import float_in
from tests.builders.holders import plant_aftercare
from tests.builders.issuance import plant_stock
from tests.builders.people import actor_of
from tests.builders.road import travel


@pytest.fixture
def order(app: Flask) -> Any:
    """`order("cases", state="draft")`: as a page in Chinese asks."""

    def asked(room: str, format_: str = "csv", reason: str = "", language: str = "zh", **filters: str) -> ExportOrder:
        with app.test_request_context(), force_locale(language):
            words = wording(LISTS[room])
        return ExportOrder(room, filters, format_, reason, tuple(filters.items()), words)

    return asked


def made(world: World, job_id: int) -> Job:
    run_jobs(world, WORKS)
    with world.reading() as session:
        job = session.get_one(Job, job_id)
        _ = job.content
        session.expunge_all()
    assert job.state is JobState.done, job.fault
    return job


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def exported(world: World, order: ExportOrder, role: Role = Role.supervisor, branch: str = "HD01") -> list[list[str]]:
    content = made(world, ask_export(world, actor_of(world, role, branch), order)).content
    assert content is not None
    return rows_of(content)


def test_a_csv_says_who_took_it_and_holds_what_the_list_shows(world: World, order: Any) -> None:
    for name in ("=1+1 样例公司", "样例乙公司"):
        in_review(world, name=name)
    drafted(world)
    drafted(world, "CY01")
    stamp, heads, *rows = exported(world, order("cases", state="in_review", reason="月度核对"))
    assert stamp == [
        "导出人：S1-HD01 样例S1-HD01 · 导出时间：2026-11-23 09:00:00 · 网点：HD01 · 筛选：state=in_review · 行数：2 · 原因：月度核对"
    ]
    assert heads == ["案件号", "申请单位", "信用代码", "业务类型", "状态", "网点", "受理人", "受理时间", "状态起于"]
    assert [row[1] for row in rows] == ["样例乙公司", "'=1+1 样例公司"]
    assert {tuple(row[3:6]) for row in rows} == {("新办", "待复核", "HD01")}
    assert rows[0][7] == "2026-11-23 09:00:00"


def test_an_xlsx_opens_with_numbers_and_dates_of_their_own_kind(world: World, order: Any) -> None:
    case = awaiting_payment(world)
    settle_fee(world, actor_of(world), case.id, case.version, PaymentMethod.card, "=cmd|x")
    job = made(world, ask_export(world, actor_of(world, Role.supervisor), order("receipts", "xlsx")))
    assert job.file_name == "收费记录_20261123_0900.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(job.content or b""))
    sheet = book["收费记录"]
    stamp, _, heads, row = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert "S1-HD01" in stamp[0]
    assert "S1-HD01" in sheet.oddHeader.left.text
    read = dict(zip(heads, row, strict=True))
    with world.reading() as session:
        receipt = session.scalars(select(Receipt)).one()
    assert Decimal(str(read["金额（元）"])) == Decimal(receipt.amount_fen) / 100
    assert read["时间"] == datetime(2026, 11, 23, 9)  # noqa: DTZ001 - as sheets have it
    assert read["业务日"] == datetime(2026, 11, 23)  # noqa: DTZ001
    assert read["凭证号"] == "'=cmd|x"
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_the_journal_leaves_in_words_and_without_personal_numbers(world: World, order: Any) -> None:
    awaiting_payment(world)
    supervisor, clerk = actor_of(world, Role.supervisor), actor_of(world, which=2)
    edit_staff(
        world,
        supervisor,
        clerk.staff_id,
        1,
        StaffFacts(clerk.name, clerk.branch_id, frozenset({Role.clerk, Role.reviewer})),
        "样例",
    )
    lines = exported(world, order("journal"))
    acts = {row[3] for row in lines[2:]}
    assert {"案件：打开案件", "案件：受理", "案件：通过"} & acts
    assert not {act for act in acts if "_" in act}
    text = "\n".join(",".join(line) for line in lines)
    assert "草稿 → 待复核" in text
    assert f"工号 {clerk.number}" in text
    assert "岗位 受理员/复核员" in text
    assert "C1-HD01 样例C1-HD01" in text
    assert resident_number() not in text
    assert "13800138000" not in text


def test_the_file_says_it_in_the_askers_language(world: World, order: Any) -> None:
    in_review(world)
    stamp, heads, row = exported(world, order("cases", language="en"))
    assert stamp[0].startswith("Exported by: S1-HD01")
    assert heads[0] == "Case"
    assert row[3:5] == ["New", "In review"]


def test_each_sees_what_the_list_shows_him(world: World, order: Any) -> None:
    here, there = plant_stock(world, tokens=3), plant_stock(world, tokens=2, branch="CY01")
    assert [row[0] for row in exported(world, order("tokens"))[2:]] == here
    assert [row[0] for row in exported(world, order("tokens"), branch="CY01")[2:]] == there
    assert sorted(row[0] for row in exported(world, order("tokens"), Role.auditor)[2:]) == sorted(here + there)
    assert exported(world, order("tokens", branch="CY01"), Role.auditor)[2][0] == there[0]
    assert len(exported(world, order("tokens", branch="CY01"))) == 2, "a question of his own making finds nothing"


@pytest.mark.parametrize("role", [Role.clerk, Role.reviewer, Role.administrator])
def test_nobody_else_takes_a_list_out(world: World, order: Any, role: Role) -> None:
    with pytest.raises(Forbidden):
        ask_export(world, actor_of(world, role), order("cases"))


def test_what_is_no_list_or_no_format_is_not_there(world: World, order: Any) -> None:
    for wrong in (replace(order("cases"), room="platforms"), replace(order("cases"), format="pdf")):
        with pytest.raises(Absent):
            ask_export(world, actor_of(world, Role.supervisor), wrong)


def test_many_rows_want_a_reason_and_too_many_are_cut(world: World, order: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_list, "WITHOUT_REASON", 3)
    monkeypatch.setattr(export_list, "MOST_ROWS", 5)
    monkeypatch.setattr(export_list, "_STEP", 2)
    supervisor, serials = actor_of(world, Role.supervisor), plant_stock(world, tokens=4)
    with pytest.raises(Faulty) as refused:
        ask_export(world, supervisor, order("tokens"))
    assert refused.value.fields == {"reason": "export_reason_missing"}
    assert [row[0] for row in exported(world, order("tokens", reason="盘点"))[2:]] == serials
    plant_stock(world, tokens=4, start=20)
    stamp, _, *rows = exported(world, order("tokens", reason="盘点"))
    assert len(rows) == 5
    assert "行数：5 (只含前 5 行)" in stamp[0]
    with world.reading() as session:
        lines = session.scalars(select(JournalLine).where(JournalLine.act == "export_list").order_by(JournalLine.id)).all()
    assert [(line.detail["rows"], line.detail["reason"]) for line in lines] == [(4, "盘点"), (5, "盘点")]
    assert {(line.detail["list"], line.staff_id) for line in lines} == {("介质库存", supervisor.staff_id)}


def test_work_that_is_begun_again_makes_the_same_file(world: World, order: Any) -> None:
    """A worker that died leaves nothing; the next one finds the same rows."""
    plant_stock(world, tokens=5)
    supervisor = actor_of(world, Role.supervisor)
    for format_ in ("csv", "xlsx"):
        job_id = ask_export(world, supervisor, order("tokens", format_))
        with world.reading() as session:
            question = session.get_one(Job, job_id).question
        files = [make_export(world, supervisor, question, lambda done, of: None).file for _ in range(2)]
        assert files[0] == files[1]
        assert made(world, job_id).content == (files[0].content if files[0] else b"")


def test_who_may_no_more_gets_no_file(world: World, order: Any) -> None:
    """Between asking and making, his role was taken away."""
    supervisor = actor_of(world, Role.supervisor)
    job_id = ask_export(world, supervisor, order("cases"))
    with world.reading() as session:
        question = session.get_one(Job, job_id).question
    with pytest.raises(Forbidden):
        make_export(world, replace(supervisor, roles=frozenset({Role.clerk})), question, Progress(world, job_id, 1))


def test_every_list_leaves_in_both_forms(world: World, app: Flask, order: Any) -> None:
    certificate_id = travel(world, app).ids["certificate_id"]
    plant_aftercare(world, certificate_id, CaseKind.unlock)
    float_in(world, 100)
    for room, listed in LISTS.items():
        lines = exported(world, order(room))
        assert len(lines) > 2, room
        assert {len(line) for line in lines[1:]} == {len(listed.columns)}
        job = made(world, ask_export(world, actor_of(world, Role.supervisor), order(room, "xlsx")))
        sheet = openpyxl.load_workbook(io.BytesIO(job.content or b"")).active
        # The journal, and the list of jobs, grew by the export before.
        assert len(list(sheet.iter_rows(min_row=3))) >= len(lines) - 1, room


def test_words_dates_and_numbers_of_a_file_are_the_pages(world: World, app: Flask, order: Any) -> None:
    travel(world, app)
    _, heads, row = exported(world, order("certificates"))
    read = dict(zip(heads, row, strict=True))
    assert (read["状态"], read["生效日"], read["到期日"], read["吊销原因"]) == ("有效", "2026-11-23", "2027-11-23", "")
    by_role = {row[0]: row[2] for row in exported(world, order("staff"))[2:]}
    assert by_role["S1-HD01"] == "主管"
    assert {row[1] for row in exported(world, order("telling"))[2:]} == {"样例平台 inspection"}
    assert {row[1] for row in exported(world, order("telling", language="en"))[2:]} == {"Sample Platform inspection"}
    assert all(row[7].startswith("HD01-") for row in exported(world, order("movements"))[2:] if row[5] == "到货入库")
    sent = dict(zip(*exported(world, order("transfers"))[1:3], strict=True))
    assert int(sent["发出件数"]) > 0
    heads, *rows = exported(world, order("tasks", kind="list_export"))[1:]
    taken = [dict(zip(heads, row, strict=True)) for row in rows if "证书登记" in row]
    assert [(one["行数"], one["状态"]) for one in taken] == [("1", "已完成")]
    assert taken[0]["提出人"].endswith("样例S1-HD01")


def test_what_may_not_be_read_may_not_be_taken_out(world: World, order: Any) -> None:
    """The auditor takes lists out; staff is not his to list."""
    with pytest.raises(Forbidden):
        ask_export(world, actor_of(world, Role.auditor), order("staff"))
    supervisor = actor_of(world, Role.supervisor)
    job_id = ask_export(world, supervisor, order("staff"))
    with world.reading() as session:
        question = session.get_one(Job, job_id).question
    with pytest.raises(Forbidden):
        make_export(world, actor_of(world, Role.auditor), question, Progress(world, job_id, 1))
