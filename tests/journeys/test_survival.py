"""Office and station killed by SIGKILL, around every word between them and at random moments, while real tokens are made.

Each run must end where the undisturbed one ends, or by a named fault whose button leads there: the token opens with the PIN
from the paper (other people's programs say so), one live certificate, one live envelope, nothing orphaned, nothing charged twice.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.services.reconcile import reconcile
from models.rulebook.vocabulary import CertificateStatus, EnvelopeState, ItemState, KeyProfile, RunKind, TokenState
from models.tables import CaseItem, Certificate, Envelope, Receipt, Token
from tests.invariants import violations
from tests.journeys.desk import Desk, Made
from tests.journeys.judges import judge_certificate, judge_token, opens, reason_on_list
from tests.journeys.running import RunningHouse, running_house, wait_for
from tests.journeys.tally import Tally
from tests.journeys.trial import KILLS, WORDS, Trial
from tests.journeys.wire import moment_of

pytestmark = pytest.mark.kill

MOMENTS = WORDS[RunKind.issue]
RANDOM_KILLS = 20
SEED = 20261123


class FirstIssuance(Trial[Desk]):
    """`made`: what became of each run."""

    def __init__(self, house: RunningHouse, folder: Path, tally: Tally) -> None:
        super().__init__(house, Desk(house), folder, tally)
        self.made: list[Made] = []

    def begin(self, profile: KeyProfile = KeyProfile.p_256) -> int:
        case = self.desk.order(profile=profile)
        serial = self.desk.take_token()
        self.desk.wait_until_awake()
        return self.desk.begin(case, serial)

    def end(self, run_id: int, kind: str, cancel: bool = False) -> Made:
        """See it through, judge it, count it."""
        made = self.desk.see_through(run_id, cancel)
        self.judge(made)
        self.tally.count(kind, made.ways_out)
        self.made.append(made)
        return made

    def judge(self, made: Made) -> None:
        judge_token(self.desk.cabinet, made, self.folder)
        self.judge_books()
        desk, item = self.desk, Certificate.item_id == made.item_id
        assert desk.count(Certificate, item, Certificate.status == CertificateStatus.on_hold) == 1
        assert desk.count(Certificate, item, Certificate.status != CertificateStatus.revoked) == 1
        assert desk.count(CaseItem, CaseItem.id == made.item_id, CaseItem.state == ItemState.made) == 1
        assert desk.count(Receipt, Receipt.case_id == made.case_id) == 0  # the first certificate costs nothing
        self.judge_envelopes(desk.run(made.run_id).token_id)


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[FirstIssuance]:
    folder = tmp_path_factory.mktemp("survival")
    tally = Tally()
    with running_house(folder / "instance") as house:
        made = FirstIssuance(house, folder, tally)
        yield made
        made.desk.close()
    tally.show(request.config, "Killed by SIGKILL, office and station as processes")


@pytest.fixture(autouse=True)
def _alive(trial: FirstIssuance) -> None:
    trial.house.wire.mend()
    trial.start_the_dead()


def test_the_moments_are_those_of_an_undisturbed_run(trial):
    trial.house.wire.seen.clear()
    run_id = trial.begin(KeyProfile.rsa_2048)
    trial.desk.await_envelope(run_id)
    said = [moment_of(path, body) for path, body in trial.house.wire.seen]
    assert [moment for moment in said if moment != "poll"] == list(MOMENTS[1:])
    assert trial.end(run_id, "undisturbed").ways_out == ()


@pytest.mark.parametrize("side", ["station", "office"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_around_a_request_the_run_ends_made(trial, moment, when, side):
    run_id = trial.killed_at(moment, when, side, trial.begin)
    lost = trial.desk.run(run_id).envelope
    if side == "office":
        trial.await_repeat(moment)
    made = trial.end(run_id, f"{side} killed around a request")
    assert made.run_id == run_id, "killing a program costs no token"
    if side == "office":
        assert made.ways_out == (), "the station holds the PIN, so the run goes on by itself"
    if side == "station" and lost is not None:
        assert made.envelope != lost.number
        assert trial.desk.count(Envelope, Envelope.id == lost.id, Envelope.state == EnvelopeState.void) == 1


@pytest.mark.parametrize(
    ("moment", "when"), [("report:generating", "after"), ("certify", "before"), ("certify", "after"), ("envelope", "after")]
)
def test_killed_and_given_up_another_token_is_made(trial, moment, when):
    """The station stays away for good: reconciliation names it, the clerk cancels, another token is made."""
    run_id = trial.killed_at(moment, when, "station", trial.begin, restart=False)
    dead = trial.desk.run(run_id)
    trial.desk.declare_station_gone(run_id)
    trial.house.start_station()
    made = trial.end(run_id, "station killed, run given up", cancel=True)
    if made.run_id == run_id:
        return  # the station was back before the clerk had pressed the button
    assert made.token != dead.token.serial
    assert trial.desk.count(Token, Token.id == dead.token_id, Token.state == TokenState.spoiled) == 1
    with trial.house.reading() as session:
        for certificate in session.query(Certificate).filter_by(run_id=run_id):
            assert certificate.status is CertificateStatus.revoked
            wait_for("the dead certificate is listed", lambda c=certificate: reason_on_list(trial.house, c.serial))


def test_both_killed_at_once_the_run_ends_made(trial):
    """As when the power fails in the whole house."""

    def power_cut() -> None:
        trial.house.kill_station()
        trial.house.kill_office()

    reached = trial.house.wire.cut_at("certify", "after", power_cut)
    run_id = trial.begin()
    trial.await_kill(reached, run_id)
    trial.start_the_dead()
    trial.end(run_id, "both killed at once")


def test_killed_again_and_again_there_is_one_certificate(trial):
    kills = [
        ("report:generating", "after", "station"),
        ("certify", "after", "office"),
        ("certify", "after", "station"),
        ("report:writing", "before", "station"),
        ("envelope", "after", "station"),
        ("report:printing", "after", "office"),
        ("report:awaiting_confirmation", "before", "station"),
    ]
    run_id = 0
    for moment, when, side in kills:
        reached = trial.house.wire.cut_at(moment, when, trial.killer(side))  # before anybody can get there
        run_id = run_id or trial.begin()
        trial.start_the_dead()
        trial.await_kill(reached, run_id)
    trial.start_the_dead()
    made = trial.end(run_id, "killed seven times in one run")
    assert trial.desk.count(Certificate, Certificate.run_id == made.run_id) == 1


@pytest.mark.parametrize("which", range(RANDOM_KILLS))
def test_killed_at_a_random_moment_the_run_ends_made(trial, which):
    chance = random.Random(SEED + which)
    profile = chance.choice([KeyProfile.p_256, KeyProfile.p_256, KeyProfile.rsa_2048])
    victim = chance.choice(["station", "station alone", "office", "office alone", "token child", "signer"])
    run_id = trial.begin(profile)
    wait_for("the station takes the job", lambda: trial.desk.run(run_id).lease)
    time.sleep(chance.uniform(0, 0.9))
    KILLS[victim](trial.house)
    trial.start_the_dead()
    made = trial.end(run_id, "killed at a random moment")
    assert made.run_id == run_id


def test_a_spoiled_envelopes_pin_opens_nothing(trial):
    run_id = trial.begin()
    first = trial.desk.see_through(run_id)
    reached = trial.house.wire.cut_at("envelope", "after", trial.killer("station"))
    trial.desk.spoil(trial.desk.run(run_id))
    trial.await_kill(reached, run_id)
    trial.start_the_dead()
    made = trial.end(run_id, "killed after a spoiled envelope")
    assert made.pin != first.pin
    assert not opens(trial.desk.cabinet, made, first.pin)
    assert made.certificate == first.certificate


def test_in_the_end_nothing_is_orphaned_and_every_token_can_be_handed_over(trial):
    """Runs last: everything that the kills left behind, judged together."""
    assert trial.made, "nothing was made before"
    reconcile(trial.desk.world, trial.started)
    with trial.house.reading() as session:
        assert violations(session) == []
    trial.judge_record()
    known = {each.serial: each for each in trial.rows(Certificate)}
    live = {serial for serial, each in known.items() if each.status is not CertificateStatus.revoked}
    assert len(live) == len(trial.made)
    for serial in known:
        listed = reason_on_list(trial.house, serial)
        assert listed == ("Certificate Hold" if serial in live else "Cessation Of Operation")
    for made in trial.made[:: max(1, len(trial.made) // 6)]:
        assert "certificate revoked" in judge_certificate(trial.house, made.certificate, trial.folder)
        trial.desk.hand_over(made)
        assert judge_certificate(trial.house, made.certificate, trial.folder) == "OK"
    trial.judge_end()
