"""What must hold of numbered stock after anything at all: the ledger and the drawers tell the same story, serial by serial.

A piece that no movement begins with a receipt was in the drawer when the ledger began.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.book_import import ImportLines, pieces_in
from models.rulebook.oversight import ImportState, MovementKind, StockKind, TransferState
from models.rulebook.vocabulary import EnvelopeState, TokenState
from models.tables import Envelope, Movement, StockImport, Token, Transfer

_ENTERS = {MovementKind.received, MovementKind.arrived, MovementKind.found}


def stock_violations(session: Session) -> Iterable[str]:
    tokens = {token.serial: (token.branch_id, token.state is TokenState.in_stock) for token in session.scalars(select(Token))}
    envelopes = {
        envelope.number: (envelope.branch_id, envelope.state is EnvelopeState.in_stock)
        for envelope in session.scalars(select(Envelope))
    }
    yield from _ledger(session, StockKind.token, tokens)
    yield from _ledger(session, StockKind.envelope, envelopes)
    yield from _transfers(session, {StockKind.token: tokens, StockKind.envelope: envelopes})
    yield from _announced(session)


def _ledger(session: Session, kind: StockKind, pieces: Mapping[str, tuple[int, bool]]) -> Iterable[str]:
    """Each piece is in one drawer or in none, step by step: nothing leaves a drawer that it is not in, or enters one twice."""
    lines = session.scalars(select(Movement).where(Movement.kind == kind).order_by(Movement.serial, Movement.id)).all()
    for serial, story in groupby(lines, key=lambda line: line.serial):
        at: int | None = None
        for number, line in enumerate(story):
            if number == 0 and line.what not in _ENTERS:
                at = line.branch_id
            if line.amount == -1 and at != line.branch_id:
                yield f"{kind} {serial} leaves the drawer of branch {line.branch_id} and was in {at}"
            if line.amount == 1 and at is not None:
                yield f"{kind} {serial} enters a drawer and was in {at}"
            at = line.branch_id if line.amount == 1 else None
        if serial not in pieces:
            yield f"{kind} {serial} has a ledger and does not exist"
        elif pieces[serial][1] != (at is not None) or (at is not None and pieces[serial][0] != at):
            yield f"{kind} {serial} is in drawer {at} by the ledger and in {pieces[serial]} by its state"


def _announced(session: Session) -> Iterable[str]:
    """What is announced is what the files that are being taken over have announced and not booked yet: no more, no less."""
    there = {("token", serial) for serial in session.scalars(select(Token.serial).where(Token.state == TokenState.announced))}
    empty = Envelope.state == EnvelopeState.announced
    there |= {("envelope", number) for number in session.scalars(select(Envelope.number).where(empty))}
    for read in session.scalars(select(StockImport).where(StockImport.state == ImportState.taking)):
        lines = ImportLines(read.lines)
        booked = sum(pieces_in(line) for line in lines.lines[: read.booked])
        told = {(kind.value, serial) for kind, serial in lines.pieces[booked : read.announced] if kind}
        yield from (f"{kind} {serial} was announced by {read.file_name} and is not" for kind, serial in sorted(told - there))
        there -= told
    yield from (f"{kind} {serial} is announced, and by no file" for kind, serial in sorted(there))


def _transfers(session: Session, pieces: Mapping[StockKind, Mapping[str, tuple[int, bool]]]) -> Iterable[str]:
    for transfer in session.scalars(select(Transfer)):
        sent, arrived = set(transfer.serials), set(transfer.arrived)
        if not arrived <= sent or len(sent) != len(transfer.serials):
            yield f"transfer {transfer.number} received what was not sent"
        moved = session.scalars(select(Movement).where(Movement.transfer_id == transfer.id)).all()
        if {line.serial for line in moved if line.what is MovementKind.sent} != sent:
            yield f"transfer {transfer.number} and the ledger differ about what was sent"
        if {line.serial for line in moved if line.what is MovementKind.arrived} != arrived:
            yield f"transfer {transfer.number} and the ledger differ about what arrived"
        if transfer.state is TransferState.sent and arrived:
            yield f"transfer {transfer.number} arrived and is still on its way"
        if not sent <= set(pieces[transfer.kind]):
            yield f"transfer {transfer.number} sent what does not exist"
