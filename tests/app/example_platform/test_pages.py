"""The platform's pages over HTTP: who gets in, with what, and what he is told if not."""

import re
import shutil
from urllib.parse import parse_qs, urlsplit

import pytest

from app.example_platform.accounts import DEMONSTRATION_PASSWORD, plant_demonstration
from app.example_platform.office import OfficeAway, OfficeBinding, Refused, Verdict, Words
from app.example_platform.pages import ATTEMPT, create_platform
from app.example_platform.proof import Asked
from app.example_platform.settings import Settings
from app.example_platform.store import Store
from tests.app.example_platform.issuing import root_authority

ORIGIN, STATION = "https://platform.example.cn", "http://127.0.0.1:8601"
GRANTS = ("organisation", "certificate", "terms")


class OfficeTwin:
    """A TEST TWIN of the office: binds whatever comes first, by organisation; `away`: how many of the next calls find nobody."""

    def __init__(self):
        self.bound, self.keys, self.refusal, self.away, self.loses_answer = {}, [], None, 0, False

    def _answer(self):
        if self.away:
            self.away -= 1
            raise OfficeAway("away")

    def verdict(self, serial):
        self._answer()
        if self.refusal:
            return Verdict(self.refusal, (Words("不行", "no"),))
        return Verdict("already_bound" if serial in self.bound else "may_bind", (Words("可以", "yes"),))

    def live_binding(self, serial):
        return self.bound.get(serial)

    def bind(self, serial, reference, key):
        self._answer()
        if self.refusal:
            raise Refused(409, self.refusal, [Words("不行", "no")])
        if key not in self.keys:
            self.keys.append(key)
            self.bound[serial] = OfficeBinding(f"b{len(self.keys)}", reference, serial, "s")
        if self.loses_answer:
            self.loses_answer = False
            raise OfficeAway("the answer was lost")
        return self.bound[serial]


@pytest.fixture(scope="module")
def root():
    return root_authority()


@pytest.fixture(scope="module")
def issuing(root):
    return root.below("样例签发")


@pytest.fixture
def office():
    return OfficeTwin()


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    """A platform's data with its demonstration accounts: their passwords are hashed slowly, on purpose, so once for all tests."""
    store = Store(tmp_path_factory.mktemp("furnished") / "platform.sqlite")
    plant_demonstration(store)
    return store.path


@pytest.fixture
def app(tmp_path, root, office, furnished):
    shutil.copy(furnished, tmp_path / "platform.sqlite")
    app = create_platform(
        Settings("inspection", ORIGIN, "https://office.example.cn", STATION, "inspection", "secret", root.der, tmp_path, True)
    )
    app.extensions["platform"].office = office
    return app


@pytest.fixture
def browser(app):
    return app.test_client()


def begin(browser):
    """What the station is asked."""
    answer = browser.post("/login", base_url=ORIGIN)
    assert answer.status_code == 303
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}
    assert answer.location.startswith(f"{STATION}/sign-in?")
    assert (query["platform"], query["return"], query["grants"]) == (ORIGIN, f"{ORIGIN}/login/answer", " ".join(GRANTS))
    return Asked(ORIGIN, "sign-in", query["challenge"], GRANTS, "")


def bring(browser, holder, asked):
    """The form of the station's page."""
    cookie = browser.get_cookie(ATTEMPT, domain="platform.example.cn")
    assert cookie is None or (cookie.secure and cookie.http_only and cookie.same_site == "Lax")
    return browser.post("/login/answer", base_url=ORIGIN, data=holder.answers(asked)).location


def sign_in(browser, holder):
    return browser.get(bring(browser, holder, begin(browser)), base_url=ORIGIN)


def bind(browser, page, user_name="shetuan01", password=DEMONSTRATION_PASSWORD):
    ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)[1]
    form = {"ticket": ticket, "user_name": user_name, "password": password}
    return browser.post("/login/bind", base_url=ORIGIN, data=form)


def test_the_first_login_binds_and_the_next_one_does_not_ask(browser, issuing, office):
    holder = issuing.holder()
    page = sign_in(browser, holder)
    assert "北京样例协会" in page.text
    assert "绑定证书" in page.text
    done = bind(browser, page)
    assert done.status_code == 303
    cookie = next(each for each in done.headers.getlist("Set-Cookie") if each.startswith("platform_visit="))
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "登录成功" in browser.get("/", base_url=ORIGIN).text
    assert sign_in(browser, holder).location == "/"
    assert len(office.keys) == 1


def test_every_page_keeps_to_itself(browser):
    answer = browser.get("/login", base_url=ORIGIN)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {STATION}" in policy
    assert "script" not in policy
    assert "<script" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_answer_counts_once(browser, issuing):
    asked, holder = begin(browser), issuing.holder()
    assert "ticket=" in bring(browser, holder, asked)
    assert "said=challenge" in bring(browser, holder, asked)


def test_a_refused_answer_has_spent_its_challenge_too(browser, issuing, root):
    asked = begin(browser)
    assert "said=chain" in bring(browser, root_authority().below("样例签发").holder(), asked)
    assert "said=challenge" in bring(browser, issuing.holder(), asked)


def test_a_challenge_that_was_never_given_or_is_old_counts_for_nothing(browser, issuing, app, monkeypatch):
    assert "said=challenge" in bring(browser, issuing.holder(), Asked(ORIGIN, "sign-in", "x" * 43, GRANTS, ""))
    asked = begin(browser)
    with app.extensions["platform"].store.writing() as db:
        db.execute("UPDATE attempt SET made = made - 181")
    assert "said=challenge" in bring(browser, issuing.holder(), asked)


def test_an_answer_that_another_was_lured_into_opens_nothing_for_either(app, issuing):
    """Somebody begins a login, and lets the holder of a certificate sign its challenge."""
    villain, victim = app.test_client(), app.test_client()
    link = bring(victim, issuing.holder(), begin(villain))
    assert "ticket=" in link
    assert "said=other_browser" in victim.get(link, base_url=ORIGIN).location
    assert "said=other_browser" in villain.get("/login/finish?ticket=guessed", base_url=ORIGIN).location


def test_while_the_office_is_away_nobody_gets_in_and_nothing_is_used_up(browser, issuing, office):
    office.away = 1
    link = bring(browser, issuing.holder(), begin(browser))
    answer = browser.get(link, base_url=ORIGIN)
    assert (answer.status_code, "暂时无法核实" in answer.text) == (503, True)
    page = browser.get(link, base_url=ORIGIN)
    office.away = 1
    assert "暂时无法核实" in bind(browser, page).text
    assert bind(browser, page).status_code == 303


def test_a_lost_answer_and_a_second_click_bind_once(browser, issuing, office):
    holder = issuing.holder()
    page = sign_in(browser, holder)
    office.loses_answer = True
    assert bind(browser, page).status_code == 422
    assert bind(browser, page).location == "/"
    assert "said=other_browser" in bind(browser, page).location
    assert len(office.keys) == 1


def test_a_binding_that_was_never_heard_of_here_is_known_by_its_account(browser, issuing, office):
    """The answer was lost and the holder went away; or a renewal moved the binding and the word of it is still on its way."""
    holder = issuing.holder()
    page = sign_in(browser, holder)
    office.loses_answer = True
    bind(browser, page)
    assert sign_in(browser, holder).location == "/"
    stranger = issuing.holder()
    office.bound[stranger.serial] = OfficeBinding("b9", "nobody", stranger.serial, "s")
    assert sign_in(browser, stranger).status_code == 403


@pytest.mark.parametrize("code", ["bound_to_other", "other_chosen", "suspended", "revoked", "expired", "platform_disabled"])
def test_whoever_is_refused_reads_the_offices_sentence_and_what_to_do(browser, issuing, office, code):
    office.refusal = code
    answer = sign_in(browser, issuing.holder())
    assert answer.status_code == 403
    assert "不行" in answer.text
    assert code in answer.text
    assert ("改绑" in answer.text) == (code in ("bound_to_other", "other_chosen"))
    browser.set_cookie("platform_language", "en", domain="platform.example.cn")
    assert "What to do" in sign_in(browser, issuing.holder()).text


def test_a_refusal_in_the_last_moment_is_told_the_same_way(browser, issuing, office):
    page = sign_in(browser, issuing.holder())
    office.refusal = "bound_to_other"
    answer = bind(browser, page)
    assert (answer.status_code, "不行" in answer.text) == (403, True)


def test_wrong_passwords_shut_the_account_for_a_while(browser, issuing):
    page = sign_in(browser, issuing.holder())
    for user_name in ("shetuan01", "nobody"):
        assert "用户名或密码不正确" in bind(browser, page, user_name, "wrong").text
    for _ in range(4):
        assert "用户名或密码不正确" in bind(browser, page, password="wrong").text
    answer = bind(browser, page)
    assert (answer.status_code, "15 分钟" in answer.text) == (422, True)
    assert bind(browser, page, "shetuan02").status_code == 303


def test_an_account_belongs_to_one_organisation(browser, issuing):
    assert bind(browser, sign_in(browser, issuing.holder())).status_code == 303
    page = sign_in(browser, issuing.holder(code="CODE2"))
    assert "已属于另一个单位" in bind(browser, page).text


def test_without_a_session_there_is_no_business(browser):
    for path in ("/", "/inspection", "/inspection/1"):
        assert "said=session" in browser.get(path, base_url=ORIGIN).location
    for path in ("/leave", "/inspection", "/inspection/1/sign"):
        assert "said=session" in browser.post(path, base_url=ORIGIN).location


class TestReport:
    @pytest.fixture
    def holder(self, browser, issuing):
        holder = issuing.holder()
        bind(browser, sign_in(browser, holder))
        return holder

    def csrf(self, browser):
        return re.search(r'name="csrf" value="([^"]+)"', browser.get("/inspection", base_url=ORIGIN).text)[1]

    def draft(self, browser, **changes):
        form = {"csrf": self.csrf(browser), "year": "2025", "staff": "3", "assets": "100", "activities": "交流"} | changes
        return browser.post("/inspection", base_url=ORIGIN, data=form)

    def asked(self, browser, page="/inspection/1"):
        answer = browser.post(f"{page}/sign", base_url=ORIGIN, data={"csrf": self.csrf(browser)})
        query = parse_qs(urlsplit(answer.location).query)
        assert query["purpose"] == ["submission"]
        return Asked(ORIGIN, "submission", query["challenge"][0], (), query["about"][0])

    def bring(self, browser, holder, asked):
        return browser.post("/inspection/1/answer", base_url=ORIGIN, data=holder.answers(asked)).location

    def test_it_is_handed_in_by_the_signature_of_the_bound_certificate(self, browser, holder, issuing):
        assert self.draft(browser).location == "/inspection/1"
        asked = self.asked(browser)
        assert asked.about[:16] in browser.get("/inspection/1", base_url=ORIGIN).text
        assert "said=submission_other" in self.bring(browser, issuing.holder(), asked)
        assert "said=submission_failed" in self.bring(browser, holder, asked), "spent"
        assert "said=submitted" in self.bring(browser, holder, self.asked(browser))
        assert "已提交" in browser.get("/inspection/1", base_url=ORIGIN).text

    def test_a_login_is_no_signature_and_a_signature_no_login(self, browser, holder):
        self.draft(browser)
        assert "said=submission_failed" in self.bring(browser, holder, begin(browser))
        asked = self.asked(browser)
        assert "said=challenge" in browser.post("/login/answer", base_url=ORIGIN, data=holder.answers(asked)).location

    def test_without_the_token_nothing_is_handed_in(self, browser, holder):
        self.draft(browser)
        back = browser.get("/inspection/1/answer?refused=no_certificate", base_url=ORIGIN)
        told = browser.get(back.location, base_url=ORIGIN).text
        assert "没有选择证书，不能提交处理该笔业务！" in told
        assert "用证书签名并提交" in told

    def test_what_is_missing_is_named_and_what_was_typed_stays(self, browser, holder):
        answer = self.draft(browser, staff="many", activities="")
        assert answer.status_code == 422
        assert "专职工作人员数 · 本年度业务活动情况" in answer.text or "本年度业务活动情况 · 专职工作人员数" in answer.text
        assert 'value="many"' in answer.text

    def test_another_site_cannot_fill_it_in(self, browser, holder):
        assert self.draft(browser, csrf="guessed").status_code == 403

    def test_another_accounts_report_is_not_there(self, app, browser, holder, issuing):
        self.draft(browser)
        other = app.test_client()
        bind(other, sign_in(other, issuing.holder(code="CODE3")), "shetuan05")
        assert other.get("/inspection/1", base_url=ORIGIN).status_code == 404
