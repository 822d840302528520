"""A platform sends a holder to the station's page: who may ask, what is shown, what is signed, how tries are counted."""

import base64
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urlsplit

from card_issuance.pin import Pin
from card_issuance.statement import Grant, Purpose, Statement
from card_issuance.station_settings import EXAMPLE_PLATFORM
from tests.card_issuance.counter import csrf_of, fetch
from tests.card_issuance.test_token_statement import verify

FIRST, SECOND = "HD01-T00001", "HD01-T00002"
ORIGIN = EXAMPLE_PLATFORM.origin
WRONG = Pin("00000000")
ASKED = {
    "platform": ORIGIN,
    "return": f"{ORIGIN}/login/answer",
    "challenge": "q" * 43,
    "purpose": "sign-in",
    "grants": "organisation certificate terms",
}


class Fields(HTMLParser):
    """Of the form that leaves the house."""

    def __init__(self) -> None:
        super().__init__()
        self.action, self.fields = "", {}

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self.action = given["action"]
        elif tag == "input" and given.get("type") == "hidden":
            self.fields[given["name"]] = given["value"]


def asks(page, **more):
    return fetch(f"{page}sign-in?{urlencode(ASKED | more)}")


def types(page, holder, pin, asked=ASKED, typed=None, **more):
    shown = fetch(f"{page}sign-in?{urlencode(asked)}")[1]
    form = asked | {"csrf": csrf_of(shown), "lang": "zh", "certificate": sha256(holder.certificate).hexdigest()}
    return fetch(f"{page}sign-in", form | {"pin": pin.reveal() if typed is None else typed} | more)


def test_the_page_shows_who_asks_what_is_granted_and_the_certificates_by_name(holder, page):
    status, shown, headers = asks(page)
    told = shown.decode()
    assert status == 200
    for words in (EXAMPLE_PLATFORM.name_zh, ORIGIN, "将授予以下权限", "统一社会信用代码", "查询证书状态", "服务条款", FIRST):
        assert words in told
    assert sha256(holder.certificate).hexdigest() in told
    assert "还可以试 10 次" in told
    assert headers["Cache-Control"] == "no-store"
    assert "form-action 'self';" in headers["Content-Security-Policy"]
    assert "This will be granted" in asks(page, lang="en")[1].decode()


def test_only_what_is_asked_for_is_granted(page, holder):
    told = asks(page, grants="organisation")[1].decode()
    assert "统一社会信用代码" in told
    assert "服务条款" not in told


def test_the_right_pin_signs_and_the_form_goes_to_the_platform_alone(holder, page):
    status, shown, headers = types(page, holder, holder.pin)
    assert status == 200
    assert f"form-action {ORIGIN};" in headers["Content-Security-Policy"]
    assert "<script src=" in shown.decode()
    assert "'unsafe" not in headers["Content-Security-Policy"]
    form = Fields()
    form.feed(shown.decode())
    assert form.action == ASKED["return"]
    assert set(form.fields) == {"challenge", "at", "certificate", "chain", "signature"}
    assert base64.b64decode(form.fields["certificate"]) == holder.certificate
    said = Statement(
        Purpose.sign_in, ORIGIN, "q" * 43, tuple(Grant), "", sha256(holder.certificate).hexdigest(), form.fields["at"]
    )
    verify(holder.certificate, base64.b64decode(form.fields["signature"]), said.as_bytes())
    at = datetime.strptime(form.fields["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - at) < timedelta(seconds=60)
    assert holder.pin.reveal().encode() not in shown
    assert "还可以试 10 次" in asks(page)[1].decode()


def test_a_submission_is_signed_over_its_digest(holder, page):
    asked = {name: ASKED[name] for name in ("platform", "return", "challenge")} | {"purpose": "submission", "about": "5c" * 32}
    assert "5c5c5c5c" in fetch(f"{page}sign-in?{urlencode(asked)}")[1].decode()
    form = Fields()
    form.feed(types(page, holder, holder.pin, asked)[1].decode())
    said = Statement(
        Purpose.submission, ORIGIN, "q" * 43, (), "5c" * 32, sha256(holder.certificate).hexdigest(), form.fields["at"]
    )
    verify(holder.certificate, base64.b64decode(form.fields["signature"]), said.as_bytes())


def test_wrong_pins_are_counted_and_told_until_it_is_locked(holder, page, station):
    for left in range(9, 0, -1):
        assert f"还可以试 {left} 次" in types(page, holder, WRONG)[1].decode()
    assert "密码已锁定" in types(page, holder, WRONG)[1].decode()
    told = types(page, holder, holder.pin)[1].decode()  # right, and too late
    assert "密码已锁定" in told
    assert "signature" not in told
    assert 'name="pin"' not in asks(page)[1].decode()
    assert station.bench.pad.tries.locked(FIRST)


def test_what_cannot_be_a_pin_costs_no_try(holder, page):
    assert "请输入密码" in types(page, holder, holder.pin, typed="12")[1].decode()
    assert "还可以试 10 次" in asks(page)[1].decode()


NOT_IN_ORDER = (
    {"platform": "http://127.0.0.1:8603"},
    {"platform": "https://stranger.example.cn"},
    {"platform": ""},
    {"return": "https://stranger.example.cn/answer"},
    {"return": "http://127.0.0.1:8602@stranger.example.cn/answer"},
    {"return": "http://127.0.0.1:86020/answer"},
    {"return": "http://127.0.0.1:8602"},
    {"return": "http://127.0.0.1:8602/answer?x=1"},
    {"return": "http://127.0.0.1:8602/a b"},
    {"return": "javascript:alert(1)"},
    {"challenge": "short"},
    {"challenge": "q" * 43 + "\nplatform: https://stranger.example.cn"},
    {"grants": "organisation everything"},
    {"purpose": "transfer"},
    {"purpose": "submission"},
    {"about": "5c" * 32},
)


def test_what_is_not_in_order_is_refused_before_anybody_types_a_pin(page, holder):
    csrf, digest = csrf_of(asks(page)[1]), sha256(holder.certificate).hexdigest()
    for change in NOT_IN_ORDER:
        status, shown, _ = asks(page, **change)
        refused = 403 if "platform" in change else 422
        assert (status, 'type="password"' in shown.decode()) == (refused, False), change
        form = ASKED | change | {"csrf": csrf, "lang": "zh", "certificate": digest, "pin": holder.pin.reveal()}
        status, shown, _ = fetch(f"{page}sign-in", form)
        assert (status, "signature" in shown.decode()) == (refused, False), change
    assert "还可以试 10 次" in asks(page)[1].decode()


def test_a_page_of_the_web_cannot_type_here(holder, page):
    form = ASKED | {"lang": "zh", "certificate": sha256(holder.certificate).hexdigest(), "pin": holder.pin.reveal()}
    assert fetch(f"{page}sign-in", form | {"csrf": "guessed"})[0] == 403
    form["csrf"] = csrf_of(asks(page)[1])
    assert fetch(f"{page}sign-in", form, Origin=ORIGIN)[0] == 403
    assert fetch(f"{page}sign-in?{urlencode(ASKED)}", None, Host="platform.example.cn")[0] == 421


def test_without_a_token_the_page_says_so_and_leads_back(holder, page, station):
    station.remove(FIRST)
    told = asks(page)[1].decode()
    assert "没有读到证书" in told
    back = unescape(re.search(r'href="(http://127.0.0.1:8602/[^"]+)"', told)[1])
    assert parse_qs(urlsplit(back).query) == {"refused": ["no_certificate"], "challenge": ["q" * 43]}
    submitted = {"purpose": "submission", "about": "5c" * 32, "grants": ""}
    assert "没有选择证书，不能提交处理该笔业务！" in asks(page, **submitted)[1].decode()
    station.insert(FIRST)
    assert "请选择证书；已移除的" in types(page, holder, holder.pin, certificate="00" * 32)[1].decode()


def test_the_other_language_keeps_what_was_asked(page, holder):
    english = unescape(re.search(r'class="language" href="([^"]+)"', asks(page)[1].decode())[1])
    asked = parse_qs(urlsplit(english).query)
    assert asked["lang"] == ["en"]
    assert {name: asked[name][0] for name in ASKED} == ASKED
