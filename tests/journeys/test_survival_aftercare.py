"""Holders come back with their tokens, and office and station are killed by SIGKILL around every word between them.

Unlock, renewal and amendment (a new key beside the old one), replacement of a damaged and of a lost token. Each run must end where
the undisturbed one ends, or by a named fault whose button leads there; until the handover the holder's old certificate is
as good as it was.

By default a run is killed before a word and, when the word is said again, after it; renewal and amendment, whose words are the
same, share the sides; a replacement, whose words are those of a first issuance, is killed once at each. `SURVIVAL_SWEEP=1`
kills every kind before and after every word on both sides, each in a run of its own, and at more random moments (half an hour).
"""

import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.services.reconcile import reconcile
from app.services.world import SystemClock
from models.rulebook.vocabulary import CaseKind, CertificateStatus, EnvelopeState, RunKind, TokenState
from models.tables import Certificate, Envelope
from tests.journeys.desk import Made
from tests.journeys.earlier import EarlierClock
from tests.journeys.holders_desk import HoldersDesk
from tests.journeys.judges import ocsp_status, reason_on_list, reasons_on_list
from tests.journeys.returning import AGO, EarlierHouse
from tests.journeys.running import running, wait_for
from tests.journeys.tally import Tally
from tests.journeys.trial import KILLS, WORDS
from tests.journeys.visits import Holders, Visit, work_of
from tests.journeys.wire import moment_of

pytestmark = pytest.mark.kill

SWEEP = bool(os.environ.get("SURVIVAL_SWEEP"))
WORKED = (CaseKind.unlock, CaseKind.renewal, CaseKind.amendment, CaseKind.replacement_damaged, CaseKind.replacement_lost)
WHEN = ("before", "after")
RANDOM_KILLS = 60 if SWEEP else 6
SEED = 20261124

_SIDES = ("station", "office")


def _pairs() -> list[tuple[CaseKind, str, str]]:
    """Kind, word and side of the runs that are killed before a word and after it."""
    unlocks = [(CaseKind.unlock, word, side) for word in WORDS[RunKind.unlock] for side in _SIDES]
    rekeys = zip(_SIDES, (CaseKind.renewal, CaseKind.amendment), strict=True)
    return unlocks + [(kind, word, side) for side, kind in rekeys for word in WORDS[RunKind.rekey]]


def _points() -> list[tuple[CaseKind, str, str, str]]:
    """Kind, word, when and side of the runs that are killed once."""
    if SWEEP:
        return [(kind, word, when, side) for kind in WORKED for word in WORDS[work_of(kind)] for when in WHEN for side in _SIDES]
    kinds = (CaseKind.replacement_damaged, CaseKind.replacement_lost)
    return [(kinds[n % 2], word, WHEN[n // 2 % 2], _SIDES[n % 2]) for n, word in enumerate(WORDS[RunKind.issue])]


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Holders]:
    folder, tally = tmp_path_factory.mktemp("survival"), Tally()
    here = [each for each in request.session.items if each.path == request.path]
    with running(EarlierHouse(folder / "instance")) as house:
        desk = HoldersDesk(house)
        made = Holders(house, desk, folder, tally)
        desk.world = replace(desk.world, clock=EarlierClock(AGO))
        made.latest, *made.expiring = desk.issue_many(1 + sum("renewal" in each.name for each in here))
        house.kill_office()
        house.days_ago = 0
        desk.world = replace(desk.world, clock=SystemClock())
        house.start_office()
        yield made
        desk.close()
    tally.show(request.config, "Holders came back; killed by SIGKILL, office and station as processes")


@pytest.fixture(autouse=True)
def _alive(trial: Holders) -> None:
    trial.house.wire.mend()
    trial.start_the_dead()


@pytest.mark.parametrize("kind", [CaseKind.unlock, CaseKind.renewal])
def test_the_words_are_those_of_an_undisturbed_run(trial, kind):
    visit = trial.visit(kind)
    trial.house.wire.seen.clear()
    run_id = visit.begin()
    trial.desk.await_envelope(run_id)
    said = [moment_of(path, body) for path, body in trial.house.wire.seen]
    assert [word for word in said if word != "poll"] == list(WORDS[work_of(kind)][1:])
    assert trial.end(visit, run_id, f"{kind}: undisturbed").ways_out == ()


@pytest.mark.parametrize(("kind", "word", "side"), _pairs())
def test_killed_before_a_word_and_after_it_the_run_ends_as_if_undisturbed(trial, kind, word, side):
    visit = trial.visit(kind)
    run_id = trial.killed_at(word, "before", side, visit.begin, restart=False)
    reached = trial.house.wire.cut_at(word, "after", trial.killer(side))  # before anybody can say it again
    trial.start_the_dead()
    trial.await_kill(reached, run_id)
    trial.start_the_dead()
    made = _end_by_itself(trial, visit, run_id, word, side)
    trial.tally.count(f"{kind}: {side} killed before a word", ())
    trial.tally.count(f"{kind}: {side} killed after a word", made.ways_out)


@pytest.mark.parametrize(("kind", "word", "when", "side"), _points())
def test_killed_at_a_word_the_run_ends_as_if_undisturbed(trial, kind, word, when, side):
    visit = trial.visit(kind)
    run_id = trial.killed_at(word, when, side, visit.begin)
    made = _end_by_itself(trial, visit, run_id, word, side)
    trial.tally.count(f"{kind}: {side} killed {when} a word", made.ways_out)


def _end_by_itself(trial: Holders, visit: Visit, run_id: int, word: str, side: str) -> Made:
    lost = trial.desk.run(run_id).envelope
    if side == "office":
        trial.await_repeat(word)
    made = trial.end_uncounted(visit, run_id)
    assert made.run_id == run_id, "killing a program costs no token and no leave"
    if side == "office" or work_of(visit.kind) is RunKind.rekey:
        assert made.ways_out == (), "the run goes on by itself"
    if side == "station" and lost is not None:
        assert made.envelope != lost.number
        assert trial.desk.count(Envelope, Envelope.id == lost.id, Envelope.state == EnvelopeState.void) == 1
    return made


@pytest.mark.parametrize(
    ("kind", "word", "when"),
    [
        (CaseKind.unlock, "poll", "after"),
        (CaseKind.unlock, "report:initialising", "after"),
        (CaseKind.amendment, "certify", "after"),
        (CaseKind.replacement_damaged, "envelope", "after"),
    ],
)
def test_the_station_stays_away_and_the_run_is_given_up_where_nothing_is_lost_by_it(trial, kind, word, when):
    """Reconciliation names it; the holder has his token back as it was, and the next run makes what the first one did not."""
    visit = trial.visit(kind)
    run_id = trial.killed_at(word, when, "station", visit.begin, restart=False)
    dead = trial.desk.run(run_id)
    trial.desk.declare_station_gone(run_id)
    trial.house.start_station()
    made = trial.end(visit, run_id, f"{kind}: station killed, run given up", cancel=True)
    if made.run_id == run_id:
        return  # an unlock that may have changed the PIN goes on; or the station was back before the button was pressed
    for certificate in trial.rows(Certificate, Certificate.run_id == run_id):
        assert certificate.status is CertificateStatus.revoked
        assert reason_on_list(trial.house, certificate.serial) == "Cessation Of Operation"
    if work_of(kind) is RunKind.issue:
        assert made.token != dead.token.serial
        assert trial.desk.token(replace(made, token=dead.token.serial)).state is TokenState.spoiled
    else:
        assert made.token == dead.token.serial


@pytest.mark.parametrize(("kind", "word"), [(CaseKind.unlock, "envelope"), (CaseKind.amendment, "certify")])
def test_both_killed_at_once_the_run_ends_made(trial, kind, word):
    """As when the power fails in the whole house."""

    def power_cut() -> None:
        trial.house.kill_station()
        trial.house.kill_office()

    visit = trial.visit(kind)
    reached = trial.house.wire.cut_at(word, "after", power_cut)
    run_id = visit.begin()
    trial.await_kill(reached, run_id)
    trial.start_the_dead()
    trial.end(visit, run_id, f"{kind}: both killed at once")


@pytest.mark.parametrize(
    ("kind", "kills"),
    [
        (
            CaseKind.unlock,
            [
                ("report:initialising", "after", "station"),
                ("report:proving", "before", "office"),
                ("envelope", "after", "station"),
                ("report:printing", "after", "station"),
                ("report:awaiting_confirmation", "before", "office"),
            ],
        ),
        (
            CaseKind.amendment,
            [
                ("report:awaiting_pin", "after", "station"),
                ("report:generating", "after", "station"),
                ("certify", "after", "office"),
                ("certify", "after", "station"),
                ("report:writing", "before", "office"),
                ("report:proving", "before", "station"),
            ],
        ),
    ],
)
def test_killed_again_and_again_the_key_is_unharmed_and_there_is_one_certificate(trial, kind, kills):
    visit, run_id = trial.visit(kind), 0
    for word, when, side in kills:
        reached = trial.house.wire.cut_at(word, when, trial.killer(side))  # before anybody can get there
        run_id = run_id or visit.begin()
        trial.start_the_dead()
        trial.await_kill(reached, run_id)
    trial.start_the_dead()
    made = trial.end(visit, run_id, f"{kind}: killed again and again in one run")
    assert trial.desk.count(Certificate, Certificate.run_id == made.run_id) == (kind is CaseKind.amendment)


@pytest.mark.parametrize("which", range(RANDOM_KILLS))
def test_killed_at_a_random_moment_the_run_ends_made(trial, which):
    chance = random.Random(SEED + which)
    kind = (CaseKind.unlock, CaseKind.amendment, CaseKind.replacement_lost)[which % 3]
    victim = chance.choice(sorted(KILLS))
    visit = trial.visit(kind)
    run_id = visit.begin()
    wait_for("the station takes the job", lambda: trial.desk.run(run_id).lease)
    until = time.monotonic() + chance.uniform(0, 0.9)
    while time.monotonic() < until:
        trial.desk.attend(trial.desk.run(run_id))
        time.sleep(0.02)
    KILLS[victim](trial.house)
    trial.start_the_dead()
    assert trial.end(visit, run_id, "killed at a random moment").run_id == run_id


def test_in_the_end_the_list_says_what_the_books_say_and_no_pin_was_told_to_the_office(trial):
    """Runs last: everything that the kills left behind, judged together."""
    reconcile(trial.desk.world, trial.started)
    trial.judge_record()
    listed, words = reasons_on_list(trial.house), {True: "Certificate Hold", False: None}
    for each in trial.rows(Certificate):
        reason = " ".join(word.title() for word in each.reason.value.split("_")) if each.reason else ""
        assert listed.get(int(each.serial, 16)) == (reason or words[each.status is CertificateStatus.on_hold])
    assert trial.latest is not None
    assert ocsp_status(trial.house, trial.latest.certificate, trial.folder) == "good"
    pins = {*trial.desk.pins, *(made.pin for made in trial.desk.held.values())}
    assert pins
    assert not any(pin.encode() in said for _, said in trial.house.wire.seen for pin in pins)
    trial.judge_end()
