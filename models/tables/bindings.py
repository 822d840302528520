"""Platforms, what certificate is bound where, what platforms are told, and what is relayed for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.rulebook.vocabulary import BindingEnd, DeliveryState, EventKind, PlatformState, RelayAnswer, Use
from models.tables.base import Base, Instant, word
from models.tables.cases import Applicant, Case
from models.tables.issuance import Certificate
from models.tables.people import Staff


class Platform(Base):
    """A relying platform, its policy about bindings, and how it is reached. Its secret is kept as a digest only."""

    __tablename__ = "platform"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)  # lower-case word: "inspection"
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    telephone: Mapped[str] = mapped_column(String(40), default="")  # of its own operator, for questions about the platform
    registry_authority: Mapped[str] = mapped_column(String(80), default="")  # who resets its user names and passwords
    state: Mapped[PlatformState] = mapped_column(word(PlatformState), default=PlatformState.active)

    renewal_keeps: Mapped[bool] = mapped_column(Boolean, default=True)  # a renewed or amended certificate keeps the binding
    replacement_keeps: Mapped[bool] = mapped_column(Boolean, default=False)
    one_of_several: Mapped[bool] = mapped_column(Boolean, default=False)  # exactly one, chosen anew once there are several
    wanted_use: Mapped[Use | None] = mapped_column(word(Use, name="wanted_use"))  # the certificate must have been ordered for it

    client_id: Mapped[str] = mapped_column(String(40), unique=True)
    secret_digest: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of a random secret; none: it cannot sign in yet
    scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    calls_a_minute: Mapped[int] = mapped_column(Integer, default=600)
    webhook_url: Mapped[str] = mapped_column(String(300), default="")  # "": it reads the feed
    rests_until: Mapped[datetime | None] = mapped_column(Instant)  # its webhook asked to be left alone until then
    events_told: Mapped[int] = mapped_column(Integer, default=0)  # the number of its last event, counted up without a gap
    version: Mapped[int] = mapped_column(Integer, default=1)


class PlatformAccess(Base):
    """An access token given to a platform (OAuth 2.0 client credentials). Ended at once when the platform is disabled."""

    __tablename__ = "platform_access"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), index=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)

    platform: Mapped[Platform] = relationship()


class Binding(Base):
    """One certificate bound to the applicant's account at one platform, from then till then. At most one is live for each
    applicant and platform."""

    __tablename__ = "binding"
    __table_args__ = (
        Index(
            "uq_binding_live_per_platform_and_applicant",
            "platform_id",
            "applicant_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
        Index("ix_binding_applicant_id_platform_id", "applicant_id", "platform_id"),
        # The register: by platform, the newest first; those that are live; those that ended, by why.
        Index("ix_binding_platform_id_id", "platform_id", "id"),
        Index("ix_binding_platform_id_since", "platform_id", "since"),
        Index(
            "ix_binding_live_platform_id_id",
            "platform_id",
            "id",
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
        Index("ix_binding_platform_id_end_id", "platform_id", "end", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)  # random hex: its name on the wire
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    applicant_id: Mapped[int] = mapped_column(ForeignKey("applicant.id"))
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    account_reference: Mapped[str] = mapped_column(String(80))  # the platform's own word for the account; says nothing to us
    since: Mapped[datetime] = mapped_column(Instant)
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("binding.id"))  # the one that it took over from
    until: Mapped[datetime | None] = mapped_column(Instant)
    end: Mapped[BindingEnd | None] = mapped_column(word(BindingEnd))
    end_note: Mapped[str] = mapped_column(String(200), default="")
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # none: the platform, or the program itself
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), index=True)  # by which it ended
    version: Mapped[int] = mapped_column(Integer, default=1)

    platform: Mapped[Platform] = relationship()
    applicant: Mapped[Applicant] = relationship()
    certificate: Mapped[Certificate] = relationship()
    ender: Mapped[Staff | None] = relationship()
    follows: Mapped["Binding | None"] = relationship(remote_side="Binding.id")


class BindingChoice(Base):
    """Which certificate an applicant chose at the counter to be bound next at a platform. The newest row counts."""

    __tablename__ = "binding_choice"
    __table_args__ = (Index("ix_binding_choice_platform_id_applicant_id", "platform_id", "applicant_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    applicant_id: Mapped[int] = mapped_column(ForeignKey("applicant.id"))
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), unique=True)
    at: Mapped[datetime] = mapped_column(Instant)

    certificate: Mapped[Certificate] = relationship()


class PlatformEvent(Base):
    """Something that a platform is to be told: written in the transaction of what happened, carried out of the house later.

    `number` counts from 1 without a gap for each platform and is the feed's cursor. Events of one binding reach a webhook in order.
    """

    __tablename__ = "platform_event"
    __table_args__ = (
        UniqueConstraint("platform_id", "number"),
        Index("ix_platform_event_platform_id_id", "platform_id", "id"),
        Index("ix_platform_event_platform_id_delivery_due_at", "platform_id", "delivery", "due_at"),
        Index("ix_platform_event_platform_id_delivery_id", "platform_id", "delivery", "id"),
        Index("ix_platform_event_platform_id_kind_id", "platform_id", "kind", "id"),
        Index("ix_platform_event_platform_id_at", "platform_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)  # random hex: the same in every repetition
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[EventKind] = mapped_column(word(EventKind))
    binding_id: Mapped[int | None] = mapped_column(ForeignKey("binding.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case_file.id"), index=True)  # that waits for the acknowledgement
    body: Mapped[dict[str, Any]] = mapped_column(JSON)  # as it goes over the wire, for ever the same
    at: Mapped[datetime] = mapped_column(Instant)
    delivery: Mapped[DeliveryState] = mapped_column(word(DeliveryState), default=DeliveryState.waiting)
    due_at: Mapped[datetime] = mapped_column(Instant)  # of the next try
    tries: Mapped[int] = mapped_column(Integer, default=0)
    delivered_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)

    platform: Mapped[Platform] = relationship()
    binding: Mapped[Binding | None] = relationship()
    case: Mapped[Case | None] = relationship()
    attempts: Mapped[list["DeliveryAttempt"]] = relationship(order_by="DeliveryAttempt.id")


class DeliveryAttempt(Base):
    """One try to hand an event to a platform's webhook: written before the try, completed after it."""

    __tablename__ = "delivery_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("platform_event.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[int | None] = mapped_column(Integer)  # of HTTP; none: no answer, or none known after a crash
    fault: Mapped[str] = mapped_column(String(200), default="")


class IdempotentAnswer(Base):
    """The answer to a platform's request that must not act twice: the same key and body get it again."""

    __tablename__ = "idempotent_answer"
    __table_args__ = (UniqueConstraint("platform_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"))
    key: Mapped[str] = mapped_column(String(80))
    request_digest: Mapped[str] = mapped_column(String(64))  # SHA-256: another body under the same key is refused
    status: Mapped[int] = mapped_column(Integer)
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class Relay(Base):
    """A reset of a platform's user name or password, passed on to the registry authority and tracked until it answers."""

    __tablename__ = "relay"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_file.id"), unique=True)
    platform_id: Mapped[int] = mapped_column(ForeignKey("platform.id"), index=True)
    authority: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))  # who wrote the answer down
    answer: Mapped[RelayAnswer | None] = mapped_column(word(RelayAnswer))
    note: Mapped[str] = mapped_column(Text, default="")

    platform: Mapped[Platform] = relationship()
    case: Mapped[Case] = relationship()


class OfficeKey(Base):
    """A key of the office itself, sealed by the vault: the one that signs webhooks. Public halves are published.

    A row is never deleted; when a key signs no more, its private half is.
    """

    __tablename__ = "office_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)  # the key id of its signatures
    private_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # none: erased
    public: Mapped[bytes] = mapped_column(LargeBinary)  # raw Ed25519, 32 bytes
    made_at: Mapped[datetime] = mapped_column(Instant)  # and published since
    signs_from: Mapped[datetime] = mapped_column(Instant)  # until the next one's
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)  # published no more: it may be in wrong hands
