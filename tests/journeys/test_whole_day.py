"""A whole day at a branch, from the delivery to the close: a faulty file, a short transfer, work at the counter, a shift, a difference.

Supervisors and clerks at browsers of their own, by the keyboard; the tokens are real, and the books are judged at the end.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from models.rulebook.oversight import MovementKind, StockKind, TransferState
from models.rulebook.vocabulary import TokenState
from models.tables import DayClose, Envelope, Movement, Receipt, Token, Transfer
from tests.journeys.returning import ReturningWalk
from tests.journeys.running import running_house
from tests.reports.reading import ink_of

pytestmark = pytest.mark.browser

SUPERVISOR, OTHER_SUPERVISOR, CLERK, SECOND = "1009", "2009", "1001", "1002"
# The third line says 40 and its range holds 30; the fourth names a token that is in stock already.
DELIVERIES = """种类,送货单号,供应商,首号,末号,实点数量
介质,SH-2026-118,样例介质厂,HD01-T00041,HD01-T00060,20
介质,SH-2026-118,样例介质厂,HD01-T00061,HD01-T00090,40
密码信封,SH-2026-119,样例印刷厂,HD01-E000081,HD01-E000100,20
介质,SH-2026-120,样例介质厂,HD01-T00040,HD01-T00040,1
"""


@pytest.fixture
def walk(browser: Browser, tmp_path: Path) -> Iterator[ReturningWalk]:
    with running_house(tmp_path / "instance") as house:
        walk = ReturningWalk(house, browser, tmp_path)
        try:
            yield walk
        finally:
            walk.close()


def test_a_day_from_the_delivery_to_the_close(walk: ReturningWalk) -> None:
    take_in_a_faulty_file(walk)
    send_five_and_lose_one(walk)
    serial = work_at_the_counter(walk)
    change_the_shift(walk)
    lost = close_with_a_difference(walk)
    assert lost != serial
    work_on_after_the_close(walk)
    walk.judge_books()


def take_in_a_faulty_file(walk: ReturningWalk) -> None:
    """Nothing is taken over unless all is well, or the supervisor says so; a file that is all well follows."""
    supervisor, file = walk.staff(SUPERVISOR), walk.folder / "到货.csv"
    file.write_text(DELIVERIES, encoding="gb18030")
    supervisor.go("/admin/deliveries/file")
    supervisor.reach("file")
    supervisor.choose_file("Enter", file)
    supervisor.follow("F9", to=re.compile(r"/jobs/\d+$"))
    see_the_result(supervisor)
    page = supervisor.page.inner_text("main")
    assert "2 行有问题，没有导入任何一行" in page
    faulty = supervisor.page.locator(".table-wrap").first.locator("tbody tr").all_inner_texts()
    assert [row.split()[0] for row in faulty] == ["3", "5"], faulty
    assert len(tokens(walk, TokenState.in_stock)) == 40
    supervisor.follow("F9")  # without a word why: refused, nothing lost
    assert len(tokens(walk, TokenState.in_stock)) == 40
    supervisor.reach("only_good")
    supervisor.press("Space")
    supervisor.reach("reason")
    supervisor.write("供应商重开第三行的送货单")
    supervisor.follow("F9", to=re.compile(r"/jobs/\d+$"))
    see_the_result(supervisor)
    assert "HD01-D-" in supervisor.page.inner_text("main")
    assert len(tokens(walk, TokenState.in_stock)) == 60


def see_the_result(person) -> None:
    """The page follows the work by itself until it ends."""
    person.page.wait_for_selector("#job-ways :text('看结果')", timeout=30_000)
    person.follow("F9", to=re.compile(r"/admin/"))


def send_five_and_lose_one(walk: ReturningWalk) -> None:
    sender, receiver = walk.staff(SUPERVISOR), walk.staff(OTHER_SUPERVISOR)
    sender.go("/admin/transfers/new")
    sender.choose("kind", "token")
    sender.select("to_branch_id", "CY01 样例朝阳网点")
    sender.fill("count", "5")
    sender.follow("F9", to=re.compile(r"/transfers/\d+$"))
    transfer = the_transfer(walk)
    assert transfer.serials == [f"HD01-T{number:05}" for number in range(1, 6)]
    receiver.go("/admin/")
    waiting = receiver.page.locator('main a[href*="/transfers/"]').first
    assert "1" in waiting.inner_text() or waiting.is_visible()
    receiver.go(f"/admin/transfers/{transfer.id}/receive")
    receiver.fill("serials", "HD01-T00001…HD01-T00004")
    receiver.follow("F9")  # what became of the fifth must be said
    receiver.fill("explanation", "封条完好，箱内只有四只")
    receiver.follow("F9", to=re.compile(r"/transfers/\d+$"))
    assert the_transfer(walk).state is TransferState.differs
    sender.go(f"/admin/transfers/{transfer.id}/settle")
    sender.reach("explanation") if sender.page.locator("[name=explanation]").count() else sender.reach("reason")
    sender.write("两边都找过，没有")
    sender.follow("F9", to=re.compile(r"/transfers/\d+$"))
    assert the_transfer(walk).state is TransferState.settled
    assert tokens(walk, TokenState.missing) == ["HD01-T00005"]


def work_at_the_counter(walk: ReturningWalk) -> str:
    """A serial that went to another branch is refused; two certificates, one of them paid for in cash, on the next tokens."""
    case = walk.desk.order(2)
    clerk = walk.staff(CLERK)
    clerk.go(f"/issuance/{case.id}")
    clerk.wait_for_focus("token_1")
    clerk.write("HD01-T00001")
    clerk.reach("token_2", by="Enter")
    clerk.write("HD01-T00006")
    clerk.follow("F9")
    assert "本网点库存里没有这个介质号" in clerk.page.inner_text("main")
    assert tokens(walk, TokenState.in_ceremony) == []
    for position in (1, 2):
        made = walk.desk.see_through(walk.desk.begin(case, walk.desk.take_token(), position))
        walk.desk.hand_over(made)
    assert tokens(walk, TokenState.handed_over) == ["HD01-T00006", "HD01-T00007"]
    return made.token


def change_the_shift(walk: ReturningWalk) -> None:
    giver, taker = walk.staff(CLERK), walk.staff(SECOND)
    giver.go("/shift/hand-over")
    giver.select("taker", "1002 受理员乙")
    count(giver, walk, tokens_less=0)
    giver.follow("F9", to=re.compile(r"/handovers/\d+$"))
    taker.go("/shift/")
    taker.reach('main a[href*="/handovers/"]')
    taker.follow("Enter", to=re.compile(r"/handovers/\d+$"))
    assert "180.00" in ink_of(taker.print("F6"))
    taker.follow("F9", to=re.compile(r"/handovers/\d+$"))
    assert "已接班" in taker.message(), taker.says()


def close_with_a_difference(walk: ReturningWalk) -> str:
    """One token is not in the drawer: the count shows it, the close asks which, and books it."""
    clerk, supervisor = walk.staff(SECOND), walk.staff(SUPERVISOR)
    lost = tokens(walk, TokenState.in_stock)[-1]
    clerk.go("/shift/count")
    count(clerk, walk, tokens_less=1)
    clerk.follow("F9", to=re.compile(r"/shift/days/\d+$"))
    assert "盘点与账面不符" in clerk.page.inner_text("main")
    day = the_day(walk)
    supervisor.go(f"/admin/days/{day.id}/countersign")
    supervisor.follow("F9")
    assert the_day(walk).countersigned_by is None, "a difference must be explained"
    supervisor.fill("lacking_token", lost)
    supervisor.fill("reason", "抽屉里少一只，调看监控未见")
    supervisor.follow("F9", to=re.compile(r"/admin/days/\d+$"))
    assert "已日结" in supervisor.message(), supervisor.says()
    sheet = ink_of(supervisor.print("F6"))
    for words in (day.number, "期初", "盘亏", lost, "180.00"):
        assert words in sheet, sheet
    assert lost in tokens(walk, TokenState.missing)
    return lost


def work_on_after_the_close(walk: ReturningWalk) -> None:
    """Nothing more is booked on the day that is closed; the database itself would refuse it."""
    closed = the_day(walk)
    case = walk.desk.order(2)
    walk.desk.hand_over(walk.desk.see_through(walk.desk.begin(case, walk.desk.take_token())))
    with walk.house.reading() as session:
        receipt = session.scalars(select(Receipt).where(Receipt.case_id == case.id)).one()
        issued = session.scalars(select(Movement).where(Movement.case_id == case.id)).all()
    assert {receipt.day, *(line.day for line in issued)} == {closed.day + timedelta(days=1)}
    assert {(line.kind, line.what) for line in issued} == {
        (StockKind.token, MovementKind.issued),
        (StockKind.envelope, MovementKind.issued),
    }
    line = issued[0]
    late = Movement(
        at=line.at, day=closed.day, branch_id=line.branch_id, kind=line.kind, serial=line.serial, what=line.what, amount=-1
    )
    with walk.desk.world.writing() as session:
        session.add(late)
        with pytest.raises((IntegrityError, OperationalError)):
            session.flush()


def count(person, walk: ReturningWalk, tokens_less: int) -> None:
    """What lies in the drawer, counted by hand: one note of a hundred, four of twenty."""
    with walk.house.reading() as session:
        envelopes = session.scalars(
            select(Envelope.number).where(Envelope.state == "in_stock", Envelope.number.like("HD01-%"))
        ).all()
    person.fill("tokens", str(len([one for one in tokens(walk, TokenState.in_stock) if at_first(walk, one)]) - tokens_less))
    person.fill("envelopes", str(len(envelopes)))
    person.fill("note_10000", "1")
    person.fill("note_2000", "4")


def at_first(walk: ReturningWalk, serial: str) -> bool:
    with walk.house.reading() as session:
        return session.scalars(select(Token).where(Token.serial == serial)).one().branch.code == "HD01"


def tokens(walk: ReturningWalk, state: TokenState) -> list[str]:
    """Serials that the first branch began with or took in, in this state, at whatever branch."""
    with walk.house.reading() as session:
        query = select(Token.serial).where(Token.state == state, Token.serial.like("HD01-%")).order_by(Token.serial)
        return list(session.scalars(query))


def the_transfer(walk: ReturningWalk) -> Transfer:
    with walk.house.reading() as session:
        return session.scalars(select(Transfer)).one()


def the_day(walk: ReturningWalk) -> DayClose:
    with walk.house.reading() as session:
        return session.scalars(select(DayClose).order_by(DayClose.id.desc()).limit(1)).one()
