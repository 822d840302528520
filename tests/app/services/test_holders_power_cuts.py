"""The power fails before or after every commit of every step on a holder's token: nothing half done stays, and the road ends well."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.services.begin_runs import begin_runs
from app.services.cancel_run import cancel_run
from app.services.reconcile import reconcile
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.vocabulary import CaseKind, CaseState, CertificateStatus, ItemState, RunState
from models.tables import Certificate, Grant, Run
from tests.builders.holders import Holding, grant, plant_holder
from tests.builders.issuance import see_all
from tests.journeys.test_commit_kills import PowerCut, power_cut_at

pytestmark = pytest.mark.kill

STEPS = {
    CaseKind.renewal: (
        "begin",
        "poll",
        "awaiting_pin",
        "generating",
        "certify",
        "writing",
        "proving",
        "placed",
        "confirm",
        "give",
    ),
    CaseKind.unlock: ("begin", "poll", "initialising", "proving", "allot", "printing", "placed", "confirm", "give"),
}
CANCELLED = {
    CaseKind.renewal: ("begin", "poll", "certify", "stop", "cancel"),
    CaseKind.unlock: ("begin", "poll", "stop", "cancel"),
}
CASES = [
    *((kind, steps[: end + 1]) for kind, steps in STEPS.items() for end in range(len(steps))),
    *((kind, steps[: end + 1]) for kind, steps in CANCELLED.items() for end in range(len(steps) - 2, len(steps))),
]


class Road:
    """One case of the holder's, step by step, as clerk and station take them."""

    def __init__(self, holder: Holding, kind: CaseKind) -> None:
        self.holder, self.job, self.number = holder, {}, ""
        holder.comes(kind)
        holder.scene.station.restart()
        holder.scene.station.poll()

    def take(self, step: str) -> None:
        taken: Callable[[], Any] = getattr(self, f"_{step}", lambda: self.holder.scene.station.report(self.job, step))
        taken()

    def _begin(self) -> None:
        scene = self.holder.scene
        begin_runs(scene.world, scene.clerk, scene.case_id, scene.orders(self.holder.serial))

    def _poll(self) -> None:
        (self.job,) = self.holder.scene.station.poll()

    def _certify(self) -> None:
        self.holder.scene.station.certify(self.job)

    def _allot(self) -> None:
        self.number = self.holder.scene.station.envelope(self.job, "pin" + self.job["run"]).json["number"]

    def _placed(self) -> None:
        detail = {"envelope": self.number or None, "printed": bool(self.number), "url": ""}
        self.holder.scene.station.report(self.job, "awaiting_confirmation", **detail)

    def _confirm(self) -> None:
        self.holder.scene.confirm(self.job, self.number or self.holder.serial)

    def _give(self) -> None:
        self.holder.hand_over(self.number)

    def _stop(self) -> None:
        self.holder.scene.station.stop(self.job, "pin_not_given")

    def _cancel(self) -> None:
        run = self.holder.scene.run(self.job)
        cancel_run(self.holder.world, self.holder.scene.clerk, run.id, run.version, "改日再来")

    def finish(self, kind: CaseKind) -> None:
        """From wherever the case stands, by what the pages offer."""
        scene = self.holder.scene
        for _ in range(8):
            item, run = self.holder.item(), self._present()
            if scene.case().state is CaseState.closed:
                return
            if item.state is ItemState.ordered:
                self._ask_if_needed(kind)
                self._begin()
            elif run is not None and run.state in (*workflow.RUN_UNDERWAY, RunState.stopped):
                self._station_comes_back(run)
            elif run is not None and item.state is ItemState.in_ceremony:
                self.job = {"run": run.key}
                self.number = self._number(run)
                self._confirm()
            elif run is not None:
                self.number = self._number(run)
                self._give()
        raise AssertionError(f"the case stays {scene.case().state}")

    def _station_comes_back(self, run: Run) -> None:
        station = self.holder.scene.station
        if run.fault is not None and run.fault.value == "pin_not_given":
            self.job = {"run": run.key}
            self._cancel()
            return
        station.restart()
        for job in station.poll():
            station.perform(job)

    def _ask_if_needed(self, kind: CaseKind) -> None:
        unused = select(Grant.id).where(Grant.case_id == self.holder.scene.case_id, Grant.used_at.is_(None))
        if kind is CaseKind.unlock and see_all(self.holder.world, lambda s: s.scalar(unused)) is None:
            grant(self.holder.world, self.holder.scene.case_id)

    def _present(self) -> Run | None:
        item = self.holder.item()
        query = select(Run).where(Run.item_id == item.id, Run.state != RunState.cancelled)
        run: Run | None = see_all(self.holder.world, lambda s: s.scalar(query))
        return run

    def _number(self, run: Run) -> str:
        found: str = see_all(self.holder.world, lambda s: (s.get_one(Run, run.id).envelope or _NoEnvelope).number)
        return found


class _NoEnvelope:
    number = ""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("kind", "steps"), CASES, ids=[f"{kind}-{steps[-1]}-{len(steps)}" for kind, steps in CASES])
def test_a_power_cut_at_any_commit_ends_with_one_certificate_and_one_envelope(
    world: World, app: Flask, kind: CaseKind, steps: tuple[str, ...], when: str
) -> None:
    holder = plant_holder(world, app, envelopes=30)
    for commit in range(1, 12):
        road = Road(holder, kind)
        for step in steps[:-1]:
            road.take(step)
        cut = False
        try:
            with power_cut_at(commit, when):
                road.take(steps[-1])
        except PowerCut:
            cut = True
        world.clock.move(seconds=40)  # type: ignore[attr-defined]
        reconcile(world, world.now())
        assert holder.scene.violations() == []
        holder.scene.station.restart()
        holder.scene.station.poll()
        road.finish(kind)
        reconcile(world, world.now())
        assert holder.scene.violations() == []
        valid = select(Certificate.id).where(Certificate.status == CertificateStatus.valid)
        (holder.certificate_id,) = see_all(world, lambda s, q=valid: s.scalars(q).all())
        if not cut:
            assert commit > 1, "the step commits nothing"
            return
    raise AssertionError("commits without end")
