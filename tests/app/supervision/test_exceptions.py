"""Exceptions and money in supervision: side by side with the papers, decided on a page of its own, every fen of the day."""

import pytest
from sqlalchemy import select

from app.services.blank_record import blank_case
from app.services.pay_refund import pay_refund
from app.services.world import World
from models.rulebook.oversight import ExceptionKind, ExceptionState
from models.rulebook.vocabulary import PaymentMethod, Role
from models.tables import Applicant, Branch, Case, JournalLine
from tests.builders import cases
from tests.builders.exceptions import asked, exception_now, granted
from tests.builders.people import actor_of

WAIVER, ADMISSION, REFUND, CORRECTION = (
    ExceptionKind.fee_waiver,
    ExceptionKind.admission,
    ExceptionKind.refund,
    ExceptionKind.correction,
)


@pytest.mark.parametrize("kind", list(ExceptionKind))
def test_each_kind_is_shown_beside_its_papers_and_decided_with_a_reason(world: World, client_of, kind: ExceptionKind) -> None:
    one, client = asked(world, kind), client_of(Role.supervisor)
    assert one.number in client.get("/admin/decisions/?state=asked").text
    page = client.get(f"/admin/decisions/{one.id}").text
    for told in ("样例事由", "鉴证材料", one.case.number, f"/admin/decisions/{one.id}/grant"):
        assert told in page
    there = f"/admin/decisions/{one.id}/grant"
    assert "一经批准" in client.get(there).text
    empty = client.post(there, data={"version": one.version, "reason": " "})
    assert empty.status_code == 422
    assert "请写明理由" in empty.text
    done = client.post(there, data={"version": one.version, "reason": "核对无误"})
    assert "核对无误" in client.get(done.location).text
    after = exception_now(world, one.id)
    assert after.state in {ExceptionState.granted, ExceptionState.used}
    again = client.post(there, data={"version": one.version, "reason": "再次批准"})
    assert again.status_code == 303
    assert exception_now(world, one.id).decision == "核对无误"
    assert one.number not in client.get("/admin/decisions/?state=asked").text
    with world.reading() as session:
        line = session.scalars(
            select(JournalLine).where(JournalLine.subject == "exception_request", JournalLine.act == "grant")
        ).one()
        assert line.detail["reason"] == "核对无误"


def test_a_refusal_tells_its_reason(world: World, client_of) -> None:
    one, client = asked(world, REFUND), client_of(Role.supervisor)
    client.post(f"/admin/decisions/{one.id}/refuse", data={"version": one.version, "reason": "没有依据"})
    assert "没有依据" in client_of().get(f"/exceptions/{one.id}").text
    assert exception_now(world, one.id).state is ExceptionState.refused


def test_a_supervisor_withdraws_anothers_request_with_a_reason(world: World, client_of) -> None:
    one, client = granted(world, REFUND), client_of(Role.supervisor)
    there = f"/admin/decisions/{one.id}/withdraw"
    assert there in client.get(f"/admin/decisions/{one.id}").text
    assert "撤回的申请到此为止" in client.get(there).text
    empty = client.post(there, data={"version": one.version, "reason": ""})
    assert empty.status_code == 422
    assert "请写明理由" in empty.text
    done = client.post(there, data={"version": one.version, "reason": "提出人离岗"})
    assert there not in client.get(done.location).text
    assert exception_now(world, one.id).state is ExceptionState.withdrawn
    assert client.get(there).status_code == 303
    for stranger in (client_of(Role.supervisor, "CY01"), client_of(Role.auditor), client_of()):
        assert stranger.post(there, data={"version": one.version, "reason": "x"}).status_code in {403, 404}


def test_deciding_asks_for_the_password_again(world: World, client_of) -> None:
    one, client = asked(world, WAIVER), client_of(Role.supervisor)
    world.clock.move(minutes=11)
    assert client.get(f"/admin/decisions/{one.id}").status_code == 200
    assert client.get(f"/admin/decisions/{one.id}/grant").location.startswith("/login/again")
    posted = client.post(f"/admin/decisions/{one.id}/grant", data={"version": one.version, "reason": "核对无误"})
    assert posted.status_code == 401
    assert "核对无误" in posted.text
    assert exception_now(world, one.id).state is ExceptionState.asked


def test_the_auditor_reads_and_decides_nothing(world: World, client_of) -> None:
    one, client = asked(world, REFUND), client_of(Role.auditor)
    assert one.number in client.get("/admin/decisions/").text
    page = client.get(f"/admin/decisions/{one.id}").text
    assert "/grant" not in page
    for step in ("grant", "refuse"):
        assert client.get(f"/admin/decisions/{one.id}/{step}").status_code == 403
        assert client.post(f"/admin/decisions/{one.id}/{step}", data={"version": 1, "reason": "x"}).status_code == 403


def test_another_branchs_requests_do_not_exist(world: World, client_of) -> None:
    one, client = asked(world, REFUND), client_of(Role.supervisor, "CY01")
    assert one.number not in client.get("/admin/decisions/").text
    for step in ("", "/grant", "/refuse"):
        assert client.get(f"/admin/decisions/{one.id}{step}").status_code == 404
    assert client.post(f"/admin/decisions/{one.id}/grant", data={"version": 1, "reason": "x"}).status_code == 404
    assert client_of(Role.administrator).get("/admin/decisions/").status_code == 403


def test_what_was_overtaken_is_refused_with_a_sentence(world: World, client_of) -> None:
    one, client = asked(world, CORRECTION), client_of(Role.supervisor)
    with world.writing() as session:
        session.get_one(Applicant, one.case.applicant_id).address = "北京市样例区样例路 9 号"
        session.commit()
    done = client.post(f"/admin/decisions/{one.id}/grant", data={"version": one.version, "reason": "核对无误"})
    assert "情况已变" in client.get(done.location).text


@pytest.mark.parametrize("kind", list(ExceptionKind))
def test_of_a_record_that_was_destroyed_the_page_tells_what_is_left(world: World, client_of, kind: ExceptionKind) -> None:
    one = granted(world, kind)
    with world.writing() as session:
        case = session.get_one(Case, one.case_id)
        case.destroyed_at = world.now()
        blank_case(session, case)
        session.commit()
    for role, path in ((Role.supervisor, f"/admin/decisions/{one.id}"), (Role.clerk, f"/exceptions/{one.id}")):
        page = client_of(role).get(path)
        assert page.status_code == 200
        assert "已到期销毁" in page.text
    for path in ("/admin/decisions/", "/admin/money/"):
        assert client_of(Role.supervisor).get(path).status_code == 200
    assert client_of().get("/exceptions/").status_code == 200


def test_the_money_page_adds_up_the_branchs_day(world: World, client_of) -> None:
    refund, waiver = granted(world, REFUND), granted(world, WAIVER)
    pay_refund(world, actor_of(world), refund.id, refund.version, PaymentMethod.cash)
    cases.ready_to_issue(world, "CY01", certificates=2)
    page = client_of(Role.supervisor).get("/admin/money/").text
    for told in ("HD01-R-2026-000001", "HD01-M-2026-000001", "HD01-M-2026-000002", waiver.case.number, "未日结"):
        assert told in page
    assert "CY01-R-" not in page
    assert client_of(Role.supervisor).get("/admin/money/?branch=CY01").status_code == 404
    assert "CY01-R-2026-000001" in client_of(Role.auditor).get("/admin/money/?branch=CY01").text
    yesterday = client_of(Role.supervisor).get("/admin/money/?day=2026-11-22")
    assert "HD01-R-" not in yesterday.text
    for nonsense in ("x", "2026-13-01", "1066-10-14"):
        assert client_of(Role.supervisor).get(f"/admin/money/?day={nonsense}").status_code == 404


def test_after_the_close_the_money_page_turns_to_the_next_day(world: World, client_of) -> None:
    refund = granted(world, REFUND)
    with world.writing() as session:
        session.get_one(Branch, refund.branch_id).closed_through = world.today()
        session.commit()
    pay_refund(world, actor_of(world), refund.id, refund.version, PaymentMethod.cash)
    page = client_of(Role.supervisor).get("/admin/money/").text
    assert 'value="2026-11-24"' in page
    assert "HD01-M-2026-000001" in page
    assert "已日结" in client_of(Role.supervisor).get("/admin/money/?day=2026-11-23").text
