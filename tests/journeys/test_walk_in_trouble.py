"""What goes wrong at the counter in the middle of a ceremony, and the button that leads out."""

import threading

import pytest

from models.rulebook.vocabulary import CaseState, EnvelopeState, Fault, RunState
from models.tables import Envelope, Run
from tests.builders.cases import unified_code
from tests.journeys.clerk import Applicant, Clerk, code128_of
from tests.journeys.judges import opens
from tests.journeys.walked import Walk

pytestmark = pytest.mark.browser

CLERK, REVIEWER = "1002", "1003"


def ready_case(walk: Walk, clerk: Clerk) -> tuple[int, str]:
    """One free certificate, approved; the case and the number on its claim stub."""
    code = unified_code("91")
    one = Applicant(code)
    case_id = clerk.open_case(code)
    clerk.take_down(one)
    clerk.tick(1, one.sets[0])
    slip = clerk.accept()
    walk.clerk(REVIEWER).approve(case_id)
    return case_id, code128_of(slip)


def run_now(walk: Walk, run_id: int) -> Run:
    return walk.desk.run(run_id)


def test_a_token_pulled_half_way_is_put_back_and_finished(walk: Walk) -> None:
    clerk = walk.clerk(CLERK)
    case_id, stub = ready_case(walk, clerk)
    [serial] = walk.take_tokens(1)
    pulled = threading.Event()
    cut = walk.house.wire.cut_at("report:generating", "after", lambda: pulled.wait(30))
    clerk.begin(case_id, [serial])
    run_id = clerk.run_at_work("生成密钥")
    walk.hand.remove(serial)
    pulled.set()
    assert cut.wait(30)

    clerk.page.wait_for_selector(f"#run-{run_id} .stop-note")
    stopped = run_now(walk, run_id)
    assert stopped.fault in {Fault.token_removed, Fault.no_token}
    assert "停在 生成密钥" in clerk.page.inner_text(f"#run-{run_id} .stop-note")
    walk.hand.insert(serial)
    clerk.way_out(run_id, "resume")
    assert clerk.await_envelopes(1) == [run_id]
    made = walk.finish(clerk, run_id)
    walk.judge_certificate(made, on_hold=True)
    clerk.look_up_stub(stub)
    clerk.hand_over("样例乙", [made])
    assert walk.case(case_id).state is CaseState.closed
    walk.judge(made)
    walk.judge_books()


def test_a_spoiled_envelope_is_void_and_its_pin_opens_nothing(walk: Walk) -> None:
    clerk = walk.clerk(CLERK)
    case_id, stub = ready_case(walk, clerk)
    [serial] = walk.take_tokens(1)
    clerk.begin(case_id, [serial])
    [run_id] = clerk.await_envelopes(1)
    paper, _ = clerk.open_envelope(run_id)
    spoiled = walk.made(run_id, paper)

    clerk.type_back(run_id, "HD01-E999999")
    assert clerk.page.get_attribute(f"#number-{run_id}", "aria-invalid") == "true"
    assert clerk.page.inner_text(f"#number-{run_id}-error")
    assert clerk.has_focus(f"number-{run_id}")
    assert run_now(walk, run_id).state is RunState.awaiting_confirmation

    clerk.way_out(run_id, "spoil", "打印不清")
    clerk.page.wait_for_selector(f'#run-{run_id} a[href*="/envelope/"]')
    paper, _ = clerk.open_envelope(run_id)
    made = walk.made(run_id, paper)
    assert made.envelope != spoiled.envelope
    assert made.pin != spoiled.pin
    assert opens(walk.desk.cabinet, made, made.pin)
    assert not opens(walk.desk.cabinet, made, spoiled.pin)
    with walk.house.reading() as session:
        old = session.query(Envelope).filter_by(number=spoiled.envelope).one()
        assert old.state is EnvelopeState.void
    clerk.type_back(run_id, spoiled.envelope)
    assert clerk.page.get_attribute(f"#number-{run_id}", "aria-invalid") == "true"
    clerk.type_back(run_id, code128_of(paper))
    assert run_now(walk, run_id).state is RunState.confirmed

    walk.judge_certificate(made, on_hold=True)
    clerk.look_up_stub(stub)
    clerk.hand_over("样例乙", [made])
    assert walk.case(case_id).state is CaseState.closed
    walk.judge(made)
    walk.judge_books()
