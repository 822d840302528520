"""The aftercare desk through the browser's eyes: find, see what is open, open, fill in, accept or tell what is missing."""

import re
from collections.abc import Callable

import pytest

from app.services.world import World
from models.rulebook.kinds import AFTERCARE_KINDS
from models.rulebook.vocabulary import CaseKind, CaseState, CertificateStatus, Role
from models.tables import Certificate
from tests.builders import aftercare
from tests.builders.cases import MOBILE, case_now, resident_number
from tests.builders.clients import OfficeClient

Clients = Callable[..., OfficeClient]


def posted(draft: dict[str, object], version: int) -> dict[str, str]:
    """A draft as a browser sends it: names with dashes, ticks only where they are set."""
    fields = {"version": str(version), "presenter_id_number": resident_number(), "presenter_mobile": MOBILE}
    for name, value in draft.items():
        if name == "papers":
            for row, ticks in value.items():  # type: ignore[attr-defined]
                fields |= {f"papers-{row}-{tick}": "y" for tick, on in ticks.items() if on}
        elif value:
            fields[name] = str(value)
    return fields


@pytest.mark.parametrize("by", ["token_serial", "serial", "credit_code"])
def test_a_certificate_is_found_by_what_its_holder_brings_from_any_branch(world: World, client_of: Clients, by: str) -> None:
    held = aftercare.plant_held(world, "CY01")
    answer = client_of().get("/aftercare/", query_string={"q": f" {getattr(held, by)} "})
    assert answer.status_code == 303
    assert answer.location.endswith(f"/aftercare/certificates/{held.serial}")


def test_a_serial_is_found_as_other_programs_write_it(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    pairs = held.serial if len(held.serial) % 2 == 0 else f"0{held.serial}"
    written = ":".join(re.findall("..", pairs)).upper()
    assert client_of().get("/aftercare/", query_string={"q": written}).location.endswith(held.serial)


def test_several_certificates_of_one_applicant_are_listed_to_choose_from(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    second = aftercare.plant_held(world)
    with world.writing() as session:
        session.get_one(Certificate, second.certificate_id).applicant_id = held.applicant_id
        session.commit()
    page = client_of().get("/aftercare/", query_string={"q": held.credit_code}).text
    assert held.token_serial in page
    assert second.token_serial in page


def test_the_certificate_page_offers_what_is_open_and_says_why_the_rest_is_not(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world, days=200)
    page = client_of().get(f"/aftercare/certificates/{held.serial}").text
    for kind in (CaseKind.unlock, CaseKind.amendment, CaseKind.suspension, CaseKind.replacement_lost):
        assert f'name="kind" value="{kind.value}"' in page
    assert 'name="kind" value="renewal"' not in page
    assert 'name="kind" value="resumption"' not in page
    assert "到期前 90 天" in page
    assert "须主管批准" in page


def test_a_renewal_is_open_within_ninety_days_and_after_expiry(world: World, client_of: Clients) -> None:
    for days in (90, 0, -400):
        held = aftercare.plant_held(world, days=days)
        page = client_of().get(f"/aftercare/certificates/{held.serial}").text
        assert 'name="kind" value="renewal"' in page, days


def test_opening_leads_to_the_draft_and_a_second_opening_to_a_sentence(world: World, client_of: Clients) -> None:
    held, client = aftercare.plant_held(world), client_of()
    url = f"/aftercare/certificates/{held.serial}"
    first = client.post(f"{url}/open", data={"kind": "unlock"})
    assert re.fullmatch(r"/aftercare/\d+", first.location)
    again = client_of(Role.clerk, "CY01").post(f"{url}/open", data={"kind": "suspension"}, follow_redirects=True)
    assert "一次只办一件" in again.text
    assert 'value="suspension"' not in again.text


def test_another_branch_sees_of_a_case_its_number_and_state_only(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    case = aftercare.opened(world, held, CaseKind.unlock)
    page = client_of(Role.clerk, "CY01").get(f"/aftercare/certificates/{held.serial}").text
    assert case.number in page
    assert f"/cases/{case.id}" not in page
    assert client_of(Role.clerk, "CY01").get(f"/aftercare/{case.id}").status_code == 404


@pytest.mark.parametrize("kind", [kind for kind in CaseKind if kind in AFTERCARE_KINDS])
def test_every_kind_goes_from_an_empty_page_to_acceptance(world: World, client_of: Clients, kind: CaseKind) -> None:
    status = CertificateStatus.suspended if kind is CaseKind.resumption else CertificateStatus.valid
    held, client = aftercare.plant_held(world, days=60, status=status), client_of()
    url = client.post(f"/aftercare/certificates/{held.serial}/open", data={"kind": kind.value}).location
    page = client.get(url)
    assert page.status_code == 200
    assert "不能受理" in page.text
    case = case_now(world, int(url.rsplit("/", 1)[1]))
    answer = client.post(f"{url}/accept", data=posted(aftercare.draft(held, kind), case.version))
    assert answer.status_code == 303, re.findall(r'class="(?:refuse|error)[^>]*>([^<]+)', answer.text)
    filed = client.get(url)
    assert "受理回执" in filed.text
    wanted = CaseState.awaiting_grant if kind in (CaseKind.unlock, CaseKind.replacement_lost) else CaseState.in_review
    assert case_now(world, case.id).state is wanted
    paper = client.get(re.search(r'href="(/cases/notices/\d+\.pdf)"', filed.text).group(1))  # type: ignore[union-attr]
    assert paper.data.startswith(b"%PDF-")


def test_a_change_is_kept_and_answered_with_the_verdict(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    case, client = aftercare.opened(world, held, CaseKind.replacement_damaged), client_of()
    fields = posted(aftercare.draft(held, CaseKind.replacement_damaged, damage_visible="yes"), case.version)
    answer = client.post(f"/aftercare/{case.id}/save", data=fields, headers={"HX-Request": "true"})
    assert "使用方责任" in answer.text
    assert "80.00" in answer.text
    assert f'name="version" value="{case_now(world, case.id).version}"' in answer.text
    assert resident_number() not in client.get(f"/aftercare/{case.id}").text


def test_another_token_on_the_counter_is_told_at_once(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    case, client = aftercare.opened(world, held, CaseKind.unlock), client_of()
    fields = posted(aftercare.draft(held, CaseKind.unlock, token_serial="HD01T999999"), case.version)
    answer = client.post(f"/aftercare/{case.id}/accept", data=fields)
    assert answer.status_code == 422
    assert "证书不在这只介质上" in answer.text
    assert case_now(world, case.id).state is CaseState.draft


def test_what_is_missing_goes_on_one_notice_and_the_revisit_opens_there(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    case, client = aftercare.opened(world, held, CaseKind.unlock), client_of()
    lacking = aftercare.draft(held, CaseKind.unlock, papers=aftercare.papers(code_bearing_licence={"mark": False}))
    assert client.post(f"/aftercare/{case.id}/correction", data=posted(lacking, case.version)).status_code == 303
    page = client.get(f"/aftercare/{case.id}").text
    assert "没通过的项目" in page
    client.post(f"/aftercare/{case.id}/reopen", data={"version": case_now(world, case.id).version})
    open_rows = client.get(f"/aftercare/{case.id}").text.split('<details class="others"')[0]
    assert 'id="row-1-code_bearing_licence"' in open_rows
    assert 'id="row-1-identity_document"' not in open_rows


def test_the_intake_desk_neither_lists_nor_touches_a_case_about_a_certificate(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    case, client = aftercare.drafted(world, held, CaseKind.unlock), client_of()
    assert case.number not in client.get("/intake/?state=draft").text
    assert client.get(f"/intake/{case.id}").location == f"/aftercare/{case.id}"
    client.post(f"/intake/{case.id}/accept", data={"version": case.version})
    assert case_now(world, case.id).version == case.version
    assert case.number in client.get("/aftercare/?state=draft").text


def test_the_reviewer_sees_the_certificate_and_a_suspension_is_done_at_his_word(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    case, reviewer = aftercare.accepted(world, held, CaseKind.suspension), client_of(Role.reviewer)
    assert "暂停" in reviewer.get("/review/").text
    page = reviewer.get(f"/review/{case.id}").text
    assert held.serial in page
    assert held.token_serial in page
    answer = reviewer.post(f"/review/{case.id}/approve", data={"version": case.version}, follow_redirects=True)
    assert "已变更并公布" in answer.text
    assert aftercare.certificate_now(world, held).status is CertificateStatus.suspended
    clerk = client_of()
    paper = re.search(
        r'href="(/cases/notices/\d+\.pdf)"[^>]*>(?:<svg.*?</svg>)?证书状态变更回执', clerk.get(f"/aftercare/{case.id}").text
    )
    assert paper is not None
    assert clerk.get(paper.group(1)).data.startswith(b"%PDF-")


def test_the_fee_desk_names_the_kind_and_its_receipt_the_medium(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    case, client = aftercare.agreed(world, held, CaseKind.replacement_lost), client_of()
    assert "补办（遗失）" in client.get("/fee/").text
    page = client.get(f"/fee/{case.id}").text
    assert "首张免费" not in page
    assert "80.00" in page
    client.post(f"/fee/{case.id}/settle", data={"version": case.version, "method": "cash"})
    paid = client.get(f"/fee/{case.id}").text
    assert client.get(re.search(r'href="(/cases/receipts/\d+\.pdf)"', paid).group(1)).data.startswith(b"%PDF-")  # type: ignore[union-attr]


def test_the_casefile_leads_back_to_this_desk(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    case = aftercare.drafted(world, held, CaseKind.unlock)
    page = client_of().get(f"/cases/{case.id}").text
    assert f'href="/aftercare/{case.id}"' in page
    assert f'href="/intake/{case.id}"' not in page


def test_the_pages_speak_english_too(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world, days=60)
    client = client_of()
    client.post("/account/language", data={"language": "en", "back": "/"})
    url = client.post(f"/aftercare/certificates/{held.serial}/open", data={"kind": "replacement_damaged"}).location
    for address in ("/aftercare/", f"/aftercare/certificates/{held.serial}", url):
        shown = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", client.get(address).text, flags=re.S)
        for own in ("样例", "北京", "中文", "演示"):
            shown = shown.replace(own, "")
        chinese = set(re.findall(r"[\u4e00-\u9fff]{2,}", shown)) - {"贸易有限公司", "海淀网点", "副本"}
        assert not chinese, (address, chinese)
