"""Numbered stock: deliveries, transfers between branches, and the ledger of every piece that came into a drawer or left it."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.rulebook.oversight import ImportState, MovementKind, StockKind, TransferState
from models.tables.base import Base, Instant, word
from models.tables.cases import Case
from models.tables.people import Branch, Staff


class Delivery(Base):
    """A range of serials that a supplier brought: what the note says, what was counted, which of them were not in the box."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("branch_id", "kind", "note_number", "first_serial"),
        Index("ix_delivery_branch_id_id", "branch_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)  # HD01-D-2026-000001
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    kind: Mapped[StockKind] = mapped_column(word(StockKind))
    supplier: Mapped[str] = mapped_column(String(80))
    note_number: Mapped[str] = mapped_column(String(40))  # of the delivery note, as printed
    first_serial: Mapped[str] = mapped_column(String(40))
    last_serial: Mapped[str] = mapped_column(String(40))
    counted: Mapped[int] = mapped_column(Integer)  # pieces found in the box
    lacking: Mapped[list[str]] = mapped_column(JSON, default=list)  # serials of the range that were not in it
    remark: Mapped[str] = mapped_column(String(200), default="")
    import_id: Mapped[int | None] = mapped_column(ForeignKey("stock_import.id"))
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    branch: Mapped[Branch] = relationship()
    receiver: Mapped[Staff] = relationship()


class StockImport(Base):
    """A file of deliveries, one a line: what was read, what is wrong with which line, and what became of it.

    `announced` and `booked` say how far it is taken over: so many pieces, in the order of the lines, are put down as announced, and
    so many lines are in the books.
    """

    __tablename__ = "stock_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(120))
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the file
    state: Mapped[ImportState] = mapped_column(word(ImportState), default=ImportState.previewed)
    state_since: Mapped[datetime] = mapped_column(Instant)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # as typed, with their faults
    faulty: Mapped[int] = mapped_column(Integer)  # lines that cannot be taken over
    reason: Mapped[str] = mapped_column(String(200), default="")  # why the good lines were taken over without the others
    announced: Mapped[int] = mapped_column(Integer, default=0)
    booked: Mapped[int] = mapped_column(Integer, default=0)
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)


class Transfer(Base):
    """Pieces sent from one branch to another."""

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint("from_branch_id <> to_branch_id", name="two_branches"),
        Index("ix_transfer_from_branch_id_id", "from_branch_id", "id"),
        Index("ix_transfer_to_branch_id_id", "to_branch_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)  # HD01-T-2026-000001
    kind: Mapped[StockKind] = mapped_column(word(StockKind))
    state: Mapped[TransferState] = mapped_column(word(TransferState), default=TransferState.sent)
    state_since: Mapped[datetime] = mapped_column(Instant)
    from_branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    to_branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    serials: Mapped[list[str]] = mapped_column(JSON)  # what was sent, in order
    arrived: Mapped[list[str]] = mapped_column(JSON, default=list)
    explanation: Mapped[str] = mapped_column(String(200), default="")  # of the difference
    sent_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    sent_at: Mapped[datetime] = mapped_column(Instant)
    received_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    received_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    from_branch: Mapped[Branch] = relationship(foreign_keys=[from_branch_id])
    to_branch: Mapped[Branch] = relationship(foreign_keys=[to_branch_id])
    sender: Mapped[Staff] = relationship(foreign_keys=[sent_by])


class Movement(Base):
    """One piece came into a branch's drawer (+1) or left it (-1). Written with the change of its state, never changed.

    `day`: the branch's business day; after a day is closed its movements count for the next one. Opening + all of a day = closing.
    """

    __tablename__ = "movement"
    __table_args__ = (
        Index("ix_movement_branch_kind_day", "branch_id", "kind", "day"),
        Index("ix_movement_branch_id_id", "branch_id", "id"),  # the ledger as a list, newest first
        Index("ix_movement_branch_what_day", "branch_id", "what", "day", "id"),
        CheckConstraint("amount IN (1, -1)", name="one_piece"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    day: Mapped[date] = mapped_column(Date)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    kind: Mapped[StockKind] = mapped_column(word(StockKind))
    serial: Mapped[str] = mapped_column(String(40), index=True)
    what: Mapped[MovementKind] = mapped_column(word(MovementKind))
    amount: Mapped[int] = mapped_column(Integer)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"))
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    transfer_id: Mapped[int | None] = mapped_column(ForeignKey("transfer.id"))
    by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # none: a station, or the program itself
    reason: Mapped[str] = mapped_column(String(200), default="")

    branch: Mapped[Branch] = relationship()
    case: Mapped[Case | None] = relationship()
    delivery: Mapped[Delivery | None] = relationship()
    transfer: Mapped[Transfer | None] = relationship()

    @property
    def ground(self) -> str | None:
        """The number of what it was booked on."""
        found = self.case or self.delivery or self.transfer
        return found.number if found is not None else None


class LowWater(Base):
    """Below so many pieces a branch is to order more."""

    __tablename__ = "low_water"

    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True)
    kind: Mapped[StockKind] = mapped_column(word(StockKind), primary_key=True)
    mark: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)
