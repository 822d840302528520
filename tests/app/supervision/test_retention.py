"""The retention room: what each may see and do there, what a page says, and that nothing typed is lost."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from app.services.job_kinds import WORKS
from app.services.jobs import run_jobs
from app.services.world import World
from models.rulebook.oversight import DestructionState, HoldState
from models.rulebook.vocabulary import Role
from models.tables import DestructionList, DestructionTrace, Job, JournalLine, LegalHold
from tests.builders.cases import case_now, in_review, unified_code
from tests.builders.clients import OfficeClient
from tests.builders.people import actor_of
from tests.builders.retention import approved, destroyed, list_now, long_closed, proposed

Clients = Callable[..., OfficeClient]
ROOM = "/admin/retention"
HOLD = {"scope": "case", "authority": "样例人民法院", "reference": "样例字第 1 号", "reason": "案件在审", "version": "0"}


def rows(world: World, kind: type) -> list:
    with world.reading() as session:
        return list(session.scalars(select(kind)))


def test_what_is_due_is_shown_to_its_branch_and_to_the_auditor(client_of: Clients, world: World) -> None:
    here, there = long_closed(world), long_closed(world, "CY01")
    page = client_of(Role.supervisor).get(f"{ROOM}/").text
    assert here.number in page
    assert there.number not in page
    page = client_of(Role.auditor).get(f"{ROOM}/").text
    assert here.number in page
    assert there.number in page
    assert "提请销毁…" not in page
    for role in (Role.clerk, Role.reviewer, Role.administrator):
        assert client_of(role).get(f"{ROOM}/").status_code == 403


def test_a_case_is_found_by_its_number_in_its_own_branch_only(client_of: Clients, world: World) -> None:
    case = in_review(world)
    supervisor = client_of(Role.supervisor)
    answer = supervisor.get(f"{ROOM}/?number={case.number.lower()}")
    assert answer.location == f"{ROOM}/case/{case.id}"
    page = supervisor.get(answer.location).text
    assert "保存期还没有开始" in page
    other = client_of(Role.supervisor, "CY01")
    page = other.get(f"{ROOM}/?number={case.number}")
    assert (page.status_code, "不属于本网点" in page.text) == (200, True)
    assert other.get(f"{ROOM}/case/{case.id}").status_code == 404
    assert other.get(f"{ROOM}/case/{case.id}/hold").status_code == 404


def test_a_hold_is_set_shown_and_lifted_with_its_lines_in_the_journal(client_of: Clients, world: World) -> None:
    case, supervisor = long_closed(world), client_of(Role.supervisor)
    assert supervisor.post(f"{ROOM}/case/{case.id}/hold", data=HOLD).location == f"{ROOM}/case/{case.id}"
    page = supervisor.get(f"{ROOM}/case/{case.id}").text
    assert "样例字第 1 号" in page
    assert "保全期间不计" in page
    [hold] = rows(world, LegalHold)
    assert client_of(Role.supervisor, "CY01").get(f"{ROOM}/holds/{hold.id}/lift").status_code == 404
    assert "样例字第 1 号" not in client_of(Role.supervisor, "CY01").get(f"{ROOM}/holds").text
    assert "样例字第 1 号" in client_of(Role.auditor).get(f"{ROOM}/holds?state=standing").text
    lift = f"{ROOM}/holds/{hold.id}/lift"
    answer = supervisor.post(lift, data={"reason": "", "version": str(hold.version)})
    assert (answer.status_code, "请填写" in answer.text) == (422, True)
    assert supervisor.post(lift, data={"reason": "法院解除", "version": str(hold.version)}).status_code == 303
    assert rows(world, LegalHold)[0].state is HoldState.lifted
    lines = [(line.act, line.detail["reason"]) for line in rows(world, JournalLine) if line.subject == "legal_hold"]
    assert lines == [("set", "案件在审"), ("lift", "法院解除")]


def test_a_faulty_hold_keeps_what_was_typed(client_of: Clients, world: World) -> None:
    case = long_closed(world)
    answer = client_of(Role.supervisor).post(f"{ROOM}/case/{case.id}/hold", data={**HOLD, "reference": "", "scope": "applicant"})
    assert answer.status_code == 422
    for kept in ("样例人民法院", "案件在审", "请填写"):
        assert kept in answer.text
    assert rows(world, LegalHold) == []


def test_another_branchs_hold_on_the_applicant_is_named_without_its_letter(client_of: Clients, world: World) -> None:
    code = unified_code()
    here, there = long_closed(world, credit_code=code), long_closed(world, "CY01", credit_code=code)
    form = {**HOLD, "scope": "applicant", "reference": "只有海淀知道的文号"}
    client_of(Role.supervisor).post(f"{ROOM}/case/{here.id}/hold", data=form)
    page = client_of(Role.supervisor, "CY01").get(f"{ROOM}/case/{there.id}").text
    assert "其他网点登记" in page
    assert "只有海淀知道的文号" not in page


def test_from_the_proposal_to_the_record_three_supervisors_go_the_whole_way(client_of: Clients, world: World) -> None:
    cases = [long_closed(world) for _ in range(3)]
    mine, second, third = (client_of(Role.supervisor, branch) for branch in ("HD01", "CY01", "DS01"))
    page = mine.get(f"{ROOM}/propose").text
    assert page.count('name="cases"') == 3
    chosen = [str(case.id) for case in cases[:2]]
    answer = mine.post(f"{ROOM}/propose", data={"version": "0", "reason": "", "cases": chosen})
    assert (answer.status_code, answer.text.count("checked")) == (422, 2)
    answer = mine.post(f"{ROOM}/propose", data={"version": "0", "reason": "保存期满", "cases": chosen})
    [listed] = rows(world, DestructionList)
    assert answer.location == f"{ROOM}/lists/{listed.id}"
    page = mine.get(answer.location).text
    assert "批准…" not in page
    assert "放弃…" in page
    for client in (second, third):
        at = f"{ROOM}/lists/{listed.id}"
        page = client.get(at).text
        assert cases[0].number in page
        assert "北京样例科技有限公司" not in page
        assert "批准…" in page
        version = str(list_now(world, listed.id).version)
        answer = client.post(f"{at}/approve", data={"version": version, "reason": "逐件核对无误"})
        assert answer.status_code == 303
    [job] = rows(world, Job)
    assert answer.location == f"/jobs/{job.id}"
    run_jobs(world, WORKS)
    assert f"{ROOM}/lists/{listed.id}" in third.get(f"/jobs/{job.id}").text
    assert list_now(world, listed.id).state is DestructionState.destroyed
    record = mine.get(f"{ROOM}/lists/{listed.id}/record.pdf")
    assert record.data.startswith(b"%PDF")
    assert case_now(world, cases[2].id).destroyed_at is None
    page = mine.get(f"{ROOM}/case/{cases[0].id}").text
    assert listed.number in page
    assert "北京样例科技有限公司" not in mine.get(f"/cases/{cases[0].id}").text


def test_the_traces_are_checked_in_the_background_and_every_check_is_kept(client_of: Clients, world: World) -> None:
    destroyed(world, *[long_closed(world) for _ in range(2)])
    mine, auditor = client_of(Role.supervisor), client_of(Role.auditor)
    assert "还没有核验过。" in mine.get(f"{ROOM}/verify").text
    asked = [mine.post(f"{ROOM}/verify", data={"version": "0"}).location for _ in range(2)]
    assert asked[0] == asked[1], "a second click finds the first one's work"
    assert run_jobs(world, WORKS) == 1
    check = f"{ROOM}/verify/{asked[0].rpartition('/')[2]}"
    assert check in mine.get(asked[0]).text
    page = mine.get(check).text
    assert "全部留痕连续" in page
    with world.writing() as session:
        session.execute(update(DestructionTrace).where(DestructionTrace.number == 1).values(scans=9))
        session.commit()
    auditor.post(f"{ROOM}/verify", data={"version": "0"})
    run_jobs(world, WORKS)
    page = auditor.get(f"{ROOM}/verify").text
    assert "留痕有问题" in page
    assert "校验链对不上" in page
    with world.reading() as session:
        number = session.scalars(select(DestructionTrace.case_number).where(DestructionTrace.number == 1)).one()
    assert number in page
    page = mine.get(f"{ROOM}/verify").text
    assert "留痕有问题" in page, "whoever looks after records sees it, whoever asked"
    assert number not in page, "of whatever branch it is"
    assert "全部留痕连续" in mine.get(check).text, "what was found then"
    assert mine.get(f"{ROOM}/verify/{max(job.id for job in rows(world, Job)) + 1}").status_code == 404
    for role in (Role.clerk, Role.administrator):
        assert client_of(role).post(f"{ROOM}/verify", data={"version": "0"}).status_code == 403


def test_what_is_not_due_any_more_is_said_at_the_list(client_of: Clients, world: World) -> None:
    case, supervisor = long_closed(world), client_of(Role.supervisor)
    supervisor.post(f"{ROOM}/case/{case.id}/hold", data=HOLD)
    answer = supervisor.post(f"{ROOM}/propose", data={"version": "0", "reason": "保存期满", "cases": [str(case.id), "x"]})
    assert answer.status_code == 422
    assert "保存期满" in answer.text
    assert "刚刚被保全" in answer.text


@pytest.mark.parametrize("step", ["approve", "drop"])
def test_the_second_of_two_pages_finds_the_first_ones_decision(client_of: Clients, world: World, step: str) -> None:
    listed = proposed(world, long_closed(world))
    form = {"version": str(listed.version), "reason": "核对无误"}
    first, second = client_of(Role.supervisor, "CY01"), client_of(Role.supervisor, "DS01")
    assert first.post(f"{ROOM}/lists/{listed.id}/{step}", data=form).status_code == 303
    assert second.post(f"{ROOM}/lists/{listed.id}/{step}", data=form).status_code == (409 if step == "approve" else 404)


def test_who_signed_elsewhere_still_sees_what_became_of_it_and_nobody_else_does(client_of: Clients, world: World) -> None:
    listed = destroyed(world, long_closed(world, "CY01"), by=actor_of(world, Role.supervisor, "CY01"))
    assert client_of(Role.supervisor, "HD01").get(f"{ROOM}/lists/{listed.id}").status_code == 200
    assert client_of(Role.auditor).get(f"{ROOM}/lists/{listed.id}").status_code == 200
    other = destroyed(world, long_closed(world))
    assert client_of(Role.supervisor, "CY01").get(f"{ROOM}/lists/{other.id}").status_code == 200
    assert client_of(Role.clerk).get(f"{ROOM}/lists/{other.id}").status_code == 403


def test_a_list_that_stopped_midway_has_a_button_that_leads_on(client_of: Clients, world: World) -> None:
    listed = approved(world, long_closed(world))
    supervisor = client_of(Role.supervisor)
    assert "继续销毁" not in supervisor.get(f"{ROOM}/lists/{listed.id}").text
    [job] = rows(world, Job)
    client_of(Role.supervisor, "DS01").post(f"/jobs/{job.id}/cancel", data={"version": str(job.version)})
    assert "继续销毁" in supervisor.get(f"{ROOM}/lists/{listed.id}").text
    url = f"{ROOM}/lists/{listed.id}/resume"
    assert "不能恢复" in supervisor.get(url).text
    assert supervisor.post(url, data={"version": str(listed.version), "reason": " "}).status_code == 422
    answer = supervisor.post(url, data={"version": str(listed.version), "reason": "机器停过电"})
    assert answer.status_code == 303
    assert [line.detail["reason"] for line in rows(world, JournalLine) if line.act == "resume"] == ["机器停过电"]
    run_jobs(world, WORKS)
    assert list_now(world, listed.id).state is DestructionState.destroyed


def test_the_casefile_of_a_destroyed_record_says_so_and_offers_no_papers(client_of: Clients, world: World) -> None:
    case = long_closed(world)
    destroyed(world, case)
    page = client_of(Role.clerk).get(f"/cases/{case.id}").text
    assert "保存期已满" in page
    assert "/cases/notices/" not in page
    assert "保存期满，资料销毁" in page
