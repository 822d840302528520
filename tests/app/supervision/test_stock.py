"""The stock pages: what a supervisor sees and does there, what others may not, and what nonsense is answered."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.services.find_stock import find_stock
from app.services.job_kinds import WORKS
from app.services.jobs import cancel_job, run_jobs
from app.services.receive_transfer import receive_transfer
from app.services.send_transfer import TransferOrder, send_transfer
from app.services.world import World
from app.services.write_off_stock import write_off_stock
from models.rulebook.oversight import ImportState, JobState, MovementKind, StockKind
from models.rulebook.vocabulary import Role
from models.tables import Delivery, Job, JournalLine, StockImport
from tests.builders.clients import OfficeClient
from tests.builders.people import branch_id_of
from tests.builders.stock import keeper, moved, on_books, plant_delivery

Clients = Callable[..., OfficeClient]
FORM = {
    "kind": "token",
    "note_number": "SH-2026-118",
    "supplier": "样例介质厂",
    "first": "HD01-T00041",
    "last": "HD01-T00050",
    "counted": "9",
    "lacking": "HD01-T00045",
    "remark": "外箱完好",
}
GOOD = "token,SH-7,样例介质厂,HD01-T00070,HD01-T00072,3"
BAD = "token,SH-8,样例介质厂,HD01-T00041,HD01-T00042,2"
HEADS = "kind,note,supplier,first,last,counted"


def sent(world: World, to: str = "CY01") -> int:
    plant_delivery(world)
    return send_transfer(world, keeper(world), TransferOrder(StockKind.token, branch_id_of(world, to), 3))


def pieces(world: World) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0


def test_a_delivery_is_taken_in_shown_and_printed(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    answer = client.post("/admin/deliveries/new", data=FORM)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    for shown in ("HD01-D-2026-000001", "SH-2026-118", "样例介质厂", "HD01-T00044", "HD01-T00046", "外箱完好"):
        assert shown in page
    assert "SH-2026-118" in client.get("/admin/deliveries/?note=SH-2026").text
    slip = client.get(f"{answer.headers['Location']}.pdf")
    assert (slip.mimetype, slip.data[:5]) == ("application/pdf", b"%PDF-")
    assert client.get(f"{answer.headers['Location']}.pdf").data == slip.data, "byte for byte"
    assert len(on_books(world)) == 9


NONSENSE = [
    ("kind", "", "请选择。"),
    ("kind", "paper", ""),
    ("note_number", " ", "请填写。"),
    ("supplier", "", "请填写。"),
    ("first", "十一", "写得不对"),
    ("first", "HD01-T00051", "末号 HD01-T00050 在首号 HD01-T00051 之前"),
    ("last", "HD01-T0050", "不成一段"),
    ("counted", "十", "实点"),
    ("counted", "10", "应有 9 件，实点 10 件"),
    ("counted", "-1", "实点"),
    ("lacking", "HD01-T00051", "不在首号和末号之间"),
    ("lacking", "HD01-T00041…", "请填写号码"),
    ("note_number", "S" * 41, ""),
]


def test_nonsense_is_named_and_what_was_typed_is_kept(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    for field, value, sentence in NONSENSE:
        answer = client.post("/admin/deliveries/new", data=FORM | {field: value})
        assert answer.status_code == 422, (field, value)
        assert sentence in answer.text, (field, value)
        assert "外箱完好" in answer.text
    assert pieces(world) == 0


def test_the_stock_is_shown_by_ranges_and_warns_when_it_is_low(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    plant_delivery(world)
    assert "没有设警戒线" in client.get("/admin/stock/").text
    assert client.post("/admin/stock/low-water", data={"version": "0", "token": "x", "envelope": "5"}).status_code == 422
    answer = client.post("/admin/stock/low-water", data={"version": "0", "token": "11", "envelope": "0"})
    assert answer.status_code == 303
    page = client.get("/admin/stock/").text
    assert re.search(r"HD01-T00041</th><td[^>]*>HD01-T00050</td><td[^>]*>10</td>", page)
    assert "库存不足" in page
    assert "警戒线 11" in page
    stale = client.post("/admin/stock/low-water", data={"version": "0", "token": "12", "envelope": "0"})
    assert stale.status_code == 409


def test_pieces_are_written_off_and_found_on_pages_of_their_own(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    plant_delivery(world)
    form = {"kind": "token", "way": "lost", "serials": "HD01-T00041…HD01-T00042\nHD01-T00045", "reason": "盘点少三只"}
    for field, value in (("reason", " "), ("serials", ""), ("way", ""), ("way", "issued"), ("serials", "HD01-T00099")):
        answer = client.post("/admin/stock/write-off", data=form | {field: value})
        assert answer.status_code == 422, (field, value)
    answer = client.post("/admin/stock/write-off", data=form, follow_redirects=True)
    assert "3 件已记为盘亏" in answer.text
    assert moved(world) == {"received": 10, "lost": -3}
    found = client.post("/admin/stock/found", data={"kind": "token", "serials": "HD01-T00045", "reason": "在柜后"})
    assert found.status_code == 303
    assert on_books(world)["HD01-T00045"] == "in_stock"
    told = client.get("/admin/movements/?what=lost&kind=token").text
    assert "HD01-T00041" in told
    assert "盘点少三只" in told
    assert "HD01-T00050" not in told
    assert "HD01-T00041" in client.get("/admin/movements/?serial=HD01-T00041").text
    with world.reading() as session:
        reasons = session.scalars(select(JournalLine).where(JournalLine.act == "recover")).one().detail["reason"]
    assert reasons == "在柜后"


def test_dangerous_steps_ask_who_is_there_once_more(client_of: Clients, world: World) -> None:
    transfer_id, client = sent(world), client_of(Role.supervisor)
    receive_transfer(world, keeper(world, "CY01"), transfer_id, 1, "", "没有到")
    world.clock.move(minutes=11)
    reason = {"version": "2", "reason": "样例", "kind": "token", "serials": "HD01-T00045", "way": "spoiled"}
    for path in ("stock/write-off", "stock/found", f"transfers/{transfer_id}/settle"):
        assert client.get(f"/admin/{path}").status_code == 303
        assert client.post(f"/admin/{path}", data=reason).status_code == 401
    assert moved(world) == {"received": 10, "sent": -3}


def test_a_transfer_goes_from_one_branch_to_the_other(client_of: Clients, world: World) -> None:
    here, there = client_of(Role.supervisor), client_of(Role.supervisor, "CY01")
    plant_delivery(world)
    form = {"kind": "token", "to_branch_id": str(branch_id_of(world, "CY01")), "count": "3", "mark": "a1b2c3d4"}
    for field, value in (("to_branch_id", ""), ("to_branch_id", str(branch_id_of(world))), ("count", "11"), ("count", "x")):
        assert here.post("/admin/transfers/new", data=form | {field: value, "mark": ""}).status_code == 422, (field, value)
    url = here.post("/admin/transfers/new", data=form).headers["Location"]
    assert here.post("/admin/transfers/new", data=form).headers["Location"] == url, "the same page sent twice"
    assert "HD01-T00043" in here.get(url).text
    assert here.get(f"{url}.pdf").data[:5] == there.get(f"{url}.pdf").data[:5] == b"%PDF-"
    assert "HD01-T-2026-000001" in there.get("/admin/transfers/?waits=yes").text
    assert "HD01-T-2026-000001" not in here.get("/admin/transfers/?waits=yes").text
    assert here.get(f"{url}/receive").headers["Location"] == url, "not this end's turn"
    wrong = here.post(f"{url}/receive", data={"version": "1", "whole": "y"})
    assert (wrong.status_code, "由另一端的网点办理" in wrong.text) == (409, True)
    unexplained = there.post(f"{url}/receive", data={"version": "1", "serials": "HD01-T00041"})
    assert unexplained.status_code == 422
    assert "还缺 HD01-T00042…HD01-T00043" in unexplained.text
    partly = {"version": "1", "serials": "HD01-T00041", "explanation": "箱内少两只"}
    assert there.post(f"{url}/receive", data=partly).status_code == 303
    assert there.post(f"{url}/receive", data=partly).status_code in {409, 422}
    assert "箱内少两只" in here.get(f"{url}/settle").text
    assert here.post(f"{url}/settle", data={"version": "2", "reason": ""}).status_code == 422
    assert here.post(f"{url}/settle", data={"version": "2", "reason": "已报案"}).status_code == 303
    assert on_books(world)["HD01-T00042"] == "missing"
    assert on_books(world, "CY01") == {"HD01-T00041": "in_stock"}


def test_a_third_branch_sees_nothing_of_it(client_of: Clients, world: World) -> None:
    transfer_id = sent(world)
    find, client = f"/admin/transfers/{transfer_id}", client_of(Role.supervisor, "DS01")
    for path in (find, f"{find}.pdf", f"{find}/receive", f"{find}/settle", "/admin/deliveries/1", "/admin/deliveries/1.pdf"):
        assert client.get(path).status_code == 404, path
    assert client.get("/admin/stock/?branch=HD01").status_code == 404
    assert client.post(f"{find}/receive", data={"version": "1", "whole": "y"}).status_code == 404
    for room in ("transfers", "deliveries", "movements", "stock"):
        text = client.get(f"/admin/{room}/").text
        assert "HD01-T" not in text, room
    assert "HD01-T00041</td>" not in client.get("/admin/movements/?serial=HD01-T00041").text


def test_the_auditor_sees_every_branch_and_changes_nothing(client_of: Clients, world: World) -> None:
    transfer_id, client = sent(world), client_of(Role.auditor)
    table = client.get("/admin/stock/").text
    for code in ("HD01", "CY01", "DS01"):
        assert f"branch={code}" in table
    assert "HD01-T00044" in client.get("/admin/stock/?branch=HD01").text
    assert client.get("/admin/stock/?branch=XX99").status_code == 404
    page = client.get(f"/admin/transfers/{transfer_id}").text
    assert "HD01-T00041" in page
    assert "开箱核对" not in page
    for path in ("stock/write-off", "stock/found", "stock/low-water", "deliveries/new", "deliveries/file", "transfers/new"):
        assert client.get(f"/admin/{path}").status_code == 403, path
        assert client.post(f"/admin/{path}", data=FORM).status_code == 403, path


def give(client: OfficeClient, *rows: str, name: str = "到货.csv", encoding: str = "utf-8", **more: Any) -> Any:
    content = "\r\n".join([HEADS, *rows]).encode(encoding)
    return client.post("/admin/deliveries/file", data={"file": (io.BytesIO(content), name), **more})


def looked_at(client: OfficeClient, world: World, *rows: str, **more: Any) -> str:
    """The page of what was read."""
    job = give(client, *rows, **more).headers["Location"]
    assert job.startswith("/jobs/")
    assert run_jobs(world, WORKS) == 1
    [url] = re.findall(r'href="(/admin/deliveries/file/\d+)"', client.get(job).text)
    return url


def test_a_file_of_deliveries_is_looked_at_and_then_taken_over(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    url = looked_at(client, world, GOOD, "密码信封,SH-7,样例印刷厂,HD01-E000001,HD01-E000120,120")
    page = client.get(url).text
    assert "2 行都没有问题，共 123 件" in page
    assert on_books(world) == {}, "nothing is in stock before somebody says so"
    job = client.post(f"{url}/take-over", data={"version": "1"}).headers["Location"]
    assert client.post(f"{url}/take-over", data={"version": "1"}).status_code == 409
    assert run_jobs(world, WORKS) == 1
    assert url in client.get(job).text
    assert len(on_books(world)) == 3
    assert len(on_books(world, kind=StockKind.envelope)) == 120
    page = client.get(url).text
    assert "HD01-D-2026-000002" in page
    assert "take-over" not in page


def test_every_faulty_line_is_named_and_nothing_is_imported(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    plant_delivery(world)
    rows = (
        GOOD,
        BAD,
        "token,SH-9,样例介质厂,HD01-T00072,HD01-T00073,2",
        "token,SH-9,样例介质厂,HD01-T00080,HD01-T00083,5",
        "token,SH-1,样例介质厂,HD01-T00041,HD01-T00050,10",
        "other,SH-9,样例介质厂,HD01-T00090,HD01-T00091,2",
    )
    url = looked_at(client, world, *rows)
    page = client.get(url).text
    for sentence in (
        "与第 4 行重号：HD01-T00072",
        "与第 2 行重号：HD01-T00072",
        "已经在册的号码不能再次入库：HD01-T00041…HD01-T00042",
        "应有 4 件，实点 5 件",
        "这一段已经入库，入库单 HD01-D-2026-000001",
        "种类须是",
    ):
        assert sentence in page, sentence
    refused = client.post(f"{url}/take-over", data={"version": "1"})
    assert refused.status_code == 422
    assert run_jobs(world, WORKS) == 0
    assert pieces(world) == 1


def test_the_good_lines_alone_need_a_reason(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    plant_delivery(world)
    url = looked_at(client, world, GOOD, BAD)
    for form in ({}, {"only_good": "y"}, {"only_good": "y", "reason": " "}, {"reason": "急用"}):
        assert client.post(f"{url}/take-over", data={"version": "1", **form}).status_code == 422, form
    answer = client.post(f"{url}/take-over", data={"version": "1", "only_good": "y", "reason": "急用，其余补报"})
    assert answer.status_code == 303
    run_jobs(world, WORKS)
    assert "HD01-T00070" in on_books(world)
    assert "急用，其余补报" in client.get(url).text
    with world.reading() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.act == "take_over")).one()
    assert (line.detail["reason"], line.detail["taken"], line.detail["left"]) == ("急用，其余补报", 1, 1)


def test_what_changed_since_the_preview_stops_everything_and_is_named(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    url = looked_at(client, world, GOOD, "token,SH-8,样例介质厂,HD01-T00041,HD01-T00050,10")
    plant_delivery(world)
    job = client.post(f"{url}/take-over", data={"version": "1"}).headers["Location"]
    run_jobs(world, WORKS)
    assert "预览以后库存有了变动" in client.get(job).text
    assert "HD01-T00070" not in on_books(world)
    page = client.get(url).text
    assert "1 行有问题" in page
    assert "这一段已经入库" not in page, "another note"
    assert "已经在册的号码不能再次入库：HD01-T00041…HD01-T00050" in page


def test_a_dropped_file_is_never_taken_over(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    url = looked_at(client, world, GOOD)
    assert f"{url}/drop" in client.get(url).text
    for reason in ("", "  ", "长" * 201):
        assert client.post(f"{url}/drop", data={"version": "1", "reason": reason}).status_code == 422
    assert client.post(f"{url}/drop", data={"version": "1", "reason": "送错的清单"}).status_code == 303
    assert client.post(f"{url}/take-over", data={"version": "2"}).status_code == 409
    assert client.post(f"{url}/drop", data={"version": "2", "reason": "送错的清单"}).status_code == 409
    with world.reading() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.subject == "stock_import", JournalLine.act == "drop")).one()
        assert line.detail["reason"] == "送错的清单"
    assert on_books(world) == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_spreadsheet_programs_write_in_several_ways(client_of: Clients, world: World, encoding: str) -> None:
    client = client_of(Role.supervisor)
    url = looked_at(client, world, GOOD, encoding=encoding)
    assert "样例介质厂" in client.get(url).text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "没有选择文件"),
        (b"\r\n  ", "没有选择文件"),
        (b"PK\x03\x04" + b"\0" * 40, "不是 CSV 文件"),
        (b"\xff\xfe\xff", "不是 CSV 文件"),
        (b"a,b,c\n1,2,3", "第一行须是列名"),
        (HEADS.encode(), "文件里没有内容"),
        (HEADS.encode() + b"\n" + b"x" * 205_000, "文件太大"),
        (HEADS.encode() + b"\ntoken,S,X,A1,A1,1" * 501, "最多 500 行"),
    ],
)
def test_what_is_no_list_is_refused_at_once(client_of: Clients, world: World, content: bytes, sentence: str) -> None:
    answer = client_of(Role.supervisor).post("/admin/deliveries/file", data={"file": (io.BytesIO(content), "x.csv")})
    assert answer.status_code == 422
    assert sentence in answer.text
    with world.reading() as session:
        assert session.scalar(select(Job.id)) is None


def test_the_largest_file_is_taken_over_part_by_part(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    rows = [f"envelope,SH-{n},样例印刷厂,HD01-E{n:02}0001,HD01-E{n:02}2500,2500" for n in range(4)]
    url = looked_at(client, world, *rows, name="到货\x7f\u200b清单.csv")
    assert "4 行都没有问题，共 10,000 件" in client.get(url).text
    client.post(f"{url}/take-over", data={"version": "1"})
    run_jobs(world, WORKS)
    assert moved(world, kind=StockKind.envelope) == {"received": 10_000}
    page = client.get("/admin/stock/").text
    assert "只列号码最小的 2,000 件" in page
    assert "10,000</strong>" in page


def test_what_is_no_file_is_refused(client_of: Clients) -> None:
    for forged in ({"file": "kind,note"}, {}, {"file": ""}):
        answer = client_of(Role.supervisor).post("/admin/deliveries/file", data=forged)
        assert (answer.status_code, "没有选择文件" in answer.text) == (422, True), forged


def test_an_import_that_is_begun_again_does_its_work_once(client_of: Clients, world: World) -> None:
    """As after a power cut between the work's commit and the job's."""
    client = client_of(Role.supervisor)
    url = looked_at(client, world, GOOD)
    again(world)
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(StockImport)) == 1
    client.post(f"{url}/take-over", data={"version": "1"})
    run_jobs(world, WORKS)
    again(world)
    assert len(on_books(world)) == 3
    assert moved(world) == {"received": 3}
    with world.reading() as session:
        assert session.scalars(select(StockImport)).one().state is ImportState.imported
        assert {job.state for job in session.scalars(select(Job))} == {JobState.done}


def again(world: World) -> None:
    with world.writing() as session:
        for job in session.scalars(select(Job)):
            job.state, job.attempt, job.lease_until = JobState.waiting, 1, None
        session.commit()
    run_jobs(world, WORKS)


def test_what_was_broken_off_is_shown_with_the_ways_that_lead_out(client_of: Clients, world: World) -> None:
    client = client_of(Role.supervisor)
    url = looked_at(client, world, GOOD)
    client.post(f"{url}/take-over", data={"version": "1"})
    page = client.get(url).text
    assert "正在入库，可以离开此页。" in page
    assert "看进度" in page
    told = client.post(f"{url}/stop", data={"version": "2"}, follow_redirects=True).text
    assert "这份清单正在入库，请等它做完。" in told
    with world.reading() as session:
        job = session.scalars(select(Job).order_by(Job.id.desc()).limit(1)).one()
    cancel_job(world, keeper(world), job.id, job.version)
    page = client.get(url).text
    assert "入库中断了" in page
    assert url in client.get("/admin/deliveries/").text
    assert url not in client_of(Role.supervisor, "CY01").get("/admin/deliveries/").text
    for way in ("/resume", "/stop"):
        assert f"{url}{way}" in page
    assert "已停止，什么也没有入库。" in client.post(f"{url}/stop", data={"version": "2"}, follow_redirects=True).text
    assert on_books(world) == {}
    client.post(f"{url}/take-over", data={"version": re.findall(r'name="version"[^>]*value="(\d+)"', client.get(url).text)[0]})
    run_jobs(world, WORKS)
    assert len(on_books(world)) == 3
    assert "没有办完的到货清单" not in client.get("/admin/deliveries/").text
    late = client.post(f"{url}/resume", data={"version": "9"}, follow_redirects=True).text
    assert "清单已不在这一步" in late


def test_another_branchs_file_does_not_exist(client_of: Clients, world: World) -> None:
    url = looked_at(client_of(Role.supervisor), world, GOOD)
    other = client_of(Role.supervisor, "CY01")
    assert other.get(url).status_code == 404
    assert other.post(f"{url}/resume", data={"version": "1"}).status_code == 404
    assert other.post(f"{url}/stop", data={"version": "1"}).status_code == 404
    assert other.post(f"{url}/take-over", data={"version": "1"}).status_code == 404
    assert other.post(f"{url}/drop", data={"version": "1", "reason": "样例"}).status_code == 404


TAMPERED = (
    "before=1",
    "before=-1",
    "after=99999",
    "state=%00",
    "state=sent",
    "kind=x",
    "what=x",
    "search=%25",
    "waits=no",
    "search=%00",
)


@pytest.mark.parametrize("room", ["deliveries", "transfers", "movements"])
def test_a_tampered_address_breaks_nothing_and_opens_nothing(client_of: Clients, world: World, room: str) -> None:
    sent(world)
    client = client_of(Role.supervisor)
    for query in TAMPERED:
        assert client.get(f"/admin/{room}/?{query}").status_code in {200, 404, 422}, query
    for path in ("edit/?id=1", "details/?id=1", "export/csv/", "ajax/lookup/?name=x"):
        assert client.get(f"/admin/{room}/{path}").status_code in {403, 404, 308}, path
    for path in ("edit/?id=1", "delete/", "action/", "ajax/update/"):
        assert client.post(f"/admin/{room}/{path}", data={"id": "1"}).status_code in {403, 404, 405}, path


def test_every_page_speaks_english_too(client_of: Clients, app: Flask, world: World) -> None:
    transfer_id, client = sent(world), client_of(Role.supervisor)
    receive_transfer(world, keeper(world, "CY01"), transfer_id, 1, "", "没有到")
    write_off_stock(world, keeper(world), StockKind.token, MovementKind.lost, "HD01-T00049", "样例")
    find_stock(world, keeper(world), StockKind.token, "HD01-T00049", "样例")
    url = looked_at(client, world, GOOD, BAD)
    client.post("/account/language", data={"language": "en", "back": "/admin/"})
    shown = {
        "/admin/stock/": "ready to use",
        "/admin/stock/write-off": "Spoiled, returned, missing",
        "/admin/stock/found": "Found again",
        "/admin/stock/low-water": "Low-water marks",
        "/admin/deliveries/": "Delivery note number",
        "/admin/deliveries/new": "In the box",
        "/admin/deliveries/1": "Print delivery slip",
        "/admin/deliveries/file": "CSV file",
        url: "In the books already",
        "/admin/transfers/": "Pieces sent",
        "/admin/transfers/new": "The lowest serials are taken.",
        f"/admin/transfers/{transfer_id}": "did not arrive",
        f"/admin/transfers/{transfer_id}/settle": "Settle the difference",
        "/admin/movements/": "Stock ledger",
        "/admin/journal/": "received in part",
    }
    for path, words in shown.items():
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert words in answer.text, path
