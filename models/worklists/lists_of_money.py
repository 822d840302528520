"""What supervisors ask about money, days and shifts."""

from models.rulebook.oversight import DayState, MoneyKind, ShiftState
from models.rulebook.vocabulary import PaymentMethod
from models.tables import DayClose, MoneyEntry, Receipt, ShiftHandover
from models.worklists import asking as ask
from models.worklists.looking import BRANCH, Column, Listed, Order, Shape, of_branch

RECEIPTS = Listed(
    room="receipts",
    model=Receipt,
    whose=of_branch(Receipt.branch_id),
    columns=(
        Column("number"),
        Column("case", ("case", "number")),
        Column("amount_fen", shape=Shape.money),
        Column("method", shape=Shape.word),
        Column("reference"),
        BRANCH,
        Column("cashier", ("cashier", "called")),
        Column("day", shape=Shape.day),
        Column("at", shape=Shape.instant),
    ),
    order=Order(Receipt.day),
    descending=True,
    orders={"number": Order(Receipt.number)},
    filters={
        "number": ask.begins(Receipt.number),
        "case": ask.of_case(Receipt.case_id),
        "method": ask.is_word(Receipt.method, PaymentMethod),
        "cashier": ask.by_staff(Receipt.by),
        "since": ask.on_or_after(Receipt.day),
        "until": ask.on_or_before(Receipt.day),
    },
    words={"method": PaymentMethod},
    related=((Receipt.case,), (Receipt.branch,), (Receipt.cashier,)),
)
ENTRIES = Listed(
    room="entries",
    model=MoneyEntry,
    whose=of_branch(MoneyEntry.branch_id),
    columns=(
        Column("number"),
        Column("kind", shape=Shape.word),
        Column("amount_fen", shape=Shape.money),
        Column("method", shape=Shape.word),
        Column("reference"),
        Column("case", ("case", "number")),
        Column("receipt", ("receipt", "number")),
        Column("reason", shape=Shape.reason),
        BRANCH,
        Column("cashier", ("cashier", "called")),
        Column("day", shape=Shape.day),
        Column("at", shape=Shape.instant),
    ),
    order=Order(MoneyEntry.day, ("kind", MoneyEntry.kind)),
    descending=True,
    orders={"number": Order(MoneyEntry.number)},
    filters={
        "number": ask.begins(MoneyEntry.number),
        "kind": ask.is_word(MoneyEntry.kind, MoneyKind),
        "case": ask.of_case(MoneyEntry.case_id),
        "method": ask.is_word(MoneyEntry.method, PaymentMethod),
        "cashier": ask.by_staff(MoneyEntry.by),
        "since": ask.on_or_after(MoneyEntry.day),
        "until": ask.on_or_before(MoneyEntry.day),
    },
    words={"kind": MoneyKind, "method": PaymentMethod},
    related=((MoneyEntry.case,), (MoneyEntry.receipt,), (MoneyEntry.branch,), (MoneyEntry.cashier,)),
)
DAYS = Listed(
    room="days",
    model=DayClose,
    whose=of_branch(DayClose.branch_id),
    columns=(
        Column("number"),
        Column("day", shape=Shape.day),
        Column("state", shape=Shape.state),
        BRANCH,
        Column("counter", ("counter", "called")),
        Column("counted_at", shape=Shape.instant),
        Column("countersigner", ("countersigner", "called")),
        Column("countersigned_at", shape=Shape.instant),
    ),
    order=Order(DayClose.day),
    descending=True,
    filters={
        "state": ask.is_word(DayClose.state, DayState),
        "person": ask.by_any(DayClose.counted_by, DayClose.countersigned_by),
        "since": ask.on_or_after(DayClose.day),
        "until": ask.on_or_before(DayClose.day),
    },
    words={"state": DayState},
    related=((DayClose.branch,), (DayClose.counter,), (DayClose.countersigner,)),
)
SHIFTS = Listed(
    room="shifts",
    model=ShiftHandover,
    whose=of_branch(ShiftHandover.branch_id),
    columns=(
        Column("number"),
        Column("day", shape=Shape.day),
        Column("state", shape=Shape.state),
        BRANCH,
        Column("giver", ("giver", "called")),
        Column("given_at", shape=Shape.instant),
        Column("taker", ("taker", "called")),
        Column("taken_at", shape=Shape.instant),
    ),
    order=Order(ShiftHandover.day),
    descending=True,
    filters={
        "state": ask.is_word(ShiftHandover.state, ShiftState),
        "person": ask.by_any(ShiftHandover.given_by, ShiftHandover.taken_by),
        "since": ask.on_or_after(ShiftHandover.day),
        "until": ask.on_or_before(ShiftHandover.day),
    },
    words={"state": ShiftState},
    related=((ShiftHandover.branch,), (ShiftHandover.giver,), (ShiftHandover.taker,)),
)
