"""Acting in the office under the picture: every act goes through a real use case, and must be answered as the picture says."""

import secrets
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from app.services.errors import Refusal
from app.services.world import World
from models.rulebook.permissions import Actor
from models.tables import CaseItem
from tests.builders.whole_life.picture import Affair, Life, Person

REASON = "样例原因"


class Bench:
    """A branch's station, acted: its keys are in memory. `working`: run key → lease, as it would tell the office."""

    def __init__(self, station_id: int) -> None:
        self.id = station_id
        self.boot = secrets.token_hex(8)
        self.working: dict[str, int] = {}
        self.slots: list[dict[str, Any]] = []
        self.keys: dict[str, Any] = {}

    def restart(self) -> None:
        self.boot, self.working = secrets.token_hex(8), {}


class Acting:
    """`answers`: how often an act went through ("done"), and how often it was refused, by the name of the refusal."""

    def __init__(self, world: World, life: Life, benches: dict[str, Bench], people: dict[Person, Actor]) -> None:
        self.world, self.life, self.benches, self.people = world, life, benches, people
        self.answers: Counter[str] = Counter()

    def attempt(self, expected: str | None, act: Callable[[], Any]) -> Any:
        """Do it, and be answered as expected: with a result (None expected), or with the refusal of that name."""
        try:
            result, answered = act(), None
        except Refusal as refusal:
            result, answered = None, refusal.code if type(refusal) is Refusal else type(refusal).__name__
        assert answered == expected, f"answered {answered}, expected {expected}"
        self.answers[answered or "done"] += 1
        return result

    def version(self, kind: type[Any], id_: int, fresh: bool = True) -> int:
        with self.world.reading() as session:
            found = session.scalar(select(kind.version).where(kind.id == id_))
        assert found is not None
        return int(found) - (0 if fresh else 1)

    def item(self, affair: Affair, position: int) -> tuple[int, int]:
        """Id and version."""
        chosen = select(CaseItem.id, CaseItem.version).where(CaseItem.case_id == affair.id, CaseItem.position == position)
        with self.world.reading() as session:
            return tuple(session.execute(chosen).one())  # type: ignore[return-value]
