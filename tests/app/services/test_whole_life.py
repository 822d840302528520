"""Random sequences of every case kind, through the use cases, against a small picture of what must come of them.

Each step does one thing, or tries one that must be refused: the wrong person, a stale page, the wrong state, too early, too late.
After each step the database says what the picture says; every so often, and at the end, no safety rule is broken.
"""

import shutil
import tempfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from app.services.vault import Vault
from app.services.world import World
from card_issuance.authority import Authority
from models.rulebook.vocabulary import Fault, Role, StationState
from models.tables import (
    Applicant,
    Case,
    CaseItem,
    Certificate,
    Counter,
    Envelope,
    Grant,
    Receipt,
    Run,
    Staff,
    StaffRole,
    Station,
    Token,
)
from models.tables.engine import make_engine
from tests.builders.issuance import plant_stock
from tests.builders.people import actor_of, branch_id_of
from tests.builders.whole_life import FINAL, KINDS, STEPS, Affair, Ceremony, Life, Person
from tests.builders.whole_life_office import Bench, Office
from tests.conftest import START, VAULT_KEY, SetClock
from tests.invariants import violations

BRANCHES = ("HD01", "CY01")
ROLES = {"C": Role.clerk, "R": Role.reviewer, "S": Role.supervisor}
PEOPLE = tuple(Person(letter, branch) for branch in BRANCHES for letter in ROLES)
STEPS_WANTED, STEPS_EACH = 7_000, 50
EXAMPLES = 290  # not every one is of full length: 38 steps on average of the first forty
LOOKED_AT_EVERY = 30  # the safety rules, in steps
MOST_UNFINISHED = 7
TOKENS, ENVELOPES = 10, 14  # of each branch
MEMORY = Path("/dev/shm")

desks = st.sampled_from(BRANCHES)
people = st.sampled_from(PEOPLE)
picks = st.integers(0, 59)


@dataclass(frozen=True)
class Beginning:
    """A database in which some certificates are in their holders' hands, its picture, and its stations."""

    file: Path
    life: Life
    stations: dict[str, int]
    people: dict[Person, Any]
    authority: Authority


def world_on(file: Path, authority: Authority, clock: SetClock) -> World:
    return World(clock, make_engine(f"sqlite:///{file}"), Vault(VAULT_KEY), authority, file.parent, "http://127.0.0.1:8600")


@pytest.fixture(scope="module")
def beginning(template_database: Path, authority: Authority) -> Iterator[Beginning]:
    """Three applicants went the whole road, each on another day."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        file = Path(folder) / "beginning.db"
        shutil.copyfile(template_database, file)
        world = world_on(file, authority, SetClock())
        stations = plant_counters(world)
        made = Beginning(file, Life(START), stations, {who: person(world, who) for who in PEOPLE}, authority)
        for branch in BRANCHES:
            made.life.tokens |= dict.fromkeys(plant_stock(world, branch=branch, tokens=TOKENS, envelopes=ENVELOPES), "in_stock")
            made.life.envelopes |= {f"{branch}E{n:06d}": "in_stock" for n in range(1, ENVELOPES + 1)}
        office = Office(world, made.life, {code: Bench(id_) for code, id_ in stations.items()}, made.people)
        for branch in ("HD01", "CY01", "HD01"):
            all_the_way(office, office.apply(Person("C", branch), None, 1))
            office.move(days=20)
        assert differences(world, made.life) == []
        with world.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        world.engine.dispose()
        yield made


def plant_counters(world: World) -> dict[str, int]:
    """A station at each branch; and supervisors who work at the counter, too, so that they may be tempted."""
    with world.writing() as session:
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


def person(world: World, who: Person) -> Any:
    return actor_of(world, ROLES[who.letter], who.branch)


def all_the_way(office: Office, affair: Affair) -> None:
    while affair.state not in FINAL:
        go_on(office, affair)


def go_on(office: Office, affair: Affair, steps: int = 9) -> None:
    """The next thing on the undisturbed road, by somebody who may do it."""
    clerk, boss = Person("C", affair.branch), Person("S", affair.branch)
    match affair.state:
        case "draft":
            office.accept(affair, clerk)
        case "returned":
            office.reopen(affair, clerk)
        case "in_review":
            office.approve(affair, Person("R", affair.branch))
        case "awaiting_grant":
            office.grant(affair, boss)
        case "awaiting_payment":
            office.settle(affair, clerk)
        case "ready_to_issue" | "issuing" | "awaiting_handover":
            issue_on(office, affair, clerk, steps)


def issue_on(office: Office, affair: Affair, clerk: Person, steps: int) -> None:
    at = next((n for n, piece in affair.pieces.items() if piece.state in ("ordered", "in_ceremony")), None)
    run = None if at is None else office.life.working_on(affair, at)
    if at is None:
        office.hand_over(affair, clerk)
    elif run is None:
        leave = affair.leave_ends is not None and affair.leave_ends > office.life.now
        if affair.kind == "unlock" and not leave:
            office.ask_grant(affair, clerk)
        else:
            office.begin(affair, clerk, at)
    elif run.state == "stopped":
        (office.resume if "resume" in office.life.ways_out(run) else office.cancel)(run, clerk)
    elif run.state == "awaiting_confirmation":
        office.confirm(run, clerk)
    elif not office.hands_on(run):
        office.poll(affair.branch)
    else:
        office.work(run, steps)


def differences(world: World, life: Life) -> list[str]:
    """What the database says otherwise than the picture."""
    found: list[str] = []

    def compare(name: str, said: Any, meant: Any) -> None:
        found.extend(
            f"{name} {key}: {said.get(key)}, not {meant.get(key)}"
            for key in sorted(said.keys() | meant.keys(), key=str)
            if said.get(key) != meant.get(key)
        )

    with world.engine.connect() as connection:

        def rows(*columns: Any, where: Any = True) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in connection.execute(select(*columns).where(where))]

        owned = {affair.id: affair for affair in life.affairs.values()}
        compare(
            "case",
            {id_: (state.value, kind.value) for id_, state, kind in rows(Case.id, Case.state, Case.kind)},
            {affair.id: (affair.state, affair.kind) for affair in owned.values()},
        )
        agreed = ("awaiting_payment", "ready_to_issue", "issuing", "awaiting_handover", "closed")
        compare(
            "fee of case",
            {id_: fee for id_, fee, state in rows(Case.id, Case.fee_total_fen, Case.state) if state.value in agreed},
            {affair.id: affair.fee for affair in owned.values() if affair.state in agreed},
        )
        items = rows(CaseItem.case_id, CaseItem.position, CaseItem.state, CaseItem.work, CaseItem.fee_fen)
        compare(
            "item",
            {(case, at): (state.value, work.value, fee) for case, at, state, work, fee in items},
            {(a.id, at): (p.state, p.work, p.fee) for a in owned.values() for at, p in a.pieces.items()},
        )
        certificates = rows(Certificate.run_id, Certificate.status, Certificate.reason)
        compare(
            "certificate of run",
            {run: (status.value, reason.value if reason else None) for run, status, reason in certificates},
            {paper.run: (paper.status, paper.reason) for paper in life.papers.values()},
        )
        compare("token", {serial: state.value for serial, state in rows(Token.serial, Token.state)}, life.tokens)
        compare(
            "envelope",
            {number: state.value for number, state in rows(Envelope.number, Envelope.state)},
            life.envelopes,
        )
        compare(
            "run",
            {id_: (state.value, fault.value if fault else None) for id_, state, fault in rows(Run.id, Run.state, Run.fault)},
            {run.id: (run.state, run.fault) for run in life.runs.values()},
        )
        compare(
            "applicant",
            {code: (name, n) for code, name, n in rows(Applicant.credit_code, Applicant.name, Applicant.certificates_promised)},
            {h.code: (h.name, h.promised) for h in entered(life)},
        )
        compare("receipt of case", dict(rows(Receipt.case_id, Receipt.amount_fen)), paid(life))
        compare(
            "leave of case",
            dict(rows(Grant.case_id, Grant.expires_at, where=Grant.used_at.is_(None) & (Grant.expires_at > life.now))),
            {a.id: a.leave_ends for a in owned.values() if a.leave_ends is not None and a.leave_ends > life.now},
        )
    return found


def entered(life: Life) -> list[Any]:
    """An applicant is on record from the first acceptance of one of his cases."""
    known = {affair.holder for affair in life.affairs.values() if affair.entered}
    return [holder for at, holder in enumerate(life.holders) if at in known]


def paid(life: Life) -> dict[int, int]:
    return {affair.id: affair.paid for affair in life.affairs.values() if affair.paid is not None}


def machine_from(beginning: Beginning, tally: dict[str, int]) -> type[RuleBasedStateMachine]:
    class WholeLife(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.folder = tempfile.TemporaryDirectory(dir=beginning.file.parent)
            file = Path(self.folder.name) / "office.db"
            shutil.copyfile(beginning.file, file)
            self.life = deepcopy(beginning.life)
            self.world = world_on(file, beginning.authority, SetClock(self.life.now))
            forget_other_worlds(self.world)
            benches = {code: Bench(id_) for code, id_ in beginning.stations.items()}
            self.office = Office(self.world, self.life, benches, beginning.people)
            self.steps = 0

        @initialize(days=st.sampled_from([0, 200, 260, 290, 310, 340]))
        def some_time_later(self, days: int) -> None:
            self.office.move(days=days)
            self.office.reconcile()

        # The road

        @precondition(lambda self: len(self.life.unfinished()) < MOST_UNFINISHED)
        @rule(who=people, newcomer=st.booleans(), pick=picks, asked=st.sampled_from([1, 1, 2]))
        def somebody_applies(self, who: Person, newcomer: bool, pick: int, asked: int) -> None:
            self.note("apply")
            self.office.apply(who, None if newcomer else pick % len(self.life.holders), asked)

        @precondition(lambda self: len(self.life.unfinished()) < MOST_UNFINISHED)
        @rule(who=people, pick=picks, kind=st.sampled_from(KINDS), yes=st.booleans())
        def a_holder_comes_back(self, who: Person, pick: int, kind: str, yes: bool) -> None:
            papers = [paper for paper in self.life.papers.values() if paper.status in ("valid", "suspended")] or list(
                self.life.papers.values()
            )
            if kind == "resumption":
                papers = [paper for paper in papers if paper.status == "suspended"] or papers
            words = {}
            number = 500 + len(self.life.affairs)
            if kind == "amendment":
                words = {"new_name": f"北京样例更名{number}号有限公司"}
                words |= {"new_credit_code": unified(number)} if yes else {}
            elif kind == "replacement_damaged":
                words = {"damage_visible": "yes" if yes else "no"}
            elif kind == "revocation":
                words = {"reason": "cessation_of_operation" if yes else "key_compromise"}
            self.note(kind)
            self.office.come_back(who, papers[pick % len(papers)].run, kind, words)

        def on(self, pick: int, steps: int) -> None:
            unfinished = self.life.unfinished()
            affair = unfinished[pick % len(unfinished)]
            self.note(f"{affair.kind} {affair.state}")
            go_on(self.office, affair, steps)

        @precondition(lambda self: self.life.unfinished())
        @rule(pick=picks, steps=st.sampled_from([1, 2, 3, 9, 9]))
        def a_case_goes_on(self, pick: int, steps: int) -> None:
            self.on(pick, steps)

        @precondition(lambda self: self.life.unfinished())
        @rule(pick=picks)
        def another_case_goes_on(self, pick: int) -> None:
            self.on(pick, 9)

        @precondition(lambda self: self.life.unfinished())
        @rule()
        def the_first_case_goes_on(self) -> None:
            self.on(0, 9)

        @precondition(lambda self: self.life.unfinished())
        @rule()
        def the_last_case_goes_on(self) -> None:
            self.on(-1, 9)

        # Off the road

        @precondition(lambda self: self.life.unfinished())
        @rule(pick=picks, act=st.sampled_from(["send_back", "refuse", "amend", "withdraw", "ask_grant"]))
        def a_case_turns_back(self, pick: int, act: str) -> None:
            unfinished = self.life.unfinished()
            affair = unfinished[pick % len(unfinished)]
            decides = "S" if affair.kind in ("unlock", "replacement_lost") else "R"
            letter = decides if act in ("send_back", "refuse") else "C"
            self.note(act)
            getattr(self.office, act)(affair, Person(letter, affair.branch))

        @precondition(lambda self: self.life.affairs)
        @rule(pick=picks, act=st.sampled_from(DESK_ACTS), who=people, fresh=st.booleans())
        def anybody_tries_anything_with_a_case(self, pick: int, act: str, who: Person, fresh: bool) -> None:
            affairs = list(self.life.affairs.values())
            self.note(f"try {act}")
            getattr(self.office, act)(affairs[-1 - pick % len(affairs)], who, fresh)

        @precondition(lambda self: any(affair.pieces for affair in self.life.affairs.values()))
        @rule(pick=picks, act=st.sampled_from(["begin", "give_up", "hand_over", "other_token"]), who=people, fresh=st.booleans())
        def anybody_tries_anything_with_an_item(self, pick: int, act: str, who: Person, fresh: bool) -> None:
            items = [(affair, n) for affair in self.life.affairs.values() for n in affair.pieces]
            affair, at = items[-1 - pick % len(items)]
            self.note(f"try {act}")
            if act == "hand_over":
                self.office.hand_over(affair, who, fresh, right=pick % 3 > 0)
            elif act == "give_up":
                self.office.give_up(affair, who, at, fresh)
            else:
                self.office.begin(affair, who, at, fresh, other_token=act == "other_token")

        @precondition(lambda self: self.life.runs)
        @rule(pick=picks, act=st.sampled_from(["confirm", "spoil", "cancel", "resume"]), who=people, fresh=st.booleans())
        def anybody_tries_anything_with_a_run(self, pick: int, act: str, who: Person, fresh: bool) -> None:
            runs = list(self.life.runs.values())
            self.note(f"try {act}")
            getattr(self.office, act)(runs[-1 - pick % len(runs)], who, fresh)

        @precondition(lambda self: self.open_runs())
        @rule(pick=picks, act=st.sampled_from(["spoil", "cancel", "wrong_number", "new_clerk"]))
        def a_run_goes_wrong_at_the_desk(self, pick: int, act: str) -> None:
            run = self.open_runs()[pick % len(self.open_runs())]
            self.note(f"run {act}")
            if act in ("wrong_number", "new_clerk"):
                self.office.confirm(run, Person("R", run.branch), right=act == "new_clerk")
            else:
                getattr(self.office, act)(run, Person("C", run.branch))

        @precondition(lambda self: self.at_work())
        @rule(pick=picks, fault=st.sampled_from([fault.value for fault in Fault]), steps=st.integers(0, 6))
        def a_station_stops(self, pick: int, fault: str, steps: int) -> None:
            run = self.at_work()[pick % len(self.at_work())]
            self.note(f"stop {run.work}")
            left = len(STEPS[run.work]) - 2 - STEPS[run.work].index(run.state)  # short of the last
            self.office.work(run, min(steps, left))
            if self.office.hands_on(run):
                self.office.stop(run, fault)

        # Time, and what looks after itself

        @rule(branch=desks, restarts=st.booleans())
        def a_station_asks(self, branch: str, restarts: bool) -> None:
            self.note("poll")
            if restarts:
                self.office.benches[branch].restart()
            self.office.poll(branch)

        @rule(minutes=st.sampled_from([1, 10, 16, 60 * 24, 60 * 24 * 40]))
        def time_passes(self, minutes: int) -> None:
            self.note("time")
            self.office.move(minutes=minutes)

        @rule()
        def the_office_reconciles(self) -> None:
            self.note("reconcile")
            self.office.reconcile()

        # What must hold

        @invariant()
        def the_database_says_what_the_picture_says(self) -> None:
            assert differences(self.world, self.life) == []
            if self.steps % LOOKED_AT_EVERY == LOOKED_AT_EVERY - 1:
                self.no_rule_is_broken(settled=False)

        def no_rule_is_broken(self, settled: bool) -> None:
            with self.world.reading() as session:
                assert violations(session, settled=settled) == []

        def teardown(self) -> None:
            try:
                self.office.reconcile()
                self.no_rule_is_broken(settled=True)
                assert differences(self.world, self.life) == []
            finally:
                self.world.engine.dispose()
                self.folder.cleanup()

        def note(self, what: str) -> None:
            self.steps += 1
            tally[what] = tally.get(what, 0) + 1

        def open_runs(self) -> list[Ceremony]:
            return [run for run in self.life.runs.values() if run.state not in ("confirmed", "cancelled")]

        def at_work(self) -> list[Ceremony]:
            return [run for run in self.life.runs.values() if self.office.hands_on(run)]

    return WholeLife


DESK_ACTS = ["accept", "approve", "grant", "send_back", "refuse", "withdraw", "amend", "reopen", "settle", "ask_grant"]


def unified(number: int) -> str:
    from tests.builders.cases import unified_code

    return unified_code(number=800_000 + number)


def forget_other_worlds(world: World) -> None:
    """The authority is shared by all tests: what it signed for others before this world began is no stray of this one's."""
    last = max((line.position for line in world.authority.signed(0)), default=0)
    with world.writing() as session:
        session.merge(Counter(series="authority:signed", value=last))
        session.commit()


def test_no_long_random_sequence_parts_the_office_from_what_it_should_be(beginning: Beginning) -> None:
    tally: dict[str, int] = {}
    run_state_machine_as_test(
        machine_from(beginning, tally),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS_EACH,
            derandomize=True,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert sum(tally.values()) >= STEPS_WANTED, tally
