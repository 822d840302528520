"""The station's loopback page, over real HTTP and in a real browser."""

import http.client
import re
import threading

import pytest

from card_issuance.envelope_shelf import KEEP_SECONDS, EnvelopeShelf
from card_issuance.station_html import WORDS
from card_issuance.station_pages import PageTaken, StationPages
from models.rulebook.vocabulary import RunState
from tests.card_issuance.counter import csrf_of, fetch, furnish, open_envelope
from tests.card_issuance.office_twin import OfficeTwin

TOKENS = ("HD01-T00001", "HD01-T00002", "HD01-T00003")
FREE = threading.Event()


@pytest.fixture
def office():
    with OfficeTwin() as twin:
        yield twin


@pytest.fixture
def counter(tmp_path, office):
    return furnish(tmp_path / "station", office, TOKENS)


@pytest.fixture
def station(counter):
    with counter.station() as running:
        yield running


@pytest.fixture
def page(station):
    return station.shelf.page


def test_the_page_is_chinese_first_and_english_on_request(page):
    status, chinese, headers = fetch(page)
    assert status == 200
    assert b'<html lang="zh-CN">' in chinese
    assert "卡槽" in chinese.decode()
    assert "1 号窗口" in chinese.decode()
    english = fetch(f"{page}?lang=en")[1].decode()
    assert '<html lang="en">' in english
    assert "Token slots" in english
    assert "卡槽" not in english
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["", "live", "page.css", "page.js", "page.svg", "nothing", "envelope/unknown"])
def test_every_answer_carries_the_strict_policy(page, path):
    _, content, headers = fetch(page + path)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert not re.search(rb"<script(?![^>]*src=)|\son\w+=|style=", content)


def test_another_name_in_the_host_header_is_turned_away(page):
    for host in ("evil.example.cn", "evil.example.cn:80", "127.0.0.1", "localhost:1", ""):
        status, content, _ = fetch(page, None, Host=host)
        assert status == 421
        assert b"HD01" not in content
    port = page.rsplit(":", 1)[1].strip("/")
    assert fetch(page, None, Host=f"localhost:{port}")[0] == 200


def test_a_post_without_the_pages_own_token_or_from_elsewhere_changes_nothing(page, counter):
    csrf = csrf_of(fetch(page)[1])
    form = {"serial": TOKENS[0], "lang": "zh"}
    assert fetch(f"{page}tokens/remove", form)[0] == 403
    assert fetch(f"{page}tokens/remove", form | {"csrf": csrf[:-1] + "x"})[0] == 403
    assert fetch(f"{page}tokens/remove", form | {"csrf": csrf}, Origin="http://evil.example.cn")[0] == 403
    assert fetch(f"{page}tokens/remove", form | {"csrf": csrf}, Origin="null")[0] == 403
    assert fetch(f"{page}tokens/remove", form | {"csrf": csrf, "x": "y" * 5000})[0] == 403
    assert counter.cabinet.inserted() == [TOKENS[0], TOKENS[1]]


def test_only_get_and_post_are_spoken_and_a_get_moves_nothing(page, counter):
    port = int(page.rsplit(":", 1)[1].strip("/"))
    for method in ("PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        line.request(method, "/tokens/remove")
        assert line.getresponse().status == 501
        line.close()
    assert fetch(f"{page}tokens/remove?serial={TOKENS[0]}")[0] == 404
    assert counter.cabinet.inserted() == [TOKENS[0], TOKENS[1]]


def test_hands_move_simulated_tokens_and_a_full_station_says_so(page, counter, office):
    csrf = csrf_of(fetch(page)[1])

    def move(way, serial):
        return fetch(f"{page}tokens/{way}", {"csrf": csrf, "lang": "zh", "serial": serial})

    assert "所有卡槽都已插入介质" in move("insert", TOKENS[2])[1].decode()
    assert move("remove", TOKENS[0])[0] == 200
    office.until(lambda: [slot["serial"] for slot in office.poll.get("slots", ())] == [TOKENS[1]], "the office to see it")
    assert move("insert", TOKENS[2])[0] == 200
    assert counter.cabinet.inserted() == [TOKENS[1], TOKENS[2]]
    for nonsense in ("HD01-T99999", "../../etc", "", "a" * 99):
        assert "没有这个介质" in move("remove", nonsense)[1].decode()


def test_an_envelope_is_shown_once_by_a_post_and_then_its_end_is_told(page, office):
    run = office.queue(TOKENS[0])
    office.wait(run, RunState.awaiting_confirmation)
    for _ in range(3):  # looking does not open it
        status, landing, _ = fetch(run.url)
        assert status == 200
        assert run.envelope.encode() in landing
    assert run.url.removeprefix(page).encode() in fetch(page)[1]
    csrf = csrf_of(landing)
    assert fetch(run.url, {"csrf": "wrong"})[0] == 403
    status, document, headers = fetch(run.url, {"csrf": csrf})
    assert (status, document) == (200, b"%PDF-1.4 envelope " + run.envelope.encode())
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Type"] == "application/pdf"
    for form in (None, {"csrf": csrf}):
        status, told, headers = fetch(run.url, form)
        assert status == 410
        assert "已经打开过" in told.decode()
        assert b"%PDF" not in told
    assert "opened already" in fetch(f"{run.url}?lang=en")[1].decode()
    assert run.envelope.encode() not in fetch(page)[1]


def test_of_many_who_ask_at_once_one_gets_the_envelope(page, office):
    run = office.queue(TOKENS[0])
    office.wait(run, RunState.awaiting_confirmation)
    csrf = csrf_of(fetch(run.url)[1])
    answers = []
    crowd = [threading.Thread(target=lambda: answers.append(fetch(run.url, {"csrf": csrf})[0])) for _ in range(8)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert sorted(answers) == [200] + [410] * 7


def test_an_address_nobody_made_and_one_of_an_earlier_station_say_what_to_do(page):
    status, told, _ = fetch(f"{page}envelope/{'x' * 43}")
    assert status == 404
    assert "工位重启" in told.decode()


def test_the_shelf_wipes_what_ended(monkeypatch):
    shelf = EnvelopeShelf()
    shelf.page = "http://127.0.0.1:1/"
    first = shelf.place("run", "E1", b"secret page", FREE).url.rsplit("/", 1)[1]
    kept = shelf.look(first).document
    second = shelf.place("run", "E2", b"another page", FREE).url.rsplit("/", 1)[1]
    assert (kept, shelf.look(first).ending.value) == (bytearray(), "overtaken")
    assert shelf.take(first) is None
    assert shelf.take(second) == b"another page"
    assert shelf.look(second).document == bytearray()
    assert shelf.fetched() == ["E2"]
    shelf.told(["E2"])
    assert shelf.fetched() == []
    third = shelf.place("run", "E3", b"forgotten page", FREE).url.rsplit("/", 1)[1]
    shelf.look(third).since -= KEEP_SECONDS + 1
    assert shelf.take(third) is None
    assert shelf.look(third).ending.value == "expired"
    assert len({first, second, third}) == 3
    assert len(first) >= 43


def test_what_comes_from_outside_is_escaped(page, office, station):
    office.queue("HD01-T00001")
    station._seen.link_detail = "<script>alert(1)</script>"
    station._seen.slot_fault = '"><img src=x>'
    live = fetch(f"{page}live")[1].decode()
    assert "<script>" not in live
    assert "<img" not in live


def test_every_text_has_both_languages_with_the_same_facts():
    for table in WORDS.values():
        for key, pair in table.items():
            assert len(pair) == 2, key
            assert all(pair), key
            facts = [set(re.findall(r"\{(\w+)\}", text)) for text in pair]
            assert facts[0] == facts[1], key


def test_a_port_that_is_taken_is_named(station, page):
    with pytest.raises(PageTaken, match="page_port"):
        StationPages(station, int(page.rsplit(":", 1)[1].strip("/")))


@pytest.mark.browser
def test_a_clerk_works_the_page_in_a_browser_and_axe_finds_nothing(counter, office, station, page):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    options = {"executable_path": "/usr/bin/chromium", "args": ["--no-sandbox", "--disable-gpu", "--no-first-run"]}
    asked, said = [], []
    with sync_playwright() as play, play.chromium.launch(**options) as browser:
        tab = browser.new_page(viewport={"width": 1366, "height": 768})
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))

        def sound():
            return [violation["id"] for violation in Axe().run(tab).response["violations"]]

        tab.goto(page)
        assert sound() == []
        tab.get_by_role("button", name=f"拔出介质 {TOKENS[0]}").click()
        tab.get_by_role("button", name=f"插入介质 {TOKENS[0]}").wait_for()
        tab.get_by_role("button", name=f"插入介质 {TOKENS[2]}").click()
        tab.get_by_role("button", name=f"拔出介质 {TOKENS[2]}").wait_for()
        assert counter.cabinet.inserted() == [TOKENS[1], TOKENS[2]]
        run = office.queue(TOKENS[2])
        office.wait(run, RunState.awaiting_confirmation)
        link = tab.get_by_role("link", name=re.compile(run.envelope))
        link.wait_for(timeout=5000)  # the page follows by itself
        assert sound() == []
        link.click()
        assert sound() == []
        assert tab.evaluate("document.activeElement.textContent") == "打开密码信封"
        open_envelope(run.url)
        tab.keyboard.press("Enter")  # somebody else was quicker
        tab.get_by_role("alert").wait_for()
        assert sound() == []
        tab.goto(f"{page}?lang=en")
        assert sound() == []
    assert {url.split("/")[2] for url in asked} == {page.split("/")[2]}
    assert [text for text in said if "410" not in text] == []
