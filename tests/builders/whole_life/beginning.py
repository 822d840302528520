"""Where every random sequence begins: some certificates are in their holders' hands, and time has gone by."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from app.services.vault import Vault
from app.services.world import World
from card_issuance.authority import Authority
from models.rulebook.vocabulary import Role, StationState
from models.tables import Counter, Staff, StaffRole, Station
from models.tables.engine import make_engine
from tests.builders.issuance import plant_stock
from tests.builders.people import actor_of, add_staff, branch_id_of, number_of
from tests.builders.whole_life.acting import Bench
from tests.builders.whole_life.compare import differences
from tests.builders.whole_life.office import Office
from tests.builders.whole_life.picture import Life, Person
from tests.builders.whole_life.road import all_the_way
from tests.conftest import START, VAULT_KEY, SetClock

BRANCHES = ("HD01", "CY01")
ROLES = {"C": Role.clerk, "R": Role.reviewer, "S": Role.supervisor}
PEOPLE = tuple(Person(letter, branch, which) for which in (1, 2) for branch in BRANCHES for letter in ROLES)
TOKENS, ENVELOPES = 10, 14  # of each branch
STATEMENTS = 4_000  # kept compiled: one engine serves all sequences


@dataclass
class Beginning:
    """A database in which some certificates are in their holders' hands, its picture, and its stations."""

    file: Path
    engine: Engine
    life: Life
    stations: dict[str, int]
    people: dict[Person, Any]
    authority: Authority
    read: int = field(default=0)  # of the authority's record

    def office(self) -> Office:
        """As on the first day again: what was done since is forgotten."""
        self.engine.dispose()
        used = Path(str(self.engine.url.database))
        for leftover in used.parent.glob(f"{used.name}*"):
            leftover.unlink()
        shutil.copyfile(self.file, used)
        life = deepcopy(self.life)
        world = self._world(life)
        self._forget_other_worlds(world)
        return Office(world, life, {code: Bench(id_) for code, id_ in self.stations.items()}, self.people)

    def _world(self, life: Life) -> World:
        return World(SetClock(life.now), self.engine, Vault(VAULT_KEY), self.authority, self.file.parent, "http://127.0.0.1:8600")

    def _forget_other_worlds(self, world: World) -> None:
        """The authority is shared: what it signed for others before this world began is no stray of this one's."""
        self.read = max((line.position for line in self.authority.signed(self.read)), default=self.read)
        with world.writing() as session:
            session.merge(Counter(series="authority:signed", value=self.read))
            session.commit()


@contextmanager
def beginning_in(folder: Path, template: Path, authority: Authority) -> Iterator[Beginning]:
    """Four applicants went the whole road, each on another day."""
    engine = make_engine(f"sqlite:///{folder / 'office.db'}", query_cache_size=STATEMENTS)
    made = Beginning(folder / "beginning.db", engine, Life(START), {}, {}, authority)
    shutil.copyfile(template, made.file)
    office = made.office()
    world, life = office.world, office.life
    made.stations = _plant_counters(world)
    made.people = {who: actor_of(world, ROLES[who.letter], who.branch, who.which) for who in PEOPLE}
    for branch in BRANCHES:
        life.tokens |= dict.fromkeys(plant_stock(world, branch=branch, tokens=TOKENS, envelopes=ENVELOPES), "in_stock")
        life.envelopes |= {f"{branch}E{n:06d}": "in_stock" for n in range(1, ENVELOPES + 1)}
    office = Office(world, life, {code: Bench(id_) for code, id_ in made.stations.items()}, made.people)
    for branch in (*BRANCHES, *BRANCHES):
        all_the_way(office, office.apply(Person("C", branch), None, 1))
        office.move(days=15)
    assert differences(world, life) == []
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copyfile(folder / "office.db", made.file)
    made.life = life
    yield made
    engine.dispose()


def _plant_counters(world: World) -> dict[str, int]:
    """A station at each branch, and a second supervisor; and supervisors work at the counter, too, so that they may be tempted."""
    with world.writing() as session:
        for code in BRANCHES:
            add_staff(world, session, number_of(Role.supervisor, code, 2), {Role.supervisor}, branch_id_of(world, code), "")
        rows = {
            code: Station(
                name="工位一", branch_id=branch_id_of(world, code), state=StationState.enrolled, secret_digest=code * 16
            )
            for code in BRANCHES
        }
        session.add_all(rows.values())
        for each in session.scalars(select(Staff).join(StaffRole).where(StaffRole.role == Role.supervisor)).unique().all():
            session.add(StaffRole(staff_id=each.id, role=Role.clerk))
        session.commit()
        return {code: row.id for code, row in rows.items()}
