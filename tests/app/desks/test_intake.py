"""The intake desk's pages: what a change answers, what is kept, what a second click sees."""

import io
import re

import pytest
from PIL import Image

from app.services.reopen_case import reopen_case
from app.services.world import World
from models.rulebook.vocabulary import CaseState, Role
from models.tables import Case, Scan
from tests.builders import cases
from tests.builders.people import actor_of

HTMX = {"HX-Request": "true"}


def posted(case: Case, **changes: object) -> dict[str, object]:
    """What the browser sends of a draft."""
    fields: dict[str, object] = {"version": str(case.version)}
    for name, value in (case.draft | changes).items():
        if name != "sets" and value not in (False, ""):
            fields[name] = value if value is not True else "y"
    for place, papers in enumerate(changes.get("sets", case.draft.get("sets", []))):
        fields[f"sets-{place}-reference"] = papers["reference"]
        for row, ticks in papers.items():
            if isinstance(ticks, dict):
                fields |= {f"sets-{place}-{row}-{tick}": "y" for tick, ticked in ticks.items() if ticked}
    return fields


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_opening_makes_a_draft_and_goes_to_it(world: World, client_of) -> None:
    answer = client_of().post("/intake/open", data={"credit_code": "91110108"})
    assert answer.status_code == 303
    case = cases.case_now(world, int(answer.location.rsplit("/", 1)[1]))
    assert (case.state, case.draft) == (CaseState.draft, {"credit_code": "91110108"})


def test_nothing_is_made_by_looking(world: World, client_of) -> None:
    client = client_of()
    assert client.get("/intake/").status_code == 200
    assert client.get("/intake/open").status_code == 405


def test_the_verdict_and_the_fee_follow_a_tick(world: World, client_of) -> None:
    case, client = cases.drafted(world, **cases.with_certificates(2)), client_of()
    broken = [cases.papers("A", code_bearing_licence={"mark": False}), cases.papers("B")]
    answer = client.post(f"/intake/{case.id}/save", data=posted(case, sets=broken), headers=HTMX)
    text = words(answer.text)
    assert "有 1 处不符合，不能受理" in text
    assert "其余证书 1 × 180.00" in text
    assert f'name="version" value="{case.version + 1}"' in answer.text


def test_the_check_digit_and_the_suggested_kind_come_with_the_answer(world: World, client_of) -> None:
    case, client = cases.drafted(world), client_of()
    wrong = client.post(f"/intake/{case.id}/save", data=posted(case, credit_code="911101080000000019"), headers=HTMX)
    assert "校验码不符" in wrong.text
    case = cases.case_now(world, case.id)
    other = client.post(f"/intake/{case.id}/save", data=posted(case, credit_code=cases.unified_code("92")), headers=HTMX)
    assert 'data-adopt="individual_business"' in other.text


def test_the_checklist_comes_anew_only_when_other_rows_are_needed(world: World, client_of) -> None:
    case, client = cases.drafted(world), client_of()
    shape = re.search(r'name="shape" value="([^"]+)"', client.get(f"/intake/{case.id}").text).group(1)
    same = client.post(f"/intake/{case.id}/save", data=posted(case, remark="一", shape=shape), headers=HTMX)
    assert 'id="checklist"' not in same.text
    case = cases.case_now(world, case.id)
    other = client.post(f"/intake/{case.id}/save", data=posted(case, holds_code_bearing_licence="no", shape=shape), headers=HTMX)
    assert 'id="checklist"' in other.text
    assert "组织机构代码证" in other.text


def test_a_page_shows_personal_numbers_masked(world: World, client_of) -> None:
    case, client = cases.drafted(world), client_of()
    page = client.get(f"/intake/{case.id}").text
    assert cases.resident_number() not in page
    assert cases.MOBILE not in page
    assert "110***********0011" in page


def test_accepting_keeps_what_was_typed_last_and_a_second_click_sees_the_result(world: World, client_of) -> None:
    case, client = cases.drafted(world), client_of()
    sent = posted(case, remark="最后一刻")
    first = client.post(f"/intake/{case.id}/accept", data=sent)
    second = client.post(f"/intake/{case.id}/accept", data=sent)
    assert (first.status_code, second.status_code) == (303, 303)
    filed = cases.case_now(world, case.id)
    assert (filed.state, filed.remark) == (CaseState.in_review, "最后一刻")
    assert "受理回执" in client.get(first.location).text


def test_a_field_not_filled_in_comes_back_marked_with_everything_kept(world: World, client_of) -> None:
    case, client = cases.drafted(world), client_of()
    answer = client.post(f"/intake/{case.id}/accept", data=posted(case, name="", address="新地址"))
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert 'value="新地址"' in answer.text
    assert cases.case_now(world, case.id).state is CaseState.draft


def test_the_correction_notice_is_printed_and_the_revisit_opens_at_the_failed_item(world: World, client_of) -> None:
    case, client = cases.drafted(world, sets=[cases.papers(code_bearing_licence={"mark": False})]), client_of()
    answer = client.post(f"/intake/{case.id}/correction", data=posted(case))
    filed = client.get(answer.location).text
    paper = client.get(re.search(r'href="(/cases/notices/\d+\.pdf)"', filed).group(1))
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")
    reopen_case(world, actor_of(world), case.id, cases.case_now(world, case.id).version)
    page = client.get(f"/intake/{case.id}").text
    assert page.count('class="panel fold"') == 3
    assert "已核无误 2 项" in words(page)
    visible = page.split('<details class="others"')[0]
    assert 'id="row-1-code_bearing_licence"' in visible
    assert 'id="row-1-application_form"' not in visible


def test_refusing_is_offered_only_where_no_rule_covers_the_applicant(world: World, client_of) -> None:
    covered, client = cases.drafted(world), client_of()
    assert "/turn-away" not in client.get(f"/intake/{covered.id}").text
    uncovered = cases.drafted(world, has_seal="no")
    page = client.get(f"/intake/{uncovered.id}").text
    assert "/turn-away" in page
    assert "没有适用的规定" in page
    assert client.post(f"/intake/{uncovered.id}/turn-away", data=posted(uncovered)).status_code == 303
    assert cases.case_now(world, uncovered.id).state is CaseState.refused


def test_an_applicants_history_is_seen_from_another_branch(world: World, client_of) -> None:
    elsewhere = cases.in_review(world, "CY01")
    case = cases.drafted(world, credit_code=elsewhere.applicant.credit_code)
    page = client_of().get(f"/intake/{case.id}").text
    assert elsewhere.number in page
    assert client_of().get(f"/intake/{elsewhere.id}").status_code == 404


def upload(case: Case, data: bytes, kind: str = "code_bearing_licence") -> dict[str, object]:
    return {"set": "1", "document": kind, "version": "0", "file": (io.BytesIO(data), "a.jpg")}


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(out, "JPEG")
    return out.getvalue()


def test_a_scan_is_attached_shown_and_served_safely(world: World, client_of) -> None:
    case, client = cases.drafted(world), client_of()
    answer = client.post(f"/intake/{case.id}/scans", data=upload(case, jpeg()), headers=HTMX)
    assert answer.status_code == 200
    url = re.search(r'src="(/cases/scans/\d+)"', answer.text).group(1)
    served = client.get(url)
    assert (served.mimetype, served.data[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert served.headers["Cache-Control"] == "no-store"
    assert client_of(branch="CY01").get(url).status_code == 404
    assert client_of(Role.administrator).get(url).status_code == 403


@pytest.mark.parametrize(("data", "sentence"), [(b"", "没有选择文件"), (b"\xff\xd8\xffjunk", "文件已损坏"), (b"hello", "只接受")])
def test_a_bad_scan_is_refused_with_a_sentence(world: World, client_of, data: bytes, sentence: str) -> None:
    case = cases.drafted(world)
    answer = client_of().post(f"/intake/{case.id}/scans", data=upload(case, data), headers=HTMX)
    assert answer.status_code == 422
    assert sentence in answer.text
    with world.reading() as session:
        assert session.query(Scan).count() == 0


def test_a_tampered_choice_is_refused_and_keeps_nothing(world: World, client_of) -> None:
    case = cases.drafted(world)
    answer = client_of().post(f"/intake/{case.id}/save", data=posted(case, kind="cooperative", name="别的"), headers=HTMX)
    assert answer.status_code == 422
    assert cases.case_now(world, case.id).draft["name"] == "北京样例科技有限公司"


def test_without_the_token_nothing_is_changed(world: World, client_of) -> None:
    case = cases.drafted(world)
    answer = client_of().post(f"/intake/{case.id}/save", data=posted(case, name="别的"), csrf=False)
    assert answer.status_code == 400
    assert cases.case_now(world, case.id).draft["name"] == "北京样例科技有限公司"


def test_withdrawing_needs_a_reason(world: World, client_of) -> None:
    case, client = cases.in_review(world), client_of()
    client.post(f"/intake/{case.id}/withdraw", data={"version": case.version, "reason": ""})
    assert cases.case_now(world, case.id).state is CaseState.in_review
    client.post(f"/intake/{case.id}/withdraw", data={"version": case.version, "reason": "单位不办了"})
    assert cases.case_now(world, case.id).state is CaseState.withdrawn
