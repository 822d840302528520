"""Branches and staff for tests: every role at every branch, made once a session."""

import secrets
from dataclasses import dataclass

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.passwords import hash_password
from app.services.recognise import digest_of
from app.services.second_factor import place_of
from app.services.world import World
from models.rulebook.permissions import SECOND_FACTOR, Actor
from models.rulebook.vocabulary import Role
from models.tables import Branch, Staff, StaffRole, StaffSession

PASSWORD = "counter-and-desk"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

BRANCHES = (
    ("HD01", "样例海淀网点", "Sample Branch Haidian", False),
    ("CY01", "样例朝阳网点", "Sample Branch Chaoyang", False),
    ("DS01", "样例地税网点", "Sample Local-Tax Branch", True),
)
_LETTERS = {Role.clerk: "C", Role.reviewer: "R", Role.supervisor: "S", Role.auditor: "A", Role.administrator: "X"}


@dataclass(frozen=True)
class Given:
    """What a fresh world holds: ids of the branches by code."""

    branches: dict[str, int]


def plant_people(world: World) -> Given:
    """Three branches; at each a clerk, a second clerk, a reviewer, a second reviewer, a supervisor; one auditor, one administrator."""
    hashed = hash_password(PASSWORD)
    with world.writing() as session:
        ids = {}
        for code, zh, en, local_tax in BRANCHES:
            branch = Branch(
                code=code, name_zh=zh, name_en=en, address="样例路 1 号", telephone="010-00000000", is_local_tax=local_tax
            )
            session.add(branch)
            session.flush()
            ids[code] = branch.id
            for role, count in ((Role.clerk, 2), (Role.reviewer, 2), (Role.supervisor, 1)):
                for which in range(1, count + 1):
                    add_staff(world, session, number_of(role, code, which), {role}, branch.id, hashed)
        for role in (Role.auditor, Role.administrator):
            add_staff(world, session, number_of(role), {role}, None, hashed)
        session.commit()
    return Given(ids)


def number_of(role: Role, branch: str | None = "HD01", which: int = 1) -> str:
    """Staff number of the planted people: "C1-HD01"; the auditor and the administrator belong to no branch."""
    if role in (Role.auditor, Role.administrator):
        return f"{_LETTERS[role]}{which}"
    return f"{_LETTERS[role]}{which}-{branch}"


def add_staff(
    world: World, session: Session, number: str, roles: set[Role], branch_id: int | None, hashed: str, name: str = ""
) -> Staff:
    secret = None if SECOND_FACTOR.isdisjoint(roles) else world.vault.seal(TOTP_SECRET, place_of(number))
    staff = Staff(
        number=number,
        name=name or f"样例{number}",
        branch_id=branch_id,
        password_hash=hashed,
        totp_secret=secret,
        role_rows=[StaffRole(role=role) for role in roles],
    )
    session.add(staff)
    return staff


def actor_of(world: World, role: Role = Role.clerk, branch: str = "HD01", which: int = 1) -> Actor:
    """A planted member of staff as a use case takes him."""
    with world.reading() as session:
        return session.scalars(select(Staff).where(Staff.number == number_of(role, branch, which))).one().as_actor()


def branch_id_of(world: World, code: str = "HD01") -> int:
    with world.reading() as session:
        return session.scalars(select(Branch.id).where(Branch.code == code)).one()


def open_login(world: World, number: str) -> str:
    """A login of that member of staff, made this very moment; returns its token."""
    token, now = secrets.token_urlsafe(32), world.now()
    with world.writing() as session:
        staff = session.scalars(select(Staff).where(Staff.number == number)).one()
        session.add(
            StaffSession(
                token_digest=digest_of(token), staff=staff, created_at=now, seen_at=now, proven_at=now, address="127.0.0.1"
            )
        )
        session.commit()
    return token


def code_now(world: World, secret: str = TOTP_SECRET) -> str:
    return pyotp.TOTP(secret).at(world.now())
