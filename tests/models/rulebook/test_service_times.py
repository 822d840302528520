"""Waiting and serving, from a case's steps."""

from datetime import UTC, datetime, timedelta

import pytest

from models.rulebook.kinds import KINDS
from models.rulebook.service_times import PROMISES, SERVED, WAITED, CounterTime, Promise, Step, counter_time, of_share, sum_up
from models.rulebook.vocabulary import CaseState
from models.rulebook.workflow import CASE_FINAL

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
S = CaseState


def steps(*states_and_minutes: tuple[CaseState, int]) -> list[Step]:
    """Each state with the minute at which it began."""
    return [Step(AT + timedelta(minutes=minute), state) for state, minute in states_and_minutes]


def minutes(*of: tuple[CaseState, int]) -> tuple[float, float, float]:
    spent = counter_time(steps(*of))
    return tuple(part / timedelta(minutes=1) for part in (spent.waited, spent.served, spent.whole))  # type: ignore[return-value]


def test_a_renewal_is_served_in_its_draft_and_at_the_station_and_waits_in_between() -> None:
    whole_road = [(S.draft, 0), (S.draft, 2), (S.in_review, 3), (S.awaiting_payment, 7), (S.ready_to_issue, 7), (S.issuing, 8)]
    assert minutes(*whole_road, (S.awaiting_handover, 10), (S.closed, 40)) == (5, 5, 10)


def test_time_in_which_the_applicant_had_gone_is_nobodys() -> None:
    assert minutes((S.draft, 0), (S.correction, 5), (S.draft, 3000), (S.in_review, 3004), (S.refused, 3005)) == (1, 9, 10)
    assert minutes((S.draft, 0), (S.awaiting_answer, 4), (S.closed, 9000)) == (0, 4, 4)


def test_a_case_without_steps_took_no_time() -> None:
    assert minutes() == minutes((S.draft, 5)) == (0, 0, 0)


def test_no_state_is_both_waited_and_served_and_none_that_is_final_is_either() -> None:
    assert not WAITED & SERVED
    assert not (WAITED | SERVED) & CASE_FINAL


def test_promises_are_made_of_kinds_that_exist_and_begin_before_they_end() -> None:
    assert all(kind in KINDS and 0 < promise.least < promise.most for kind, promise in PROMISES.items())


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1), (0.5, 3), (0.6, 3), (0.9, 5), (1.0, 5)])
def test_a_share_of_times_is_the_time_that_so_many_did_not_exceed(share: float, expected: int) -> None:
    assert of_share([timedelta(minutes=n) for n in (4, 1, 5, 3, 2)], share) == timedelta(minutes=expected)
    assert of_share([], share) is None


def test_a_summary_tells_the_usual_time_its_part_of_waiting_and_how_often_the_promise_was_kept() -> None:
    minute = timedelta(minutes=1)
    summary = sum_up([CounterTime(minute * n, minute * n * 3) for n in (1, 2, 3, 4, 5)], Promise(5, 12))
    assert summary is not None
    assert (summary.cases, summary.kept) == (5, 3)
    assert (summary.usual, summary.waited, summary.slow) == (12 * minute, 3 * minute, 20 * minute)
    assert sum_up([], None) is None
    unpromised = sum_up([CounterTime(timedelta(), timedelta())], None)
    assert unpromised is not None
    assert (unpromised.kept, unpromised.waited) == (None, timedelta())
