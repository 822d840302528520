"""Random sequences of every case kind, through the use cases, against a small picture of what must come of them.

Each step does one thing, or tries one that must be refused: the wrong person, a stale page, the wrong state, too early, too late.
After each step the database says what the picture says; every so often no safety rule is broken; and in the end whatever was begun
is brought to its end, so nothing was stuck.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from card_issuance.authority import Authority
from models.rulebook.vocabulary import Fault
from tests.builders.whole_life.beginning import Beginning, beginning_in
from tests.builders.whole_life.compare import differences
from tests.builders.whole_life.happenings import Happenings
from tests.builders.whole_life.picture import KINDS, STEPS
from tests.invariants import violations

STEPS_WANTED, STEPS_EACH = 10_000, 120
EXAMPLES = 96  # not every one is of full length: 112 steps on average
LOOKED_AT_EVERY = 60  # the safety rules, in steps
MEMORY = Path("/dev/shm")
# In a hundred things that happen: how many are which. Mostly cases go on, so that they come to their ends.
OFTEN = {
    "a_case_goes_on": 45,
    "a_holder_comes_back": 11,
    "a_pin_is_forgotten": 2,
    "somebody_applies": 4,
    "a_holder_comes_back_with_anything": 2,
    "a_stale_page_is_sent": 2,
    "a_case_turns_back": 3,
    "anybody_tries_anything_with_a_case": 6,
    "anybody_tries_anything_with_an_item": 4,
    "anybody_tries_anything_with_a_run": 4,
    "a_run_goes_wrong_at_the_desk": 4,
    "a_station_stops": 4,
    "a_station_asks": 3,
    "time_passes": 3,
    "the_office_reconciles": 2,
    "the_warehouse_delivers": 1,
}

# Too little of any of these, and the sequences would show less than they seem to.
AT_LEAST = (
    dict.fromkeys((f"{kind} closed" for kind in ("new", "additional", *KINDS)), 25)
    | {"unlock beside another closed": 20, "renewal beside another closed": 5, "amendment beside another closed": 1}
    | dict.fromkeys((f"{work} {end}" for work in STEPS for end in ("confirmed", "cancelled")), 5)
    | dict.fromkeys(("Absent", "Forbidden", "OutOfTurn", "Stale", "Faulty", "case_is_open", "kind_not_open", "not_in_order"), 20)
    | dict.fromkeys((f"stopped {fault.value}" for fault in Fault), 1)
)

happenings = st.sampled_from([what for what, times in OFTEN.items() for _ in range(times)])
picks = st.integers(0, 59)


@pytest.fixture(scope="module")
def beginning(template_database: Path, authority: Authority) -> Iterator[Beginning]:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        with beginning_in(Path(folder), template_database, authority) as made:
            yield made


def machine_from(beginning: Beginning, tally: Counter[str]) -> type[RuleBasedStateMachine]:
    @seed(20261123)  # the same sequences every time, whatever else changes in this file
    class WholeLife(RuleBasedStateMachine):
        """One rule only: Hypothesis leaves out rules of a machine at random, and then hardly a case comes to its end."""

        def __init__(self) -> None:
            super().__init__()
            self.office = beginning.office()
            self.happenings = Happenings(self.office)
            self.steps = 0
            self.parted = False

        @initialize(days=st.sampled_from([0, 200, 260, 290, 310, 340]))
        def some_time_later(self, days: int) -> None:
            self.office.move(days=days)
            self.office.reconcile()

        @rule(what=happenings, pick=picks, how=picks, fresh=st.booleans())
        def happens(self, what: str, pick: int, how: int, fresh: bool) -> None:
            self.steps += 1
            tally["steps"] += 1
            self.parted = True  # until office and picture were found at one
            self.happenings.happen(what, pick, how, fresh)

        @invariant()
        def the_database_says_what_the_picture_says(self) -> None:
            assert differences(self.office.world, self.office.life) == []
            if self.steps % LOOKED_AT_EVERY == LOOKED_AT_EVERY - 1:
                self.no_rule_is_broken(settled=False)
            self.parted = False

        def no_rule_is_broken(self, settled: bool) -> None:
            with self.office.world.reading() as session:
                assert violations(session, settled=settled) == []

        def teardown(self) -> None:
            if self.parted:
                return  # what comes after would only hide where it began
            self.happenings.everything_comes_to_an_end()
            self.office.reconcile()
            self.no_rule_is_broken(settled=True)
            assert differences(self.office.world, self.office.life) == []
            tally.update(self.happenings.seen + self.office.answers + self.happenings.finished())

    return WholeLife


def test_no_long_random_sequence_parts_the_office_from_what_it_should_be(beginning: Beginning) -> None:
    tally: Counter[str] = Counter()
    run_state_machine_as_test(
        machine_from(beginning, tally),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS_EACH,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert tally["steps"] >= STEPS_WANTED, tally
    seldom = {what: tally[what] for what, least in AT_LEAST.items() if tally[what] < least}
    assert not seldom, tally
