"""Deliveries, transfers, write-offs and what is found again: rows and ledger say the same, and nothing is half done."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from app.services.choose_token import choose_token
from app.services.errors import Absent, Faulty, Forbidden, OutOfTurn, Refusal, Stale
from app.services.find_stock import find_stock
from app.services.receive_delivery import receive_delivery
from app.services.receive_transfer import receive_transfer
from app.services.send_transfer import TransferOrder, send_transfer
from app.services.set_low_water import set_low_water
from app.services.settle_transfer import settle_transfer
from app.services.stock import lowest_envelope
from app.services.world import World
from app.services.write_off_stock import write_off_stock
from models.rulebook.oversight import MovementKind, StockKind, TransferState
from models.rulebook.vocabulary import Role, RunKind
from models.tables import Branch, Case, Delivery, JournalLine, LowWater, Movement, Token, Transfer
from models.worklists.movements import ledger_of, transfers_waiting
from models.worklists.stock import low_stock, shelves
from tests.builders.issuance import plant_case
from tests.builders.people import actor_of, branch_id_of
from tests.builders.stock import facts_of, keeper, ledger_fits, moved, on_books, plant_delivery, transfer_now

TOKEN, ENVELOPE = StockKind.token, StockKind.envelope


def refused(act: Callable[..., Any], *arguments: Any, **named: Any) -> dict[str, str]:
    """The codes at the fields."""
    with pytest.raises(Faulty) as fault:
        act(*arguments, **named)
    return dict(fault.value.fields)


def order(world: World, to: str = "CY01", **changes: Any) -> TransferOrder:
    return TransferOrder(**{"kind": TOKEN, "to_branch_id": branch_id_of(world, to), "count": 3, **changes})


def sent(world: World, **changes: Any) -> int:
    """Three tokens of ten on their way from HD01 to CY01."""
    plant_delivery(world)
    return send_transfer(world, keeper(world), order(world, **changes))


def all_well(world: World) -> None:
    with world.reading() as session:
        assert ledger_fits(session) == []


def test_a_delivery_brings_every_piece_that_was_counted(world: World) -> None:
    delivery_id = plant_delivery(world, counted=8, lacking="HD01-T00042、HD01-T00050")
    books = on_books(world)
    assert len(books) == 8
    assert set(books.values()) == {"in_stock"}
    assert "HD01-T00042" not in books
    assert moved(world) == {"received": 8}
    with world.reading() as session:
        kept = session.get_one(Delivery, delivery_id)
        assert (kept.number, kept.lacking) == ("HD01-D-2026-000001", ["HD01-T00042", "HD01-T00050"])
        movement = session.scalars(select(Movement)).first()
        assert (movement.delivery_id, movement.day, movement.by) == (delivery_id, world.today(), keeper(world).staff_id)
        line = session.scalars(select(JournalLine).where(JournalLine.subject == "delivery")).one()
        assert line.detail["serials"] == "HD01-T00041, HD01-T00043…HD01-T00049"
    all_well(world)


def test_what_was_lacking_comes_later_by_another_note(world: World) -> None:
    plant_delivery(world, counted=9, lacking="HD01-T00041")
    late = {"first": "HD01-T00041", "last": "HD01-T00041", "counted": 1}
    assert refused(plant_delivery, world, **late) == {"note_number": "note_known"}
    plant_delivery(world, **late, note_number="SH-1-B")
    assert len(on_books(world)) == 10


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"counted": 9}, {"counted": "count_differs"}),
        ({"last": "HD01-T00040"}, {"last": "range_order"}),
        ({"last": "HD01-X00050"}, {"last": "range_form"}),
        ({"first": "七"}, {"first": "serial_form"}),
        ({"lacking": "HD01-T00051", "counted": 9}, {"lacking": "lacking_outside"}),
        ({"last": "HD01-T09000", "counted": 8960}, {"last": "range_size"}),
        ({"kind": ENVELOPE, "first": "E" * 20 + "1", "last": "E" * 20 + "9", "counted": 9}, {"first": "serial_long"}),
    ],
)
def test_a_delivery_that_does_not_add_up_brings_nothing(world: World, changes: dict[str, Any], fields: dict[str, str]) -> None:
    assert refused(plant_delivery, world, **changes) == fields
    assert on_books(world) == {}
    assert moved(world) == {}


def test_a_serial_that_exists_anywhere_is_refused_by_name(world: World) -> None:
    plant_delivery(world, "CY01")
    with pytest.raises(Faulty) as fault:
        plant_delivery(world, first="HD01-T00049", last="HD01-T00060", counted=12)
    assert fault.value.fields == {"first": "serials_known"}
    assert fault.value.facts == {"serials": "HD01-T00049…HD01-T00050"}
    plant_delivery(world, kind=ENVELOPE, first="HD01-T00041", last="HD01-T00042", counted=2)
    assert len(on_books(world, kind=ENVELOPE)) == 2, "an envelope is another thing"


def test_five_thousand_pieces_come_in_one_delivery(world: World) -> None:
    plant_delivery(world, kind=ENVELOPE, first="HD01-E000001", last="HD01-E005000", counted=5000)
    assert moved(world, kind=ENVELOPE) == {"received": 5000}
    with world.reading() as session:
        assert lowest_envelope(session, branch_id_of(world)).number == "HD01-E000001"


def test_the_lowest_numbers_leave_first_and_are_in_nobodys_drawer_on_the_way(world: World) -> None:
    transfer_id = sent(world)
    transfer = transfer_now(world, transfer_id)
    assert transfer.serials == ["HD01-T00041", "HD01-T00042", "HD01-T00043"]
    assert (transfer.number, transfer.state) == ("HD01-T-2026-000001", TransferState.sent)
    assert [on_books(world)[serial] for serial in transfer.serials] == ["in_transit"] * 3
    assert on_books(world, "CY01") == {}
    assert moved(world) == {"received": 10, "sent": -3}
    all_well(world)


def test_a_range_is_sent_where_somebody_names_it(world: World) -> None:
    transfer_id = sent(world, count=0, serials="HD01-T00048…HD01-T00049 HD01-T00044")
    assert set(transfer_now(world, transfer_id).serials) == {"HD01-T00044", "HD01-T00048", "HD01-T00049"}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"count": 11}, {"count": "not_so_many"}),
        ({"count": 0}, {"count": "count_or_serials"}),
        ({"count": -1}, {"count": "count_of_pieces"}),
        ({"count": 5001}, {"count": "count_of_pieces"}),
        ({"serials": "HD01-T00041"}, {"count": "count_or_serials"}),
        ({"count": 0, "serials": "HD01-T00040…HD01-T00042"}, {"serials": "pieces_not_here"}),
        ({"count": 0, "serials": "HD01-T00041 HD01-T00041"}, {"serials": "serial_twice"}),
        ({"to": "HD01"}, {"to_branch_id": "transfer_branch"}),
        ({"to_branch_id": 999}, {"to_branch_id": "transfer_branch"}),
    ],
)
def test_an_order_that_cannot_be_sent_moves_nothing(world: World, changes: dict[str, Any], fields: dict[str, str]) -> None:
    plant_delivery(world)
    assert refused(send_transfer, world, keeper(world), order(world, **changes)) == fields
    assert set(on_books(world).values()) == {"in_stock"}


def test_everything_that_arrives_is_the_receivers_stock(world: World) -> None:
    transfer_id = sent(world)
    receive_transfer(world, keeper(world, "CY01"), transfer_id, 1, None)
    assert transfer_now(world, transfer_id).state is TransferState.settled
    assert on_books(world, "CY01") == dict.fromkeys(["HD01-T00041", "HD01-T00042", "HD01-T00043"], "in_stock")
    assert moved(world, "CY01") == {"arrived": 3}
    with pytest.raises(OutOfTurn):
        receive_transfer(world, keeper(world, "CY01"), transfer_id, 2, None)
    all_well(world)


def test_the_station_takes_only_what_is_in_this_branchs_stock(world: World) -> None:
    """A token that was sent away is refused here from then on, and there until it arrived."""
    transfer_id = sent(world)
    ids = {branch: plant_case(world, branch=branch, number=f"{branch}-20261123-0001") for branch in ("HD01", "CY01")}

    def chosen(branch: str, serial: str = "HD01-T00041") -> str:
        with world.reading() as session:
            found = choose_token(session, world.now(), session.get_one(Case, ids[branch]), RunKind.issue, serial)
            return found if isinstance(found, str) else "taken"

    assert chosen("HD01", "HD01-T00044") == "taken"
    assert (chosen("HD01"), chosen("CY01")) == ("token_not_in_stock", "token_unknown")
    receive_transfer(world, keeper(world, "CY01"), transfer_id, 1, None)
    assert (chosen("HD01"), chosen("CY01")) == ("token_unknown", "taken")
    write_off_stock(world, keeper(world, "CY01"), TOKEN, MovementKind.spoiled, "HD01-T00041", "外壳破裂")
    assert chosen("CY01") == "token_not_in_stock"


def test_a_difference_stays_open_until_the_sender_settles_it(world: World) -> None:
    transfer_id, there, here = sent(world), keeper(world, "CY01"), keeper(world)
    assert refused(receive_transfer, world, there, transfer_id, 1, "HD01-T00042") == {"explanation": "missing_unexplained"}
    receive_transfer(world, there, transfer_id, 1, "HD01-T00042", "箱内只有一只")
    assert transfer_now(world, transfer_id).state is TransferState.differs
    all_well(world)
    with pytest.raises(OutOfTurn):
        settle_transfer(world, there, transfer_id, 2, "找不到")
    receive_transfer(world, there, transfer_id, 2, "HD01-T00043", "夹层里又有一只")
    with pytest.raises(Stale):
        settle_transfer(world, here, transfer_id, 2, "找不到")
    assert refused(settle_transfer, world, here, transfer_id, 3, " ") == {"reason": "required"}
    settle_transfer(world, here, transfer_id, 3, "运输中遗失，已报案")
    assert transfer_now(world, transfer_id).state is TransferState.settled
    assert on_books(world)["HD01-T00041"] == "missing"
    assert moved(world) == {"received": 10, "sent": -3}, "it had left the drawer already"
    all_well(world)


def test_what_turns_up_late_and_completes_the_box_settles_it(world: World) -> None:
    transfer_id, there = sent(world), keeper(world, "CY01")
    receive_transfer(world, there, transfer_id, 1, "", "箱子没有到")
    assert on_books(world, "CY01") == {}
    receive_transfer(world, there, transfer_id, 2, None)
    assert transfer_now(world, transfer_id).state is TransferState.settled
    assert moved(world, "CY01") == {"arrived": 3}
    all_well(world)


def test_nothing_arrives_that_was_not_sent_or_came_before(world: World) -> None:
    transfer_id, there = sent(world), keeper(world, "CY01")
    for typed in ("HD01-T00044", "HD01-T00041…HD01-T00044", "X1"):
        assert refused(receive_transfer, world, there, transfer_id, 1, typed, "缺") == {"serials": "not_of_transfer"}
    receive_transfer(world, there, transfer_id, 1, "HD01-T00041", "缺两只")
    assert refused(receive_transfer, world, there, transfer_id, 2, "HD01-T00041", "缺") == {"serials": "not_of_transfer"}


@pytest.mark.parametrize(
    ("way", "state"),
    [(MovementKind.spoiled, "spoiled"), (MovementKind.returned, "returned"), (MovementKind.lost, "missing")],
)
@pytest.mark.parametrize("kind", StockKind)
def test_blank_pieces_are_written_off_with_a_reason(world: World, kind: StockKind, way: MovementKind, state: str) -> None:
    plant_delivery(world, kind=kind)
    assert refused(write_off_stock, world, keeper(world), kind, way, "HD01-T00041", " ") == {"reason": "required"}
    assert refused(write_off_stock, world, keeper(world), kind, way, " ", "样例") == {"serials": "required"}
    assert write_off_stock(world, keeper(world), kind, way, "HD01-T00041…HD01-T00042", "清点时发现") == 2
    assert [on_books(world, kind=kind)[serial] for serial in ("HD01-T00041", "HD01-T00042")] == [state] * 2
    assert moved(world, kind=kind) == {"received": 10, way.value: -2}
    again = refused(write_off_stock, world, keeper(world), kind, way, "HD01-T00042…HD01-T00043", "清点时发现")
    assert again == {"serials": "pieces_not_blank"}
    with world.reading() as session:
        lines = session.scalars(select(JournalLine).where(JournalLine.after == state, JournalLine.subject == kind.value)).all()
    assert [line.detail["reason"] for line in lines] == ["清点时发现"] * 2
    all_well(world)


def test_another_branchs_pieces_do_not_exist_here(world: World) -> None:
    plant_delivery(world)
    with pytest.raises(Faulty) as fault:
        write_off_stock(world, keeper(world, "CY01"), TOKEN, MovementKind.lost, "HD01-T00041 HD01-T99999", "样例")
    assert fault.value.fields == {"serials": "pieces_not_here"}
    assert fault.value.facts["serials"] == "HD01-T00041, HD01-T99999", "what exists elsewhere looks like what does not exist"


def test_what_was_missing_is_found_where_it_belongs(world: World) -> None:
    plant_delivery(world)
    write_off_stock(world, keeper(world), TOKEN, MovementKind.lost, "HD01-T00041…HD01-T00042", "盘点少两只")
    for serials in ("HD01-T00043", "HD01-T00041 HD01-T00043", "X1"):
        assert refused(find_stock, world, keeper(world), TOKEN, serials, "样例") == {"serials": "pieces_not_missing"}
    assert refused(find_stock, world, keeper(world, "CY01"), TOKEN, "HD01-T00041", "样例") == {"serials": "pieces_not_missing"}
    assert find_stock(world, keeper(world), TOKEN, "HD01-T00041", "在柜子后面") == 1
    assert on_books(world)["HD01-T00041"] == "in_stock"
    assert moved(world) == {"received": 10, "lost": -2, "found": 1}
    all_well(world)


def test_what_was_lost_on_its_way_is_found_at_either_end(world: World) -> None:
    transfer_id = sent(world)
    receive_transfer(world, keeper(world, "CY01"), transfer_id, 1, "HD01-T00043", "少两只")
    settle_transfer(world, keeper(world), transfer_id, 2, "找不到")
    assert refused(find_stock, world, keeper(world, "DS01"), TOKEN, "HD01-T00041", "样例") == {"serials": "pieces_not_missing"}
    find_stock(world, keeper(world, "CY01"), TOKEN, "HD01-T00041", "夹在包装里")
    find_stock(world, keeper(world), TOKEN, "HD01-T00042", "没有装箱")
    assert on_books(world, "CY01") == {"HD01-T00041": "in_stock", "HD01-T00043": "in_stock"}
    assert on_books(world)["HD01-T00042"] == "in_stock"
    assert (moved(world, "CY01"), moved(world)["found"]) == ({"arrived": 1, "found": 1}, 1)
    all_well(world)


def test_the_ledger_of_a_piece_tells_its_whole_way(world: World) -> None:
    transfer_id = sent(world)
    receive_transfer(world, keeper(world, "CY01"), transfer_id, 1, None)
    write_off_stock(world, keeper(world, "CY01"), TOKEN, MovementKind.returned, "HD01-T00041", "批次召回")
    with world.reading() as session:
        told = [(line.what.value, line.branch.code, line.amount) for line in ledger_of(session, TOKEN, "HD01-T00041")]
    assert told == [("received", "HD01", 1), ("sent", "HD01", -1), ("arrived", "CY01", 1), ("returned", "CY01", -1)]


def test_only_a_supervisor_of_the_branch_keeps_stock(world: World) -> None:
    transfer_id = sent(world)
    for role in (Role.clerk, Role.reviewer, Role.auditor, Role.administrator):
        who = actor_of(world, role)
        acts: list[Callable[[], Any]] = [
            lambda who=who: receive_delivery(world, who, facts_of(first="X1", last="X2", counted=2)),
            lambda who=who: send_transfer(world, who, order(world)),
            lambda who=who: receive_transfer(world, who, transfer_id, 1, None),
            lambda who=who: settle_transfer(world, who, transfer_id, 1, "样例"),
            lambda who=who: write_off_stock(world, who, TOKEN, MovementKind.lost, "HD01-T00045", "样例"),
            lambda who=who: find_stock(world, who, TOKEN, "HD01-T00045", "样例"),
            lambda who=who: set_low_water(world, who, 0, {TOKEN: 1}),
        ]
        for act in acts:
            with pytest.raises(Forbidden):
                act()
    third = keeper(world, "DS01")
    for act in (receive_transfer, settle_transfer):
        with pytest.raises(Absent):
            act(world, third, transfer_id, 1, "样例")
        with pytest.raises(Absent):
            act(world, third, 999, 1, "样例")
    assert transfer_now(world, transfer_id).version == 1


def test_after_the_close_a_movement_counts_for_the_next_day(world: World) -> None:
    with world.writing() as session:
        session.get_one(Branch, branch_id_of(world)).closed_through = world.today()
        session.commit()
    plant_delivery(world)
    with world.reading() as session:
        assert {(day - world.today()).days for day in session.scalars(select(Movement.day))} == {1}


def test_low_water_marks_warn_in_time(world: World) -> None:
    plant_delivery(world)
    branch_id = branch_id_of(world)

    def low() -> list[tuple[str, int, int]]:
        with world.reading() as session:
            return [(one.kind.value, one.in_stock, one.mark) for one in low_stock(session, branch_id)]

    assert low() == [], "nobody set a mark"
    assert refused(set_low_water, world, keeper(world), 0, {TOKEN: -1, ENVELOPE: 5}) == {"token": "mark_range"}
    set_low_water(world, keeper(world), 0, {TOKEN: 10, ENVELOPE: 5})
    assert low() == [("envelope", 0, 5)], "ten are not fewer than ten"
    with pytest.raises(Stale):
        set_low_water(world, keeper(world), 0, {TOKEN: 11, ENVELOPE: 5})
    set_low_water(world, keeper(world), 2, {TOKEN: 11, ENVELOPE: 5})
    assert low() == [("token", 10, 11), ("envelope", 0, 5)]
    with world.reading() as session:
        assert [row.version for row in session.scalars(select(LowWater).order_by(LowWater.kind.desc()))] == [2, 1]
        lines = session.scalar(select(func.count()).where(JournalLine.act == "set_low_water"))
        assert lines == 3, "what was not changed has no line"


def test_shelves_show_serials_by_ranges(world: World) -> None:
    sent(world)
    write_off_stock(world, keeper(world), TOKEN, MovementKind.lost, "HD01-T00046", "样例")
    with world.reading() as session:
        token, envelope = shelves(session, branch_id_of(world))
    assert token.in_stock == 6
    told = {one.state.value: [str(span) for span in one.ranges] for one in token.laid}
    assert told == {
        "in_stock": ["HD01-T00044…HD01-T00045", "HD01-T00047…HD01-T00050"],
        "in_transit": ["HD01-T00041…HD01-T00043"],
        "missing": ["HD01-T00046"],
    }
    assert (envelope.in_stock, envelope.laid) == (0, [])


def transfers_at(session: Any, branch: str) -> list[int]:
    code = select(Branch.id).where(Branch.code == branch)
    return list(session.scalars(transfers_waiting(session.scalar(code))))


def test_a_transfer_waits_at_the_end_whose_turn_it_is(world: World) -> None:
    transfer_id = sent(world)

    def waits() -> dict[str, list[int]]:
        with world.reading() as session:
            return {code: transfers_at(session, code) for code in ("HD01", "CY01", "DS01")}

    assert waits() == {"HD01": [], "CY01": [transfer_id], "DS01": []}
    receive_transfer(world, keeper(world, "CY01"), transfer_id, 1, "", "箱子没有到")
    assert waits() == {"HD01": [transfer_id], "CY01": [], "DS01": []}
    settle_transfer(world, keeper(world), transfer_id, 2, "找不到")
    assert waits() == {"HD01": [], "CY01": [], "DS01": []}


def test_a_piece_that_somebody_else_just_took_stops_the_whole_move(world: World) -> None:
    """As a ceremony would take it between reading and writing."""
    from app.services.blank_pieces import lowest_pieces, move_pieces
    from models.rulebook.vocabulary import TokenAction, TokenState

    plant_delivery(world)
    with world.writing() as session:
        pieces = lowest_pieces(session, TOKEN, branch_id_of(world), 3)
        session.query(Token).filter(Token.serial == "HD01-T00042").update(
            {"state": TokenState.in_ceremony}, synchronize_session=False
        )
        with pytest.raises(Stale):
            move_pieces(session, world.now(), keeper(world), TOKEN, pieces, TokenAction.spoil, reason="样例")
    assert set(on_books(world).values()) == {"in_stock"}
    assert moved(world) == {"received": 10}


def test_a_refusal_says_nothing_of_what_was_typed_but_serials(world: World) -> None:
    plant_delivery(world)
    with pytest.raises(Refusal) as fault:
        receive_delivery(world, keeper(world), dataclasses.replace(facts_of(), remark="秘密"))
    assert "秘密" not in repr(fault.value.facts)
    with world.reading() as session:
        assert session.scalar(select(func.count()).select_from(Transfer)) == 0
