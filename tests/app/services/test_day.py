"""The day of a branch: counted by one, countersigned by another, closed for ever; what differs is explained first."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.services.close_day import close_day
from app.services.count_again import count_again
from app.services.count_day import Counted, count_day
from app.services.errors import Absent, Faulty, Forbidden, OutOfTurn, Refusal, Stale
from app.services.explain_difference import Explanation
from app.services.keep_drawer import put_in
from app.services.stock import move_token
from app.services.world import World
from models.rulebook.day_sheet import read_sheet
from models.rulebook.oversight import DayState, MovementKind, StockKind
from models.rulebook.vocabulary import PaymentMethod, Role, TokenAction, TokenState
from models.tables import Branch, DayClose, JournalLine, MoneyEntry, Movement, Receipt, Token
from models.worklists.day import open_days
from tests.builders.day import banked, close, count, counted, countersign, day_now, deliver, float_in, sheet_now, take
from tests.builders.issuance import plant_stock
from tests.builders.people import actor_of, branch_id_of

MONDAY = date(2026, 11, 23)


def token_moves(world: World, serial: str, action: TokenAction) -> None:
    with world.writing() as session:
        token = session.scalars(select(Token).where(Token.serial == serial)).one()
        move_token(session, world.now(), actor_of(world), token, action, None, reason="样例")
        session.commit()


def found(world: World, query: Any) -> list[Any]:
    with world.reading() as session:
        return list(session.scalars(query))


def test_a_day_adds_up_by_pieces_by_serial_and_by_fen(world: World) -> None:
    deliver(world, 10, 8)
    float_in(world, 500)
    take(world)
    take(world, PaymentMethod.card)
    token_moves(world, "HD01-T00001", TokenAction.begin)
    token_moves(world, "HD01-T00002", TokenAction.begin)
    token_moves(world, "HD01-T00002", TokenAction.spoil)
    token_moves(world, "HD01-T00005", TokenAction.miss)
    banked(world, 100)
    sheet = close(world)
    tokens = sheet.of(StockKind.token)
    assert tokens.moved == {
        MovementKind.received: 10,
        MovementKind.issued: -1,
        MovementKind.spoiled: -1,
        MovementKind.lost: -1,
    }
    assert (tokens.opening, tokens.closing, tokens.counted) == (0, 7, 7)
    assert tokens.ranges == (("HD01-T00003", "HD01-T00004", 2), ("HD01-T00006", "HD01-T00010", 5))
    assert {column: spans for column, spans in tokens.named.items() if column is not MovementKind.received} == {
        MovementKind.issued: (("HD01-T00001", "HD01-T00001", 1),),
        MovementKind.spoiled: (("HD01-T00002", "HD01-T00002", 1),),
        MovementKind.lost: (("HD01-T00005", "HD01-T00005", 1),),
    }
    assert sheet.of(StockKind.envelope).ranges == (("HD01-E00001", "HD01-E00008", 8),)
    assert (sheet.cash.receipts, sheet.cash.float_in, sheet.cash.banked) == (18_000, 50_000, 10_000)
    assert sheet.cash.closing == sheet.cash.counted == 58_000
    assert sheet.taken == {PaymentMethod.card: 18_000}


def test_what_was_there_before_the_first_close_is_its_opening(world: World) -> None:
    plant_stock(world, tokens=6)
    sheet = close(world)
    assert sheet.of(StockKind.token).opening == sheet.of(StockKind.token).closing == 6


def test_the_next_day_opens_with_what_this_one_closed_with(world: World) -> None:
    deliver(world)
    float_in(world, 200)
    first = close(world)
    world.clock.move(days=1)
    token_moves(world, "HD01-T00001", TokenAction.begin)
    second = close(world)
    assert [line.opening for line in second.stock] == [line.closing for line in first.stock]
    assert second.cash.opening == first.cash.closing == 20_000
    assert second.of(StockKind.token).closing == 9


def test_after_the_close_everything_is_booked_on_the_next_day(world: World) -> None:
    deliver(world)
    sheet = close(world)
    take(world)
    token_moves(world, "HD01-T00001", TokenAction.begin)
    float_in(world, 100)
    tuesday = MONDAY + timedelta(days=1)
    assert found(world, select(Receipt.day)) == [tuesday]
    assert found(world, select(MoneyEntry.day)) == [tuesday]
    assert found(world, select(Movement.day).where(Movement.what == MovementKind.issued)) == [tuesday]
    assert read_sheet(found(world, select(DayClose.sheet))[0]) == sheet
    world.clock.move(days=1)
    assert close(world).of(StockKind.token).moved == {MovementKind.issued: -1}


def test_missing_pieces_are_named_before_the_day_closes_and_are_booked_as_missing(world: World) -> None:
    deliver(world)
    made = count(world, counted(world, tokens=-2))
    assert read_sheet(made.sheet).of(StockKind.token).difference == -2
    with pytest.raises(Faulty) as fault:
        countersign(world, made)
    assert fault.value.fields == {"lacking_token": "difference_unexplained"}
    with pytest.raises(Faulty) as fault:
        countersign(world, made, Explanation(lacking={StockKind.token: "HD01-T00003"}, reason="抽屉里没有"))
    assert fault.value.fields == {"lacking_token": "difference_unexplained"}
    explanation = Explanation(lacking={StockKind.token: "HD01-T00003…HD01-T00004"}, reason="抽屉里没有")
    sheet = read_sheet(countersign(world, made, explanation).sheet)
    tokens = sheet.of(StockKind.token)
    assert (tokens.closing, tokens.counted, tokens.difference) == (8, 8, 0)
    assert tokens.moved[MovementKind.lost] == -2
    assert found(world, select(Token.serial).where(Token.state == TokenState.missing)) == ["HD01-T00003", "HD01-T00004"]
    assert found(world, select(Movement.reason).where(Movement.what == MovementKind.lost)) == ["抽屉里没有"] * 2


def test_a_piece_that_turns_up_again_is_booked_as_found(world: World) -> None:
    deliver(world)
    token_moves(world, "HD01-T00003", TokenAction.miss)
    made = count(world, counted(world, tokens=1))
    sheet = read_sheet(countersign(world, made, Explanation(surplus={StockKind.token: "HD01-T00003"}, reason="在柜底")).sheet)
    assert sheet.of(StockKind.token).closing == 10
    assert sheet.of(StockKind.token).moved[MovementKind.found] == 1


@pytest.mark.parametrize(
    ("typed", "code"),
    [("HD01-T00099", "pieces_not_here"), ("HD01-T00001", "pieces_not_blank"), ("?!", "serial_form")],
)
def test_only_the_branchs_own_blank_pieces_explain_that_some_lack(world: World, typed: str, code: str) -> None:
    deliver(world)
    token_moves(world, "HD01-T00001", TokenAction.begin)
    made = count(world, counted(world, tokens=-1))
    with pytest.raises(Faulty) as fault:
        countersign(world, made, Explanation(lacking={StockKind.token: typed}, reason="样例"))
    assert fault.value.fields == {"lacking_token": code}
    assert day_now(world, made.id).state is DayState.counted


def test_a_piece_on_its_way_to_another_branch_does_not_explain_it_either(world: World) -> None:
    deliver(world)
    token_moves(world, "HD01-T00001", TokenAction.send_away)
    made = count(world, counted(world, tokens=-1))
    with pytest.raises(Faulty) as fault:
        countersign(world, made, Explanation(lacking={StockKind.token: "HD01-T00001"}, reason="样例"))
    assert fault.value.fields == {"lacking_token": "pieces_not_blank"}


def test_pieces_that_a_supervisor_booked_as_missing_meanwhile_explain_the_difference(world: World) -> None:
    deliver(world)
    made = count(world, counted(world, tokens=-1))
    token_moves(world, "HD01-T00009", TokenAction.miss)
    with pytest.raises(Faulty) as fault:
        countersign(world, made, Explanation(lacking={StockKind.token: "HD01-T00008"}, reason="样例"))
    assert fault.value.fields == {"surplus_token": "difference_unexplained"}
    assert countersign(world, made).state is DayState.closed


@pytest.mark.parametrize("fen", [-2_000, 1_550])
def test_a_difference_of_cash_is_booked_with_its_explanation(world: World, fen: int) -> None:
    float_in(world, 300)
    made = count(world, counted(world, fen=fen, remark="找零可能多给"))
    with pytest.raises(Faulty) as fault:
        countersign(world, made)
    assert fault.value.fields == {"cash_reason": "required"}
    sheet = read_sheet(countersign(world, made, Explanation(cash_reason="找零出错")).sheet)
    assert sheet.cash.difference_booked == fen
    assert sheet.cash.closing == sheet.cash.counted == 30_000 + fen
    [entry] = found(world, select(MoneyEntry).where(MoneyEntry.kind == "difference"))
    assert (entry.amount_fen, entry.reason, entry.reference, entry.day) == (fen, "找零出错", made.number, MONDAY)


def test_whoever_counted_does_not_countersign(world: World) -> None:
    supervisor = actor_of(world, Role.supervisor)
    made = day_now(world, count_day(world, supervisor, MONDAY, counted(world)))
    with pytest.raises(Forbidden):
        countersign(world, made)


@pytest.mark.parametrize("role", [Role.clerk, Role.reviewer])
def test_a_clerk_does_not_close_a_day(world: World, role: Role) -> None:
    made = count(world)
    with pytest.raises(Forbidden):
        close_day(world, actor_of(world, role, which=2), made.id, made.version, Explanation())


def test_another_branchs_day_does_not_exist(world: World) -> None:
    made = count(world)
    with pytest.raises(Absent):
        close_day(world, actor_of(world, Role.supervisor, "CY01"), made.id, made.version, Explanation())
    with pytest.raises(Absent):
        count_again(world, actor_of(world, branch="CY01"), made.id, made.version, "样例")


def test_what_is_booked_after_the_count_asks_for_another_one(world: World) -> None:
    deliver(world)
    made = count(world)
    token_moves(world, "HD01-T00001", TokenAction.begin)
    token_moves(world, "HD01-T00001", TokenAction.put_back)  # as many as before, and yet
    with pytest.raises(Stale) as late:
        countersign(world, made)
    assert late.value.code == "day_moved_on"
    count_again(world, actor_of(world, which=2), made.id, made.version, "又领了一只")
    assert day_now(world, made.id).state is DayState.recounted
    assert countersign(world, count(world)).number == "HD01-C-20261123-2"


def test_a_day_is_counted_once_at_a_time_and_closed_once(world: World) -> None:
    made = count(world)
    with pytest.raises(Stale) as late:
        count(world)
    assert late.value.code == "day_counted_already"
    countersign(world, made)
    with pytest.raises(OutOfTurn):
        countersign(world, made)
    with pytest.raises(OutOfTurn):
        count_again(world, actor_of(world), made.id, day_now(world, made.id).version, "样例")
    with pytest.raises(Faulty) as fault:
        count(world)
    assert fault.value.fields == {"day": "day_not_open"}


def test_a_page_that_is_out_of_date_closes_nothing(world: World) -> None:
    made = count(world)
    with pytest.raises(Stale):
        close_day(world, actor_of(world, Role.supervisor), made.id, made.version + 1, Explanation())


@pytest.mark.parametrize("day", [MONDAY + timedelta(days=1), MONDAY - timedelta(days=1)])
def test_only_an_open_day_is_counted(world: World, day: date) -> None:
    with pytest.raises(Faulty):
        count_day(world, actor_of(world), day, counted(world))


def test_days_that_were_missed_are_closed_with_the_next_count_each_by_its_own_sheet(world: World) -> None:
    deliver(world)
    close(world)
    world.clock.move(days=1)
    token_moves(world, "HD01-T00001", TokenAction.begin)
    world.clock.move(days=2)
    token_moves(world, "HD01-T00002", TokenAction.begin)
    close(world)
    sheets = [read_sheet(one.sheet) for one in found(world, select(DayClose).order_by(DayClose.day))]
    assert [sheet.day for sheet in sheets] == [MONDAY + timedelta(days=n) for n in range(4)]
    assert [sheet.of(StockKind.token).closing for sheet in sheets] == [10, 9, 9, 8]
    assert [sheet.of(StockKind.token).opening for sheet in sheets] == [0, 10, 9, 9]
    assert sheets[2].of(StockKind.token).ranges == (("HD01-T00002", "HD01-T00010", 9),)
    assert [one.counted.get("with") for one in found(world, select(DayClose).order_by(DayClose.day))][1:3] == [
        "HD01-C-20261126-1"
    ] * 2


def test_a_day_that_was_missed_is_counted_the_next_morning(world: World) -> None:
    """Whatever the new day has seen so far is taken into account."""
    deliver(world)
    float_in(world, 100)
    world.clock.move(days=1)
    token_moves(world, "HD01-T00001", TokenAction.begin)
    float_in(world, 50)
    sheet = close(world, day=MONDAY)
    tokens = sheet.of(StockKind.token)
    assert (tokens.closing, tokens.later, tokens.expected, tokens.counted) == (10, -1, 9, 9)
    assert (sheet.cash.closing, sheet.cash.later, sheet.cash.counted) == (10_000, 5_000, 15_000)
    assert close(world).of(StockKind.token).opening == 10


def test_what_lacks_the_next_morning_is_booked_on_the_day_on_which_it_was_seen(world: World) -> None:
    deliver(world)
    world.clock.move(days=1)
    made = count(world, counted(world, tokens=-1), day=MONDAY)
    countersign(world, made, Explanation(lacking={StockKind.token: "HD01-T00010"}, reason="样例"))
    assert read_sheet(day_now(world, made.id).sheet).of(StockKind.token).closing == 10
    assert close(world).of(StockKind.token).moved == {MovementKind.lost: -1}


def test_an_office_that_begins_to_close_its_days_writes_no_year_of_sheets(world: World) -> None:
    deliver(world)
    world.clock.move(days=400)
    with world.reading() as session:
        assert len(open_days(session, branch_id_of(world), world.today())) == 32
    assert close(world).of(StockKind.token).closing == 10


def test_more_than_the_drawer_holds_is_not_banked(world: World) -> None:
    float_in(world, 100)
    with pytest.raises(Faulty) as fault:
        banked(world, 101)
    assert fault.value.fields == {"amount": "drawer_too_little"}
    banked(world, 100)
    close(world)
    world.clock.move(days=1)
    with pytest.raises(Faulty):
        banked(world, 1)


def test_a_second_click_puts_in_nothing_more(world: World) -> None:
    supervisor = actor_of(world, Role.supervisor)
    put_in(world, supervisor, 0, 10_000, "备用金")
    with pytest.raises(Stale):
        put_in(world, supervisor, 0, 10_000, "备用金")
    assert sheet_now(world).cash.closing == 10_000


def test_a_ledger_that_does_not_agree_with_the_rows_closes_no_day(world: World) -> None:
    """Somebody took a piece out of stock past the services."""
    deliver(world)
    close(world)
    world.clock.move(days=1)
    with world.writing() as session:
        session.scalars(select(Token).limit(1)).one().state = TokenState.spoiled
        session.commit()
    with pytest.raises(Refusal) as unsound:
        count(world, Counted(9, 10, {}))
    assert unsound.value.code == "day_unsound"


def test_who_counted_and_who_countersigned_is_in_the_journal(world: World) -> None:
    made = count(world)
    countersign(world, made)
    lines = found(world, select(JournalLine).where(JournalLine.subject == "day_close").order_by(JournalLine.id))
    assert [(line.act, line.staff_id, line.after) for line in lines] == [
        ("count", actor_of(world).staff_id, "counted"),
        ("countersign", actor_of(world, Role.supervisor).staff_id, "closed"),
    ]
    assert found(world, select(Branch.closed_through).where(Branch.code == "HD01")) == [MONDAY]
