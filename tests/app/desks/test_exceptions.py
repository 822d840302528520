"""The clerk's side of exceptions: asked for from the case's own pages, watched, withdrawn, paid out."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from app.services.world import World
from models.rulebook.oversight import ExceptionKind, ExceptionState
from models.rulebook.vocabulary import CaseState, Role
from models.tables import ExceptionRequest, MoneyEntry
from tests.builders import cases
from tests.builders.cases import case_now
from tests.builders.exceptions import ADDRESS, asked, case_for, exception_now, granted, not_covered

WAIVER, ADMISSION, REFUND, CORRECTION = (
    ExceptionKind.fee_waiver,
    ExceptionKind.admission,
    ExceptionKind.refund,
    ExceptionKind.correction,
)
TYPED: dict[ExceptionKind, dict[str, str]] = {
    WAIVER: {},
    ADMISSION: {},
    REFUND: {"amount": "80.5"},
    CORRECTION: {"field": "address", "now": ADDRESS},
}


def ask(client: Any, case_id: int, version: int, kind: ExceptionKind, **typed: str) -> Any:
    sent = {"version": str(version), "reason": "样例事由"} | typed
    return client.post(f"/exceptions/cases/{case_id}/{kind.value}", data=sent)


@pytest.mark.parametrize("kind", list(ExceptionKind))
def test_each_kind_is_asked_for_on_a_page_of_its_own(world: World, client_of, kind: ExceptionKind) -> None:
    case, client = case_for(world, kind), client_of()
    asking = client.get(f"/exceptions/cases/{case.id}/{kind.value}")
    assert asking.status_code == 200
    answer = ask(client, case.id, case.version, kind, **TYPED[kind])
    page = client.get(answer.location).text
    assert "样例事由" in page
    assert "待主管决定" in page
    listed = client.get("/exceptions/").text
    assert "HD01-Q-2026-000001" in listed
    assert "HD01-Q-2026-000001" not in client_of(branch="CY01").get("/exceptions/").text


@pytest.mark.parametrize(
    ("kind", "typed", "told"),
    [
        (WAIVER, {"reason": ""}, "请写明事由"),
        (REFUND, {"amount": "viel"}, "不是金额"),
        (REFUND, {"amount": "180.01"}, "超过了可退的余额 180.00 元"),
        (REFUND, {"amount": "0"}, "金额须大于零"),
        (REFUND, {"amount": ""}, "请填写金额"),
        (CORRECTION, {"field": "name", "now": "x"}, ""),
        (CORRECTION, {"field": "", "now": ADDRESS}, "请选择"),
        (CORRECTION, {"field": "established_on", "now": "不是日期"}, "不是日期"),
        (CORRECTION, {"field": "address", "now": "北京市样例区样例路 1 号"}, "与现有记录相同"),
    ],
)
def test_what_will_not_do_is_said_at_the_field_and_nothing_typed_is_lost(
    world: World, client_of, kind: ExceptionKind, typed: dict[str, str], told: str
) -> None:
    case = case_for(world, kind)
    answer = ask(client_of(), case.id, case.version, kind, **({"reason": "样例事由甲"} | TYPED[kind] | typed))
    assert answer.status_code == 422
    assert told in answer.text
    for name, text in typed.items():
        assert not text or name == "field" or text in answer.text
    with world.reading() as session:
        assert session.scalars(select(ExceptionRequest)).all() == []


def test_what_cannot_be_asked_for_now_leads_back_to_the_case(world: World, client_of) -> None:
    case, client = cases.in_review(world), client_of()
    for kind in (WAIVER, ADMISSION, REFUND):
        for answer in (
            client.get(f"/exceptions/cases/{case.id}/{kind.value}"),
            ask(client, case.id, case.version, kind, amount="1"),
        ):
            assert (answer.status_code, answer.location) == (303, f"/cases/{case.id}")
        assert "这个案件现在不能提出这种申请" in client.get(f"/cases/{case.id}").text
    assert client.get(f"/exceptions/cases/{case.id}/gift").status_code == 404


def test_the_fee_desk_and_the_casefile_show_the_ways_and_what_was_asked(world: World, client_of) -> None:
    case, client = case_for(world, WAIVER), client_of()
    way = f"/exceptions/cases/{case.id}/fee_waiver"
    for page in (f"/fee/{case.id}", f"/cases/{case.id}"):
        assert way in client.get(page).text
    asked(world, WAIVER, case=case)
    for page in (f"/fee/{case.id}", f"/cases/{case.id}"):
        text = client.get(page).text
        assert way not in text
        assert "HD01-Q-2026-000001" in text
    assert "现在收费，那项申请即作废" in client.get(f"/fee/{case.id}").text


def test_a_waived_fee_is_shown_where_it_would_have_been_taken(world: World, client_of) -> None:
    one = granted(world, WAIVER)
    text = client_of().get(f"/fee/{one.case_id}").text
    assert "HD01-M-2026-000001" in text
    assert "收讫" not in text
    casefile = client_of().get(f"/cases/{one.case_id}").text
    assert "费用减免单" in casefile


def test_a_refund_is_paid_and_its_slip_printed(world: World, client_of) -> None:
    one, client = granted(world, REFUND), client_of()
    page = client.get(f"/exceptions/{one.id}").text
    assert f"/exceptions/{one.id}/pay" in page
    assert "180.00" in client.get(f"/exceptions/{one.id}/pay").text
    missing = client.post(f"/exceptions/{one.id}/pay", data={"version": one.version, "method": "transfer", "reference": ""})
    assert missing.status_code == 422
    sent = {"version": one.version, "method": "transfer", "reference": "T-42"}
    first, second = (client.post(f"/exceptions/{one.id}/pay", data=sent) for _ in range(2))
    assert first.location == second.location == f"/exceptions/{one.id}"
    with world.reading() as session:
        assert len(session.scalars(select(MoneyEntry)).all()) == 1
    page = client.get(first.location).text
    paper = client.get(re.search(r'href="(/cases/notices/\d+\.pdf)"', page).group(1))  # type: ignore[union-attr]
    assert paper.data[:5] == b"%PDF-"
    assert client.get(f"/exceptions/{one.id}/pay").location == f"/exceptions/{one.id}"


def test_paying_out_asks_for_the_password_again(world: World, client_of) -> None:
    one, client = granted(world, REFUND), client_of()
    world.clock.move(minutes=11)
    assert client.get(f"/exceptions/{one.id}/pay").location.startswith("/login/again")
    answer = client.post(f"/exceptions/{one.id}/pay", data={"version": one.version, "method": "cash"})
    assert answer.status_code == 401
    assert exception_now(world, one.id).state is ExceptionState.granted


def test_a_request_is_withdrawn_by_its_button_by_whoever_asked(world: World, client_of) -> None:
    one, client, other = asked(world, REFUND), client_of(), client_of(which=2)
    assert f"/exceptions/{one.id}/withdraw" not in other.get(f"/exceptions/{one.id}").text
    refused = other.post(f"/exceptions/{one.id}/withdraw", data={"version": one.version})
    assert "别人提出的申请由提出人或主管撤回" in other.get(refused.location).text
    assert exception_now(world, one.id).state is ExceptionState.asked
    assert f"/exceptions/{one.id}/withdraw" in client.get(f"/exceptions/{one.id}").text
    answer = client.post(f"/exceptions/{one.id}/withdraw", data={"version": one.version})
    assert "申请已撤回" in client.get(answer.location).text
    again = client.post(f"/exceptions/{one.id}/withdraw", data={"version": one.version})
    assert "已不在这一步" in client.get(again.location).text
    assert exception_now(world, one.id).state is ExceptionState.withdrawn


def test_another_branchs_requests_do_not_exist(world: World, client_of) -> None:
    one, elsewhere = granted(world, REFUND), client_of(branch="CY01")
    for path in ("", "/pay"):
        assert elsewhere.get(f"/exceptions/{one.id}{path}").status_code == 404
    for path in ("/pay", "/withdraw"):
        assert elsewhere.post(f"/exceptions/{one.id}{path}", data={"version": 1, "method": "cash"}).status_code == 404
    assert elsewhere.get(f"/exceptions/cases/{one.case_id}/refund").status_code == 404
    assert client_of(Role.auditor).get("/exceptions/").status_code == 403


def test_an_admission_is_asked_for_at_the_intake_desk_and_shown_there(world: World, client_of) -> None:
    case, client = case_for(world, ADMISSION), client_of()
    way = f"/exceptions/cases/{case.id}/admission"
    assert way in client.get(f"/intake/{case.id}").text
    assert "其他材料没有不符合的" in client.get(way).text
    one = granted(world, ADMISSION, case=case)
    draft = client.get(f"/intake/{case.id}").text
    assert way not in draft
    assert "材料齐全，可以受理" in draft
    assert one.number in draft
    assert "经营者签字" in draft or "签字" in draft
    text = client_of(Role.reviewer).get(f"/exceptions/{one.id}").text
    assert "核对无误" in text


def test_who_may_not_be_admitted_is_offered_no_way(world: World, client_of) -> None:
    case = cases.drafted(world, **not_covered(kind="enterprise"))
    assert "/exceptions/cases/" not in client_of().get(f"/intake/{case.id}").text


def test_the_reviewer_reads_the_ground(world: World, client_of) -> None:
    from app.services.accept_case import accept_case
    from tests.builders.people import actor_of

    one = granted(world, ADMISSION)
    accept_case(world, actor_of(world), one.case_id, one.case.version)
    text = client_of(Role.reviewer).get(f"/review/{one.case_id}").text
    assert "凭主管特批受理" in text
    assert one.number in text
    assert case_now(world, one.case_id).state is CaseState.in_review
