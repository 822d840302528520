"""Applicants from walk-in to handover, in a real browser by the keyboard alone, with a real office, station and tokens."""

import pytest

from models.rulebook.vocabulary import CaseState, CertificateStatus
from tests.builders.cases import unified_code
from tests.journeys.clerk import Applicant, Papers, code128_of
from tests.journeys.walked import Walk, openssl_text, scan_of
from tests.reports.reading import ink_of

pytestmark = pytest.mark.browser

CLERK, REVIEWER = "1001", "1003"


def test_an_enterprise_with_a_seal_gets_two_certificates(walk: Walk) -> None:
    clerk, reviewer = walk.clerk(CLERK), walk.clerk(REVIEWER)
    code = unified_code("91")
    one = Applicant(code, sets=(Papers(f"{code}-1"), Papers(f"{code}-2")))

    case_id = clerk.open_case(code)
    assert "校验码相符" in clerk.page.inner_text("#code-verdict")
    assert "首次办理" in clerk.page.inner_text("#history")
    clerk.take_down(one)
    assert "不符合，不能受理" in clerk.verdict()
    for position, papers in enumerate(one.sets, start=1):
        clerk.tick(position, papers)
    verdict = clerk.verdict()
    assert "材料齐全，可以受理" in verdict
    fee = [line.strip() for line in verdict[verdict.index("首张证书") :].splitlines() if line.strip()]
    assert fee == ["首张证书", "0.00", "其余证书 1 × 180.00", "180.00", "合计（元）", "180.00"]
    clerk.press("F7")
    clerk.attach(1, "application_form", scan_of("application form", walk.folder))
    clerk.attach(1, "code_bearing_licence", scan_of("licence", walk.folder))
    slip = clerk.accept()
    assert code128_of(slip) == walk.case(case_id).number

    assert "应收 180.00 元" in reviewer.approve(case_id)
    receipt = ink_of(clerk.settle(case_id, "card", "POS-0007"))
    assert "POS-0007" in receipt
    assert "180.00" in receipt

    serials = walk.take_tokens(2)
    clerk.begin(case_id, serials)
    made = [walk.finish(clerk, run_id) for run_id in clerk.await_envelopes(2)]
    assert [each.token for each in made] == serials
    assert walk.case(case_id).state is CaseState.awaiting_handover
    for each in made:
        walk.judge_certificate(each, on_hold=True)

    clerk.look_up_stub(code128_of(slip))
    signed = ink_of(clerk.hand_over(one.presenter, made))
    assert made[-1].token in signed
    assert walk.case(case_id).state is CaseState.closed
    for each in made:
        assert walk.status(each) is CertificateStatus.valid
        walk.judge(each)
    text = openssl_text(made[0].certificate)
    assert one.name in text
    assert f"NTRCN-{code}" in text
    walk.judge_books()


def test_a_sole_proprietor_without_a_seal_gets_his_first_certificate_free(walk: Walk) -> None:
    clerk, reviewer = walk.clerk(CLERK), walk.clerk(REVIEWER)
    code = unified_code("92")
    one = Applicant(code, "样例丙", "个体工商户", "no", True, "样例丙", "proprietor")

    case_id = clerk.open_case(code)
    clerk.take_down(one)
    assert "签字" in clerk.page.inner_text("#row-1-application_form")
    clerk.tick(1, one.sets[0])
    assert "材料齐全，可以受理" in clerk.verdict()
    slip = clerk.accept()
    assert "免费，已转制证台" in reviewer.approve(case_id)
    assert walk.case(case_id).state is CaseState.ready_to_issue

    [serial] = walk.take_tokens(1)
    clerk.begin(case_id, [serial])
    [run_id] = clerk.await_envelopes(1)
    made = walk.finish(clerk, run_id)
    walk.judge_certificate(made, on_hold=True)
    clerk.look_up_stub(code128_of(slip))
    clerk.hand_over(one.presenter, [made])
    assert walk.case(case_id).state is CaseState.closed
    walk.judge(made)
    walk.judge_books()


def test_bad_papers_are_told_at_once_and_the_revisit_opens_at_what_failed(walk: Walk) -> None:
    opener = walk.clerk(REVIEWER)  # he may review as well, but not this one
    code = unified_code("91")
    bad = Papers(
        "",
        {
            "application_form": ("two_copies", "complete"),  # no seal
            "code_bearing_licence": ("duplicate", "photocopy", "mark"),  # no original
            "identity_document": True,
        },
    )
    case_id = opener.open_case(code)
    opener.take_down(Applicant(code))
    opener.tick(1, bad)
    assert "有 2 处不符合，不能受理" in opener.verdict()
    defects = opener.page.locator("#verdict li.refuse").all_inner_texts()
    assert len(defects) == 2
    notice = ink_of(opener.give_correction())
    for defect in defects:
        assert "".join(defect.rsplit(maxsplit=1)[0].split()) in notice, (defect, notice)
    assert walk.case(case_id).state is CaseState.correction

    opener.revisit(case_id)
    assert opener.has_focus("#row-1-application_form [data-whole-row]"), opener.at()
    shown = opener.page.locator("[data-row]:visible").evaluate_all("(rows) => rows.map((row) => row.id)")
    assert shown == ["row-1-application_form", "row-1-code_bearing_licence"]
    assert not opener.page.locator("#credit_code").is_visible()
    opener.kept_after(lambda: opener.complete("application_form", "mark"))
    opener.kept_after(lambda: opener.complete("code_bearing_licence", "original"))
    assert "材料齐全，可以受理" in opener.verdict()
    opener.accept()

    opener.go(f"/review/{case_id}")
    assert "须由他人复核" in opener.says()
    opener.press("F9")
    assert opener.forge(f"/review/{case_id}/approve", version=walk.case(case_id).version) == 403
    assert walk.case(case_id).state is CaseState.in_review
    walk.judge_books()


def test_an_applicant_that_no_rule_covers_is_turned_away_with_a_notice(walk: Walk) -> None:
    clerk = walk.clerk(CLERK)
    code = unified_code("91")
    case_id = clerk.open_case(code)
    clerk.take_down(Applicant(code, has_seal="no"))
    assert "没有适用的规定，不能受理" in clerk.verdict()
    notice = ink_of(clerk.turn_away())
    assert "北京样例科技有限公司" in notice
    assert walk.case(case_id).state is CaseState.refused
    walk.judge_books()
