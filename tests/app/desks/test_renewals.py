"""The call list: whom it names on which day, at which branch, and how it leaves the office."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from app.services import call_list as call_list_room
from app.services.seal_presenter import MOBILE_PLACE
from app.services.world import World
from models.rulebook.vocabulary import CaseKind, CertificateStatus, Role
from models.tables import Applicant, CaseItem, Certificate, JournalLine
from tests.builders import aftercare
from tests.builders.aftercare import Held
from tests.builders.cases import MOBILE, case_now
from tests.builders.clients import OfficeClient
from tests.builders.people import branch_id_of

Clients = Callable[..., OfficeClient]
WINDOWS = ("7", "30", "90", "lapsed")


def ends(world: World, held: Held, at: datetime) -> Held:
    with world.writing() as session:
        session.get_one(Certificate, held.certificate_id).not_after = at
        session.commit()
    return held


def reached_by(world: World, held: Held, name: str, mobile: str) -> None:
    with world.writing() as session:
        case = session.get_one(CaseItem, session.get_one(Certificate, held.certificate_id).item_id).case
        case.presenter_name = name
        case.presenter_mobile_sealed = world.vault.seal(mobile, MOBILE_PLACE.format(number=case.number))
        session.commit()


def windows_naming(client: OfficeClient, held: Held) -> list[str]:
    return [one for one in WINDOWS if held.token_serial in client.get("/renewals/", query_string={"window": one}).text]


def rows_of(answer: object) -> list[list[str]]:
    text = answer.data.decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text, newline="")))


# The clock stands at 09:00 of 23 November in Beijing, which is 01:00 UTC.
@pytest.mark.parametrize(
    ("at", "windows"),
    [
        (datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), ["lapsed"]),  # the last second of yesterday in Beijing
        (datetime(2026, 11, 22, 16, 0, 0, tzinfo=UTC), ["7", "30", "90"]),  # midnight: today, though yesterday by UTC
        (datetime(2026, 11, 23, 0, 30, tzinfo=UTC), ["7", "30", "90"]),  # ended half an hour ago: still its last day
        (datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC), ["7", "30", "90"]),
        (datetime(2026, 11, 30, 16, 0, 0, tzinfo=UTC), ["30", "90"]),
        (datetime(2026, 12, 23, 15, 59, 59, tzinfo=UTC), ["30", "90"]),
        (datetime(2026, 12, 23, 16, 0, 0, tzinfo=UTC), ["90"]),
        (datetime(2027, 2, 21, 15, 59, 59, tzinfo=UTC), ["90"]),
        (datetime(2027, 2, 21, 16, 0, 0, tzinfo=UTC), []),
        (datetime(2026, 10, 23, 16, 0, 0, tzinfo=UTC), ["lapsed"]),
        (datetime(2026, 10, 23, 15, 59, 59, tzinfo=UTC), []),
    ],
)
def test_days_are_days_of_beijing(world: World, client_of: Clients, at: datetime, windows: list[str]) -> None:
    assert windows_naming(client_of(), ends(world, aftercare.plant_held(world), at)) == windows


def test_a_branch_calls_its_own_holders_only(world: World, client_of: Clients) -> None:
    ours, theirs = aftercare.plant_held(world, "HD01", days=3), aftercare.plant_held(world, "CY01", days=3)
    assert windows_naming(client_of(), theirs) == []
    assert windows_naming(client_of(), ours) == ["7", "30", "90"]
    file = client_of(Role.clerk, "CY01").post("/renewals/list.csv", data={"window": "90"})
    assert [row[6] for row in rows_of(file)[1:]] == [theirs.token_serial]


def test_only_the_branchs_own_people_have_it(world: World, client_of: Clients) -> None:
    aftercare.plant_held(world, days=3)
    assert "办理更新" in client_of(Role.reviewer).get("/renewals/").text
    read = client_of(Role.supervisor).get("/renewals/")
    assert "办理更新" not in read.text
    assert "list.pdf" in read.text
    for role in (Role.auditor, Role.administrator):
        for method, url in (("GET", "/renewals/"), ("POST", "/renewals/list.csv"), ("POST", "/renewals/list.pdf")):
            assert client_of(role).open(url, method=method, data={"window": "7"}).status_code == 403


@pytest.mark.parametrize("status", [CertificateStatus.revoked, CertificateStatus.on_hold])
def test_who_has_nothing_to_lose_is_not_called(world: World, client_of: Clients, status: CertificateStatus) -> None:
    assert windows_naming(client_of(), aftercare.plant_held(world, days=3, status=status)) == []


def test_who_asked_for_the_renewal_is_not_called_and_who_withdrew_is_again(world: World, client_of: Clients) -> None:
    from app.services.withdraw_case import withdraw_case
    from tests.builders.people import actor_of

    held = aftercare.plant_held(world, days=3)
    other = aftercare.plant_held(world, days=3)
    case = aftercare.opened(world, held, CaseKind.renewal, "CY01")  # at whatever branch
    aftercare.opened(world, other, CaseKind.unlock)
    assert windows_naming(client_of(), held) == []
    assert windows_naming(client_of(), other) != []
    withdraw_case(world, actor_of(world, Role.clerk, "CY01"), case.id, case_now(world, case.id).version, "改日再来")
    assert windows_naming(client_of(), held) == ["7", "30", "90"]


def test_who_has_the_next_certificate_already_is_not_called(world: World, client_of: Clients) -> None:
    held, next_ = aftercare.plant_held(world, days=3), aftercare.plant_held(world, days=300)
    with world.writing() as session:
        successor = session.get_one(Certificate, next_.certificate_id)
        successor.replaces_id = held.certificate_id
        session.get_one(CaseItem, successor.item_id).case.certificate_id = held.certificate_id
        session.commit()
    assert windows_naming(client_of(), held) == []
    with world.writing() as session:
        session.get_one(Certificate, next_.certificate_id).status = CertificateStatus.revoked
        session.commit()
    assert windows_naming(client_of(), held) == ["7", "30", "90"]


def test_the_row_says_whom_to_call_with_the_mobile_masked(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world, days=3)
    reached_by(world, held, "样例乙", MOBILE)
    page = client_of().get("/renewals/").text
    masked = f"{MOBILE[:3]}****{MOBILE[-4:]}"
    assert "样例乙" in page
    assert masked in page
    assert MOBILE not in page
    assert f'href="/applicants/{held.applicant_id}"' in page
    assert "还有 3 天" in page


def test_it_says_what_each_sort_of_holder_brings(world: World, client_of: Clients) -> None:
    from models.rulebook.vocabulary import ApplicantKind

    aftercare.plant_held(world, days=3)
    sole = {"kind": ApplicantKind.individual_business, "has_seal": False, "named_after_proprietor": True}
    aftercare.plant_held(world, days=4, **sole)
    page = client_of().get("/renewals/").text
    assert 'href="#bring-A"' in page and 'id="bring-A"' in page  # noqa: PT018
    assert 'href="#bring-C"' in page and 'id="bring-C"' in page  # noqa: PT018
    assert "须由经营者本人到场，不能代办。" in page


def test_the_button_opens_the_renewal_at_the_aftercare_desk(world: World, client_of: Clients) -> None:
    held, client = aftercare.plant_held(world, days=3), client_of()
    page = client.get("/renewals/").text
    action = re.search(r'action="(/aftercare/certificates/\w+/open)"', page)
    assert action is not None
    location = client.post(action.group(1), data={"kind": "renewal"}).location
    assert case_now(world, int(location.rsplit("/", 1)[1])).kind is CaseKind.renewal
    assert windows_naming(client, held) == []


def test_tabs_count_and_the_first_with_somebody_is_shown(world: World, client_of: Clients) -> None:
    for days in (20, 25, 60, -5):
        aftercare.plant_held(world, days=days)
    page = client_of().get("/renewals/?window=nonsense").text
    tabs = re.findall(r'window=(\w+)"( aria-current="page")?>[^<]+<span class="count">(\d+)', page)
    assert [(window, count) for window, _, count in tabs] == [("7", "0"), ("30", "2"), ("90", "3"), ("lapsed", "1")]
    assert [window for window, current, _ in tabs if current] == ["30"]


def test_pages_follow_each_other_without_gap_or_repeat(world: World, client_of: Clients) -> None:
    held = [aftercare.plant_held(world, days=10 + number // 4) for number in range(55)]
    client, url, seen, back = client_of(), "/renewals/?window=90", [], ""
    for _ in range(3):
        page = client.get(url).text
        seen += re.findall(r'<span class="mono">(HD01T\w+)</span>', page)
        back = url_of(page, "prev")
        url = url_of(page, "next")
    assert url == ""
    assert sorted(seen) == sorted(one.token_serial for one in held)
    assert re.findall(r'<span class="mono">(HD01T\w+)</span>', client.get(back).text) == seen[25:50]


def url_of(page: str, rel: str) -> str:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return found.group(1).replace("&amp;", "&") if found else ""


def test_the_file_opens_in_a_spreadsheet(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world, days=3, credit_code="911101080000000028")
    reached_by(world, held, "样例乙", MOBILE)
    answer = client_of().post("/renewals/list.csv", data={"window": "30"})
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in answer.data
    head, row = rows_of(answer)
    assert head[:4] == ["最后有效日", "剩余天数", "申请单位", "信用代码"]
    assert row[:3] == ["2026-11-26", "3", "北京样例贸易有限公司"]
    assert row[3] == "911101080000000028\t"  # as text, or the last digits are lost
    assert row[5] == f"{MOBILE[:3]}****{MOBILE[-4:]}"
    assert "证书所在的介质" in row[10]
    assert MOBILE.encode() not in answer.data


def test_the_files_name_is_chinese_for_those_who_read_rfc_5987(world: World, client_of: Clients) -> None:
    said = client_of().post("/renewals/list.csv", data={"window": "7"}).headers["Content-Disposition"]
    assert said.isascii()
    assert 'filename="renewals-7-HD01-20261123.csv"' in said
    encoded = re.search(r"filename\*=UTF-8''([\w%.~-]+)$", said)
    assert encoded is not None
    assert unquote(encoded.group(1)) == "到期名单_7天_HD01_20261123.csv"


@pytest.mark.parametrize(
    "name", ['=HYPERLINK("http://x","点")', "+1+1", "-2+3", "@SUM(A1)", "\tx", "\r=1", "＝1+1", "＋1", "－1", "＠x", "  =1"]
)
def test_no_cell_is_a_formula(world: World, client_of: Clients, name: str) -> None:
    held = aftercare.plant_held(world, days=3, name=name)
    reached_by(world, held, name[:20], MOBILE)
    [_, row] = rows_of(client_of().post("/renewals/list.csv", data={"window": "7"}))
    assert row[2] == f"'{name}"
    assert row[4] == f"'{name[:20]}"
    assert not [cell for cell in row if cell.lstrip()[:1] in tuple("=+-@＝＋－＠")]


@pytest.mark.parametrize(("kind", "act"), [("csv", "export_call_list"), ("pdf", "print_call_list")])
def test_whoever_takes_the_list_out_stands_in_the_journal(world: World, client_of: Clients, kind: str, act: str) -> None:
    aftercare.plant_held(world, days=3)
    assert client_of().post(f"/renewals/list.{kind}", data={"window": "30"}).status_code == 200
    with world.reading() as session:
        line = session.scalars(select(JournalLine).where(JournalLine.act == act)).one()
        assert (line.subject, line.subject_id, line.branch_id) == ("branch", branch_id_of(world), branch_id_of(world))
        assert line.detail == {"window": "30", "rows": 1}
        assert line.staff is not None
        assert line.staff.number == "C1-HD01"


def test_the_paper_bears_the_rows_and_no_whole_mobile(world: World, client_of: Clients) -> None:
    import subprocess

    held = aftercare.plant_held(world, days=3)
    reached_by(world, held, "样例乙", MOBILE)
    answer = client_of().post("/renewals/list.pdf", data={"window": "7"})
    assert answer.mimetype == "application/pdf"
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.data, capture_output=True, check=True)
    text = read.stdout.decode()
    assert "请带 A（有公章，多证合一）：1. 载有统一社会信用代码的证照" in text
    for told in ("证书到期名单：7 天内", held.token_serial, "2026-11-26", f"{MOBILE[:3]}****{MOBILE[-4:]}", "样例海淀网点"):
        assert told in text
    assert MOBILE not in text


def test_a_name_that_no_font_has_is_told_and_nothing_is_printed(world: World, client_of: Clients) -> None:
    aftercare.plant_held(world, days=3, name="北京样例\U0010fffd有限公司")
    answer = client_of().post("/renewals/list.pdf", data={"window": "7"})
    assert answer.status_code == 503
    with world.reading() as session:
        assert session.scalars(select(JournalLine).where(JournalLine.act == "print_call_list")).all() == []


def test_a_list_that_leaves_is_cut_at_its_cap(world: World, client_of: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    held = [aftercare.plant_held(world, days=days) for days in (9, 5, 7)]
    monkeypatch.setattr(call_list_room, "MOST_ROWS", 2)
    rows = rows_of(client_of().post("/renewals/list.csv", data={"window": "30"}))[1:]
    assert [row[6] for row in rows] == [held[1].token_serial, held[2].token_serial]


@pytest.mark.parametrize("window", ["", "8", "lapsed'--"])
def test_a_window_that_is_none_is_refused(world: World, client_of: Clients, window: str) -> None:
    for kind in ("csv", "pdf"):
        assert client_of().post(f"/renewals/list.{kind}", data={"window": window}).status_code == 422
    with world.reading() as session:
        assert session.scalars(select(JournalLine).where(JournalLine.act.like("%call_list"))).all() == []


def test_a_suspended_one_is_told_to_resume_first(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world, days=3, status=CertificateStatus.suspended)
    page = client_of().get("/renewals/").text
    assert "先恢复使用" in page
    assert f"/aftercare/certificates/{held.serial}/open" not in page


def test_an_amended_name_on_the_list_is_the_certificates(world: World, client_of: Clients) -> None:
    """Nobody is called by a name that his certificate does not bear."""
    held = aftercare.plant_held(world, days=3)
    with world.writing() as session:
        session.get_one(Applicant, held.applicant_id).name = "北京样例改名有限公司"
        session.commit()
    page = client_of().get("/renewals/").text
    assert "北京样例贸易有限公司" in page


def test_moving_the_clock_moves_the_list(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world, days=8)
    assert windows_naming(client_of(), held) == ["30", "90"]
    world.clock.move(timedelta(hours=15))  # past midnight in Beijing
    assert windows_naming(client_of(), held) == ["7", "30", "90"]
