"""What the lists of supervision can be asked, and that no question shows what the asker may not see."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.services.open_case import open_case
from app.services.plant_editions import plant_editions
from app.services.save_draft import save_draft
from app.services.settle_fee import settle_fee
from app.services.world import World
from models.rulebook.vocabulary import PaymentMethod, Role
from models.tables import Case, Receipt, Token
from models.worklists import lists, looking
from models.worklists.looking import Listed, count, look
from tests.app.supervision.test_base import link
from tests.builders.cases import approved, awaiting_payment, case_now, drafted, in_review, with_certificates
from tests.builders.clients import OfficeClient
from tests.builders.issuance import plant_stock
from tests.builders.people import actor_of, branch_id_of, number_of

Clients = Callable[..., OfficeClient]


def shown(text: str) -> list[str]:
    """What stands in the first cells of the rows."""
    return [re.sub("<[^>]+>", "", cell) for cell in re.findall(r'<th scope="row" class="mono">(.*?)</th>', text)]


def answered(client: OfficeClient, room: str, **asked: str) -> list[str]:
    answer = client.get(f"/admin/{room}/", query_string=asked)
    assert answer.status_code == 200, answer.status_code
    return shown(answer.text)


def reader_of(room: str) -> Role:
    """Somebody who reads the list over all branches."""
    return Role.administrator if room == "staff" else Role.auditor


@pytest.fixture
def cases(world: World) -> dict[str, Case]:
    """One a day, the third at another branch."""
    made = {"draft": drafted(world)}
    world.clock.move(days=1)
    made["review"] = in_review(world, name="北京样例印刷有限公司")
    world.clock.move(days=1)
    made["elsewhere"] = in_review(world, "CY01", name="北京样例印刷厂")
    world.clock.move(days=1)
    made["pay"] = case_now(world, awaiting_payment(world).id)
    return made


CASE_QUESTIONS = [
    ({}, ["pay", "review", "draft"]),
    ({"state": "in_review"}, ["review"]),
    ({"kind": "new"}, ["pay", "review", "draft"]),
    ({"kind": "renewal"}, []),
    ({"kind": "new", "state": "draft"}, ["draft"]),
    ({"opener": "C1-HD01"}, ["pay", "review", "draft"]),
    ({"opener": "c1-hd01"}, ["pay", "review", "draft"]),
    ({"opener": "C2-HD01"}, []),
    ({"opener": "nobody"}, []),
    ({"since": "2026-11-24"}, ["pay", "review"]),
    ({"until": "2026-11-24"}, ["review", "draft"]),
    ({"since": "2026-11-24", "until": "2026-11-24"}, ["review"]),
    ({"applicant": "样例印刷"}, ["review"]),
    ({"applicant": " 样例 印刷 "}, ["review"]),
    ({"applicant": "印刷厂"}, []),
    ({"applicant": "没有这家"}, []),
    ({"branch": "CY01"}, ["pay", "review", "draft"]),  # not his to ask
]


def test_cases_are_found_by_what_is_asked(client_of: Clients, cases: dict[str, Case]) -> None:
    client, case = client_of(Role.supervisor), cases["review"]
    for asked, expected in CASE_QUESTIONS:
        assert answered(client, "cases", **asked) == [cases[name].number for name in expected], asked
    assert answered(client, "cases", number=case.number.lower()) == [case.number]
    assert answered(client, "cases", number=case.number[:13]) == [case.number]
    assert answered(client, "cases", number=cases["elsewhere"].number) == []
    assert case.applicant is not None
    assert answered(client, "cases", applicant=case.applicant.credit_code) == [case.number]


def test_a_draft_without_an_applicant_of_record_shows_the_name_as_typed(client_of: Clients, world: World) -> None:
    typed = case_now(world, open_case(world, actor_of(world)).id)
    save_draft(world, actor_of(world), typed.id, typed.version, {"name": "北京<样例>公司"})
    assert '<span class="quiet">北京&lt;样例&gt;公司</span>' in client_of(Role.supervisor).get("/admin/cases/?state=draft").text


def test_the_auditor_sees_every_branch_in_one_order_and_asks_for_one(client_of: Clients, cases: dict[str, Case]) -> None:
    client = client_of(Role.auditor)
    assert answered(client, "cases") == [cases[name].number for name in ("pay", "elsewhere", "review", "draft")]
    assert answered(client, "cases", applicant="样例印刷") == [cases["elsewhere"].number, cases["review"].number]
    assert answered(client, "cases", branch="CY01", state="in_review") == [cases["elsewhere"].number]
    assert client.get("/admin/cases/?branch=ZZ99").status_code == 422


NONSENSE = [
    ("cases", "state", "gone", "没有这一项"),
    ("cases", "kind", "\x00", "没有这一项"),
    ("cases", "since", "2026-13-01", "日期写成"),
    ("cases", "until", "0001-01-01", "没有这么久远的记录"),
    ("cases", "until", "x" * 5000, "日期写成"),
    ("cases", "applicant", "样", "请至少写两个字"),
    ("cases", "applicant", "样" * 121, "最多 120 个字"),
    ("cases", "number", "9" * 25, "最多 24 个字"),
    ("receipts", "method", "gold", "没有这一项"),
    ("receipts", "since", "yesterday", "日期写成"),
    ("journal", "act", "case_file:fly", "没有这一项"),
    ("journal", "applicant", "样", "请至少写两个字"),
    ("tokens", "state", "%", "没有这一项"),
]


def test_nonsense_is_told_at_its_field_and_nothing_typed_is_lost(client_of: Clients) -> None:
    client = client_of(Role.supervisor)
    for room, name, value, sentence in NONSENSE:
        answer = client.get(f"/admin/{room}/", query_string={name: value, "token": "T-1", "case": "HD01-1"})
        assert answer.status_code == 422, (room, name, value)
        assert re.search(rf'id="{name}-error-1">[^<]*{sentence}', answer.text), (room, name, value)
        assert "请更正筛选条件。" in answer.text
        if room == "journal":
            assert 'value="T-1"' in answer.text
            assert 'value="HD01-1"' in answer.text


def test_bounds_that_are_crossed_are_told(client_of: Clients) -> None:
    client = client_of(Role.supervisor)
    assert "止日早于起日。" in client.get("/admin/cases/?since=2026-11-24&until=2026-11-23").text
    assert "止号小于起号。" in client.get("/admin/tokens/?first=HD01T000005&last=HD01T000002").text
    assert client.get("/admin/tokens/?first=HD01T000005&last=HD01").status_code == 200


@pytest.mark.parametrize("room", list(lists.LISTS))
def test_no_text_breaks_a_question(client_of: Clients, room: str) -> None:
    client = client_of(reader_of(room))
    for name in lists.LISTS[room].names:
        for text in ("%_", "'\"\\", "\x00", "\ud800", "样例'; --", "\u202e", "０"):
            asked = {name: text.encode("utf-8", "surrogatepass")}
            assert client.get(f"/admin/{room}/", query_string=asked).status_code in {200, 422}, (name, text)


def test_stock_is_found_by_range(client_of: Clients, world: World) -> None:
    serials = plant_stock(world, tokens=6)
    plant_stock(world, tokens=6, branch="CY01")
    client = client_of(Role.supervisor)
    assert answered(client, "tokens") == serials
    assert answered(client, "tokens", first=serials[1], last=serials[3]) == serials[1:4]
    assert answered(client, "tokens", first=serials[4], state="in_stock") == serials[4:]
    assert answered(client, "tokens", first=serials[0], last=serials[5], state="lost") == []
    assert answered(client, "tokens", first="CY01") == serials, "what lies behind it"
    assert answered(client, "tokens", first="CY01", last="CY01") == []
    everywhere = answered(client_of(Role.auditor), "tokens")
    assert everywhere == sorted(everywhere)
    assert len(everywhere) == 12


def test_envelopes_are_found_by_range_and_by_their_token(client_of: Clients, world: World) -> None:
    plant_stock(world, tokens=1)
    client = client_of(Role.supervisor)
    every = answered(client, "envelopes")
    assert len(every) > 2
    assert answered(client, "envelopes", first=every[1], last=every[1]) == every[1:2]
    assert answered(client, "envelopes", token="no such token") == []


def test_receipts_are_found_by_day_method_and_cashier(client_of: Clients, world: World) -> None:
    for method in (PaymentMethod.cash, PaymentMethod.card):
        case = awaiting_payment(world)
        settle_fee(world, actor_of(world), case.id, case.version, method, "样例凭证" if method is PaymentMethod.card else "")
        world.clock.move(days=1)
    with world.reading() as session:
        cash, card = session.scalars(select(Receipt.number).order_by(Receipt.id)).all()
        case_number = session.scalars(select(Case.number).order_by(Case.id)).first()
    client = client_of(Role.supervisor)
    assert answered(client, "receipts") == [card, cash]
    assert answered(client, "receipts", method="cash") == [cash]
    assert answered(client, "receipts", since="2026-11-24") == [card]
    assert answered(client, "receipts", until="2026-11-23", method="card") == []
    assert answered(client, "receipts", cashier=number_of(Role.clerk)) == [card, cash]
    assert answered(client, "receipts", cashier=number_of(Role.clerk, which=2)) == []
    assert answered(client, "receipts", case=case_number or "") == [cash]
    assert answered(client, "receipts", number=card) == [card]
    assert answered(client_of(Role.supervisor, "CY01"), "receipts", case=case_number or "") == []


def acts_of(client: OfficeClient, **asked: str) -> list[str]:
    answer = client.get("/admin/journal/", query_string=asked)
    assert answer.status_code == 200
    body = answer.text.split("<tbody>")[1]
    rows = (re.split("<td[^>]*>", row) for row in body.split("<tr>")[1:])
    return [re.sub("<[^>]+>", "", cells[3]) for cells in rows if len(cells) > 4]


def test_the_journal_is_asked_by_person_case_applicant_act_and_time(client_of: Clients, world: World) -> None:
    mine = in_review(world)
    reviewer = actor_of(world, Role.reviewer)
    world.clock.move(days=1)
    other = approved(world, **with_certificates(2))
    client = client_of(Role.supervisor)
    code = case_now(world, mine.id).applicant.credit_code  # type: ignore[union-attr]
    of_case = acts_of(client, case=mine.number)
    assert "案件：打开案件" in of_case
    about_him = acts_of(client, applicant=code)
    assert set(about_him) == {*of_case, "申请单位：登记申请单位"}
    assert acts_of(client, applicant="北京样例科技"), "both applicants bear this name"
    assert len(acts_of(client, act="case_file:open")) == 2
    assert acts_of(client, act="case_file:open", until="2026-11-23") == ["案件：打开案件"]
    assert all("复核" in act or "名额" in act or "案件" in act for act in acts_of(client, person=reviewer.number))
    assert acts_of(client, person=reviewer.number, case=other.number)
    assert acts_of(client, person=reviewer.number, case=mine.number) == []
    assert acts_of(client, since="2026-11-25") == []
    assert acts_of(client_of(Role.supervisor, "CY01"), applicant=code) == []
    assert acts_of(client_of(Role.auditor), applicant=code) == about_him


def test_the_journal_of_a_person_tells_what_was_done_about_his_account_too(client_of: Clients, world: World) -> None:
    client, clerk = client_of(Role.supervisor), actor_of(world, which=2)
    form = {"version": "1", "name": "样例改名", "branch_id": str(clerk.branch_id), "roles": ["clerk"]}
    assert client.post(f"/admin/staff/{clerk.staff_id}", data=form).status_code == 303
    assert "员工：更改姓名、网点或岗位" in acts_of(client, person=clerk.number)


def test_a_name_that_too_many_bear_is_to_be_made_longer(
    client_of: Clients, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.worklists.asking.MOST_APPLICANTS", 1)
    for _ in range(2):
        in_review(world)
    answer = client_of(Role.supervisor).get("/admin/journal/?applicant=北京样例")
    assert answer.status_code == 422
    assert "符合的单位太多" in answer.text


def test_names_that_many_bear_are_found_the_newest_first(
    client_of: Clients, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at case by case, they are the same as by their names."""
    made = [in_review(world, name=name) for name in ("北京样例甲公司", "北京 样例甲公司", "北京样例乙公司", "样例甲北京公司")]
    client = client_of(Role.supervisor)
    for text in ("北京样例", "样例甲公司", "京样例甲", "公司", "例甲北"):
        monkeypatch.setattr("models.worklists.asking.MOST_CANDIDATES", 3000)
        by_names = answered(client, "cases", applicant=text)
        monkeypatch.setattr("models.worklists.asking.MOST_CANDIDATES", 0)
        assert answered(client, "cases", applicant=text) == by_names, text
        assert by_names, text
    assert answered(client, "cases", applicant="北京样例甲") == [made[1].number, made[0].number]


def test_a_name_is_counted_no_further_than_its_own_bound(
    client_of: Clients, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("北京样例甲公司", "北京样例乙公司", "北京样例丙公司"):
        in_review(world, name=name)
    monkeypatch.setattr("app.supervision.lists.MOST_OF_A_NAME", 2)
    client = client_of(Role.supervisor)
    assert "共 2+ 条" in client.get("/admin/cases/?applicant=北京样例").text
    assert "共 1 条" in client.get("/admin/cases/?applicant=样例甲").text
    assert "共 3 条" in client.get("/admin/cases/").text


LEAFED = [("tokens", {}), ("tokens", {"state": "in_stock"}), ("cases", {}), ("cases", {"since": "2026-11-23"}), ("journal", {})]


@pytest.mark.parametrize("branch", ["HD01", None])
def test_leafing_shows_every_row_once_there_and_back(world: World, branch: str | None) -> None:
    for code in ("HD01", "CY01"):
        plant_stock(world, tokens=5, branch=code)
        for _ in range(4):
            drafted(world, code)
    branch_id = branch_id_of(world, branch) if branch else None
    for room, asked in LEAFED:
        assert_leafs(world, lists.LISTS[room], asked, branch_id)


ASKED = {
    "cases": {
        "number": "HD01",
        "applicant": "样例",
        "opener": "C1-HD01",
        "platform": "inspection",
        "since": "2026-11-01",
        "branch": "HD01",
    },
    "certificates": {
        "serial": "4F",
        "applicant": "样例",
        "token": "HD01T000001",
        "case": "x",
        "state": "valid",
        "ends_since": "2026-11-01",
        "ends_until": "2027-11-01",
        "reason": "superseded",
        "revoked_since": "2026-11-01",
        "revoked_until": "2027-11-01",
    },
    "directory": {"applicant": "样例", "kind": "enterprise"},
    "decisions": {"number": "HD01", "kind": "refund", "state": "asked", "case": "x", "asker": "C1-HD01", "since": "2026-11-01"},
    "leaves": {"case": "x", "granter": "S1-HD01", "use": "used", "since": "2026-11-01", "until": "2026-12-01"},
    "register": {
        "platform": "inspection",
        "applicant": "样例",
        "certificate": "4f",
        "state": "ended",
        "end": "reset",
        "since": "2026-11-01",
    },
    "telling": {
        "platform": "inspection",
        "kind": "binding.made",
        "state": "dead",
        "applicant": "样例公司",
        "since": "2026-11-01",
    },
    "deliveries": {
        "number": "HD01",
        "note": "SH",
        "supplier": "样例",
        "serial": "HD01-T00041",
        "kind": "token",
        "since": "2026-11-01",
    },
    "transfers": {"number": "HD01", "kind": "token", "state": "sent", "waits": "yes", "since": "2026-11-01", "branch": "CY01"},
    "movements": {"serial": "HD01", "kind": "token", "what": "received", "since": "2026-11-01", "until": "2026-12-01"},
    "entries": {"number": "HD01", "kind": "refund", "case": "x", "method": "cash", "cashier": "C1-HD01", "since": "2026-11-01"},
    "days": {"state": "counted", "person": "S1-HD01", "since": "2026-11-01", "until": "2026-12-01"},
    "shifts": {"state": "accepted", "person": "C1-HD01", "since": "2026-11-01", "until": "2026-12-01"},
    "staff": {"number": "C1", "name": "样例", "role": "clerk", "state": "active", "branch": "HD01"},
    "tasks": {"kind": "list_export", "state": "done", "asker": "S1-HD01", "since": "2026-11-01", "until": "2026-12-01"},
    "tokens": {"first": "A", "last": "Z", "branch": "CY01"},
    "envelopes": {"first": "A", "token": "HD01T000001"},
    "receipts": {"number": "HD01", "case": "x", "cashier": "C1-HD01", "since": "2026-11-01", "until": "2026-12-01"},
    "journal": {"person": "C1-HD01", "token": "HD01T000001", "act": "case_file:open", "since": "2026-11-01", "branch": "HD01"},
}


def test_postgresql_answers_every_question_too(postgresql_world: World) -> None:
    world = postgresql_world
    plant_editions(world)
    test_leafing_shows_every_row_once_there_and_back(world, None)
    assert set(ASKED) == set(lists.LISTS)
    with world.reading() as session:
        for room, asked in ASKED.items():
            for branch_id in (None, branch_id_of(world)):
                for filters in (asked, *({name: value} for name, value in asked.items())):
                    page = look(session, lists.LISTS[room], filters, branch_id)
                    assert len(page.rows) == min(count(session, lists.LISTS[room], filters, branch_id), looking.PAGE)


def assert_leafs(world: World, listed: Listed, asked: dict[str, str], branch_id: int | None) -> None:
    with world.reading() as session:
        whole = [row.id for row in look(session, listed, asked, branch_id, size=1000).rows]
        assert count(session, listed, asked, branch_id) == len(whole) > 3
        page = look(session, listed, asked, branch_id, size=3)
        there = [row.id for row in page.rows]
        while page.older is not None:
            page = look(session, listed, asked, branch_id, before=page.older, size=3)
            there += [row.id for row in page.rows]
        back = [row.id for row in page.rows]
        while page.newer is not None:
            page = look(session, listed, asked, branch_id, after=page.newer, size=3)
            back = [row.id for row in page.rows] + back
    assert there == back == whole, (listed.room, asked)


def test_a_page_leads_on_with_what_was_asked(client_of: Clients, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.supervision.lists.PAGE", 2)
    serials = plant_stock(world, tokens=5)
    client = client_of(Role.supervisor)
    text = client.get("/admin/tokens/?state=in_stock&first=HD01").text
    assert shown(text) == serials[:2]
    assert "共 5 条" in text
    text = client.get(link(text, "next") or "").text
    assert shown(text) == serials[2:4]
    assert "state=in_stock" in (link(text, "prev") or "")
    assert "first=HD01" in (link(text, "next") or "")


def test_the_cursor_of_another_branch_shows_nothing_of_it(client_of: Clients, world: World) -> None:
    here, there = plant_stock(world, tokens=2), plant_stock(world, tokens=2, branch="CY01")
    with world.reading() as session:
        foreign = session.scalars(select(Token.id).where(Token.serial == there[0])).one()
    assert answered(client_of(Role.supervisor), "tokens", before=str(foreign)) == here


def test_the_lists_hold_no_column_with_personal_data() -> None:
    personal = {"presenter_name", "presenter_id_sealed", "presenter_id_digest", "presenter_mobile_sealed", "draft", "remark"}
    personal |= {"legal_representative", "address", "password_hash", "totp_secret", "details"}
    for listed in lists.LISTS.values():
        steps = {step for column in listed.columns for step in (column.path or (column.name,))}
        assert not steps & personal


def test_every_question_and_column_has_its_english(client_of: Clients) -> None:
    for room in lists.LISTS:
        client = client_of(reader_of(room))
        client.post("/account/language", data={"language": "en", "back": "/"})
        text = client.get(f"/admin/{room}/").text.split("<main")[1]
        text = re.sub(r'<option value="[A-Z]{2}\d\d">.*?</option>', "", text)
        assert not re.findall("[\u4e00-\u9fff]+", re.sub("<tbody>.*?</tbody>", "", text, flags=re.S)), room
