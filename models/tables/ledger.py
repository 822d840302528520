"""Money, running numbers, and the journal."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.rulebook.vocabulary import PaymentMethod
from models.tables.base import BEIJING, Base, Instant, word
from models.tables.bindings import Platform
from models.tables.cases import Case
from models.tables.issuance import Station
from models.tables.people import Branch, Staff


class Counter(Base):
    """Running numbers, one row a series: "case:HD01:20261121". Counted up by an UPDATE inside the writer's transaction."""

    __tablename__ = "counter"

    series: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int] = mapped_column(Integer)


class Edition(Base):
    """Document requirements, fees and limits of the case kinds that the manuals do not fix, from a day on. Never changed."""

    __tablename__ = "edition"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)  # what a case keeps of it
    effective_from: Mapped[date] = mapped_column(Date, unique=True)
    published_at: Mapped[datetime | None] = mapped_column(Instant)  # none: it came with the program
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # as `models.rulebook.editions` reads it


def _day_taken(context: Any) -> date:
    """The calendar date at the counters, unless the day is closed already: then the service says which."""
    return context.get_current_parameters()["at"].astimezone(BEIJING).date()


class Receipt(Base):
    """Money taken, whole fen. A case is charged once; a refund is an entry of its own."""

    __tablename__ = "receipt"
    __table_args__ = (Index("ix_receipt_branch_day", "branch_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    amount_fen: Mapped[int] = mapped_column(Integer)
    items: Mapped[list[int]] = mapped_column(JSON)  # fen per certificate
    method: Mapped[PaymentMethod] = mapped_column(word(PaymentMethod))
    reference: Mapped[str] = mapped_column(String(80), default="")  # of the card slip or transfer
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    day: Mapped[date] = mapped_column(Date, default=_day_taken)  # the branch's business day

    case: Mapped[Case] = relationship()
    branch: Mapped[Branch] = relationship()
    cashier: Mapped[Staff] = relationship()


class JournalLine(Base):
    """Who did what to which thing, when, from which state to which. Written in the transaction of the act; never changed."""

    __tablename__ = "journal_line"
    __table_args__ = (
        Index("ix_journal_line_subject", "subject", "subject_id"),
        Index("ix_journal_line_act", "subject", "act", "id"),  # acts that are rare, the newest first
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platform.id"))  # none of the three: the program itself
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    subject: Mapped[str] = mapped_column(String(24))  # the table's name
    subject_id: Mapped[int] = mapped_column(Integer)
    act: Mapped[str] = mapped_column(String(40))
    before: Mapped[str | None] = mapped_column(String(40))
    after: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # no identity numbers, no PIN, ever

    staff: Mapped[Staff | None] = relationship()
    station: Mapped[Station | None] = relationship()
    platform: Mapped[Platform | None] = relationship()
    case: Mapped[Case | None] = relationship()
