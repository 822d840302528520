"""The pages where a holder types his PIN, over real HTTP and in a real browser."""

import os
import re
from pathlib import Path

import pytest

from card_issuance import token_acts
from card_issuance.faults import PinWrong
from card_issuance.pin import Pin
from models.rulebook.vocabulary import Fault, RunKind, RunState
from tests.card_issuance.counter import csrf_of, fetch

FIRST, SECOND = "HD01-T00001", "HD01-T00002"
WRONG, GOOD = Pin("00000000"), Pin("k7Tq2m9x")


def change(holder, page, new, again=None, old=None):
    pins = {"new": new, "again": new if again is None else again}
    return holder.types(page, old or holder.pin, "change", **pins).decode()


def test_the_right_pin_is_told_and_gives_all_tries_back(holder, page):
    assert "还可以试 9 次" in holder.types(page, WRONG, "try").decode()
    answer = holder.types(page, holder.pin, "try").decode()
    assert "密码正确" in answer
    assert 'type="password"' not in answer
    assert "还可以试 10 次" in fetch(f"{page}pin/{FIRST}/try")[1].decode()


def test_what_cannot_be_a_pin_costs_no_try(holder, page):
    csrf = holder.csrf(page, "try")
    for nonsense in ("", "123", "密码密码密码", "a b c d", "x" * 65):
        answer = fetch(f"{page}pin/{FIRST}/try", {"csrf": csrf, "lang": "zh", "pin": nonsense})[1].decode()
        assert "请输入密码" in answer
    assert "还可以试 10 次" in answer


def test_a_changed_pin_opens_the_token_and_the_old_one_does_not(holder, page):
    old, before = holder.pin, holder.things()
    assert "密码已更改" in change(holder, page, GOOD.reveal())
    holder.proof(GOOD)
    with pytest.raises(PinWrong):
        holder.proof(old)
    assert holder.things() == before


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("8203917", None),
        ("58203", "位数"),
        ("5" * 33, "位数"),
        ("582039 17", "数字和字母"),
        ("密码五八二〇", "数字和字母"),
        ("20010101", "太容易"),
        ("abcdef12", "太容易"),
        ("aaa58203", "太容易"),
        ("T00001ab", "太容易"),
    ],
)
def test_a_new_pin_is_judged_before_the_old_one_is_tried(holder, page, new, told):
    answer = change(holder, page, new, old=None if told is None else WRONG)
    if told is None:
        assert "密码已更改" in answer
        return
    assert told in answer
    assert "密码没有更改" in answer
    assert "还可以试 10 次" in answer
    holder.proof()


def test_the_same_pin_again_and_two_that_differ_change_nothing(holder, page):
    assert "与现用密码相同" in change(holder, page, holder.pin.reveal())
    assert "不一致" in change(holder, page, GOOD.reveal(), GOOD.reveal() + "x")
    assert "还可以试 9 次" in change(holder, page, GOOD.reveal(), old=WRONG)
    holder.proof()


def test_pins_are_never_in_an_address_or_on_a_page(holder, page):
    for way, more in (("try", {}), ("change", {"new": GOOD.reveal(), "again": "somethingElse"})):
        form = {"csrf": holder.csrf(page, way), "lang": "zh", "pin": WRONG.reveal()} | more
        import http.client
        from urllib.parse import urlencode

        line = http.client.HTTPConnection(page.split("/")[2], timeout=10)
        line.request("POST", f"/pin/{FIRST}/{way}", urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
        answer = line.getresponse()
        assert answer.status == 303
        assert re.fullmatch(rf"/pin/{FIRST}/{way}\?lang=zh&said=\w+", answer.headers["Location"])
        assert answer.headers["Cache-Control"] == "no-store"
        shown = fetch(page.rstrip("/") + answer.headers["Location"])[1]
        assert not any(secret.encode() in shown for secret in (WRONG.reveal(), GOOD.reveal(), "somethingElse"))
        assert b" value=" not in re.sub(rb'<input type="hidden"[^>]*>', b"", shown)
        line.close()


def test_every_field_is_a_password_that_browsers_are_asked_not_to_keep(holder, page):
    for way, count in (("try", 1), ("change", 3)):
        shown = fetch(f"{page}pin/{FIRST}/{way}")[1].decode()
        fields = re.findall(r"<input (?!type=\"hidden\")[^>]*>", shown)
        assert len(fields) == count
        assert all('type="password"' in each and 'autocomplete="off"' in each for each in fields)


def test_a_foreign_post_tries_no_pin(holder, page):
    csrf = holder.csrf(page, "try")
    form = {"lang": "zh", "pin": WRONG.reveal()}
    assert fetch(f"{page}pin/{FIRST}/try", form)[0] == 403
    assert fetch(f"{page}pin/{FIRST}/try", form | {"csrf": csrf}, Origin="http://evil.example.cn")[0] == 403
    assert fetch(f"{page}pin/{FIRST}/try?pin={WRONG.reveal()}&csrf={csrf}")[0] == 200  # a GET tries nothing
    assert "还可以试 10 次" in fetch(f"{page}pin/{FIRST}/try")[1].decode()


@pytest.mark.parametrize("path", [f"pin/{SECOND}/try", "pin/HD01-T99999/try", f"pin/{FIRST}/steal", f"pin/{FIRST}", "pin/../try/x",
                                  f"pin/{FIRST}/try/more"])  # fmt: skip
def test_a_blank_or_absent_token_and_an_unknown_way_have_no_page(page, path):
    assert fetch(page + path)[0] == 404
    assert fetch(page + path, {"csrf": csrf_of(fetch(f"{page}pin/{FIRST}/try")[1]), "pin": "00000000"})[0] == 404


def test_nothing_is_tried_on_a_token_that_a_run_works_on(holder, office, page):
    run = holder.asks_for(RunKind.rekey)
    csrf = holder.csrf(page)
    for way in ("try", "change"):
        form = {"csrf": csrf, "lang": "zh", "pin": WRONG.reveal(), "new": GOOD.reveal(), "again": GOOD.reveal()}
        assert "正在制证" in fetch(f"{page}pin/{FIRST}/{way}", form)[1].decode()
    assert "还可以试 10 次" in fetch(f"{page}pin/{FIRST}/give")[1].decode()
    holder.types(page, holder.pin)
    office.wait(run, RunState.awaiting_confirmation)


def test_without_a_run_that_asks_there_is_nothing_to_give(page):
    assert "不再等待密码" in fetch(f"{page}pin/{FIRST}/give")[1].decode()


def test_english_has_all_of_it(holder, page):
    shown = fetch(f"{page}pin/{FIRST}/change?lang=en&said=obvious")[1].decode()
    assert '<html lang="en">' in shown
    assert "too easy to guess" in shown
    assert "Tries left: 10" in shown
    assert not re.search("[一-鿿]", re.sub(r"中文|切换到英文|1 号窗口|lang=\"zh-CN\"[^>]*>[^<]*<", "", shown))


@pytest.mark.browser
def test_a_holder_works_the_pages_in_a_browser_and_axe_finds_nothing(holder, office, station, page):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    pictures = os.environ.get("PICTURES")  # a directory for somebody who wants to look
    options = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu", "--no-first-run"]}
    asked, said = [], []
    with sync_playwright() as play, play.chromium.launch(**options) as browser:
        tab = browser.new_page(viewport={"width": 1366, "height": 768})
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))

        def sound(name):
            if pictures:
                tab.screenshot(path=Path(pictures) / f"station-pin-{name}.png")
            assert [violation["id"] for violation in Axe().run(tab).response["violations"]] == []

        tab.goto(page)
        sound("slots")
        tab.get_by_role("link", name=f"试密码 {FIRST}").click()
        tab.locator("#pin:focus").wait_for()
        sound("try")
        tab.keyboard.type(WRONG.reveal())
        tab.keyboard.press("Enter")
        tab.get_by_role("alert").wait_for()
        assert "还可以试 9 次" in tab.get_by_role("alert").inner_text()
        tab.locator("#pin:focus").wait_for()
        assert tab.get_by_label("介质密码").input_value() == ""
        sound("try-wrong")
        tab.keyboard.type(holder.pin.reveal())
        tab.keyboard.press("Enter")
        tab.get_by_text("密码正确").wait_for()
        sound("try-right")
        tab.get_by_role("link", name="返回工位首页").click()
        tab.get_by_role("link", name=f"改密码 {FIRST}").click()
        sound("change")
        tab.get_by_label("现用密码").fill(holder.pin.reveal())
        tab.get_by_label("新密码", exact=True).fill("20010101")
        tab.get_by_label("再输入一次新密码").fill("20010101")
        tab.get_by_role("button", name="改密码").click()
        tab.get_by_role("alert").wait_for()
        tab.locator("#pin:focus").wait_for()  # all are to be typed again
        assert tab.get_by_label("新密码", exact=True).get_attribute("aria-describedby") == "new-rule said"
        sound("change-obvious")
        tab.get_by_label("现用密码").fill(holder.pin.reveal())
        tab.get_by_label("新密码", exact=True).fill(GOOD.reveal())
        tab.get_by_label("再输入一次新密码").fill(GOOD.reveal())
        tab.get_by_role("button", name="改密码").click()
        tab.get_by_text("密码已更改").wait_for()
        sound("changed")
        tab.goto(page)
        run = holder.asks_for(RunKind.rekey)
        link = tab.get_by_role("link", name=f"输入密码 {FIRST}")
        link.wait_for(timeout=5000)  # the page follows by itself
        sound("asked")
        link.click()
        tab.locator("#pin:focus").wait_for()
        sound("give")
        tab.keyboard.type(GOOD.reveal())
        tab.keyboard.press("Enter")
        tab.get_by_text("制证继续进行").wait_for()
        office.wait(run, RunState.awaiting_confirmation)
        sound("given")
        run = holder.asks_for(RunKind.rekey)
        office.wait(run, RunState.awaiting_pin)
        holder.csrf(page)
        tab.goto(f"{page}pin/{FIRST}/give?lang=en")
        sound("give-english")
        tab.get_by_role("button", name="PIN not known").click()
        tab.get_by_text("was stopped").wait_for()
        office.wait(run, RunState.stopped)
        assert run.fault is Fault.pin_not_given
        for _ in range(10):
            holder.types(page, WRONG, "try")
        tab.goto(f"{page}pin/{FIRST}/try")
        tab.get_by_role("alert").wait_for()
        sound("locked")
        tab.get_by_role("link", name="返回工位首页").click()
        tab.get_by_text("密码已锁定").wait_for(timeout=5000)
        sound("slots-locked")
    assert {url.split("/")[2] for url in asked} == {page.split("/")[2]}
    assert not any(secret in url for url in asked for secret in (WRONG.reveal(), GOOD.reveal(), holder.pin.reveal()))
    assert said == []
    assert token_acts.inspect(holder.counter.where, FIRST).initialised
