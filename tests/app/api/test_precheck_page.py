"""GET /precheck: what somebody sees who asks before he comes."""

import re

import pytest

from app.api.precheck import BURST
from models.rulebook.checklist import ROWS

KIND = {"kind": "enterprise", "has_seal": "yes"}


def ticked(*names, but=()):
    """The query of papers ticked off in full."""
    return {f"papers-{name}-{tick}": "y" for name in names for tick in ROWS[name].ticks if tick not in but} | {"id_is_valid": "y"}


def look(client, **query):
    answer = client.get("/precheck", query_string=query)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def clauses(page):
    return re.findall(r'<span class="clause">([^<]+)</span>', page)


def test_before_anything_is_told_no_answer_is_given(stranger):
    page = look(stranger)
    assert "选定单位类型和有无公章后" in page
    assert "费用（元）" not in page


def test_good_papers_may_come(stranger):
    page = look(stranger, **KIND, **ticked("application_form", "code_bearing_licence", "identity_document"))
    assert "材料齐全，可以来办" in page
    assert clauses(page) == []
    assert "0.00" in page


def test_all_that_is_missing_is_told_once_also_for_several_certificates(stranger):
    page = look(stranger, **KIND, certificates="3")
    assert clauses(page) == ["B1.1.1", "B1.1.2", "B1.1.3"]
    assert "360.00" in page


def test_who_had_one_before_pays_for_the_first(stranger):
    assert "180.00" in look(stranger, **KIND, issued_before="yes")


def test_a_proprietor_without_a_seal_sees_his_own_papers(stranger):
    query = {"kind": "individual_business", "has_seal": "no", "named_after_proprietor": "y", "holds_code_bearing_licence": "no"}
    page = look(stranger, **query, presenter_role="proprietor")
    assert "营业执照" in page
    assert "税务登记证" in page
    assert "签字" in page
    assert "组织机构代码证" not in page
    assert clauses(look(stranger, **query, presenter_role="agent"))[0] == "B1.N3"


def test_tax_asks_for_the_computer_code_and_recommends_a_branch(stranger):
    papers = ticked("application_form", "code_bearing_licence", "identity_document")
    query = KIND | papers | {"uses": "tax", "established_before": "y"}
    assert clauses(look(stranger, **query)) == ["B1.N1", "B1.N1"]
    assert clauses(look(stranger, **query, computer_code_known="y", at_local_tax_branch="y")) == []


def test_a_paper_that_counts_can_be_seen_and_taken_back(stranger):
    ticks = ticked("code_bearing_licence", but=("photocopy", "mark"))
    page = look(stranger, **KIND, holds_code_bearing_licence="no", **ticks)
    assert 'name="papers-code_bearing_licence-original"' in page
    assert 'name="papers-business_licence-original"' in page
    page = look(stranger, **KIND, holds_code_bearing_licence="no")
    assert 'name="papers-code_bearing_licence-original"' not in page
    page = look(stranger, kind="enterprise", has_seal="no", **ticks)
    assert 'name="papers-code_bearing_licence-original"' not in page


def test_an_expired_identity_document_is_told(stranger):
    papers = ticked("application_form", "code_bearing_licence", "identity_document")
    del papers["id_is_valid"]
    assert "已过有效期" in look(stranger, **KIND, **papers)


def test_the_page_speaks_english(stranger):
    with stranger.session_transaction() as session:
        session["language"] = "en"
    page = look(stranger, **KIND)
    assert "Before you come" in page
    assert "The valid identity document of the person at the counter is missing." in page
    ours = re.sub(r"<button[^>]*lang=.*?</button>|\(副本\)", "", page)
    assert re.findall(r"[\u4e00-\u9fff]+", ours) == []


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "bogus", "has_seal": "maybe", "presenter_role": "x", "issued_before": "<b>", "uses": "vat"},
        KIND | {"certificates": "0"},
        KIND | {"certificates": "١٢"},
        KIND | {"certificates": "9" * 5000},
        KIND | {"papers-application_form-mark": "x", "papers": "y", "papers-": "z"},
        KIND | {"uses": "\ud83d"},
    ],
)
def test_nonsense_in_the_address_is_no_error(stranger, query):
    look(stranger, **{name: value.encode("utf-8", "replace").decode() for name, value in query.items()})


def test_a_number_that_does_not_do_is_told_at_its_field(stranger):
    assert "请填 1 到 99。" in look(stranger, **KIND, certificates="100")


def test_looking_too_often_is_refused(stranger):
    """However slowly the machine answers, it answers faster than the ten in a second that are given back."""
    statuses = [stranger.get("/precheck").status_code]
    while statuses[-1] == 200 and len(statuses) < 2000:
        statuses.append(stranger.get("/precheck").status_code)
    assert len(statuses) > BURST
    assert statuses[-1] == 429


def told_to_bring(page, title):
    (found,) = re.findall(rf"<summary>{re.escape(title)}</summary><ul>(.*?)</ul>", page)
    return re.findall(r"<li>(.*?)</li>", found)


def test_who_has_a_certificate_sees_what_to_bring_for_every_other_kind(stranger):
    page = look(stranger)
    assert len(re.findall(r"<summary>", page)) == 8
    assert told_to_bring(page, "补办（遗失）")[-1] == "介质费用 80.00 元。"
    assert any("公章" in line and "签字" in line for line in told_to_bring(page, "更新"))


def test_what_to_bring_follows_what_is_told_of_the_applicant(stranger):
    sealed = told_to_bring(look(stranger, **KIND, holds_code_bearing_licence="yes"), "更新")
    assert sealed[0] == "载有统一社会信用代码的证照副本的原件及复印件，复印件加盖单位公章。"
    page = look(stranger, kind="individual_business", has_seal="no", named_after_proprietor="y", presenter_role="proprietor")
    assert "须由经营者本人到场，不能代办。" in told_to_bring(page, "解锁")
