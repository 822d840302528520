"""The issuance desk as a clerk meets it: what is listed, what a click does, what a refusal looks like."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.services.errors import Refusal
from app.services.world import World
from app.words.ceremony import CANCEL, WORK
from app.words.faults import FAULTS
from app.words.terms import term
from models.rulebook import workflow
from models.rulebook.kinds import KINDS
from models.rulebook.vocabulary import (
    CaseKind,
    CaseState,
    Fault,
    ItemState,
    Role,
    RunAction,
    RunKind,
    RunState,
    TokenState,
)
from models.tables import CaseItem, Run, Token
from tests.builders.clients import OfficeClient
from tests.builders.holders import Holding, plant_holder
from tests.builders.issuance import Scene, plant_case, plant_scene, plant_stock, row

ClientOf = Callable[..., OfficeClient]


@pytest.fixture
def scene(world: World, app: Flask) -> Scene:
    return plant_scene(world, app, items=2)


@pytest.fixture
def clerk(client_of: ClientOf) -> OfficeClient:
    return client_of(Role.clerk)


def begin(clerk: OfficeClient, scene: Scene, *serials: str, **more: str) -> object:
    """Posts the form: `serials` for the items in order, "" leaves one out."""
    form: dict[str, str] = {}
    for position, serial in enumerate(serials, 1):
        item = row(scene.world, CaseItem, CaseItem.case_id == scene.case_id, CaseItem.position == position)
        form |= {f"seen_{position}": str(item.version), f"token_{position}": serial}
        if serial:
            form[f"take_{position}"] = "y"
    return clerk.post(f"/issuance/{scene.case_id}/begin", data=form | more)


def test_the_queue_shows_this_branchs_cases_that_wait_for_a_token(scene: Scene, clerk: OfficeClient, client_of: ClientOf) -> None:
    plant_case(scene.world, state=CaseState.in_review, number="HD01-20261123-0001")
    plant_case(scene.world, branch="CY01", number="CY01-20261123-0001")
    page = clerk.get("/issuance/").text
    assert scene.case().number in page
    assert "HD01-20261123-0001" not in page
    assert "CY01-20261123-0001" not in page
    assert scene.case().number not in client_of(Role.clerk, "CY01").get("/issuance/").text


def test_the_queue_says_what_needs_a_hand(scene: Scene, clerk: OfficeClient) -> None:
    first, second = scene.begin()
    scene.station.perform(first)
    scene.station.stop(second, "token_removed")
    page = clerk.get("/issuance/").text
    assert "1 个停住" in page
    assert "1 个待核对信封号" in page


def test_a_long_queue_is_paged_both_ways(world: World, clerk: OfficeClient) -> None:
    numbers = [f"HD01-20261123-{n:04d}" for n in range(60)]
    for number in numbers:
        plant_case(world, number=number)
    seen: list[str] = []
    url = "/issuance/"
    while url:
        page = clerk.get(url).text
        seen += [number for number in numbers if number in page]
        nexts = [part.split('"')[0] for part in page.split('rel="next" href="')[1:]]
        url = nexts[0].replace("&amp;", "&") if nexts else ""
    assert seen == numbers


def test_slots_are_held_against_the_stock(scene: Scene, clerk: OfficeClient) -> None:
    plant_stock(scene.world, branch="CY01", tokens=1)
    scene.station.insert(scene.serials[0], "CY01T000001")
    scene.station.slots.append({"slot": "9", "serial": None, "label": "", "state": "blank", "model": ""})
    scene.station.poll()
    panel = clerk.get("/issuance/stations").text
    assert scene.serials[0] in panel
    assert "不在本网点库存" in panel
    assert f'<option value="{scene.serials[0]}">' in panel
    assert '<option value="CY01T000001">' not in panel


def test_a_silent_station_is_shown_as_offline(scene: Scene, clerk: OfficeClient) -> None:
    assert "在线" in clerk.get("/issuance/stations").text
    scene.world.clock.move(seconds=16)  # type: ignore[attr-defined]
    assert "离线" in clerk.get("/issuance/stations").text


def test_two_items_are_begun_with_one_click(scene: Scene, clerk: OfficeClient) -> None:
    assert begin(clerk, scene, *scene.serials[:2]).status_code == 303  # type: ignore[attr-defined]
    assert scene.case().state is CaseState.issuing
    assert len(scene.station.poll()) == 2


def test_an_unticked_item_waits(scene: Scene, clerk: OfficeClient) -> None:
    begin(clerk, scene, scene.serials[0], "")
    assert row(scene.world, CaseItem, CaseItem.position == 2).state is ItemState.ordered


def test_a_wrong_serial_is_shown_at_its_field_and_what_was_typed_is_kept(scene: Scene, clerk: OfficeClient) -> None:
    answer = begin(clerk, scene, scene.serials[0], "NOSUCH")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    page = answer.text  # type: ignore[attr-defined]
    assert "本网点库存里没有这个介质号" in page
    assert f'value="{scene.serials[0]}"' in page
    assert 'value="NOSUCH"' in page
    assert row(scene.world, Token, Token.serial == scene.serials[0]).state is TokenState.in_stock


def test_nothing_ticked_is_said(scene: Scene, clerk: OfficeClient) -> None:
    answer = begin(clerk, scene, "", "")
    assert (answer.status_code, "还没有选中任何一份" in answer.text) == (422, True)  # type: ignore[attr-defined]


def test_a_double_click_shows_the_first_ones_result(scene: Scene, clerk: OfficeClient) -> None:
    item = row(scene.world, CaseItem, CaseItem.position == 1)
    form = {"seen_1": str(item.version), "token_1": scene.serials[0], "take_1": "y"}
    assert clerk.post(f"/issuance/{scene.case_id}/begin", data=form).status_code == 303
    again = clerk.post(f"/issuance/{scene.case_id}/begin", data=form, follow_redirects=True)
    assert scene.serials[0] in again.text
    assert len(scene.station.poll()) == 1
    again = clerk.post(f"/issuance/{scene.case_id}/begin", data=form | {"token_2": scene.serials[1], "take_2": "y"})
    assert (again.status_code, len(scene.station.poll())) == (303, 0), "he is shown the first one's result before he begins more"


def test_the_last_item_begun_twice_is_told_as_begun(scene: Scene, clerk: OfficeClient) -> None:
    """Nothing is left to choose then, and that is not what was wrong with the second click."""
    form = {"seen_1": "1", "token_1": scene.serials[0], "take_1": "y", "seen_2": "1", "token_2": scene.serials[1], "take_2": "y"}
    for _ in range(2):
        answer = clerk.post(f"/issuance/{scene.case_id}/begin", data=form)
        assert answer.status_code == 303
    assert "这件事刚刚被别人改动过" in clerk.get(f"/issuance/{scene.case_id}").text


def test_progress_is_seen_step_by_step(scene: Scene, clerk: OfficeClient) -> None:
    begin(clerk, scene, scene.serials[0])
    run = row(scene.world, Run)
    assert "等工位接手" in clerk.get(f"/issuance/runs/{run.id}").text
    (job,) = scene.station.poll()
    for state in ("initialising", "generating"):
        scene.station.report(job, state)
        fragment = clerk.get(f"/issuance/runs/{run.id}").text
        assert 'aria-current="step"' in fragment
        assert f'data-poll="/issuance/runs/{run.id}"' in fragment
        assert "<html" not in fragment


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_is_explained_and_has_its_buttons(scene: Scene, clerk: OfficeClient, fault: Fault) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    scene.station.report(job, "initialising")
    scene.station.stop(job, fault.value, "CKR_TOKEN_NOT_PRESENT <b>")
    run = scene.run(job)
    page = clerk.get(f"/issuance/{scene.case_id}").text
    assert str(FAULTS[fault].happened) in page
    assert "CKR_TOKEN_NOT_PRESENT &lt;b&gt;" in page
    for action, url in ((RunAction.resume, "resume"), (RunAction.cancel, "cancel")):
        assert (f"/issuance/runs/{run.id}/{url}" in page) == (action in workflow.WAYS_OUT[fault])


def test_the_envelopes_number_is_scanned_back(scene: Scene, clerk: OfficeClient) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    number = scene.station.perform(job)
    run = scene.run(job)
    wrong = clerk.post(f"/issuance/runs/{run.id}/confirm", data={"version": run.version, "control_number": "HD01E999999"})
    assert wrong.status_code == 422
    assert "HD01E999999" in wrong.text
    assert number not in wrong.text  # the page does not tell what must be scanned
    right = clerk.post(f"/issuance/runs/{run.id}/confirm", data={"version": run.version, "control_number": f" {number} "})
    assert right.status_code == 303
    assert scene.run(job).state is RunState.confirmed


def test_the_number_takes_the_focus_only_when_nothing_else_is_to_be_scanned(scene: Scene, clerk: OfficeClient) -> None:
    first = scene.begin(scene.serials[0], items=[1])[0]
    scene.station.perform(first)
    assert 'name="control_number"' in clerk.get(f"/issuance/runs/{scene.run(first).id}").text
    assert "data-focus" not in clerk.get(f"/issuance/runs/{scene.run(first).id}").text  # the second token's serial is
    second = scene.begin(scene.serials[1], items=[2])[0]
    assert "data-focus" in clerk.get(f"/issuance/runs/{scene.run(first).id}").text
    scene.station.perform(second)
    assert "data-focus" not in clerk.get(f"/issuance/runs/{scene.run(first).id}").text


def test_the_desk_does_not_tell_the_number_before_it_was_scanned(scene: Scene, clerk: OfficeClient) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    number = scene.station.perform(job)
    for url in (f"/issuance/{scene.case_id}", f"/issuance/runs/{scene.run(job).id}"):
        assert number not in clerk.get(url).text


def test_the_envelope_is_opened_on_the_stations_page_where_there_is_no_printer(scene: Scene, clerk: OfficeClient) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    number = scene.station.up_to_envelope(job)
    url = "http://127.0.0.1:8601/envelopes/abc"
    scene.station.report(job, "awaiting_confirmation", envelope=number, printed=False, url=url)
    assert f'href="{url}"' in clerk.get(f"/issuance/{scene.case_id}").text
    scene.station.poll(fetched=[number])
    assert f'href="{url}"' not in clerk.get(f"/issuance/{scene.case_id}").text


def test_spoil_cancel_and_resume_by_their_buttons(scene: Scene, clerk: OfficeClient) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    scene.station.perform(job)
    run = scene.run(job)
    empty = clerk.post(f"/issuance/runs/{run.id}/spoil", data={"version": run.version, "reason": ""})
    assert (empty.status_code, "请写明原因" in empty.text) == (422, True)
    assert clerk.post(f"/issuance/runs/{run.id}/spoil", data={"version": run.version, "reason": "打印不清"}).status_code == 303
    (again,) = scene.station.poll()
    scene.station.stop(again, "token_removed")
    run = scene.run(job)
    assert clerk.post(f"/issuance/runs/{run.id}/resume", data={"version": run.version}).status_code == 303
    run = scene.run(job)
    assert clerk.post(f"/issuance/runs/{run.id}/cancel", data={"version": run.version, "reason": "介质损坏"}).status_code == 303
    assert scene.run(job).state is RunState.cancelled
    assert scene.violations() == []


def test_the_slower_clerk_is_told_and_shown_what_the_first_one_did(
    scene: Scene, clerk: OfficeClient, client_of: ClientOf
) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    number = scene.station.perform(job)
    run = scene.run(job)
    form = {"version": run.version, "control_number": number}
    clerk.post(f"/issuance/runs/{run.id}/confirm", data=form)
    late = client_of(Role.clerk, which=2).post(f"/issuance/runs/{run.id}/confirm", data=form, follow_redirects=True)
    assert late.status_code == 200
    assert "已完成" in late.text


def test_giving_up_needs_a_reason(scene: Scene, clerk: OfficeClient) -> None:
    item = row(scene.world, CaseItem, CaseItem.position == 1)
    assert clerk.post(f"/issuance/items/{item.id}/give-up", data={"version": item.version, "reason": ""}).status_code == 422
    done = clerk.post(f"/issuance/items/{item.id}/give-up", data={"version": item.version, "reason": "只要一份"})
    assert done.status_code == 303
    assert row(scene.world, CaseItem, CaseItem.id == item.id).state is ItemState.given_up


def test_another_branchs_clerk_finds_nothing(scene: Scene, client_of: ClientOf) -> None:
    job = scene.begin(scene.serials[0], items=[1])[0]
    run, item = scene.run(job), row(scene.world, CaseItem, CaseItem.position == 2)
    other = client_of(Role.clerk, "CY01")
    assert other.get(f"/issuance/{scene.case_id}").status_code == 404
    assert other.get(f"/issuance/runs/{run.id}").status_code == 404
    for path in (f"runs/{run.id}/confirm", f"runs/{run.id}/resume", f"runs/{run.id}/cancel", f"items/{item.id}/give-up"):
        data = {"version": run.version, "reason": "x", "control_number": "x"}
        assert other.post(f"/issuance/{path}", data=data).status_code == 404


def test_a_form_without_its_csrf_token_is_refused(scene: Scene, clerk: OfficeClient) -> None:
    assert clerk.post(f"/issuance/{scene.case_id}/begin", data={}, csrf=False).status_code == 400


def test_refusals_of_this_desk_have_sentences(app: Flask) -> None:
    from app.desks.refusals import SENTENCES

    codes = {
        "required",
        "nothing_chosen",
        "token_unknown",
        "token_not_in_stock",
        "token_twice",
        "token_in_no_slot",
        "station_unknown",
        "station_away",
        "envelope_mismatch",
        "token_mismatch",
        "collector_differs",
        Refusal.code,
    }
    assert codes <= set(SENTENCES)


# The holder's own token


@pytest.fixture
def holder(world: World, app: Flask) -> Holding:
    made = plant_holder(world, app)
    made.scene.station.slots[0]["state"] = "initialised"
    made.scene.station.poll()
    return made


@pytest.mark.parametrize("kind", [CaseKind.renewal, CaseKind.amendment, CaseKind.unlock])
def test_the_desk_asks_for_the_holders_own_token_and_says_what_will_be_done(
    holder: Holding, clerk: OfficeClient, kind: CaseKind
) -> None:
    holder.comes(kind)
    page = clerk.get(f"/issuance/{holder.scene.case_id}").text
    assert "持有人的介质号" in page
    assert 'list="held-serials"' in page
    assert f'<option value="{holder.serial}">' in page.split('id="held-serials"')[1]
    assert "库存最小号" not in page
    assert str(WORK[KINDS[kind].work].begin) in page
    assert holder.certificate().serial in page
    assert term(kind) in clerk.get("/issuance/").text


def test_another_token_is_refused_at_its_field(holder: Holding, clerk: OfficeClient) -> None:
    holder.comes(CaseKind.renewal)
    answer = begin(clerk, holder.scene, holder.scene.serials[1])
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "这不是本案件登记的介质" in answer.text  # type: ignore[attr-defined]


def test_the_holder_types_his_pin_on_the_stations_page(holder: Holding, clerk: OfficeClient) -> None:
    holder.comes(CaseKind.renewal)
    job = holder.begin()
    holder.scene.station.report(job, "awaiting_pin")
    run = holder.scene.run(job)
    for page in (clerk.get(f"/issuance/{holder.scene.case_id}").text, clerk.get(f"/issuance/runs/{run.id}").text):
        assert "请持有人在工位页面输入密码" in page
        assert f'href="http://127.0.0.1:8601/pin/{holder.serial}/give"' in page
        assert "初始化介质" not in page
        assert "打印信封" not in page
        assert 'name="pin"' not in page


def test_a_rekeyed_token_is_confirmed_by_its_serial_on_the_desk(holder: Holding, clerk: OfficeClient) -> None:
    holder.comes(CaseKind.renewal)
    job = holder.begin()
    holder.scene.station.perform(job)
    run = holder.scene.run(job)
    page = clerk.get(f"/issuance/{holder.scene.case_id}").text
    assert "扫描或输入介质号" in page
    assert "信封作废" not in page
    wrong = clerk.post(f"/issuance/runs/{run.id}/confirm", data={"version": run.version, "control_number": "HD01E000002"})
    assert (wrong.status_code, "这不是刚才操作的那只介质" in wrong.text) == (422, True)
    right = clerk.post(
        f"/issuance/runs/{run.id}/confirm",
        data={"version": run.version, "control_number": holder.serial},
        follow_redirects=True,
    )
    assert "新证书已写好" in right.text
    assert holder.scene.run(job).state is RunState.confirmed


def test_without_a_grant_the_desk_offers_to_ask_once_more(holder: Holding, clerk: OfficeClient) -> None:
    case_id = holder.comes(CaseKind.unlock)
    page = clerk.get(f"/issuance/{case_id}").text
    assert "有效至 09:15" in page
    holder.world.clock.move(minutes=15)  # type: ignore[attr-defined]
    holder.scene.station.poll()
    page = clerk.get(f"/issuance/{case_id}").text
    assert "没有可用的主管授权" in page
    assert f"/aftercare/{case_id}/ask-grant" in page
    refused = begin(clerk, holder.scene, holder.serial)
    assert (refused.status_code, "请再请主管批准" in refused.text) == (422, True)  # type: ignore[attr-defined]
    case = holder.scene.case()
    assert clerk.post(f"/aftercare/{case_id}/ask-grant", data={"version": case.version}).status_code == 303
    assert holder.scene.case().state is CaseState.awaiting_grant
    assert holder.scene.violations() == []


@pytest.mark.parametrize("touched", [False, True])
@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("kind", [CaseKind.renewal, CaseKind.unlock])
def test_the_buttons_of_a_stopped_run_are_the_tables_and_say_what_becomes_of_the_token(
    holder: Holding, clerk: OfficeClient, kind: CaseKind, fault: Fault, touched: bool
) -> None:
    holder.comes(kind)
    job = holder.begin()
    work = KINDS[kind].work
    assert work is not None
    if touched:
        holder.scene.station.report(job, "initialising" if work is RunKind.unlock else "generating")
    holder.scene.station.stop(job, fault.value)
    run = holder.scene.run(job)
    page = clerk.get(f"/issuance/{holder.scene.case_id}").text
    ways = workflow.ways_out(work, run.state, run.fault, touched)
    for action, url in ((RunAction.resume, "resume"), (RunAction.cancel, "cancel"), (RunAction.spoil_envelope, "spoil")):
        assert (f"/issuance/runs/{run.id}/{url}" in page) == (action in ways)
    if RunAction.cancel in ways:
        words = CANCEL[workflow.after_cancel(work, touched)]
        assert str(words.label) in page
        answer = clerk.post(
            f"/issuance/runs/{run.id}/cancel", data={"version": run.version, "reason": "改日"}, follow_redirects=True
        )
        assert str(words.done) in answer.text
    assert "换一只" not in page
