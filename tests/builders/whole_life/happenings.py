"""What may happen in an office, on the road and off it. Each happening is one thing done, or one tried that must be refused."""

from collections import Counter
from collections.abc import Callable

from models.rulebook.vocabulary import Fault
from tests.builders.cases import unified_code
from tests.builders.whole_life.beginning import PEOPLE
from tests.builders.whole_life.office import Office
from tests.builders.whole_life.picture import FINAL, KINDS, REKEYED, STEPS, Affair, Paper, Person
from tests.builders.whole_life.road import FAR, end, go_on

MOST_UNFINISHED = 7
SCARCE = 2  # what may be left in a branch's stock until the warehouse delivers
DESK_ACTS = ("accept", "approve", "grant", "send_back", "refuse", "withdraw", "amend", "reopen", "settle", "ask_grant")
TURNS = ("send_back", "refuse", "amend", "withdraw", "ask_grant")
ITEM_ACTS = ("begin", "give_up", "hand_over", "other_token")
RUN_ACTS = ("confirm", "spoil", "cancel", "resume")
RUN_MISHAPS = ("spoil", "cancel", "wrong_number", "new_clerk")
STRIDES = (FAR, FAR, 1, 2, 3)
FAULTS = tuple(fault.value for fault in Fault)
MINUTES = (1, 10, 16, 60 * 24, 60 * 24 * 40)


class Happenings:
    """`pick` chooses what it happens to, `how` in which way. `seen`: how often each thing happened."""

    def __init__(self, office: Office) -> None:
        self.office, self.life = office, office.life
        self.seen: Counter[str] = Counter()
        self.known = frozenset(self.life.affairs)  # of before

    def happen(self, what: str, pick: int, how: int, fresh: bool) -> None:
        """What cannot happen now (no run that could be cancelled, say) gives way to the next thing on somebody's road."""
        if not self.life.unfinished() and what == "a_case_goes_on":
            what = "a_holder_comes_back"
        act: Callable[[int, int, bool], bool] = getattr(self, what)
        if not act(pick, how, fresh):
            what = "a_case_goes_on" if self.a_case_goes_on(pick, how, fresh) else "somebody_applies"
            if what == "somebody_applies":
                self.somebody_applies(pick, how, fresh)
        self.seen[what] += 1

    # On the road

    def a_case_goes_on(self, pick: int, how: int, fresh: bool) -> bool:
        unfinished = self.life.unfinished()
        if not unfinished:
            return False
        go_on(self.office, unfinished[pick % len(unfinished)], STRIDES[how % len(STRIDES)])
        return True

    def somebody_applies(self, pick: int, how: int, fresh: bool) -> bool:
        """`fresh`: he was never here before."""
        if len(self.life.unfinished()) >= MOST_UNFINISHED:
            return False
        holder = None if fresh else how % len(self.life.holders)
        self.office.apply(someone(pick), holder, 2 if how % 3 == 0 else 1)
        return True

    def a_holder_comes_back(self, pick: int, how: int, fresh: bool) -> bool:
        """With what is open for him. `fresh`: he has the other one of two reasons."""
        open_now: dict[str, list[Paper]] = {}
        for kind in KINDS:
            for paper in self.life.papers.values():
                if self.life.refusal_of_coming_back(kind, paper.run) is None:
                    open_now.setdefault(kind, []).append(paper)
        if not open_now or len(self.life.unfinished()) >= MOST_UNFINISHED:
            return False
        had = Counter(affair.kind for affair in self.life.affairs.values())
        rank = (how % len(open_now)) * (pick % len(open_now)) // len(open_now)  # what was seldom comes oftener
        kind = sorted(open_now, key=lambda each: had[each])[rank]
        papers = open_now[kind]
        self._come_back(someone(pick), papers[pick % len(papers)], kind, fresh)
        return True

    def a_pin_is_forgotten(self, pick: int, how: int, fresh: bool) -> bool:
        """In the middle of a renewal or amendment: an unlock is opened beside it, and goes some way or all of it at once."""
        waiting = [affair for affair in self.life.unfinished() if affair.kind in REKEYED]
        waiting = [affair for affair in waiting if self.life.refusal_of_coming_back("unlock", affair.about or 0) is None]
        if not waiting or len(self.life.unfinished()) >= MOST_UNFINISHED:
            return False
        beside = self.office.come_back(someone(pick), waiting[pick % len(waiting)].about or 0, "unlock", {})
        for _ in range(how % (2 * FAR)):
            if beside is not None and beside.state not in FINAL:
                go_on(self.office, beside)
        return True

    def a_holder_comes_back_with_anything(self, pick: int, how: int, fresh: bool) -> bool:
        """Most of it is not open for him."""
        papers = list(self.life.papers.values())
        if len(self.life.unfinished()) >= MOST_UNFINISHED:
            return False
        self._come_back(someone(pick), papers[-1 - pick % len(papers)], KINDS[how % len(KINDS)], fresh)
        return True

    def _come_back(self, who: Person, paper: Paper, kind: str, yes: bool) -> None:
        words, number = {}, 500 + len(self.life.affairs)
        if kind == "amendment":
            words = {"new_name": f"北京样例更名{number}号有限公司"}
            words |= {"new_credit_code": unified_code(number=800_000 + number)} if yes else {}
        elif kind == "replacement_damaged":
            words = {"damage_visible": "yes" if yes else "no"}
        elif kind == "revocation":
            words = {"reason": "cessation_of_operation" if yes else "key_compromise"}
        self.office.come_back(who, paper.run, kind, words)

    # Off the road

    def a_stale_page_is_sent(self, pick: int, how: int, fresh: bool) -> bool:
        """By the right person, at the right time, if somebody had not been faster."""
        unfinished = self.life.unfinished()
        if not unfinished:
            return False
        go_on(self.office, unfinished[pick % len(unfinished)], STRIDES[how % len(STRIDES)], fresh=False)
        return True

    def a_case_turns_back(self, pick: int, how: int, fresh: bool) -> bool:
        unfinished = self.life.unfinished()
        if not unfinished:
            return False
        affair, act = unfinished[pick % len(unfinished)], TURNS[how % len(TURNS)]
        who = self.life.decider(affair) if act in ("send_back", "refuse") else Person("C", affair.branch)
        getattr(self.office, act)(affair, who)
        return True

    def anybody_tries_anything_with_a_case(self, pick: int, how: int, fresh: bool) -> bool:
        affairs = list(self.life.affairs.values())
        act = DESK_ACTS[how % len(DESK_ACTS)]
        getattr(self.office, act)(affairs[-1 - pick % len(affairs)], someone(pick + how), fresh)
        return True

    def anybody_tries_anything_with_an_item(self, pick: int, how: int, fresh: bool) -> bool:
        items = [(affair, n) for affair in self.life.affairs.values() for n in affair.pieces]
        (affair, at), who, act = items[-1 - pick % len(items)], someone(pick + how), ITEM_ACTS[how % len(ITEM_ACTS)]
        if act == "hand_over":
            self.office.hand_over(affair, who, fresh, right=pick % 3 > 0)
        elif act == "give_up":
            self.office.give_up(affair, who, at, fresh)
        else:
            self.office.begin(affair, who, at, fresh, other_token=act == "other_token")
        return True

    def anybody_tries_anything_with_a_run(self, pick: int, how: int, fresh: bool) -> bool:
        runs = list(self.life.runs.values())
        act = RUN_ACTS[how % len(RUN_ACTS)]
        getattr(self.office, act)(runs[-1 - pick % len(runs)], someone(pick + how), fresh)
        return True

    def a_run_goes_wrong_at_the_desk(self, pick: int, how: int, fresh: bool) -> bool:
        runs = [run for run in self.life.runs.values() if run.state not in ("confirmed", "cancelled")]
        if not runs:
            return False
        run, act = runs[pick % len(runs)], RUN_MISHAPS[how % len(RUN_MISHAPS)]
        if act in ("wrong_number", "new_clerk"):
            self.office.confirm(run, Person("R", run.branch), right=act == "new_clerk")
        else:
            getattr(self.office, act)(run, Person("C", run.branch))
        return True

    def a_station_stops(self, pick: int, how: int, fresh: bool) -> bool:
        at_work = [run for run in self.life.runs.values() if self.office.hands_on(run)]
        if not at_work:
            return False
        run = at_work[pick % len(at_work)]
        left = len(STEPS[run.work]) - 2 - STEPS[run.work].index(run.state)  # short of the last
        self.office.work(run, min(pick % 7, left))
        if self.office.hands_on(run):
            self.office.stop(run, FAULTS[(pick + how) % len(FAULTS)])
            self.seen[f"stopped {run.fault}"] += 1
        return True

    # Time, and what looks after itself

    def a_station_asks(self, pick: int, how: int, fresh: bool) -> bool:
        """`fresh`: it has just been started."""
        branch = someone(pick).branch
        if fresh:
            self.office.benches[branch].restart()
        self.office.poll(branch)
        return True

    def time_passes(self, pick: int, how: int, fresh: bool) -> bool:
        self.office.move(minutes=MINUTES[how % len(MINUTES)])
        return True

    def the_office_reconciles(self, pick: int, how: int, fresh: bool) -> bool:
        self.office.reconcile()
        return True

    def the_warehouse_delivers(self, pick: int, how: int, fresh: bool) -> bool:
        """Only what has nearly run out, so that it does run out at times."""
        branch = someone(pick).branch
        if min(self.life.left(branch)) > SCARCE:
            return False
        self.office.deliver(branch)
        return True

    # In the end

    def everything_comes_to_an_end(self) -> None:
        """There is a way out of whatever was begun."""
        for branch in {affair.branch for affair in self.life.unfinished()}:
            self.office.deliver(branch)
        for affair in self.life.unfinished():
            end(self.office, affair)

    def finished(self) -> Counter[str]:
        """Of the cases opened here: how they ended, and what their runs came to."""
        opened = [affair for affair in self.life.affairs.values() if affair.id not in self.known]
        assert all(affair.state in FINAL for affair in opened)
        counts = Counter(f"{affair.kind} {_ending(affair)}" for affair in opened)
        counts += Counter(f"{affair.kind} beside another {_ending(affair)}" for affair in opened if affair.beside)
        ids = {affair.id for affair in opened}
        runs = [run for run in self.life.runs.values() if run.affair in ids]
        return counts + Counter(f"{run.work} {run.state}" for run in runs)


def _ending(affair: Affair) -> str:
    nothing = affair.pieces and not any(piece.state == "handed_over" for piece in affair.pieces.values())
    return "given up" if affair.state == "closed" and nothing else affair.state


def someone(pick: int) -> Person:
    return PEOPLE[pick % len(PEOPLE)]
