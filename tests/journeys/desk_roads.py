"""The desks' part of a case about what a holder has, act by act: each a form of a page that somebody fills in and sends."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from models.rulebook.vocabulary import CaseKind, CaseState, CertificateStatus, RunState, TokenState
from models.tables import Case, Receipt
from tests.builders.cases import case_now, resident_number
from tests.journeys.desk import CLERK, REVIEWER, Made
from tests.journeys.holders_desk import SUPERVISOR, HoldersDesk
from tests.journeys.judges import judge_certificate, judge_token, objects, opens
from tests.journeys.running import wait_for
from tests.journeys.trial import Trial
from tests.reports.reading import pin_of


class DeskTrial(Trial[HoldersDesk]):
    """`latest`: what a holder has, good in everybody's eyes; None: there is none."""

    latest: Made | None = None


@dataclass(frozen=True)
class Act:
    """A button of a desk: who presses it, on which page, the form's action and what he types; the line that it writes."""

    who: str
    page: str
    action: str
    word: str
    typed: dict[str, str] = field(default_factory=dict)
    publishes: bool = False
    subject: str = "case_file"  # whose line it is
    seldom: bool = False  # killed in the sweep only: it is the same act in another road
    saves: bool = False  # keeps what was typed in a transaction of its own, before the act


Road = Callable[[DeskTrial, Made], Iterator[Act]]


def unlock(trial: DeskTrial, made: Made) -> Iterator[Act]:
    desk, case = trial.desk, trial.desk.accepted(made, CaseKind.unlock)
    desk.insert(made.token)
    before = objects(desk.cabinet, made)
    yield Act(SUPERVISOR, f"/grants/{case.id}", f"/grants/{case.id}/grant", "grant", {"reason": "证件核对无误"})
    run_id = yield from _begin(trial, case, made.token)
    after = yield from _confirm(trial, run_id)
    yield _hand_over(case, after, publishes=False)
    assert objects(desk.cabinet, after) == before, "the key was touched"
    assert not opens(desk.cabinet, after, made.pin)
    _works(trial, case, after)


def amendment(trial: DeskTrial, made: Made) -> Iterator[Act]:
    """Given up once, when the new certificate had been made."""
    desk, case = trial.desk, trial.desk.accepted(made, CaseKind.amendment)
    yield _approve(case)
    run_id = yield from _begin(trial, case, made.token, seldom=True)
    desk.await_envelope(run_id)
    page, way = f"/issuance/{case.id}", f"/issuance/runs/{run_id}/cancel"
    yield Act(CLERK, page, way, "cancel", {"reason": "持有人改日再来"}, publishes=True, subject="run")
    assert desk.token(made).state is TokenState.handed_over
    assert judge_certificate(trial.house, made.certificate, trial.folder) == "OK"
    run_id = yield from _begin(trial, case, made.token, seldom=True)
    after = yield from _confirm(trial, run_id, seldom=True)
    assert judge_certificate(trial.house, made.certificate, trial.folder) == "OK"
    yield _hand_over(case, after, publishes=True)
    assert desk.certificate(made).status is CertificateStatus.revoked
    _works(trial, case, after)


def replacement_damaged(trial: DeskTrial, made: Made) -> Iterator[Act]:
    desk, case = trial.desk, trial.desk.accepted(made, CaseKind.replacement_damaged, damage_visible="yes")
    yield _approve(case)
    assert desk.token(made).state is TokenState.handed_over
    yield _settle(case)
    assert desk.token(made).state is TokenState.returned
    run_id = yield from _begin(trial, case, desk.next_token(), seldom=True)
    after = yield from _confirm(trial, run_id, seldom=True)
    assert judge_certificate(trial.house, made.certificate, trial.folder) == "OK"
    yield _hand_over(case, after, publishes=True)
    assert desk.count(Receipt, Receipt.case_id == case.id) == 1
    assert desk.certificate(made).status is CertificateStatus.revoked
    _works(trial, case, after)


def replacement_lost(trial: DeskTrial, made: Made) -> Iterator[Act]:
    """Revoked first of all, by the leave itself."""
    desk, case = trial.desk, trial.desk.accepted(made, CaseKind.replacement_lost)
    page = f"/grants/{case.id}"
    yield Act(SUPERVISOR, page, f"{page}/grant", "grant", {"reason": "遗失声明已收"}, publishes=True)
    assert desk.token(made).state is TokenState.lost
    assert "certificate revoked" in judge_certificate(trial.house, made.certificate, trial.folder)
    yield _settle(case, seldom=True)
    run_id = yield from _begin(trial, case, desk.next_token(), seldom=True)
    after = yield from _confirm(trial, run_id, seldom=True)
    yield _hand_over(case, after, publishes=True, seldom=True)
    assert desk.count(Receipt, Receipt.case_id == case.id) == 1
    _works(trial, case, after)


def status_changes(trial: DeskTrial, made: Made) -> Iterator[Act]:
    """Suspended, resumed, and then revoked for good: each from the certificate's own page on."""
    desk, serial = trial.desk, trial.desk.certificate(made).serial
    page, expected = f"/aftercare/certificates/{serial}", {
        CaseKind.suspension: CertificateStatus.suspended,
        CaseKind.resumption: CertificateStatus.valid,
        CaseKind.revocation: CertificateStatus.revoked,
    }  # fmt: skip
    for kind, status in expected.items():
        yield Act(CLERK, page, f"{page}/open", "open", {"kind": kind.value}, seldom=kind is not CaseKind.suspension)
        [case] = trial.rows(Case, Case.kind == kind, Case.certificate_id == desk.certificate(made).id)
        case = desk.fill_in(made, case)
        desk_page = f"/aftercare/{case.id}"
        yield Act(CLERK, desk_page, f"{desk_page}/accept", "accept", seldom=kind is not CaseKind.suspension, saves=True)
        yield _approve(case, publishes=True)
        assert case_now(desk.world, case.id).state is CaseState.closed
        assert desk.certificate(made).status is status
        good = judge_certificate(trial.house, made.certificate, trial.folder) == "OK"
        assert good == (status is CertificateStatus.valid)


def _approve(case: Case, publishes: bool = False) -> Act:
    return Act(REVIEWER, f"/review/{case.id}", f"/review/{case.id}/approve", "approve", publishes=publishes)


def _settle(case: Case, seldom: bool = False) -> Act:
    return Act(CLERK, f"/fee/{case.id}", f"/fee/{case.id}/settle", "settle", {"method": "cash"}, seldom=seldom)


def _begin(trial: DeskTrial, case: Case, token: str, seldom: bool = False) -> Iterator[Act]:
    """Returns the run."""
    desk, page = trial.desk, f"/issuance/{case.id}"
    desk.insert(token)
    desk.wait_until_awake()
    wait_for("the station tells what lies in its slots", lambda: token in desk.in_slots())
    yield Act(CLERK, page, f"{page}/begin", "begin", {"take_1": "y", "token_1": token}, subject="run", seldom=seldom)
    return max(desk.runs_of(case))


def _confirm(trial: DeskTrial, run_id: int, seldom: bool = False) -> Iterator[Act]:
    """Returns what was made."""
    desk = trial.desk
    desk.await_envelope(run_id)
    run = desk.run(run_id)
    pin = desk.held[run.token.serial].pin if run.token.serial in desk.held else ""
    if run.envelope is not None:
        paper = desk.fetch(run.envelope_url)
        assert paper is not None
        pin = pin_of(paper)
    typed = run.envelope.number if run.envelope is not None else run.token.serial
    way = f"/issuance/runs/{run_id}/confirm"
    yield Act(CLERK, f"/issuance/{run.item.case_id}", way, "confirm", {"control_number": typed}, subject="run", seldom=seldom)
    assert desk.run(run_id).state is RunState.confirmed
    return desk.made_by(desk.run(run_id), pin)


def _hand_over(case: Case, made: Made, publishes: bool, seldom: bool = False) -> Act:
    page = f"/handover/{case.id}"
    typed = {"name": "样例乙", "id_kind": "resident_card", "id_number": resident_number(), "take_1": "y", "token_1": made.token}
    if made.envelope:
        typed["envelope_1"] = made.envelope
    return Act(CLERK, page, page, "hand_over", typed, publishes, "handover", seldom)


def _works(trial: DeskTrial, case: Case, made: Made) -> None:
    """The case is closed, and the holder has one good certificate on a token that his PIN opens."""
    assert case_now(trial.desk.world, case.id).state is CaseState.closed
    assert trial.desk.token(made).state is TokenState.handed_over
    assert trial.desk.certificate(made).status is CertificateStatus.valid
    assert judge_certificate(trial.house, made.certificate, trial.folder) == "OK"
    judge_token(trial.desk.cabinet, made, trial.folder, keys=None)
    trial.judge_envelopes(trial.desk.token(made).id)
    trial.judge_books()
    trial.desk.held[made.token] = trial.latest = made


ROADS: dict[str, Road] = {
    "unlock": unlock,
    "amendment": amendment,
    "replacement, damaged": replacement_damaged,
    "replacement, lost": replacement_lost,
    "suspension, resumption, revocation": status_changes,
}
