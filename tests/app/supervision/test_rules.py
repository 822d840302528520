"""The rules' pages: who sees what, the sheet, what is wrong on it, and a draft's way to a second supervisor."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from app.services.job_kinds import WORKS
from app.services.jobs import run_jobs
from app.services.world import World
from models.rulebook.editions import P1
from models.rulebook.oversight import DraftState, JobState
from models.rulebook.vocabulary import CaseKind, Role
from models.tables import Edition, EditionDraft, Job
from tests.builders import rules
from tests.builders.aftercare import accepted, plant_held
from tests.builders.clients import OfficeClient
from tests.builders.road import only

Clients = Callable[..., OfficeClient]


def sheet(page: str) -> dict[str, str]:
    """What a browser would send back: every control of the sheet as it stands."""
    form = page[page.index('id="edition-form"') :]
    sent = {}
    for tag in re.findall(r"<input [^>]*>", form):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if given.get("type") != "checkbox" or re.search(r"\bchecked\b", tag):
            sent[given.get("name", "")] = given.get("value", "y")
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        sent[name] = next(iter(re.findall(r'<option selected value="([^"]*)"', options)), "")
    sent.pop("csrf_token", None)
    sent.pop("", None)
    return sent


def edit(client: OfficeClient, draft: EditionDraft, **changes: str) -> Any:
    url = f"/admin/rules/draft/{draft.id}/edit"
    sent = {**sheet(client.get(url).text), **changes}
    return client.post(url, data={name: value for name, value in sent.items() if value != "off"})


def test_the_sheet_says_what_the_edition_says(world: World, client_of: Clients) -> None:
    draft = rules.written(world, rules.edition())
    client = client_of(Role.supervisor)
    assert edit(client, draft).status_code == 303
    assert rules.draft_now(world, draft.id).content == draft.content


def test_a_draft_goes_its_way_by_the_pages_alone(world: World, client_of: Clients) -> None:
    accepted(world, plant_held(world, days=60), CaseKind.renewal)
    accepted(world, plant_held(world), CaseKind.replacement_lost)
    first, second = client_of(Role.supervisor), client_of(Role.supervisor, "CY01")
    begun = first.post("/admin/rules/new", data={"code": "p2-2027", "effective_from": "20270101", "based_on": P1.code})
    draft = only(world, EditionDraft, code="P2-2027")
    assert begun.location == f"/admin/rules/draft/{draft.id}/edit"
    changes = {"medium": "95", "renewal-application_form": "3", "renewal-application_form_marked": "y"}
    assert edit(first, draft, **changes).status_code == 303
    page = first.get(f"/admin/rules/draft/{draft.id}").text
    assert "新介质费用" in page
    assert "80.00 元" in page
    assert "95.00 元" in page
    assert "3 份、盖章（签字）" in page

    asked = first.post(f"/admin/rules/draft/{draft.id}/preview", data={"version": "2"})
    assert re.fullmatch(r"/jobs/\d+", asked.location)
    run_jobs(world, WORKS)
    assert f'href="/admin/rules/draft/{draft.id}/preview"' in first.get(asked.location).text
    found = second.get(f"/admin/rules/draft/{draft.id}/preview").text
    assert "80.00 → <b>95.00</b>" in found
    assert 'href="/cases/' not in found, "another branch's cases by number only"
    assert 'href="/cases/' in first.get(f"/admin/rules/draft/{draft.id}/preview").text
    assert "可受理 → <b" in found
    assert "新增：" in found

    step = f"/admin/rules/draft/{draft.id}/propose"
    assert first.post(step, data={"version": "3", "reason": ""}).status_code == 422
    assert first.post(step, data={"version": "3", "reason": "介质涨价"}).status_code == 303
    own = first.get(f"/admin/rules/draft/{draft.id}/publish", follow_redirects=True).text
    assert "须由另一位主管发布" in own
    assert first.post(f"/admin/rules/draft/{draft.id}/publish", data={"version": "4", "reason": "可"}).status_code == 403
    assert "介质涨价" in second.get(f"/admin/rules/draft/{draft.id}/publish").text
    done = second.post(
        f"/admin/rules/draft/{draft.id}/publish", data={"version": "4", "reason": "核对无误"}, follow_redirects=True
    )
    assert "已发布，从执行日起生效。" in done.text
    assert only(world, Edition, code="P2-2027").published_at == world.now()
    listed = second.get("/admin/rules/").text
    assert "未到执行日" in listed
    prices = second.get("/admin/rules/prices").text
    assert "95.00" in prices
    assert "180.00" in prices
    assert "2027-01-01 起" in prices
    assert prices.count("未到执行日") == 1
    assert "2027-01-01" in second.get("/admin/rules/edition/P2-2027").text


WRONG = [
    ({"code": "p 2"}, "版本代码用大写字母"),
    ({"code": P1.code}, "这个版本代码已有"),
    ({"effective_from": "20261123"}, "执行日须在今天之后"),
    ({"effective_from": "2027-02-30"}, "不是日期"),
    ({"medium": "-1"}, "请填以元计的金额"),
    ({"medium": "100000.01"}, "最多 100000 元"),
    ({"renewal-fee": "一元"}, "请填以元计的金额"),
    ({"renewal-fee": ""}, "请填写。"),
    ({"credentials_reset-fee": "10"}, "只能免费"),
    ({"renewal_opens_days": "0"}, "请填 1 至 3650 的整数"),
    ({"grant_minutes": "9.5"}, "请填 1 至 1440 的整数"),
    ({"renewal-token": ""}, "必须要求带介质"),
    ({"renewal-token": "if_kept"}, "必须要求带介质"),
    ({"replacement_lost-token": "asked"}, "不能要求带介质"),
    ({"renewal-licence_original": "off", "renewal-licence_photocopy": "off"}, "原件、复印件至少一样"),
    ({"unlock-identity_document_photocopy": "off"}, "请同时要求复印件"),
    ({"suspension-application_form_marked": "y"}, "没有要求申请表"),
]


@pytest.mark.parametrize(("changes", "told"), WRONG, ids=[str(changes) for changes, _ in WRONG])
def test_what_is_wrong_is_said_at_its_place_and_nothing_typed_is_lost(
    world: World, client_of: Clients, changes: dict[str, str], told: str
) -> None:
    draft = rules.written(world)
    answer = edit(client_of(Role.supervisor), draft, **{"warranty_days": "77", **changes})
    assert answer.status_code == 422
    assert told in answer.text
    kept = sheet(answer.text)
    for name, value in {"warranty_days": "77", **changes}.items():
        assert kept.get(name, "off") == value
    assert rules.draft_now(world, draft.id).content == draft.content


def test_everything_that_is_wrong_is_said_at_once(world: World, client_of: Clients) -> None:
    draft = rules.written(world)
    wrong = {"medium": "x", "renewal-token": "", "credentials_reset-fee": "1", "code": ""}
    page = edit(client_of(Role.supervisor), draft, **wrong).text
    assert page.count('<li><a href="#') == len(wrong)
    for told in ("请填以元计的金额", "必须要求带介质", "只能免费", "请填写。"):
        assert told in page
    for control in ("renewal-token", "credentials_reset-fee"):
        assert f'id="{control}-error"' in page
        assert f'aria-describedby="{control}-error"' in page


@pytest.mark.parametrize("wrong", [{"code": ""}, {"effective_from": "20260101"}, {"code": P1.code}, {"based_on": "P9"}])
def test_a_draft_is_begun_in_order_or_not_at_all(world: World, client_of: Clients, wrong: dict[str, str]) -> None:
    form = {"code": "P2-2027", "effective_from": "20270101", "based_on": P1.code, **wrong}
    assert client_of(Role.supervisor).post("/admin/rules/new", data=form).status_code == 422
    with world.reading() as session:
        assert session.query(EditionDraft).count() == 0


def test_a_colleague_goes_on_with_a_draft_and_is_told_that_he_cannot_publish_it_then(world: World, client_of: Clients) -> None:
    draft = rules.written(world)
    base, other = f"/admin/rules/draft/{draft.id}", client_of(Role.supervisor, "CY01")
    told = "保存以后您也是起草人，不能再发布这份草稿。"
    assert told not in client_of(Role.supervisor).get(f"{base}/edit").text
    assert told in other.get(f"{base}/edit").text
    assert edit(other, draft, medium="96").status_code == 303
    assert told not in other.get(f"{base}/edit").text
    assert edit(client_of(Role.supervisor), rules.draft_now(world, draft.id), medium="97").status_code == 303
    for page in (base, "/admin/rules/"):
        for number in ("S1-HD01", "S1-CY01"):
            assert number in other.get(page).text
    proposed = rules.proposed(world, rules.edition("P9-2027", medium_fen=1))
    rewritten = rules.proposed(world, rules.edition("P8-2027", medium_fen=1), by=rules.second(world))
    assert "F9" in other.get(f"/admin/rules/draft/{proposed.id}").text
    assert "起草过、提交过的人不能自己发布" in other.get(f"/admin/rules/draft/{rewritten.id}/publish", follow_redirects=True).text


def test_everybody_who_oversees_reads_the_rules_and_supervisors_alone_write(world: World, client_of: Clients) -> None:
    base = f"/admin/rules/draft/{rules.previewed(world).id}"
    for role in (Role.auditor, Role.supervisor):
        for path in ("", base.removeprefix("/admin/rules/"), "prices", f"edition/{P1.code}"):
            assert client_of(role).get(f"/admin/rules/{path}").status_code == 200
    auditor = client_of(Role.auditor)
    assert "F9" not in auditor.get("/admin/rules/").text
    assert auditor.get("/admin/rules/new").status_code == 403
    for role in (Role.clerk, Role.reviewer, Role.administrator):
        assert client_of(role).get("/admin/rules/").status_code == 403


def test_a_second_supervisor_sends_a_draft_back_or_ends_it(world: World, client_of: Clients) -> None:
    draft = rules.proposed(world)
    other, base = client_of(Role.supervisor, "CY01"), f"/admin/rules/draft/{draft.id}"
    page = other.get(base).text
    assert f"{base}/take-back" in page
    form = {"version": str(draft.version), "reason": "执行日太早"}
    assert "已退回修改。" in other.post(f"{base}/take-back", data=form, follow_redirects=True).text
    late = other.post(f"{base}/publish", data=form, follow_redirects=True)
    assert "草稿刚刚有人处理过" in late.text
    form["version"] = str(draft.version + 1)
    assert other.post(f"{base}/drop", data=form).status_code == 303
    assert rules.draft_now(world, draft.id).state is DraftState.dropped


def test_a_preview_that_runs_is_shown_and_not_begun_twice(world: World, client_of: Clients) -> None:
    draft = rules.asked(world)
    client, base = client_of(Role.supervisor), f"/admin/rules/draft/{draft.id}"
    again = client.post(f"{base}/preview", data={"version": str(draft.version)}, follow_redirects=True).text
    assert "预演正在进行" in again
    assert "现在的内容还没有预演完" in client.get(f"{base}/preview").text
    assert only(world, Job).state is JobState.waiting
