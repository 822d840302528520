"""The demonstration: three branches, staff of every role, stock, two platforms, and a station with simulated tokens that fit the stock."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.demonstration_platforms import plant_platforms
from app.services.demonstration_staff import DEMO_PASSWORD, DEMO_TOTP_SECRET
from app.services.enrol_station import enrol_station, invite_station
from app.services.passwords import hash_password
from app.services.receive_delivery import DeliveryFacts, book_delivery, unpacked
from app.services.road import write_line
from app.services.second_factor import place_of
from app.services.world import World
from card_issuance.station_store import Credentials, StationStore, demonstration_module
from models.rulebook.oversight import StockKind
from models.rulebook.permissions import SECOND_FACTOR, Actor
from models.rulebook.vocabulary import Role
from models.tables import Branch, JournalLine, LowWater, Staff, StaffRole

PLANTED = "plant_demonstration"  # the journal's word for it: production looks for this line
TOKENS, ENVELOPES = 40, 80  # in stock at each branch
LOW_TOKENS, LOW_ENVELOPES = 10, 20
INSERTED = 2  # tokens already in the station's slots


@dataclass(frozen=True, slots=True)
class _Place:
    code: str
    zh: str
    en: str
    address: str
    is_local_tax: bool


_PLACES = (
    _Place("HD01", "样例海淀网点", "Sample Branch Haidian", "北京市海淀区样例路 1 号政务大厅一层", False),
    _Place("CY01", "样例朝阳网点", "Sample Branch Chaoyang", "北京市朝阳区样例街 2 号政务大厅二层", False),
    _Place("DS01", "样例地税网点", "Sample Local-Tax Branch", "北京市西城区样例巷 3 号地税办税厅", True),
)
# Digit after the branch's own, name, roles.
_POSTS = (
    ("001", "受理员甲", (Role.clerk,)),
    ("002", "受理员乙", (Role.clerk,)),
    ("003", "复核员丙", (Role.clerk, Role.reviewer)),
    ("009", "主管丁", (Role.supervisor,)),
)
_OFFICERS = (("9001", "审计员戊", (Role.auditor,)), ("9009", "系统管理员己", (Role.administrator,)))


def plant_demonstration(world: World, station_home: Path, office_url: str) -> bool:
    """Fill an office that has no staff yet, and place its station; what is there is left alone. Returns whether anything was planted."""
    planted = _plant_office(world)
    if _is_planted(world):
        planted |= plant_platforms(world)
    if not StationStore(station_home).enrolled and _is_planted(world):
        _place_station(world, station_home, office_url)
        planted = True
    return planted


def _is_planted(world: World) -> bool:
    with world.reading() as session:
        return session.scalar(select(JournalLine.id).where(JournalLine.act == PLANTED).limit(1)) is not None


def _plant_office(world: World) -> bool:
    with world.reading() as session:
        if session.scalar(select(Staff.id).limit(1)) is not None:
            return False
    hashed = hash_password(DEMO_PASSWORD)  # slow on purpose, so not while others wait to write
    with world.writing() as session:
        if session.scalar(select(Staff.id).limit(1)) is not None:
            return False
        now = world.now()
        for first, place in enumerate(_PLACES, start=1):
            branch = Branch(
                code=place.code,
                name_zh=place.zh,
                name_en=place.en,
                address=place.address,
                telephone=f"010-0000{first:04}",
                is_local_tax=place.is_local_tax,
            )
            session.add(branch)
            session.flush()
            for digits, name, roles in _POSTS:
                _add_staff(world, session, f"{first}{digits}", name, roles, branch, hashed)
            session.flush()
            _stock(session, now, branch, f"{first}{_POSTS[-1][0]}")
            write_line(session, now, None, branch, PLANTED, branch_id=branch.id)
        for number, name, roles in _OFFICERS:
            _add_staff(world, session, number, name, roles, None, hashed)
        session.commit()
    return True


def _stock(session: Session, now: datetime, branch: Branch, supervisor: str) -> None:
    """As everywhere it came by a delivery: the ledger begins with it. Some of each kind is to be left before more is ordered."""
    receiver = session.scalars(select(Staff).where(Staff.number == supervisor)).one().as_actor()
    for kind, serials, mark in (
        (StockKind.token, token_serials(branch.code), LOW_TOKENS),
        (StockKind.envelope, envelope_numbers(branch.code), LOW_ENVELOPES),
    ):
        facts = DeliveryFacts(kind, f"YS-{branch.code}-1", "样例物资供应商", serials[0], serials[-1], len(serials))
        book_delivery(session, now, receiver, branch, facts, unpacked(facts))
        session.add(LowWater(branch_id=branch.id, kind=kind, mark=mark))


def token_serials(branch_code: str) -> list[str]:
    return [f"{branch_code}-T{number:05}" for number in range(1, TOKENS + 1)]


def envelope_numbers(branch_code: str) -> list[str]:
    return [f"{branch_code}-E{number:06}" for number in range(1, ENVELOPES + 1)]


def _add_staff(
    world: World, session: Session, number: str, name: str, roles: tuple[Role, ...], branch: Branch | None, hashed: str
) -> None:
    needs_code = not SECOND_FACTOR.isdisjoint(roles)
    session.add(
        Staff(
            number=number,
            name=name,
            branch=branch,
            password_hash=hashed,
            password_is_demo=True,
            totp_secret=world.vault.seal(DEMO_TOTP_SECRET, place_of(number)) if needs_code else None,
            role_rows=[StaffRole(role=role) for role in roles],
        )
    )


def _place_station(world: World, home: Path, office_url: str) -> None:
    """One counter at the first branch, with as many simulated media as the branch has tokens in stock."""
    with world.reading() as session:
        administrator = session.scalars(select(Staff).where(Staff.number == _OFFICERS[1][0])).one().as_actor()
        branch_id = session.scalars(select(Branch.id).where(Branch.code == _PLACES[0].code)).one()
    store = StationStore(home)
    store.begin(office_url, demonstration=True)
    cabinet = demonstration_module(home).cabinet
    for serial in token_serials(_PLACES[0].code):
        if cabinet.place_of(serial) is None:
            cabinet.make_blank(serial)
    for serial in token_serials(_PLACES[0].code)[:INSERTED]:
        cabinet.insert(serial)
    _enrol(world, administrator, store, branch_id, office_url)


def _enrol(world: World, administrator: Actor, store: StationStore, branch_id: int, office_url: str) -> None:
    invitation = invite_station(world, administrator, branch_id, "1 号窗口")
    enrolled = enrol_station(world, invitation.code, "demonstration")
    store.save_credentials(Credentials(office_url, enrolled.station_id, enrolled.name, enrolled.branch, enrolled.secret))
