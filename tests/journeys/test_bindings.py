"""The manual's own story, in browsers: an organisation with two certificates, and a platform that takes exactly one of them.

Office, station and platform are processes of their own; the platform is told by webhook, or reads the feed, and acknowledges.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from models.rulebook.vocabulary import CaseKind, CaseState
from tests.journeys.platform_house import PlatformWalk, answer_of, reachable_at, take_in, with_platform
from tests.journeys.returning import CLERK, SUPERVISOR

pytestmark = pytest.mark.browser

REASON = "本人到场，证件核对无误"
BOUND_TO_OTHER = "该单位已绑定另一张证书，本平台只能绑定其中一张"


@pytest.fixture(scope="module")
def walk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformWalk]:
    with with_platform(browser, tmp_path_factory.mktemp("bindings")) as walk:
        yield walk


def test_an_organisation_with_two_certificates_binds_exactly_one(walk: PlatformWalk) -> None:
    first, second = walk.two_certificates()
    holder = walk.holder()

    # The first login: the station shows who asks and what is granted, the platform binds by its own user name.
    walk.insert(first.token)
    holder.go("/login")
    holder.is_sound()
    holder.begins_login()
    holder.is_sound()
    said = holder.says()
    for words in ("样例社会组织业务平台", "将授予以下权限", "北京样例科技有限公司", "还可以试 10 次"):
        assert words in said
    assert "还可以试 9 次" in holder.types_pin("00000000")
    assert "已授权" in holder.types_pin(first.pin)
    said = holder.goes_on()
    assert "绑定证书" in said
    assert "北京样例科技有限公司" in said
    holder.is_sound()
    assert walk.live_bindings(first) == 0
    assert "用户名或密码不正确" in holder.binds("shetuan01", "wrong-password")
    assert "登录成功" in holder.binds("shetuan01")
    assert walk.live_bindings(first) == 1
    holder.leaves()
    assert "登录成功" in holder.logs_in(first), "the second login asks for no user name"

    # Business: nothing is submitted after the token was pulled out.
    check = fill_in_report(holder)
    walk.hand.remove(first.token)
    holder.follow("Enter", to=lambda url: "/sign-in?" in url)
    assert "没有选择证书，不能提交处理该笔业务！" in holder.says()
    holder.reach("a[href*=refused]")
    holder.follow("Enter", to=lambda url: url.startswith(holder.home))
    assert "没有选择证书，不能提交处理该笔业务！" in holder.says()
    assert "用证书签名并提交" in holder.says()
    walk.insert(first.token)
    holder.wait_for_focus("sign")
    holder.follow("Enter", to=lambda url: "/sign-in?" in url)
    assert check in holder.says()
    assert "已授权" in holder.types_pin(first.pin)
    assert "年度检查报告书已签名提交" in holder.goes_on()

    # The other certificate is refused, by the office's sentence, and led to the counter.
    walk.insert(second.token)
    other = walk.holder()
    said = other.logs_in(second)
    other.is_sound()
    assert BOUND_TO_OTHER in said
    assert "办理“改绑”" in said
    assert walk.live_bindings(second) == 0

    # The counter resets, with a supervisor's leave; the platform obeys at once, and acknowledges.
    clerk, supervisor = walk.staff(CLERK), walk.staff(SUPERVISOR)
    case_id = take_in(clerk, first, CaseKind.binding_reset)
    clerk.file()
    assert walk.case(case_id).state is CaseState.awaiting_grant
    assert walk.live_bindings(first) == 1
    supervisor.grant(case_id, REASON)
    walk.wait_closed(case_id)
    assert walk.live_bindings(first) == 0
    holder.go("/")
    assert "请先登录" in holder.says(), "the session outlived its binding"

    # Now the other one is bound, and the first is refused.
    assert "绑定证书" in other.logs_in(second)
    assert "登录成功" in other.binds("shetuan01")
    walk.insert(first.token)
    assert BOUND_TO_OTHER in holder.logs_in(first)
    assert (walk.live_bindings(first), walk.live_bindings(second)) == (0, 1)

    walk.wait_acknowledged()
    told = walk.told()
    assert [event.number for event in told] == list(range(1, len(told) + 1))
    assert [event.kind.value for event in told] == ["binding.made", "binding.ended", "binding.made"]
    walk.judge_books()


def test_a_platform_that_was_down_obeys_when_it_is_back_and_reads_the_feed_where_no_webhook_comes(walk: PlatformWalk) -> None:
    first, second = walk.two_certificates()
    holder = walk.holder()
    walk.insert(first.token)
    assert "绑定证书" in holder.logs_in(first)
    assert "登录成功" in holder.binds("shetuan02")

    reachable_at(walk.house, "")
    walk.house.kill_platform()
    clerk, supervisor = walk.staff(CLERK), walk.staff(SUPERVISOR)
    case_id = take_in(clerk, first, CaseKind.rebinding, second.token)
    clerk.file()
    supervisor.grant(case_id, REASON)
    assert walk.case(case_id).state is CaseState.awaiting_acknowledgement
    clerk.turn_to("绑定台")
    assert walk.case(case_id).number in clerk.says()

    walk.house.poll = 1.0
    walk.house.start_platform()
    walk.wait_closed(case_id)
    holder.go("/")
    assert "请先登录" in holder.says()
    said = holder.logs_in(first)
    assert "在窗口选定另一张证书" in said
    assert "办理“改绑”" in said
    walk.insert(second.token)
    assert "绑定证书" in holder.logs_in(second)
    assert "登录成功" in holder.binds("shetuan02")
    assert (walk.live_bindings(first), walk.live_bindings(second)) == (0, 1)
    walk.wait_acknowledged()
    walk.judge_books()


def test_what_does_not_count_any_more_opens_nothing(walk: PlatformWalk) -> None:
    made = walk.issue()
    walk.desk.held[made.token] = made
    holder = walk.holder()
    walk.insert(made.token)
    assert "绑定证书" in holder.logs_in(made)
    assert "登录成功" in holder.binds("shetuan03")

    # An answer serves once, and in the browser in which the login was begun.
    holder.leaves()
    holder.begins_login()
    holder.types_pin(made.pin)
    answer = answer_of(holder.page.locator("form"))
    stranger = walk.holder()
    brought = stranger.context.request.post(f"{stranger.home}/login/answer", form=answer)
    assert "登录不是在这个浏览器里开始的" in brought.text()
    assert "已超时或已使用过" in holder.goes_on()
    assert "已超时或已使用过" in stranger.context.request.post(f"{stranger.home}/login/answer", form=answer).text()

    # The counter suspends: the session ends, and no login is let in until it is resumed.
    assert "登录成功" in holder.logs_in(made)
    walk.desk.agreed(made, CaseKind.suspension)
    walk.wait_acknowledged()
    holder.go("/")
    assert "请先登录" in holder.says()
    assert "证书已暂停使用" in holder.logs_in(made)
    walk.desk.agreed(made, CaseKind.resumption)
    walk.wait_acknowledged()
    assert "登录成功" in holder.logs_in(made)

    # The counter revokes: that was all.
    walk.desk.agreed(made, CaseKind.revocation)
    walk.wait_acknowledged()
    assert walk.live_bindings(made) == 0
    holder.go("/")
    assert "请先登录" in holder.says()
    assert "证书已注销" in holder.logs_in(made)

    # Nobody but the office tells the platform anything.
    forged = json.dumps(walk.told()[-1].body).encode()
    request = urllib.request.Request(f"{holder.home}/office-events", forged, {"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=10)
    walk.judge_books()


def fill_in_report(holder) -> str:
    """Up to the button that signs; the check code."""
    holder.reach("new-report")
    holder.follow("Enter")
    for name, text in (("staff", "12"), ("assets", "350000"), ("activities", "组织行业交流 12 次，编写指南 2 部。")):
        holder.fill(name, text)
    holder.reach("button.primary")
    holder.follow("Enter")
    holder.wait_for_focus("sign")
    return holder.page.inner_text(".digest").split()[0]
