"""The whole office under the picture; and what time does to it."""

from datetime import timedelta

from app.services.reconcile import reconcile
from tests.builders.issuance import plant_stock
from tests.builders.whole_life.desks import Desks
from tests.builders.whole_life.issuance import Issuance
from tests.builders.whole_life.picture import SILENT, STEPS


class Office(Desks, Issuance):
    def move(self, **parts: int) -> None:
        self.world.clock.move(**parts)  # type: ignore[attr-defined]
        self.life.now += timedelta(**parts)

    def reconcile(self) -> None:
        life = self.life
        reconcile(self.world, life.now - timedelta(days=9999))
        for run in list(life.runs.values()):
            if life.too_late(run) and run.state in ("queued", "stopped"):
                life.undo(run)
            elif run.state in ("queued", *STEPS[run.work][:-1]) and life.now - life.seen[run.branch] > SILENT:
                run.state, run.fault = "stopped", "station_gone"
                self.benches[run.branch].working.pop(run.key, None)

    def deliver(self, branch: str, tokens: int = 6, envelopes: int = 8) -> None:
        """The warehouse sends the next of both."""
        life = self.life
        start = 1 + max(int(number[-6:]) for number in (*life.tokens, *life.envelopes) if number.startswith(branch))
        serials = plant_stock(self.world, branch=branch, tokens=tokens, envelopes=envelopes, start=start)
        life.tokens |= dict.fromkeys(serials, "in_stock")
        life.envelopes |= {f"{branch}E{n:06d}": "in_stock" for n in range(start, start + envelopes)}
