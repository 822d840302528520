"""How long applicants wait and are served, from what the journal says of a case, and what was promised to them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType

from models.rulebook.vocabulary import CaseKind, CaseState


@dataclass(frozen=True, slots=True)
class Promise:
    """Minutes at the counter, from … to."""

    least: int
    most: int


# What counters publish of themselves; a case kind that is not named here is promised nothing.
PROMISES: Mapping[CaseKind, Promise] = MappingProxyType(
    {
        CaseKind.renewal: Promise(5, 10),
        CaseKind.amendment: Promise(10, 20),
        CaseKind.replacement_damaged: Promise(20, 30),
        CaseKind.replacement_lost: Promise(20, 30),
    }
)

# Somebody works on it while the applicant stands there …
SERVED = frozenset({CaseState.draft, CaseState.issuing})
# … or it lies at a desk until somebody takes it up. In every other state the applicant has gone, or the time is not the counter's:
# he fetches a paper, collects when it suits him, a platform or an authority is to answer.
WAITED = frozenset(
    {
        CaseState.in_review,
        CaseState.awaiting_grant,
        CaseState.returned,
        CaseState.awaiting_payment,
        CaseState.ready_to_issue,
    }
)


@dataclass(frozen=True, slots=True)
class Step:
    """The state that a case was in from an instant on."""

    since: datetime
    state: CaseState


@dataclass(frozen=True, slots=True)
class CounterTime:
    waited: timedelta
    served: timedelta

    @property
    def whole(self) -> timedelta:
        return self.waited + self.served


def counter_time(steps: Sequence[Step]) -> CounterTime:
    """Of one case, its steps in order. What comes after the last step is not counted: a case that is measured has ended."""
    spent = {True: timedelta(), False: timedelta()}
    for step, following in pairwise(steps):
        if step.state in WAITED or step.state in SERVED:
            spent[step.state in WAITED] += following.since - step.since
    return CounterTime(waited=spent[True], served=spent[False])


def of_share(times: Iterable[timedelta], share: float) -> timedelta | None:
    """So long or shorter took at least that share (0 to 1) of them; None of none."""
    in_order = sorted(times)
    return in_order[max(math.ceil(share * len(in_order)), 1) - 1] if in_order else None


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the cases of one kind. `usual`: of half of them; `slow`: of nine in ten; `waited`: the part of `usual` that was waiting."""

    cases: int
    usual: timedelta
    slow: timedelta
    waited: timedelta
    kept: int | None  # how many took no longer than was promised; None where nothing was


def sum_up(times: Sequence[CounterTime], promise: Promise | None) -> Summary | None:
    """None of none."""
    wholes = [time.whole for time in times]
    usual, slow = of_share(wholes, 0.5), of_share(wholes, 0.9)
    if usual is None or slow is None:
        return None
    all_of_it = sum(wholes, timedelta())
    share = sum((time.waited for time in times), timedelta()) / all_of_it if all_of_it else 0.0
    kept = sum(whole <= timedelta(minutes=promise.most) for whole in wholes) if promise else None
    return Summary(len(times), usual, slow, usual * share, kept)
