"""Who may sign in to a demonstration, with the code of this very moment: for its login page and its console."""

from dataclasses import dataclass

from sqlalchemy import select

from app.services.second_factor import next_code, place_of
from app.services.world import World
from models.rulebook.vocabulary import Role
from models.tables import Staff

DEMO_PASSWORD = "yizhengtong-demo"  # noqa: S105 - published on purpose; production refuses to start with it
DEMO_TOTP_SECRET = "DEMODEMODEMODEMODEMODEMODEMODEMO"  # noqa: S105 - likewise, for an authenticator of one's own


@dataclass(frozen=True, slots=True)
class Person:
    number: str
    name: str
    roles: tuple[Role, ...]
    branch_zh: str  # name of the branch, empty for none
    branch_en: str
    code: str  # one-time code, empty where none is asked for


@dataclass(frozen=True, slots=True)
class DemonstrationStaff:
    password: str
    people: tuple[Person, ...]


def demonstration_staff(world: World) -> DemonstrationStaff:
    """Only those whose password is still the published one."""
    with world.reading() as session:
        rows = session.scalars(select(Staff).where(Staff.password_is_demo).order_by(Staff.number)).all()
        return DemonstrationStaff(DEMO_PASSWORD, tuple(_person(world, row) for row in rows))


def _person(world: World, staff: Staff) -> Person:
    code = ""
    if staff.totp_secret:
        secret = world.vault.open(staff.totp_secret, place_of(staff.number))
        code = next_code(secret, world.now(), after=staff.totp_last_step)
    roles = tuple(role for role in Role if role in staff.roles)
    return Person(
        staff.number,
        staff.name,
        roles,
        staff.branch.name_zh if staff.branch else "",
        staff.branch.name_en if staff.branch else "",
        code,
    )
