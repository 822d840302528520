"""Holders come back with their tokens: every kind of case in a real browser, by the keyboard alone, on real tokens.

The tokens were issued by this program when the office's clock was months behind; openssl and pkcs11-tool judge before and after.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from app.services.demonstration_staff import DEMO_PASSWORD
from models.rulebook.vocabulary import CaseKind, CaseState, TokenState
from tests.journeys.clerk import code128_of
from tests.journeys.desk import Made
from tests.journeys.returning import CLERK, REVIEWER, SUPERVISOR, ReturningWalk, returning
from tests.journeys.walked import openssl_text
from tests.reports.reading import ink_of

pytestmark = pytest.mark.browser

WRONG = "00000000"


@pytest.fixture(scope="module")
def walk(browser: Browser, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[ReturningWalk]:
    holders = sum(each.path == request.path for each in request.session.items)  # one for each journey of this run
    with returning(browser, tmp_path_factory.mktemp("returning"), holders) as walk:
        yield walk


@pytest.fixture
def made(walk: ReturningWalk) -> Iterator[Made]:
    """What one holder took home, good in everybody's eyes; afterwards the books are judged."""
    made = walk.held.pop(0)
    walk.judge_good(made)
    yield made
    walk.judge_books()


def test_a_forgotten_pin_is_set_anew_and_nothing_else(walk: ReturningWalk, made: Made) -> None:
    clerk, supervisor = walk.staff(CLERK), walk.staff(SUPERVISOR)
    walk.insert(made.token)
    walk.signs(made)
    before = walk.public_bytes(made)
    case_id = clerk.take_in(made.token, CaseKind.unlock, made.token)
    slip = clerk.file()
    assert code128_of(slip) == walk.case(case_id).number
    assert walk.case(case_id).state is CaseState.awaiting_grant

    walk.let_proof_grow_old(SUPERVISOR)
    said = supervisor.grant(case_id, "本人到场，证件核对无误", DEMO_PASSWORD, walk.code_of(SUPERVISOR))
    assert "已批准，已转制证台" in said
    clerk.begin(case_id, [made.token])
    [run_id] = clerk.await_envelopes(1)
    after = walk.unlocked(clerk, run_id, made)
    clerk.give_back(case_id, after.token, after.envelope)

    walk.closed(case_id)
    assert after.pin != made.pin
    assert walk.public_bytes(after) == before
    assert not walk.opens(after, made.pin)
    walk.signs(after)
    walk.judge_good(after)
    assert walk.token(after).state is TokenState.handed_over


def test_a_renewal_given_up_half_way_leaves_the_old_certificate_and_the_next_one_replaces_it(
    walk: ReturningWalk, made: Made
) -> None:
    clerk, reviewer = walk.staff(CLERK), walk.staff(REVIEWER)
    case_id = clerk.take_in(made.token, CaseKind.renewal, made.token)
    clerk.file()
    assert "免费，已转制证台" in reviewer.approve(case_id)
    walk.insert(made.token)
    before = walk.public_bytes(made)

    clerk.begin(case_id, [made.token])
    run_id = clerk.await_pin()
    wrong, right = clerk.let_holder_type(run_id, WRONG, made.pin)
    assert "还可以试 9 次" in wrong
    assert "制证继续" in right
    assert clerk.await_serial() == run_id
    given_up = walk.rekeyed(run_id, made)
    walk.judge_bad(given_up, "Certificate Hold", "certificateHold")
    clerk.way_out(run_id, "cancel", "持有人改日再来")
    assert "旧证书和密码都没有变" in clerk.message()
    walk.judge_bad(given_up, *walk.reasons(given_up))
    walk.judge_good(made)
    walk.signs(made)
    assert walk.token(made).state is TokenState.handed_over

    clerk.begin(case_id, [made.token])
    run_id = clerk.await_pin()
    assert "制证继续" in clerk.let_holder_type(run_id, made.pin)[0]
    assert clerk.await_serial() == run_id
    renewed = walk.rekeyed(run_id, made)
    clerk.type_back(run_id, made.token)
    walk.judge_good(made)
    walk.judge_bad(renewed, "Certificate Hold", "certificateHold")
    receipt = ink_of(clerk.give_back(case_id, made.token))
    assert made.token in receipt

    walk.closed(case_id)
    walk.judge_good(renewed)
    walk.judge_bad(made, "Superseded", "superseded")
    old, new = walk.certificate(made), walk.certificate(renewed)
    assert new.replaces_id == old.id
    assert new.not_after > old.not_after
    assert walk.public_bytes(made) == before, "the old key was touched"
    assert walk.public_bytes(renewed)[0] != before[0]
    walk.signs(renewed)
    assert not any(made.pin.encode() in said for _path, said in walk.house.wire.seen), "the office was told the holder's PIN"


def test_a_certificate_is_suspended_and_resumed(walk: ReturningWalk, made: Made) -> None:
    clerk, reviewer = walk.staff(CLERK), walk.staff(REVIEWER)
    serial = walk.certificate(made).serial
    for kind in (CaseKind.suspension, CaseKind.resumption):
        clerk.look_up(serial)
        assert clerk.offers(kind)
        case_id = clerk.take_in(serial, kind)
        clerk.file()
        assert "证书状态已变更并公布" in reviewer.approve(case_id)
        walk.closed(case_id)
        clerk.go(f"/aftercare/{case_id}")
        receipt = ink_of(clerk.print("F6"))
        assert serial in receipt
        if kind is CaseKind.suspension:
            walk.judge_bad(made, "Certificate Hold", "certificateHold")
        else:
            walk.judge_good(made)
    walk.insert(made.token)
    walk.signs(made)
    assert walk.public_bytes(made)[1] == made.certificate

    # The same holder gives his certificate back for good.
    case_id = clerk.take_in(serial, CaseKind.revocation, reason="停止使用")
    clerk.file()
    assert "证书状态已变更并公布" in reviewer.approve(case_id)
    walk.closed(case_id)
    walk.judge_bad(made, "Cessation Of Operation", "cessationOfOperation")
    clerk.look_up(serial)
    assert not any(clerk.offers(kind) for kind in CaseKind), "something is open for a revoked certificate"


def test_a_lost_token_is_barred_first_and_then_replaced(walk: ReturningWalk, made: Made) -> None:
    clerk, supervisor = walk.staff(CLERK), walk.staff(SUPERVISOR)
    case_id = clerk.take_in(walk.certificate(made).serial, CaseKind.replacement_lost)
    clerk.file()
    walk.judge_good(made)
    supervisor.grant(case_id, "遗失声明已收，身份核对无误")
    walk.judge_bad(made, "Key Compromise", "keyCompromise")
    assert walk.token(made).state is TokenState.lost

    clerk.settle(case_id, "cash")
    replacement = replace_token(walk, case_id)
    walk.judge_good(replacement)
    walk.signs(replacement)
    walk.judge_bad(made, "Key Compromise", "keyCompromise")
    assert walk.certificate(replacement).not_after == walk.certificate(made).not_after


def test_a_token_broken_by_its_holder_is_handed_in_and_replaced_for_a_fee(walk: ReturningWalk, made: Made) -> None:
    clerk, reviewer = walk.staff(CLERK), walk.staff(REVIEWER)
    answers = {"damage_visible": "yes", "damage_altered": "no", "damage_read_here": "no"}
    case_id = clerk.take_in(made.token, CaseKind.replacement_damaged, made.token, **answers)
    assert "使用方责任" in clerk.verdict()
    assert "80.00" in clerk.verdict()
    clerk.file()
    assert "应收 80.00 元" in reviewer.approve(case_id)
    assert "80.00" in ink_of(clerk.settle(case_id, "card", "POS-0008"))
    assert walk.token(made).state is TokenState.returned
    walk.judge_good(made)

    replacement = replace_token(walk, case_id)
    walk.judge_good(replacement)
    walk.signs(replacement)
    walk.judge_bad(made, "Superseded", "superseded")
    assert walk.certificate(replacement).not_after == walk.certificate(made).not_after


def test_a_new_name_goes_into_a_new_certificate_with_the_same_last_day(walk: ReturningWalk, made: Made) -> None:
    clerk, reviewer = walk.staff(CLERK), walk.staff(REVIEWER)
    name = "北京样例更名科技有限公司"
    case_id = clerk.take_in(made.token, CaseKind.amendment, made.token, new_name=name)
    clerk.file()
    assert "免费，已转制证台" in reviewer.approve(case_id)
    walk.insert(made.token)
    clerk.begin(case_id, [made.token])
    run_id = clerk.await_pin()
    assert "制证继续" in clerk.let_holder_type(run_id, made.pin)[0]
    assert clerk.await_serial() == run_id
    amended = walk.rekeyed(run_id, made)
    clerk.type_back(run_id, made.token)
    clerk.give_back(case_id, made.token)

    applicant = walk.closed(case_id).applicant
    assert applicant is not None
    assert applicant.name == name
    walk.judge_good(amended)
    walk.signs(amended)
    walk.judge_bad(made, "Affiliation Changed", "affiliationChanged")
    assert walk.certificate(amended).not_after == walk.certificate(made).not_after
    assert name in openssl_text(amended.certificate)
    assert name not in openssl_text(made.certificate)


def replace_token(walk: ReturningWalk, case_id: int) -> Made:
    """A blank one of the stock, made and handed over with an envelope of its own."""
    clerk = walk.staff(CLERK)
    [serial] = walk.take_tokens(1)
    clerk.begin(case_id, [serial])
    [run_id] = clerk.await_envelopes(1)
    made = walk.finish(clerk, run_id)
    walk.judge_certificate(made, on_hold=True)
    clerk.give_back(case_id, made.token, made.envelope)
    walk.closed(case_id)
    return made
