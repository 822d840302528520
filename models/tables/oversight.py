"""What supervision keeps: exceptions, the closed days, shifts, drafts of editions, reviews, saved views, jobs, holds, destruction."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.rulebook.oversight import (
    DayState,
    DestructionState,
    DraftState,
    ExceptionKind,
    ExceptionState,
    HoldState,
    JobKind,
    JobState,
    MoneyKind,
    ShiftState,
)
from models.rulebook.vocabulary import PaymentMethod
from models.tables.base import Base, Instant, word
from models.tables.cases import Applicant, Case
from models.tables.ledger import Receipt
from models.tables.people import Branch, Staff


class ExceptionRequest(Base):
    """Something that only a supervisor can allow: asked for by a clerk, with a reason; decided by somebody else, in time; used once."""

    __tablename__ = "exception_request"
    __table_args__ = (
        Index(
            "uq_exception_request_open_per_case_and_kind",
            "case_id",
            "kind",
            unique=True,
            sqlite_where=text("state IN ('asked', 'granted')"),
            postgresql_where=text("state IN ('asked', 'granted')"),
        ),
        Index("ix_exception_request_branch_state_id", "branch_id", "state", "id"),
        Index("ix_exception_request_branch_state_asked_at", "branch_id", "state", "asked_at"),
        Index("ix_exception_request_branch_kind_id", "branch_id", "kind", "id"),
        CheckConstraint("decided_by <> asked_by", name="two_people"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)  # HD01-Q-2026-000001; X is for refusals
    kind: Mapped[ExceptionKind] = mapped_column(word(ExceptionKind))
    state: Mapped[ExceptionState] = mapped_column(word(ExceptionState), default=ExceptionState.asked)
    state_since: Mapped[datetime] = mapped_column(Instant)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    reason: Mapped[str] = mapped_column(String(200))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # amount_fen; field, was, now; … as its kind needs
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)  # undecided, or granted and unused, until then
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str] = mapped_column(String(200), default="")  # the supervisor's reason
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    case: Mapped[Case] = relationship()
    branch: Mapped[Branch] = relationship()
    asker: Mapped[Staff] = relationship(foreign_keys=[asked_by])
    decider: Mapped[Staff | None] = relationship(foreign_keys=[decided_by])


class MoneyEntry(Base):
    """Money beside the receipts: refunds, waivers, the drawer's float, what was banked, explained differences. Never changed."""

    __tablename__ = "money_entry"
    __table_args__ = (
        Index("ix_money_entry_branch_day", "branch_id", "day"),
        Index("ix_money_entry_branch_kind_day", "branch_id", "kind", "day"),
        CheckConstraint("amount_fen > 0 OR kind = 'difference'", name="positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)  # HD01-M-2026-000001
    kind: Mapped[MoneyKind] = mapped_column(word(MoneyKind))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    day: Mapped[date] = mapped_column(Date)  # the branch's business day
    amount_fen: Mapped[int] = mapped_column(Integer)
    method: Mapped[PaymentMethod | None] = mapped_column(word(PaymentMethod))  # none: no money moved
    reference: Mapped[str] = mapped_column(String(80), default="")
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"), index=True)  # what is refunded
    exception_id: Mapped[int | None] = mapped_column(ForeignKey("exception_request.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    branch: Mapped[Branch] = relationship()
    case: Mapped[Case | None] = relationship()
    receipt: Mapped[Receipt | None] = relationship()
    cashier: Mapped[Staff] = relationship()


class DayClose(Base):
    """One count of one branch's day; countersigned, the day is closed for ever. `sheet`: what the printed paper says, to the letter."""

    __tablename__ = "day_close"
    __table_args__ = (
        Index(
            "uq_day_close_standing_per_branch_and_day",
            "branch_id",
            "day",
            unique=True,
            sqlite_where=text("state <> 'recounted'"),
            postgresql_where=text("state <> 'recounted'"),
        ),
        CheckConstraint("countersigned_by <> counted_by", name="two_people"),
        Index("ix_day_close_branch_day", "branch_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)  # HD01-C-20261123-1
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    day: Mapped[date] = mapped_column(Date)
    state: Mapped[DayState] = mapped_column(word(DayState), default=DayState.counted)
    state_since: Mapped[datetime] = mapped_column(Instant)
    counted: Mapped[dict[str, Any]] = mapped_column(JSON)  # pieces by kind, cash in fen, as counted by hand
    sheet: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict
    )  # equations, serial ranges, differences and what explains them
    counted_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    counted_at: Mapped[datetime] = mapped_column(Instant)
    countersigned_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    countersigned_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    branch: Mapped[Branch] = relationship()
    counter: Mapped[Staff] = relationship(foreign_keys=[counted_by])
    countersigner: Mapped[Staff | None] = relationship(foreign_keys=[countersigned_by])


class ShiftHandover(Base):
    """One clerk hands the drawer to another: what should be there, what both counted, what explains the difference."""

    __tablename__ = "shift_handover"
    __table_args__ = (
        CheckConstraint("given_by <> taken_by", name="two_people"),
        Index("ix_shift_handover_branch_day", "branch_id", "day"),
        Index(
            "uq_shift_handover_offered_per_giver",
            "given_by",
            unique=True,
            sqlite_where=text("state = 'offered'"),
            postgresql_where=text("state = 'offered'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    day: Mapped[date] = mapped_column(Date)
    state: Mapped[ShiftState] = mapped_column(word(ShiftState), default=ShiftState.offered)
    state_since: Mapped[datetime] = mapped_column(Instant)
    counted: Mapped[dict[str, Any]] = mapped_column(JSON)
    sheet: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    given_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    given_at: Mapped[datetime] = mapped_column(Instant)
    taken_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))  # to whom it is offered
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    branch: Mapped[Branch] = relationship()
    giver: Mapped[Staff] = relationship(foreign_keys=[given_by])
    taker: Mapped[Staff] = relationship(foreign_keys=[taken_by])


class EditionDraft(Base):
    """A new edition of documents, fees and limits while it is written, previewed and proposed. Published, it is an `Edition`."""

    __tablename__ = "edition_draft"
    __table_args__ = (
        CheckConstraint("published_by <> proposed_by AND published_by <> written_by", name="two_people"),
        Index(
            "uq_edition_draft_open_code",
            "code",
            unique=True,
            sqlite_where=text("state IN ('draft', 'proposed')"),
            postgresql_where=text("state IN ('draft', 'proposed')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), index=True)
    state: Mapped[DraftState] = mapped_column(word(DraftState), default=DraftState.draft)
    state_since: Mapped[datetime] = mapped_column(Instant)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)  # as `models.rulebook.editions` writes it
    based_on: Mapped[str] = mapped_column(String(20))  # code of the edition it was begun from
    reason: Mapped[str] = mapped_column(String(200), default="")
    written_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))  # who wrote last
    written_at: Mapped[datetime] = mapped_column(Instant)
    preview_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))  # of this very content
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime | None] = mapped_column(Instant)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    writer: Mapped[Staff] = relationship(foreign_keys=[written_by])
    authors: Mapped[list[Staff]] = relationship(secondary="edition_author", order_by=Staff.number, viewonly=True)
    proposer: Mapped[Staff | None] = relationship(foreign_keys=[proposed_by])
    publisher: Mapped[Staff | None] = relationship(foreign_keys=[published_by])


class EditionAuthor(Base):
    """Whoever wrote on a draft or proposed it, once each: none of them publishes it. The database itself refuses it."""

    __tablename__ = "edition_author"

    draft_id: Mapped[int] = mapped_column(ForeignKey("edition_draft.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)


class AccessReview(Base):
    """Every three months: who may do what was looked at, person by person, and what was decided. Never changed."""

    __tablename__ = "access_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"), index=True)  # none: who belongs to no branch
    content: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # number, roles, last login, kept or what was changed
    remark: Mapped[str] = mapped_column(String(200), default="")
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    branch: Mapped[Branch | None] = relationship()
    reviewer: Mapped[Staff] = relationship()


class SavedView(Base):
    """A supervisor's own name for a list with its filters."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("staff_id", "room", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    room: Mapped[str] = mapped_column(String(40))  # the list's endpoint
    name: Mapped[str] = mapped_column(String(40))
    filters: Mapped[dict[str, Any]] = mapped_column(JSON)


class Job(Base):
    """Work that takes longer than a page may wait: asked for, worked on in the background, with progress, and its result."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_open",
            "state",
            "id",
            sqlite_where=text("state IN ('waiting', 'running')"),
            postgresql_where=text("state IN ('waiting', 'running')"),
        ),
        Index("ix_job_branch_id_id", "branch_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[JobKind] = mapped_column(word(JobKind))
    state: Mapped[JobState] = mapped_column(word(JobState), default=JobState.waiting)
    state_since: Mapped[datetime] = mapped_column(Instant)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    question: Mapped[dict[str, Any]] = mapped_column(JSON)
    steps_done: Mapped[int] = mapped_column(Integer, default=0)
    steps_all: Mapped[int] = mapped_column(Integer, default=0)  # 0: not known yet
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)  # later than that, whoever worked on it has gone
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    fault: Mapped[str] = mapped_column(String(40), default="")  # a sentence's code
    file_name: Mapped[str] = mapped_column(String(120), default="")
    media_type: Mapped[str] = mapped_column(String(80), default="")
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    content_until: Mapped[datetime | None] = mapped_column(Instant)  # then the file is thrown away
    version: Mapped[int] = mapped_column(Integer, default=1)

    asker: Mapped[Staff] = relationship()
    branch: Mapped[Branch | None] = relationship()


class LegalHold(Base):
    """While it stands, nothing of the case, or of any case of the applicant, is destroyed."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint("(case_id IS NULL) <> (applicant_id IS NULL)", name="one_subject"),
        *(
            Index(
                f"uq_legal_hold_standing_per_{column}",
                column,
                "authority",
                "reference",
                unique=True,
                sqlite_where=text(f"state = 'standing' AND {column} IS NOT NULL"),
                postgresql_where=text(f"state = 'standing' AND {column} IS NOT NULL"),
            )
            for column in ("case_id", "applicant_id")
        ),
        Index("ix_legal_hold_branch_state_id", "branch_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    applicant_id: Mapped[int | None] = mapped_column(ForeignKey("applicant.id"), index=True)
    state: Mapped[HoldState] = mapped_column(word(HoldState), default=HoldState.standing)
    state_since: Mapped[datetime] = mapped_column(Instant)
    authority: Mapped[str] = mapped_column(String(80))  # who asked for it: a court, the police, an audit
    reference: Mapped[str] = mapped_column(String(80))  # number of their letter
    reason: Mapped[str] = mapped_column(String(200))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))  # where it was set, and where it may be lifted
    set_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    set_at: Mapped[datetime] = mapped_column(Instant)
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_reason: Mapped[str] = mapped_column(String(200), default="")
    version: Mapped[int] = mapped_column(Integer, default=1)

    case: Mapped[Case | None] = relationship()
    applicant: Mapped[Applicant | None] = relationship()
    branch: Mapped[Branch] = relationship()
    setter: Mapped[Staff] = relationship(foreign_keys=[set_by])
    lifter: Mapped[Staff | None] = relationship(foreign_keys=[lifted_by])


class DestructionList(Base):
    """Cases of one branch whose time is over, proposed by one and approved by two others, of whatever branch."""

    __tablename__ = "destruction_list"
    __table_args__ = (
        Index("ix_destruction_list_state_id", "state", "id"),
        Index("ix_destruction_list_branch_id_id", "branch_id", "id"),
        CheckConstraint("first_by <> proposed_by", name="first_is_another"),
        CheckConstraint("second_by <> proposed_by AND second_by <> first_by", name="second_is_a_third"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[DestructionState] = mapped_column(word(DestructionState), default=DestructionState.proposed)
    state_since: Mapped[datetime] = mapped_column(Instant)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    reason: Mapped[str] = mapped_column(String(200))
    case_ids: Mapped[list[int]] = mapped_column(JSON)
    spared_ids: Mapped[list[int]] = mapped_column(JSON, default=list)  # of these: held, or due no more, when it came to it
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the list as approved
    proposed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    first_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    first_at: Mapped[datetime | None] = mapped_column(Instant)
    second_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    second_at: Mapped[datetime | None] = mapped_column(Instant)
    destroyed_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    branch: Mapped[Branch] = relationship()
    proposer: Mapped[Staff] = relationship(foreign_keys=[proposed_by])
    first: Mapped[Staff | None] = relationship(foreign_keys=[first_by])
    second: Mapped[Staff | None] = relationship(foreign_keys=[second_by])


class DestructionTrace(Base):
    """What remains of a destroyed case: no personal data, and a digest by which a surviving copy could be recognised.

    `chain`: SHA-256 over the trace before and this one, so that none can be taken out or put in later.
    """

    __tablename__ = "destruction_trace"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, unique=True)  # from 1 without a gap: the place in the chain
    list_id: Mapped[int] = mapped_column(ForeignKey("destruction_list.id"), index=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), unique=True)
    case_number: Mapped[str] = mapped_column(String(24))
    kind: Mapped[str] = mapped_column(String(40))
    closed_on: Mapped[date | None] = mapped_column(Date)
    kept_until: Mapped[date] = mapped_column(Date)
    record_digest: Mapped[str] = mapped_column(String(64))
    scans: Mapped[int] = mapped_column(Integer)
    complete: Mapped[bool] = mapped_column(Boolean, default=False)  # files on disk are gone, too
    chain: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)

    destruction: Mapped[DestructionList] = relationship()
