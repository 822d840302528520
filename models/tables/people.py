"""Branches, staff, their roles and sessions."""

from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, Date, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import Role, StaffState
from models.tables.base import Base, Instant, word


class Branch(Base):
    __tablename__ = "branch"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)  # "HD01": begins every number of the branch
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(200), default="")
    telephone: Mapped[str] = mapped_column(String(40), default="")
    is_local_tax: Mapped[bool] = mapped_column(Boolean, default=False)
    closed_through: Mapped[date | None] = mapped_column(
        Date
    )  # the last business day that was closed: nothing is booked on it any more


class Staff(Base):
    __tablename__ = "staff"
    __table_args__ = (CheckConstraint("reset_agreed_by <> id AND reset_agreed_by <> reset_by", name="two_people"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    state: Mapped[StaffState] = mapped_column(word(StaffState), default=StaffState.active)
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    password_is_demo: Mapped[bool] = mapped_column(Boolean, default=False)  # production refuses to start with one
    must_change_password: Mapped[bool] = mapped_column(Boolean, default=False)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed by the vault
    totp_last_step: Mapped[int] = mapped_column(Integer, default=0)  # a code is used once
    failed_logins: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    # Who last gave him new access, and knew his first password; when he was told so; which other supervisor said that it was in order.
    reset_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reset_at: Mapped[datetime | None] = mapped_column(Instant)
    reset_read_at: Mapped[datetime | None] = mapped_column(Instant)
    reset_agreed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)

    branch: Mapped[Branch | None] = relationship()
    resetter: Mapped["Staff | None"] = relationship(foreign_keys=[reset_by], remote_side=[id])
    role_rows: Mapped[list["StaffRole"]] = relationship(cascade="all, delete-orphan")

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(row.role for row in self.role_rows)

    @property
    def called(self) -> str:
        """As pages and papers name him: two may have one name, none the same number."""
        return f"{self.number} {self.name}"

    def as_actor(self) -> Actor:
        held_back = Role.supervisor in self.roles and self.reset_at is not None and self.reset_agreed_by is None
        return Actor(self.id, self.number, self.name, self.roles, self.branch_id, held_back)


class StaffRole(Base):
    __tablename__ = "staff_role"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(word(Role), primary_key=True)


class StaffSession(Base):
    """A login. The cookie holds a random token; only its digest is stored."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    proven_at: Mapped[datetime] = mapped_column(Instant)  # last time the password (and code) was given: freshness
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(String(64))

    staff: Mapped[Staff] = relationship()


class LoginFailure(Base):
    """Failed logins per address, for delays; staff numbers need not exist."""

    __tablename__ = "login_failure"
    __table_args__ = (UniqueConstraint("address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(64))
    count: Mapped[int] = mapped_column(Integer, default=0)
    last_at: Mapped[datetime] = mapped_column(Instant)
