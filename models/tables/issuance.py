"""Stations, tokens, envelopes, certificates, ceremony runs, revocation lists, handovers."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.rulebook.vocabulary import (
    CertificateStatus,
    EnvelopeState,
    Fault,
    IdentityKind,
    KeyProfile,
    RevocationReason,
    RunKind,
    RunState,
    StationState,
    TokenState,
)
from models.tables.base import Base, Instant, word
from models.tables.cases import Applicant, Case, CaseItem
from models.tables.people import Branch, Staff


class Station(Base):
    __tablename__ = "station"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    state: Mapped[StationState] = mapped_column(word(StationState), default=StationState.awaiting_enrolment)
    enrol_digest: Mapped[str | None] = mapped_column(String(64), unique=True)  # of the one-time code
    enrol_until: Mapped[datetime | None] = mapped_column(Instant)
    secret_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    boot_id: Mapped[str | None] = mapped_column(String(40))  # new at every start of the station
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # slots, printer, address of its loopback page
    version: Mapped[int] = mapped_column(Integer, default=1)

    branch: Mapped[Branch] = relationship()


class Token(Base):
    """A numbered medium in stock or beyond. No serial is in two places."""

    __tablename__ = "token"
    __table_args__ = (
        Index("ix_token_branch_serial", "branch_id", "serial"),
        Index("ix_token_branch_state_serial", "branch_id", "state", "serial"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(String(40), unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    state: Mapped[TokenState] = mapped_column(word(TokenState), default=TokenState.in_stock)
    state_since: Mapped[datetime] = mapped_column(Instant)
    officer_master: Mapped[int] = mapped_column(Integer, default=1)  # version of the master key
    officer_epoch: Mapped[int] = mapped_column(Integer, default=0)  # recorded before it is used
    note: Mapped[str] = mapped_column(String(200), default="")

    branch: Mapped[Branch] = relationship()


class Envelope(Base):
    __tablename__ = "envelope"
    __table_args__ = (
        Index("ix_envelope_branch_number", "branch_id", "number"),
        Index("ix_envelope_branch_state_number", "branch_id", "state", "number"),
        Index(
            "uq_envelope_live_per_token",
            "token_id",
            unique=True,
            sqlite_where=text("state IN ('allotted', 'live')"),
            postgresql_where=text("state IN ('allotted', 'live')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)  # the control number
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    state: Mapped[EnvelopeState] = mapped_column(word(EnvelopeState), default=EnvelopeState.in_stock)
    state_since: Mapped[datetime] = mapped_column(Instant)
    token_id: Mapped[int | None] = mapped_column(ForeignKey("token.id"), index=True)
    # Random name the station gave to the PIN inside; it says nothing about the PIN. One PIN, one envelope, however often asked.
    pin_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    void_reason: Mapped[str] = mapped_column(String(200), default="")

    branch: Mapped[Branch] = relationship()
    token: Mapped[Token | None] = relationship()


class Run(Base):
    """One ceremony run. At most one open run per item, per token."""

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("item_id", "attempt"),
        *(
            Index(
                f"uq_run_open_per_{column}",
                f"{column}_id",
                unique=True,
                sqlite_where=text("state NOT IN ('confirmed', 'cancelled')"),
                postgresql_where=text("state NOT IN ('confirmed', 'cancelled')"),
            )
            for column in ("item", "token")
        ),
        Index("ix_run_station_state", "station_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)  # random hex: CKA_ID and the authority's transaction id
    kind: Mapped[RunKind] = mapped_column(word(RunKind), default=RunKind.issue)
    item_id: Mapped[int] = mapped_column(ForeignKey("case_item.id"))
    attempt: Mapped[int] = mapped_column(Integer)  # from 1, per item
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    token_id: Mapped[int] = mapped_column(ForeignKey("token.id"), index=True)
    envelope_id: Mapped[int | None] = mapped_column(ForeignKey("envelope.id"), index=True)
    state: Mapped[RunState] = mapped_column(word(RunState), default=RunState.queued)
    state_since: Mapped[datetime] = mapped_column(Instant)
    stopped_at_step: Mapped[RunState | None] = mapped_column(word(RunState, name="stopped_at_step"))
    fault: Mapped[Fault | None] = mapped_column(word(Fault))
    fault_detail: Mapped[str] = mapped_column(Text, default="")  # for the technician; never a PIN
    lease: Mapped[int] = mapped_column(Integer, default=0)  # counts up whenever a station takes it; older reports change nothing
    version: Mapped[int] = mapped_column(Integer, default=1)
    profile: Mapped[KeyProfile] = mapped_column(word(KeyProfile))
    input_digest: Mapped[str] = mapped_column(String(64))  # of the intent: applicant, profile, token, item
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # [{"state", "at"}] as reported
    envelope_url: Mapped[str] = mapped_column(String(200), default="")  # on the station's loopback page, where no printer is
    created_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)

    item: Mapped[CaseItem] = relationship()
    station: Mapped[Station] = relationship()
    token: Mapped[Token] = relationship()
    envelope: Mapped[Envelope | None] = relationship()
    certificate: Mapped["Certificate | None"] = relationship(back_populates="run", uselist=False)


class Certificate(Base):
    """What the authority signed, or is about to: stored with its lint result before it is signed."""

    __tablename__ = "certificate"
    __table_args__ = (
        Index(
            "uq_certificate_live_key",
            "public_key_digest",
            unique=True,
            sqlite_where=text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"),
            postgresql_where=text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"),
        ),
        Index(
            "uq_certificate_live_per_item",
            "item_id",
            unique=True,
            sqlite_where=text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"),
            postgresql_where=text("status IN ('prepared', 'on_hold', 'valid', 'suspended')"),
        ),
        Index("ix_certificate_branch_id_not_after", "branch_id", "not_after"),
        # The list of certificates: by state, the newest first, or by when they end; and those revoked, by ground and time.
        Index("ix_certificate_branch_status_id", "branch_id", "status", "id"),
        Index("ix_certificate_branch_status_not_after", "branch_id", "status", "not_after"),
        Index(
            "ix_certificate_branch_reason_revoked_at",
            "branch_id",
            "reason",
            "revoked_at",
            sqlite_where=text("revoked_at IS NOT NULL"),
            postgresql_where=text("revoked_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(String(40), unique=True)  # lower-case hex, no leading zero
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))  # where it was made: who calls its holder before it ends
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("case_item.id"), index=True)
    applicant_id: Mapped[int] = mapped_column(ForeignKey("applicant.id"), index=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("token.id"), index=True)
    status: Mapped[CertificateStatus] = mapped_column(word(CertificateStatus), default=CertificateStatus.prepared)
    status_since: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[RevocationReason | None] = mapped_column(word(RevocationReason))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"))  # the one that this one takes over from
    subject_name: Mapped[str] = mapped_column(String(120))
    credit_code: Mapped[str] = mapped_column(String(18), index=True)
    public_key_digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the SubjectPublicKeyInfo
    not_before: Mapped[datetime] = mapped_column(Instant)
    not_after: Mapped[datetime] = mapped_column(Instant, index=True)
    to_be_signed: Mapped[bytes] = mapped_column(LargeBinary)
    lint: Mapped[list[Any]] = mapped_column(JSON)
    der: Mapped[bytes | None] = mapped_column(LargeBinary)
    prepared_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    branch: Mapped[Branch] = relationship()
    run: Mapped[Run] = relationship(back_populates="certificate")
    item: Mapped[CaseItem] = relationship()
    applicant: Mapped[Applicant] = relationship()
    token: Mapped[Token] = relationship()
    replaces: Mapped["Certificate | None"] = relationship(remote_side="Certificate.id")


class StrayCertificate(Base):
    """Signed according to the authority's own record and unknown here, say after a backup was put back: revoked for ever."""

    __tablename__ = "stray_certificate"

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(String(40), unique=True)  # lower-case hex
    transaction: Mapped[str] = mapped_column(String(64))
    signed_at: Mapped[datetime] = mapped_column(Instant)
    found_at: Mapped[datetime] = mapped_column(Instant)


class Grant(Base):
    """A supervisor's leave: for one token, one case, one use, a few minutes."""

    __tablename__ = "supervisor_grant"
    __table_args__ = (Index("ix_supervisor_grant_branch_granted_at", "branch_id", "granted_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))  # of the case
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("token.id"), index=True)
    granted_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    granted_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)  # set once, by a conditional UPDATE
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))  # what it was used for
    reason: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(Integer, default=1)

    branch: Mapped[Branch] = relationship()
    case: Mapped[Case] = relationship()
    token: Mapped[Token] = relationship()
    granter: Mapped[Staff] = relationship()


class CertificateCheck(Base):
    """A check report given out: what was found, in codes, and what the holder was told."""

    __tablename__ = "certificate_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), index=True)
    certificate_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), index=True)
    token_serial: Mapped[str] = mapped_column(String(40), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)  # what was seen on the token and in the office
    findings: Mapped[list[str]] = mapped_column(JSON)  # codes, in order of weight


class RevocationList(Base):
    __tablename__ = "revocation_list"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    this_update: Mapped[datetime] = mapped_column(Instant)
    next_update: Mapped[datetime] = mapped_column(Instant)
    entries: Mapped[int] = mapped_column(Integer)
    content_digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the entries: whether a newer list is due
    der: Mapped[bytes] = mapped_column(LargeBinary)


class Handover(Base):
    __tablename__ = "handover"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("case_item.id"), unique=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("token.id"), index=True)
    envelope_id: Mapped[int | None] = mapped_column(ForeignKey("envelope.id"), index=True)  # none: the PIN stayed as it was
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    collector_name: Mapped[str] = mapped_column(String(60))
    collector_id_kind: Mapped[IdentityKind] = mapped_column(word(IdentityKind))
    collector_id_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    item: Mapped[CaseItem] = relationship()
    token: Mapped[Token] = relationship()
    envelope: Mapped[Envelope | None] = relationship()
    certificate: Mapped[Certificate] = relationship()
    clerk: Mapped[Staff] = relationship()
