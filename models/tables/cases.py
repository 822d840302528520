"""Applicants, their cases, document sets, documents, scans, examinations and notices."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.rulebook.vocabulary import (
    ApplicantKind,
    CaseKind,
    CaseState,
    DocumentKind,
    Holder,
    IdentityKind,
    ItemState,
    Mark,
    RunKind,
    TaxAuthority,
)
from models.tables.base import Base, Instant, word
from models.tables.people import Branch, Staff


class Applicant(Base):
    __tablename__ = "applicant"
    __table_args__ = (Index("ix_applicant_kind_id", "kind", "id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    credit_code: Mapped[str] = mapped_column(String(18), unique=True)  # or an older 9-character organisation code
    kind: Mapped[ApplicantKind] = mapped_column(word(ApplicantKind))
    name: Mapped[str] = mapped_column(String(120), index=True)
    has_seal: Mapped[bool] = mapped_column(Boolean)
    named_after_proprietor: Mapped[bool] = mapped_column(Boolean, default=False)
    holds_code_bearing_licence: Mapped[bool] = mapped_column(Boolean)
    established_on: Mapped[date | None] = mapped_column(Date)
    legal_representative: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    # Counted up when a fee is frozen at approval, by a conditional UPDATE: the first-free rule spans all branches.
    certificates_promised: Mapped[int] = mapped_column(Integer, default=0)
    version: Mapped[int] = mapped_column(Integer, default=1)


class ApplicantBigram(Base):
    """Names are searched by two characters all day: every pair of neighbouring characters of a name."""

    __tablename__ = "applicant_bigram"

    bigram: Mapped[str] = mapped_column(String(2), primary_key=True)
    applicant_id: Mapped[int] = mapped_column(ForeignKey("applicant.id", ondelete="CASCADE"), primary_key=True)


_OPEN = "state NOT IN ('refused', 'withdrawn', 'closed')"
_AT_PLATFORM = "('binding_reset', 'rebinding', 'credentials_reset')"


class Case(Base):
    __tablename__ = "case_file"
    __table_args__ = (
        Index("ix_case_file_branch_state_id", "branch_id", "state", "id"),
        Index("ix_case_file_branch_kind_id", "branch_id", "kind", "id"),  # a kind that is rare is found without a walk
        # A branch's cases in their order, whatever their state.
        Index("ix_case_file_branch_id_id", "branch_id", "id"),
        # The same where a desk looks at some kinds only.
        Index("ix_case_file_branch_state_kind_id", "branch_id", "state", "kind", "id"),
        # Since when the one that has waited longest waits, and how many have waited how long.
        Index("ix_case_file_branch_state_since", "branch_id", "state", "state_since"),
        # What came in and what was finished at a branch in a stretch of time.
        Index("ix_case_file_branch_opened_at", "branch_id", "opened_at"),
        Index("ix_case_file_branch_closed_at", "branch_id", "closed_at"),
        # Whose time may be over: those destroyed already, at the beginning of the index above, are passed over.
        Index(
            "ix_case_file_kept_branch_closed_at",
            "branch_id",
            "closed_at",
            "id",
            sqlite_where=text("destroyed_at IS NULL AND closed_at IS NOT NULL"),
            postgresql_where=text("destroyed_at IS NULL AND closed_at IS NOT NULL"),
        ),
        # Most cases are about no certificate: an index that held them, too, would look useless to a planner that counts.
        Index(
            "ix_case_file_certificate_id",
            "certificate_id",
            sqlite_where=text("certificate_id IS NOT NULL"),
            postgresql_where=text("certificate_id IS NOT NULL"),
        ),
        # Cases about a platform, a branch's in their order.
        Index(
            "ix_case_file_platform_branch_id",
            "platform_id",
            "branch_id",
            "id",
            sqlite_where=text("platform_id IS NOT NULL"),
            postgresql_where=text("platform_id IS NOT NULL"),
        ),
        *(
            Index(
                f"uq_case_file_open_per_{name}",
                *columns,
                unique=True,
                sqlite_where=text(condition),
                postgresql_where=text(condition),
            )
            for name, columns, condition in (
                # Two works on one certificate would each undo what the other rests on. An unlock may run beside another: a
                # renewal waits for the PIN. What a certificate opens is not touched by what is done to it.
                ("certificate_id", ("certificate_id",), f"kind <> 'unlock' AND kind NOT IN {_AT_PLATFORM} AND {_OPEN}"),
                ("unlocked_certificate_id", ("certificate_id",), f"kind = 'unlock' AND {_OPEN}"),
                # Two applicants cannot both become the holder of one code.
                ("new_credit_code", ("new_credit_code",), f"new_credit_code <> '' AND {_OPEN}"),
                # One word to a platform about an applicant at a time.
                ("platform_and_kind", ("platform_id", "applicant_id", "kind"), f"platform_id IS NOT NULL AND {_OPEN}"),
            )
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)  # HD01-20261121-0042
    kind: Mapped[CaseKind] = mapped_column(word(CaseKind), default=CaseKind.new)
    state: Mapped[CaseState] = mapped_column(word(CaseState), default=CaseState.draft)
    state_since: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    opened_by: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(Instant, index=True)
    reviewed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    applicant_id: Mapped[int | None] = mapped_column(
        ForeignKey("applicant.id"), index=True
    )  # known once it was accepted or noticed

    # What the clerk typed, field by field and as typed: a draft keeps itself, and nothing typed is lost.
    # Identity numbers and mobiles are not in it: they are in the sealed columns below.
    draft: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    certificates_asked: Mapped[int] = mapped_column(Integer, default=1)
    uses: Mapped[list[str]] = mapped_column(JSON, default=list)
    key_profile: Mapped[str] = mapped_column(String(20), default="rsa_2048")
    computer_code: Mapped[str] = mapped_column(String(40), default="")
    tax_numbers_differ: Mapped[bool] = mapped_column(Boolean, default=False)
    presenter_is_proprietor: Mapped[bool] = mapped_column(Boolean, default=False)
    presenter_name: Mapped[str] = mapped_column(String(60), default="")
    presenter_id_kind: Mapped[IdentityKind | None] = mapped_column(word(IdentityKind))
    presenter_id_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    presenter_id_digest: Mapped[str | None] = mapped_column(String(64), index=True)
    presenter_mobile_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    remark: Mapped[str] = mapped_column(Text, default="")

    # What an aftercare case is about: the certificate and its token; none for a new application.
    certificate_id: Mapped[int | None] = mapped_column(
        ForeignKey("certificate.id", use_alter=True, name="fk_case_file_certificate_id")
    )
    token_id: Mapped[int | None] = mapped_column(ForeignKey("token.id"), index=True)
    # The platform of a binding case.
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platform.id"))
    new_name: Mapped[str] = mapped_column(String(120), default="")  # amendment
    new_credit_code: Mapped[str] = mapped_column(String(18), default="")  # amendment
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # answers and verdict of a damage, reason of a revocation

    edition: Mapped[str] = mapped_column(String(20), default="B1-2016")  # the rules it was judged by
    fee_total_fen: Mapped[int | None] = mapped_column(Integer)  # frozen at approval
    destroyed_at: Mapped[datetime | None] = mapped_column(Instant)  # its personal data are gone, its time was over

    branch: Mapped[Branch] = relationship()
    applicant: Mapped[Applicant | None] = relationship()
    opener: Mapped[Staff] = relationship(foreign_keys=[opened_by])
    reviewer: Mapped[Staff | None] = relationship(foreign_keys=[reviewed_by])
    sets: Mapped[list["DocumentSet"]] = relationship(
        back_populates="case", order_by="DocumentSet.position", cascade="all, delete-orphan"
    )
    items: Mapped[list["CaseItem"]] = relationship(back_populates="case", order_by="CaseItem.position")


class DocumentSet(Base):
    """One set supports one certificate, for ever, over all branches: a claimed reference is unique."""

    __tablename__ = "document_set"
    __table_args__ = (UniqueConstraint("case_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    position: Mapped[int] = mapped_column(Integer)  # from 1
    reference: Mapped[str | None] = mapped_column(String(80))  # the label on the physical set, as typed
    seal_at_counter: Mapped[bool] = mapped_column(Boolean, default=False)

    case: Mapped[Case] = relationship(back_populates="sets")
    documents: Mapped[list["Document"]] = relationship(order_by="Document.id", cascade="all, delete-orphan")
    scans: Mapped[list["Scan"]] = relationship(order_by="Scan.id")


class SetClaim(Base):
    """A set used up: by its label or by the digest of one of its scans. Written at acceptance, released only if the case is refused or withdrawn."""

    __tablename__ = "set_claim"

    reference: Mapped[str] = mapped_column(String(80), primary_key=True)  # "label:…" in folded form, or "scan:<sha256>"
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    set_position: Mapped[int] = mapped_column(Integer)


class Document(Base):
    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("document_set.id"), index=True)
    kind: Mapped[DocumentKind] = mapped_column(word(DocumentKind))
    authority: Mapped[TaxAuthority | None] = mapped_column(word(TaxAuthority))
    copies: Mapped[int] = mapped_column(Integer, default=0)
    complete: Mapped[bool] = mapped_column(Boolean, default=False)
    duplicate: Mapped[bool] = mapped_column(Boolean, default=False)
    original: Mapped[bool] = mapped_column(Boolean, default=False)
    photocopy: Mapped[bool] = mapped_column(Boolean, default=False)
    mark: Mapped[Mark | None] = mapped_column(word(Mark))
    holder: Mapped[Holder | None] = mapped_column(word(Holder))
    expires_on: Mapped[date | None] = mapped_column(Date)


class Scan(Base):
    """A clean picture, re-encoded; the file is sealed on disk under a random name. The original is thrown away."""

    __tablename__ = "scan"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    set_id: Mapped[int | None] = mapped_column(ForeignKey("document_set.id"), index=True)
    document_kind: Mapped[DocumentKind] = mapped_column(word(DocumentKind))
    file_name: Mapped[str] = mapped_column(String(64), unique=True)
    original_digest: Mapped[str] = mapped_column(String(64), index=True)  # SHA-256 of what was uploaded
    media_type: Mapped[str] = mapped_column(String(40))
    page: Mapped[int] = mapped_column(Integer, default=1)
    size: Mapped[int] = mapped_column(Integer)  # bytes of the clean picture
    added_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[datetime] = mapped_column(Instant)


class Examination(Base):
    """One asking of the rulebook that mattered: the question as asked and the answer as given, kept for ever."""

    __tablename__ = "examination"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    question: Mapped[dict[str, Any]] = mapped_column(JSON)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)


class Notice(Base):
    """A numbered paper that the case gave out: acceptance slip, correction notice, refusal."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))  # acceptance, correction, refusal
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    examination_id: Mapped[int | None] = mapped_column(ForeignKey("examination.id"))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what it says beyond the examination


class CaseItem(Base):
    """One certificate asked for and approved."""

    __tablename__ = "case_item"
    __table_args__ = (UniqueConstraint("case_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"))
    position: Mapped[int] = mapped_column(Integer)  # from 1
    state: Mapped[ItemState] = mapped_column(word(ItemState), default=ItemState.ordered)
    state_since: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)
    fee_fen: Mapped[int] = mapped_column(Integer)
    work: Mapped[RunKind] = mapped_column(word(RunKind, name="work"), default=RunKind.issue)

    case: Mapped[Case] = relationship(back_populates="items")
