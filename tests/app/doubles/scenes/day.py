"""Every POST about the day: counts, the countersignature, the drawer from hand to hand, change put in and money banked."""

from functools import partial
from typing import Any

from tests.app.doubles.stage import CLERKS, SUPERVISORS, Post, Scene, Stage
from tests.builders.day import count, counted, deliver, float_in, offer, seen
from tests.builders.people import actor_of

RIGHT = {"tokens": "10", "envelopes": "10", "note_10000": "2", "version": "0"}
WHY = {"version": "1", "reason": "重新点过"}


def drawer(stage: Stage) -> None:
    deliver(stage.world)
    float_in(stage.world, 200)


def counting(stage: Stage) -> Post:
    drawer(stage)
    return Post("/shift/count", {**RIGHT, "day": stage.world.today().isoformat()})


def on_count(stage: Stage, step: str, form: dict[str, Any] = WHY, **differs: int) -> Post:
    drawer(stage)
    made = count(stage.world, counted(stage.world, **differs))
    return Post(f"{step}".replace("ID", str(made.id)), form)


def offering(stage: Stage) -> Post:
    drawer(stage)
    return Post("/shift/hand-over", {**RIGHT, "taker": str(actor_of(stage.world, which=2).staff_id)})


def on_offer(stage: Stage, step: str) -> Post:
    drawer(stage)
    return Post(f"/shift/handovers/{offer(stage.world)}/{step}", WHY)


def accepting_or_declining(stage: Stage) -> tuple[Post, ...]:
    """The one takes it in the moment in which the other takes it back."""
    drawer(stage)
    made = offer(stage.world)
    return Post(f"/shift/handovers/{made}/accept", WHY), Post(f"/shift/handovers/{made}/decline", WHY)


def closing_or_counting_again(stage: Stage) -> tuple[Post, ...]:
    drawer(stage)
    made = count(stage.world)
    return Post(f"/admin/days/{made.id}/countersign", {"version": "1"}), Post(f"/shift/days/{made.id}/again", WHY)


def into_the_drawer(stage: Stage) -> Post:
    return Post("/admin/days/float", {"version": "0", "amount": "300", "reason": "备用金"})


def out_of_the_drawer(stage: Stage) -> Post:
    drawer(stage)
    form = {"version": str(seen(stage.world)), "amount": "150", "reference": "BK-1", "reason": "解款"}
    return Post("/admin/days/bank", form)


EXPLAINED = {
    "version": "1",
    "lacking_token": "HD01-T00001…HD01-T00002",
    "surplus_token": "",
    "cash_reason": "找零多给",
    "reason": "盘点两遍",
}

SCENES = (
    Scene("shift.count", "", counting, CLERKS, important=True),
    Scene("shift.again", "", partial(on_count, step="/shift/days/ID/again"), CLERKS),
    Scene("shift.offer", "", offering, (CLERKS[0],), important=True),
    Scene("shift.accept", "", partial(on_offer, step="accept"), (CLERKS[1],), important=True),
    Scene("shift.accept", "taken back meanwhile", accepting_or_declining, (CLERKS[1], CLERKS[0])),
    Scene("shift.decline", "", partial(on_offer, step="decline"), (CLERKS[1], CLERKS[0])),
    Scene(
        "days.countersign",
        "with differences",
        partial(on_count, step="/admin/days/ID/countersign", form=EXPLAINED, tokens=-2, fen=-500),
        SUPERVISORS,
        important=True,
    ),
    Scene("days.countersign", "counted again meanwhile", closing_or_counting_again, (SUPERVISORS[0], CLERKS[0])),
    Scene("days.put_in", "", into_the_drawer, SUPERVISORS),
    Scene("days.bank", "", out_of_the_drawer, SUPERVISORS, important=True),
)
