"""When the holder's PIN is forgotten or locked and not all goes well: a leave that ran out, a token left in the car, a renewal in
the middle of which the PIN is locked."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select, update

from models.rulebook.vocabulary import CaseKind, CaseState, EnvelopeState, Fault, RunState, TokenState
from models.tables import Envelope, Grant
from tests.journeys.desk import Made
from tests.journeys.returning import CLERK, REVIEWER, SUPERVISOR, ReturningWalk, returning

pytestmark = pytest.mark.browser

WRONG = "00000000"
TRIES = 10
STATION = "1 号窗口"
NO_LEAVE = "没有可用的主管授权"


@pytest.fixture(scope="module")
def walk(browser: Browser, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[ReturningWalk]:
    holders = sum(each.path == request.path for each in request.session.items)  # one for each journey of this run
    with returning(browser, tmp_path_factory.mktemp("pin"), holders) as walk:
        yield walk


@pytest.fixture
def made(walk: ReturningWalk) -> Iterator[Made]:
    """What one holder took home, good in everybody's eyes; afterwards the books are judged."""
    made = walk.held.pop(0)
    walk.judge_good(made)
    yield made
    walk.judge_books()


def leaves(walk: ReturningWalk, case_id: int) -> list[bool]:
    """Of each leave that was given for the case, whether it was used."""
    with walk.house.reading() as session:
        given = session.scalars(select(Grant).where(Grant.case_id == case_id).order_by(Grant.id))
        return [grant.used_at is not None for grant in given]


def let_leave_run_out(walk: ReturningWalk, case_id: int) -> None:
    """As if the supervisor had given it so long ago that it ended this moment."""
    with walk.desk.world.writing() as session:
        session.execute(update(Grant).where(Grant.case_id == case_id).values(expires_at=walk.desk.world.now()))
        session.commit()


def unlock(walk: ReturningWalk, case_id: int, made: Made) -> Made:
    """From the leave to the holder's hands; what he has then."""
    clerk = walk.staff(CLERK)
    clerk.begin(case_id, [made.token])
    [run_id] = clerk.await_envelopes(1)
    assert clerk.ways_out(run_id) == {"spoil"}, "a PIN that was set anew must not be given up"
    after = walk.unlocked(clerk, run_id, made)
    clerk.give_back(case_id, after.token, after.envelope)
    walk.closed(case_id)
    return after


def test_a_leave_that_ran_out_opens_nothing_and_is_asked_for_again(walk: ReturningWalk, made: Made) -> None:
    clerk, supervisor = walk.staff(CLERK), walk.staff(SUPERVISOR)
    walk.insert(made.token)
    before = walk.public_bytes(made)
    case_id = clerk.take_in(made.token, CaseKind.unlock, made.token)
    clerk.file()
    supervisor.grant(case_id, "本人到场，证件核对无误")
    let_leave_run_out(walk, case_id)

    assert NO_LEAVE in clerk.begin_in_vain(case_id, made.token)
    assert walk.opens(made, made.pin)
    assert walk.token(made).state is TokenState.handed_over
    clerk.ask_again()
    assert walk.case(case_id).state is CaseState.awaiting_grant
    supervisor.grant(case_id, "仍在窗口，再次核对")

    after = unlock(walk, case_id, made)
    assert leaves(walk, case_id) == [False, True]
    assert walk.public_bytes(after) == before
    assert not walk.opens(after, made.pin)
    walk.signs(after)
    walk.judge_good(after)


def test_an_unlock_given_up_before_the_token_was_touched_needs_another_leave(walk: ReturningWalk, made: Made) -> None:
    clerk, supervisor = walk.staff(CLERK), walk.staff(SUPERVISOR)
    case_id = clerk.take_in(made.token, CaseKind.unlock, made.token)
    clerk.file()
    supervisor.grant(case_id, "本人到场，证件核对无误")
    for token in walk.desk.cabinet.inserted():
        walk.hand.remove(token)
    assert "没有插在本网点的在线工位上" in clerk.begin_in_vain(case_id, made.token)
    assert leaves(walk, case_id) == [False]
    clerk.begin_at(STATION, case_id, made.token)
    run_id = clerk.await_stop()
    assert walk.desk.run(run_id).fault is Fault.no_token
    assert clerk.ways_out(run_id) == {"resume", "cancel"}
    clerk.way_out(run_id, "cancel", "持有人改日再来")
    assert "旧证书和密码都没有变" in clerk.message()
    assert walk.desk.run(run_id).state is RunState.cancelled
    assert walk.token(made).state is TokenState.handed_over
    walk.insert(made.token)
    walk.signs(made)  # with the PIN that he had

    assert NO_LEAVE in clerk.begin_in_vain(case_id, made.token), "a leave is for one use"
    assert walk.opens(made, made.pin)
    clerk.ask_again()
    supervisor.grant(case_id, "介质取来了，再次核对")
    after = unlock(walk, case_id, made)
    assert leaves(walk, case_id) == [True, True]
    assert not walk.opens(after, made.pin)
    walk.signs(after)
    walk.judge_good(after)


def test_a_renewal_whose_pin_is_locked_waits_for_the_unlock_beside_it(walk: ReturningWalk, made: Made) -> None:
    clerk, reviewer, supervisor = walk.staff(CLERK), walk.staff(REVIEWER), walk.staff(SUPERVISOR)
    renewal = clerk.take_in(made.token, CaseKind.renewal, made.token)
    clerk.file()
    reviewer.approve(renewal)
    walk.insert(made.token)
    before = walk.public_bytes(made)
    clerk.begin(renewal, [made.token])
    run_id = clerk.await_pin()
    said = clerk.let_holder_type(run_id, *[WRONG] * TRIES)
    assert [f"还可以试 {left} 次" in each for left, each in zip(range(TRIES - 1, 0, -1), said, strict=False)] == [True] * (
        TRIES - 1
    )
    assert "锁" in said[-1]
    assert clerk.await_stop() == run_id
    assert walk.desk.run(run_id).fault is Fault.pin_locked
    assert clerk.ways_out(run_id) == {"cancel"}
    clerk.way_out(run_id, "cancel", "介质已锁死")
    walk.judge_good(made)

    clerk.look_up(made.token)
    offered = {kind for kind in CaseKind if clerk.offers(kind)}
    assert offered == {CaseKind.unlock}, "nothing else goes beside a renewal"
    beside = clerk.take_in(made.token, CaseKind.unlock, made.token)
    clerk.file()
    supervisor.grant(beside, "本人到场，介质已锁死")
    after = unlock(walk, beside, made)
    assert walk.public_bytes(after) == before
    walk.judge_good(after)
    assert walk.case(renewal).state is CaseState.issuing

    clerk.begin(renewal, [made.token])
    run_id = clerk.await_pin()
    assert "制证继续" in clerk.let_holder_type(run_id, after.pin)[0], "the count began anew with the new PIN"
    assert clerk.await_serial() == run_id
    renewed = walk.rekeyed(run_id, after)
    clerk.type_back(run_id, made.token)
    clerk.give_back(renewal, made.token)
    walk.closed(renewal)
    walk.judge_good(renewed)
    walk.judge_bad(made, "Superseded", "superseded")
    walk.signs(renewed)
    with walk.house.reading() as session:
        states = {
            number: session.query(Envelope).filter_by(number=number).one().state for number in (made.envelope, after.envelope)
        }
    assert states == {made.envelope: EnvelopeState.void, after.envelope: EnvelopeState.live}
