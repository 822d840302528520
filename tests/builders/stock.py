"""Stock for tests: deliveries taken in by a branch's supervisor, and where every piece is."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.services.book_import import advance_import
from app.services.job_kinds import WORKS
from app.services.jobs import run_jobs
from app.services.preview_import import ask_preview
from app.services.receive_delivery import DeliveryFacts, receive_delivery
from app.services.receive_transfer import receive_transfer
from app.services.send_transfer import TransferOrder, send_transfer
from app.services.world import World
from app.services.write_off_stock import write_off_stock
from models.rulebook.oversight import ImportAction, MovementKind, StockKind
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import Role
from models.tables import Envelope, Job, Movement, StockImport, Token, Transfer
from tests.builders.people import actor_of, branch_id_of

FIRST, LAST = "HD01-T00041", "HD01-T00050"


def keeper(world: World, branch: str = "HD01") -> Actor:
    return actor_of(world, Role.supervisor, branch)


def facts_of(
    kind: StockKind = StockKind.token, first: str = FIRST, last: str = LAST, counted: int = 10, **more: Any
) -> DeliveryFacts:
    return DeliveryFacts(
        kind, **{"note_number": "SH-1", "supplier": "样例介质厂", **more}, first=first, last=last, counted=counted
    )


def plant_delivery(world: World, branch: str = "HD01", **changes: Any) -> int:
    """Ten tokens, HD01-T00041 to HD01-T00050, unless told otherwise."""
    return receive_delivery(world, keeper(world, branch), facts_of(**changes))


def on_books(world: World, branch: str = "HD01", kind: StockKind = StockKind.token) -> dict[str, str]:
    """The branch's serials with their states."""
    table, serial = (Token, Token.serial) if kind is StockKind.token else (Envelope, Envelope.number)
    with world.reading() as session:
        rows = session.execute(select(serial, table.state).where(table.branch_id == branch_id_of(world, branch)).order_by(serial))
        return {one: state.value for one, state in rows}


def moved(world: World, branch: str = "HD01", kind: StockKind = StockKind.token) -> dict[str, int]:
    """The sum of the branch's ledger by what happened."""
    with world.reading() as session:
        rows = session.execute(
            select(Movement.what, func.sum(Movement.amount))
            .where(Movement.branch_id == branch_id_of(world, branch), Movement.kind == kind)
            .group_by(Movement.what)
        )
        return {what.value: total for what, total in rows}


def transfer_now(world: World, transfer_id: int) -> Transfer:
    with world.reading() as session:
        return session.get_one(Transfer, transfer_id)


def ledger_fits(session: Session) -> list[str]:
    """Pieces whose ledger says otherwise than their row: in the drawer exactly where the movements add up to one."""
    wrong = []
    for kind, table, serial in ((StockKind.token, Token, Token.serial), (StockKind.envelope, Envelope, Envelope.number)):
        sums: dict[tuple[str, int], int] = {}
        rows = select(Movement.serial, Movement.branch_id, func.sum(Movement.amount)).where(Movement.kind == kind)
        for name, branch_id, total in session.execute(rows.group_by(Movement.serial, Movement.branch_id)):
            sums[name, branch_id] = total
        for name, branch_id, state in session.execute(select(serial, table.branch_id, table.state)):
            here = sums.pop((name, branch_id), 0)
            if here != (1 if state.value == "in_stock" else 0):
                wrong.append(f"{kind} {name} is {state} at {branch_id}, its ledger there says {here}")
        wrong += [f"{kind} {name}: ledger at {branch_id} says {total}" for (name, branch_id), total in sums.items() if total]
    return wrong


def plant_stock_papers(world: World, branch: str = "HD01") -> dict[str, int]:
    """A delivery, a transfer on its way to the tax branch, and a file that was looked at; ids by the names that routes give them."""
    delivery_id = plant_delivery(world, branch, first=f"{branch}-T80001", last=f"{branch}-T80010", note_number="SH-80")
    order = TransferOrder(StockKind.token, branch_id_of(world, "DS01"), serials=f"{branch}-T80001…{branch}-T80003")
    transfer_id = send_transfer(world, keeper(world, branch), order)
    return {"delivery_id": delivery_id, "transfer_id": transfer_id, "import_id": plant_import(world, keeper(world, branch))}


def plant_import(world: World, by: Actor, faulty: bool = True, letter: str = "") -> int:
    """A file of two lines, looked at; of one of them the count is wrong."""
    serial = f"{by.number}{letter or ('F' if faulty else 'G')}"
    text = (
        "kind,note,supplier,first,last,counted\n"
        f"token,SH-81,样例介质厂,{serial}-T1,{serial}-T3,3\n"
        f"envelope,SH-81,样例印刷厂,{serial}-E1,{serial}-E3,{4 if faulty else 3}\n"
    )
    job_id = ask_preview(world, by, "到货.csv", text.encode())
    run_jobs(world, WORKS)
    with world.reading() as session:
        return int(session.get_one(Job, job_id).answer["import_id"])


def plant_stuck_import(world: World, by: Actor) -> int:
    """A file whose taking over was broken off before its first part: nobody works on it."""
    import_id = plant_import(world, by, faulty=False, letter="S")
    with world.writing() as session:
        read = session.get_one(StockImport, import_id)
        advance_import(session, world.now(), by, read, ImportAction.take_over, read.version)
        session.commit()
    return import_id


def furnish_stock(world: World, here: Actor, there: Actor) -> dict[str, list[int]]:
    """Something in every state that a stock page of the first one's branch shows; ids by the names that routes give them."""
    lacking = facts_of(first="YS-T00041", counted=9, last="YS-T00050", lacking="YS-T00045", note_number="SH-81")
    back = facts_of(StockKind.envelope, "YS-E000001", "YS-E000010", note_number="SH-82")
    deliveries = [receive_delivery(world, here, lacking)]
    receive_delivery(world, there, back)
    to_there = [TransferOrder(StockKind.token, there.branch_id or 0, serials=f"YS-T0004{n}") for n in range(1, 4)]
    sent = [send_transfer(world, here, order) for order in to_there]
    sent.append(
        send_transfer(world, there, TransferOrder(StockKind.envelope, here.branch_id or 0, serials="YS-E000001…YS-E000002"))
    )
    receive_transfer(world, there, sent[1], 1, "", "加急")
    receive_transfer(world, there, sent[2], 1, None)
    imports = [plant_import(world, here), plant_import(world, here, faulty=False), plant_stuck_import(world, here)]
    write_off_stock(world, here, StockKind.token, MovementKind.lost, "YS-T00046", "加急")
    return {"delivery_id": deliveries, "transfer_id": sent, "import_id": imports}
