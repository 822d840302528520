"""The undisturbed road of a case, step by step: by whom it goes on, and how it comes to its end."""

from tests.builders.whole_life.office import Office
from tests.builders.whole_life.picture import FINAL, Affair, Person

FAR = 9  # more steps than any ceremony has
PATIENCE = 20  # steps until a clerk stops trying again what fails again and again
MOST = 40  # steps until a case has ended, whatever happened to it


def go_on(office: Office, affair: Affair, steps: int = FAR, fresh: bool = True) -> None:
    """The next thing on the undisturbed road, by somebody who may do it, on a page that is `fresh` or not.

    `steps`: how far a station goes at most.
    """
    clerk = Person("C", affair.branch)
    match affair.state:
        case "draft":
            office.accept(affair, clerk, fresh)
        case "returned":
            office.reopen(affair, clerk, fresh)
        case "in_review":
            office.approve(affair, office.life.decider(affair), fresh)
        case "awaiting_grant":
            office.grant(affair, office.life.decider(affair), fresh)
        case "awaiting_payment":
            office.settle(affair, clerk, fresh)
        case "ready_to_issue" | "issuing" | "awaiting_handover":
            _issue_on(office, affair, clerk, steps, fresh)


def _issue_on(office: Office, affair: Affair, clerk: Person, steps: int, fresh: bool) -> None:
    at = next((n for n, piece in affair.pieces.items() if piece.state in ("ordered", "in_ceremony")), None)
    run = None if at is None else office.life.working_on(affair, at)
    if at is None:
        office.hand_over(affair, clerk, fresh)
    elif run is None:
        leave = affair.leave_ends is not None and affair.leave_ends > office.life.now
        if affair.kind == "unlock" and not leave:
            office.ask_grant(affair, clerk, fresh)
        else:
            office.begin(affair, clerk, at, fresh)
    elif run.state == "stopped":
        (office.resume if "resume" in office.life.ways_out(run) else office.cancel)(run, clerk, fresh)
    elif run.state == "awaiting_confirmation":
        office.confirm(run, clerk, fresh)
    elif not office.hands_on(run):
        office.poll(affair.branch)
    else:
        office.work(run, steps)


def all_the_way(office: Office, affair: Affair) -> None:
    while affair.state not in FINAL:
        go_on(office, affair)


def end(office: Office, affair: Affair) -> None:
    """However it goes: where the road does not lead on, the case is given up by the means of the desks."""
    for step in range(MOST):
        if affair.state in FINAL:
            return
        before = _where(office, affair)
        go_on(office, affair)
        if _where(office, affair) == before or step > PATIENCE:
            _give_up(office, affair)
    raise AssertionError(f"there is no way out of {affair}, {_where(office, affair)}")


def _give_up(office: Office, affair: Affair) -> None:
    clerk = Person("C", affair.branch)
    at = next((n for n, piece in affair.pieces.items() if piece.state in ("ordered", "in_ceremony")), None)
    run = None if at is None else office.life.working_on(affair, at)
    if affair.state not in ("ready_to_issue", "issuing"):
        office.withdraw(affair, clerk)
    elif run is not None:
        office.cancel(run, clerk)
    elif at is not None:
        office.give_up(affair, clerk, at)


def _where(office: Office, affair: Affair) -> tuple[object, ...]:
    runs = [(run.id, run.state, run.lease) for run in office.life.runs.values() if run.affair == affair.id]
    return affair.state, affair.leave_ends, [piece.state for piece in affair.pieces.values()], runs
