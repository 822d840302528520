"""What supervisors ask about tokens and PIN envelopes, and how they move."""

from models.rulebook.oversight import MovementKind, StockKind, TransferState, Waits
from models.rulebook.vocabulary import EnvelopeState, TokenState
from models.tables import Delivery, Envelope, Movement, Token, Transfer
from models.worklists import asking as ask
from models.worklists.looking import BRANCH, Column, Listed, Order, Shape, of_branch, of_branches
from models.worklists.movements import waiting_at

TOKENS = Listed(
    room="tokens",
    model=Token,
    whose=of_branch(Token.branch_id),
    columns=(
        Column("serial"),
        Column("state", shape=Shape.state),
        BRANCH,
        Column("state_since", shape=Shape.instant),
        Column("note"),
    ),
    order=Order(Token.serial, ("state", Token.state)),
    descending=False,
    filters={
        "first": ask.from_text(Token.serial),
        "last": ask.to_text(Token.serial),
        "state": ask.is_word(Token.state, TokenState),
    },
    words={"state": TokenState},
    related=((Token.branch,),),
)
ENVELOPES = Listed(
    room="envelopes",
    model=Envelope,
    whose=of_branch(Envelope.branch_id),
    columns=(
        Column("number"),
        Column("state", shape=Shape.state),
        BRANCH,
        Column("token", ("token", "serial")),
        Column("state_since", shape=Shape.instant),
        Column("void_reason"),
    ),
    order=Order(Envelope.number, ("state", Envelope.state)),
    descending=False,
    filters={
        "first": ask.from_text(Envelope.number),
        "last": ask.to_text(Envelope.number),
        "state": ask.is_word(Envelope.state, EnvelopeState),
        "token": ask.of_token(Envelope.token_id),
    },
    words={"state": EnvelopeState},
    related=((Envelope.branch,), (Envelope.token,)),
)
DELIVERIES = Listed(
    room="deliveries",
    model=Delivery,
    whose=of_branch(Delivery.branch_id),
    columns=(
        Column("number"),
        Column("at", shape=Shape.instant),
        BRANCH,
        Column("kind", shape=Shape.word),
        Column("note_number"),
        Column("supplier"),
        Column("first_serial"),
        Column("last_serial"),
        Column("counted", shape=Shape.number),
        Column("lacking", shape=Shape.many),
        Column("receiver", ("receiver", "called")),
    ),
    order=Order(Delivery.id),
    descending=True,
    orders={"number": Order(Delivery.number)},
    filters={
        "number": ask.begins(Delivery.number),
        "note": ask.has_text(Delivery.note_number),
        "supplier": ask.has_text(Delivery.supplier),
        "serial": ask.in_box,
        "kind": ask.is_word(Delivery.kind, StockKind),
        "since": ask.since(Delivery.at),
        "until": ask.until(Delivery.at),
    },
    words={"kind": StockKind},
    related=((Delivery.branch,), (Delivery.receiver,)),
)
TRANSFERS = Listed(
    room="transfers",
    model=Transfer,
    whose=of_branches(Transfer.from_branch_id, Transfer.to_branch_id),
    columns=(
        Column("number"),
        Column("state", shape=Shape.state),
        Column("kind", shape=Shape.word),
        Column("from_branch", ("from_branch", "code")),
        Column("to_branch", ("to_branch", "code")),
        Column("serials", shape=Shape.many),
        Column("arrived", shape=Shape.many),
        Column("sender", ("sender", "called")),
        Column("sent_at", shape=Shape.instant),
        Column("received_at", shape=Shape.instant),
        Column("explanation"),
    ),
    order=Order(Transfer.id),
    descending=True,
    orders={"number": Order(Transfer.number)},
    filters={
        "number": ask.begins(Transfer.number),
        "kind": ask.is_word(Transfer.kind, StockKind),
        "state": ask.is_word(Transfer.state, TransferState),
        "since": ask.since(Transfer.sent_at),
        "until": ask.until(Transfer.sent_at),
    },
    here={"waits": waiting_at},
    words={"kind": StockKind, "state": TransferState, "waits": Waits},
    related=((Transfer.from_branch,), (Transfer.to_branch,), (Transfer.sender,)),
)
MOVEMENTS = Listed(
    room="movements",
    model=Movement,
    whose=of_branch(Movement.branch_id),
    columns=(
        Column("at", shape=Shape.instant),
        Column("day", shape=Shape.day),
        BRANCH,
        Column("kind", shape=Shape.word),
        Column("serial"),
        Column("what", shape=Shape.word),
        Column("amount", shape=Shape.number),
        Column("ground"),
        Column("reason", shape=Shape.reason),
    ),
    order=Order(Movement.id),
    descending=True,
    orders={
        "serial": Order(Movement.serial),
        "what": Order(Movement.day),
        "since": Order(Movement.day, ("kind", Movement.kind)),
        "until": Order(Movement.day, ("kind", Movement.kind)),
    },
    filters={
        "serial": ask.begins(Movement.serial),
        "kind": ask.is_word(Movement.kind, StockKind),
        "what": ask.is_word(Movement.what, MovementKind),
        "since": ask.on_or_after(Movement.day),
        "until": ask.on_or_before(Movement.day),
    },
    words={"kind": StockKind, "what": MovementKind},
    related=((Movement.branch,), (Movement.case,), (Movement.delivery,), (Movement.transfer,)),
)
