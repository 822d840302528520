"""One case on its way, step by step by name: people act through the use cases, the station through its real API."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from app.services.accept_case import accept_case
from app.services.approve_case import approve_case
from app.services.begin_runs import RunOrder, begin_runs
from app.services.cancel_run import cancel_run
from app.services.confirm_envelope import confirm_envelope
from app.services.give_up_item import give_up_item
from app.services.hand_over import Collector, Scanned, hand_over
from app.services.resume_run import resume_run
from app.services.settle_fee import settle_fee
from app.services.spoil_envelope import spoil_envelope
from app.services.withdraw_case import withdraw_case
from app.services.world import World
from models.rulebook.vocabulary import CaseState, IdentityKind, ItemState, PaymentMethod, Role, RunState, TokenState
from models.tables import Case, CaseItem, Run, Token
from tests.builders.cases import case_now, drafted, resident_number, with_certificates
from tests.builders.issuance import ActedStation
from tests.builders.people import actor_of

REASON = "断电演练"


class Late(Exception):
    """The station is told that its run moved on without it."""


@dataclass
class ActedRoad:
    """A draft at its start. Every method reads the versions anew, as a reloaded page would."""

    world: World
    app: Flask
    station: ActedStation
    certificates: int = 1
    case_id: int = 0
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)  # the newest of each run, as the station holds it
    pin_ids: dict[tuple[str, int], str] = field(default_factory=dict)  # by run and lease
    numbers: dict[str, str] = field(default_factory=dict)  # of the envelope on which the run's PIN was printed

    def __post_init__(self) -> None:
        self.clerk, self.reviewer = actor_of(self.world, Role.clerk), actor_of(self.world, Role.reviewer)
        self.case_id = drafted(self.world, **with_certificates(self.certificates)).id
        with self.world.writing() as session:
            session.execute(update(Case).where(Case.id == self.case_id).values(key_profile="p_256"))
            session.commit()

    @property
    def case(self) -> Case:
        return case_now(self.world, self.case_id)

    @property
    def runs(self) -> list[Run]:
        """Those that are not given up, with what they point to."""
        with self.world.reading() as session:
            runs = session.scalars(
                select(Run)
                .join(CaseItem)
                .where(CaseItem.case_id == self.case_id, Run.state != RunState.cancelled)
                .order_by(Run.id)
            ).all()
            for run in runs:
                _ = (run.envelope, run.token, run.item, run.certificate)
            session.expunge_all()
            return list(runs)

    def take(self, *steps: str) -> None:
        for step in steps:
            self.step(step)()

    def step(self, name: str) -> Callable[[], None]:
        """A method, or a report of a run's step by its name."""
        if name in RunState.__members__:
            return lambda: self._report(name)
        found: Callable[[], None] = getattr(self, name)
        return found

    # People.

    def accept(self) -> None:
        accept_case(self.world, self.clerk, self.case_id, self.case.version)

    def approve(self) -> None:
        approve_case(self.world, self.reviewer, self.case_id, self.case.version)

    def settle(self) -> None:
        settle_fee(self.world, self.clerk, self.case_id, self.case.version, PaymentMethod.cash)

    def withdraw(self) -> None:
        withdraw_case(self.world, self.clerk, self.case_id, self.case.version, REASON)

    def begin(self) -> None:
        blank = iter(self._blank_tokens())
        items = [item for item in self.case.items if item.state is ItemState.ordered]
        self.station.poll()  # an office gives work to a station only while it hears it
        begin_runs(self.world, self.clerk, self.case_id, [RunOrder(i.id, i.version, next(blank), self.station.id) for i in items])

    def resume(self) -> None:
        for run in self.runs:
            resume_run(self.world, self.clerk, run.id, run.version)

    def confirm(self) -> None:
        for run in self.runs:
            if run.state is RunState.awaiting_confirmation:
                confirm_envelope(self.world, self.clerk, run.id, run.version, self.numbers[run.key])

    def spoil(self) -> None:
        run = self.runs[0]
        spoil_envelope(self.world, self.clerk, run.id, run.version, REASON)

    def cancel(self) -> None:
        run = self.runs[0]
        cancel_run(self.world, self.clerk, run.id, run.version, REASON)

    def give_up(self) -> None:
        item = next(item for item in self.case.items if item.state is ItemState.ordered)
        give_up_item(self.world, self.clerk, item.id, item.version, REASON)

    def hand_over(self) -> None:
        collector = Collector("样例乙", IdentityKind.resident_card, resident_number())
        scanned = [Scanned(run.item_id, run.token.serial, self.numbers[run.key]) for run in self.runs]
        hand_over(self.world, self.clerk, self.case_id, self.case.version, collector, scanned)

    # The station.

    def poll(self) -> None:
        self.jobs |= {job["run"]: job for job in self.station.poll()}

    def restart(self) -> None:
        """A new boot: the PINs in hand are gone, the keys on the tokens are not."""
        self.station.restart()
        self.poll()

    def certify(self) -> None:
        self._each(self.station.certify)

    def allot(self) -> None:
        for job in self._jobs():
            name = self.pin_ids.setdefault((job["run"], job["lease"]), secrets.token_hex(16))
            answer = self.station.envelope(job, name)
            assert answer.status_code == 200, answer.text
            self.numbers[job["run"]] = answer.json["number"]

    def placed(self) -> None:
        self._each(
            lambda job: self.station.report(
                job,
                "awaiting_confirmation",
                envelope=self.numbers[job["run"]],
                printed=False,
                url="http://127.0.0.1:8601/envelope/x",
            )
        )
        for job in self._jobs():
            self.station.working.pop(job["run"], None)

    def stop(self) -> None:
        self._each(lambda job: self.station.stop(job, "printer_jammed", "media-jam"))
        for job in self._jobs():
            self.station.working.pop(job["run"], None)

    def _report(self, state: str) -> None:
        self._each(lambda job: self.station.report(job, state))

    def _each(self, say: Callable[[dict[str, Any]], Any]) -> None:
        for job in self._jobs():
            answer = say(job)
            if answer.status_code == 409 and answer.json == {"reason": "stale"}:
                raise Late()
            assert answer.status_code == 200, answer.text

    def _jobs(self) -> list[dict[str, Any]]:
        keys = {run.key for run in self.runs}
        return [job for key, job in self.jobs.items() if key in keys]

    def _blank_tokens(self) -> list[str]:
        with self.world.reading() as session:
            query = select(Token.serial).where(Token.state == TokenState.in_stock).order_by(Token.serial)
            return list(session.scalars(query))

    # To the end, wherever it stands.

    def finish(self) -> None:
        """Press the button that each state offers until the case is at its end; twenty are more than any road needs."""
        for _ in range(20):
            match self.case.state:
                case CaseState.draft:
                    self.accept()
                case CaseState.in_review:
                    self.approve()
                case CaseState.awaiting_payment:
                    self.settle()
                case CaseState.ready_to_issue | CaseState.issuing:
                    self._issue()
                case CaseState.awaiting_handover:
                    self.hand_over()
                case _:
                    return
        raise AssertionError(f"the case is still {self.case.state}, its runs {[(r.state, r.fault) for r in self.runs]}")

    def _issue(self) -> None:
        if any(item.state is ItemState.ordered for item in self.case.items):
            self.begin()
        for run in self.runs:
            if run.state is RunState.stopped:
                resume_run(self.world, self.clerk, run.id, run.version)
        self.restart()
        for run in self.runs:
            if run.state is RunState.inspecting:
                self.numbers[run.key] = self.station.perform(self.jobs[run.key])
        self.confirm()
