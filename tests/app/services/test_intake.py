"""Draft, acceptance, correction, refusal, withdrawal: what the intake use cases keep, refuse and write down."""

import json

import pytest
from sqlalchemy import select

from app.services.accept_case import accept_case
from app.services.errors import Absent, Faulty, OutOfTurn, Refusal, Stale
from app.services.examine_case import examine_case
from app.services.open_case import open_case
from app.services.print_notice import print_notice
from app.services.reopen_case import reopen_case
from app.services.request_correction import request_correction
from app.services.reveal_identity import reveal_identity
from app.services.save_draft import save_draft
from app.services.turn_away_case import turn_away_case
from app.services.withdraw_case import withdraw_case
from app.services.world import World
from models.rulebook.question import parse
from models.rulebook.vocabulary import CaseKind, CaseState, Role
from models.tables import Applicant, Case, Examination, JournalLine, Notice
from tests.builders import cases
from tests.builders.people import actor_of


def codes(verdict) -> list[tuple[str, int | None]]:
    return sorted((finding.code.value, finding.set) for finding in verdict.findings)


def lines(world: World, case: Case) -> list[JournalLine]:
    with world.reading() as session:
        return list(session.scalars(select(JournalLine).where(JournalLine.case_id == case.id).order_by(JournalLine.id)))


def test_cases_are_numbered_by_branch_and_day(world: World) -> None:
    first, second = open_case(world, actor_of(world)), open_case(world, actor_of(world))
    elsewhere = open_case(world, actor_of(world, branch="CY01"))
    assert [first.number, second.number] == ["HD01-20261123-0001", "HD01-20261123-0002"]
    assert elsewhere.number == "CY01-20261123-0001"


def test_a_draft_keeps_what_was_typed_but_no_personal_number(world: World) -> None:
    case = cases.drafted(world, remark="说明")
    kept = json.dumps(case.draft, ensure_ascii=False)
    assert case.draft["remark"] == "说明"
    assert cases.resident_number() not in kept
    assert cases.MOBILE not in kept
    assert cases.resident_number().encode() not in (case.presenter_id_sealed or b"")
    assert case.presenter_id_digest == world.vault.digest(cases.resident_number())


def test_a_personal_number_slipped_into_the_draft_is_not_kept_there(world: World) -> None:
    clerk, opened = actor_of(world), open_case(world, actor_of(world))
    save_draft(world, clerk, opened.id, 1, {"presenter_id_number": "110101199003070011", "name": "样例"})
    assert "presenter_id_number" not in cases.case_now(world, opened.id).draft


def test_an_empty_personal_number_keeps_the_one_that_is_there(world: World) -> None:
    case = cases.drafted(world)
    save_draft(world, actor_of(world), case.id, case.version, {**case.draft, "remark": "改"})
    assert reveal_identity(world, actor_of(world), case.id, "核对").id_number == cases.resident_number()


def test_a_seal_is_not_taken_for_a_signature_when_the_seal_question_is_answered_anew(world: World) -> None:
    case = cases.drafted(world, kind="individual_business", named_after_proprietor=True, presenter_role="proprietor")
    save_draft(world, actor_of(world), case.id, case.version, {**case.draft, "has_seal": "no"})
    papers = cases.case_now(world, case.id).draft["sets"][0]
    assert [papers[row]["mark"] for row in ("application_form", "code_bearing_licence", "identity_document")] == [False] * 3
    assert papers["code_bearing_licence"]["original"] is True


def test_every_save_has_a_line_that_names_fields_and_no_values(world: World) -> None:
    case = cases.drafted(world)
    save_draft(world, actor_of(world), case.id, case.version, {**case.draft, "name": "北京样例改名公司"})
    last = lines(world, case)[-1]
    assert (last.act, last.detail) == ("save", {"fields": ["name"]})


def test_saving_the_same_again_changes_nothing(world: World) -> None:
    case, before = cases.drafted(world), None
    before = lines(world, case)
    assert save_draft(world, actor_of(world), case.id, case.version, case.draft).version == case.version
    assert len(lines(world, case)) == len(before)


def test_a_stale_page_does_not_win(world: World) -> None:
    case = cases.drafted(world)
    save_draft(world, actor_of(world), case.id, case.version, {**case.draft, "name": "甲"})
    with pytest.raises(Stale):
        save_draft(world, actor_of(world), case.id, case.version, {**case.draft, "name": "乙"})
    assert cases.case_now(world, case.id).draft["name"] == "甲"


def test_another_branchs_case_does_not_exist(world: World) -> None:
    case = cases.drafted(world)
    with pytest.raises(Absent):
        save_draft(world, actor_of(world, branch="CY01"), case.id, case.version, {"name": "甲"})
    with pytest.raises(Absent):
        accept_case(world, actor_of(world, branch="CY01"), case.id, case.version)


def test_papers_in_order_are_accepted_and_filed(world: World) -> None:
    case = cases.in_review(world)
    assert case.state is CaseState.in_review
    assert (case.applicant.name, case.applicant.certificates_promised) == ("北京样例科技有限公司", 0)
    assert [document.kind.value for document in case.sets[0].documents] == [
        "application_form",
        "code_bearing_licence",
        "identity_document",
    ]
    with world.reading() as session:
        examination = session.scalars(select(Examination).where(Examination.case_id == case.id)).one()
        notice = session.scalars(select(Notice).where(Notice.case_id == case.id)).one()
    assert examination.answer["accepted"] is True
    assert parse(examination.question).applicant.name == "北京样例科技有限公司"
    assert (notice.kind, notice.number) == ("acceptance", "HD01-S-2026-000001")


def test_an_advice_is_shown_and_not_enforced(world: World) -> None:
    case = cases.drafted(world, uses=["tax"], established_on="2020-01-01")
    verdict = examine_case(world, actor_of(world), case.id)
    assert [finding.code.value for finding in verdict.advices] == ["tax.prefer_local_tax_branch"]
    accept_case(world, actor_of(world), case.id, case.version)
    elsewhere = cases.drafted(world, "DS01", uses=["tax"], established_on="2020-01-01")
    assert examine_case(world, actor_of(world, branch="DS01"), elsewhere.id).advices == ()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"credit_code": "91110108000000001X"}, "credit_code", "wrong_check"),
        ({"name": ""}, "name", "required"),
        ({"certificates": "0"}, "certificates", "not_1_to_99"),
        ({"established_on": "2015-02-30"}, "established_on", "not_a_date"),
        ({"established_on": "2030-01-01"}, "established_on", "in_the_future"),
        ({"established_on": "", "uses": ["tax"]}, "established_on", "required_for_tax"),
        ({"presenter_id_until": ""}, "presenter_id_until", "required"),
        ({"presenter_id_kind": "passport", "presenter_role": ""}, "presenter_role", "required"),
        ({"presenter_id_kind": "hmt_residence_permit"}, "presenter_id_number", "other_kind"),
    ],
)
def test_what_is_not_filled_in_properly_is_named_by_field(world: World, changes: dict, field: str, code: str) -> None:
    case = cases.drafted(world, **changes)
    with pytest.raises(Faulty) as refused:
        accept_case(world, actor_of(world), case.id, case.version)
    assert refused.value.fields[field] == code
    assert cases.case_now(world, case.id).state is CaseState.draft


def test_papers_not_in_order_cannot_be_accepted(world: World) -> None:
    case = cases.drafted(world, sets=[cases.papers(code_bearing_licence=None)])
    with pytest.raises(Refusal) as refused:
        accept_case(world, actor_of(world), case.id, case.version)
    assert refused.value.code == "not_in_order"


def test_a_correction_notice_has_all_defects_at_once(world: World) -> None:
    broken = cases.papers(
        application_form={"two_copies": False, "mark": False}, code_bearing_licence=None, identity_document={"own": False}
    )
    case = cases.noticed(world, certificates="2", sets=[broken])
    assert case.state is CaseState.correction
    with world.reading() as session:
        notice = session.scalars(select(Notice).where(Notice.case_id == case.id)).one()
        examination = session.get(Examination, notice.examination_id)
    found = {finding["code"] for finding in examination.answer["findings"]}
    assert found == {
        "sets.too_few",
        "form.too_few_copies",
        "form.unmarked",
        "licence.missing",
        "identity.not_presenter",
    }
    printed = [defect for group in notice.content["groups"] for defect in group["defects"]]
    assert len(printed) == len(found)
    assert notice.number == "HD01-B-2026-000001"


def test_a_correction_notice_can_be_given_without_the_presenters_papers(world: World) -> None:
    clerk, opened = actor_of(world), open_case(world, actor_of(world))
    draft = cases.draft(presenter_name="", presenter_id_until="", sets=[cases.papers(identity_document=None)])
    save_draft(world, clerk, opened.id, 1, draft)
    request_correction(world, clerk, opened.id, 2)
    assert cases.case_now(world, opened.id).state is CaseState.correction


def test_nothing_to_correct_is_no_correction(world: World) -> None:
    case = cases.drafted(world)
    with pytest.raises(Refusal) as refused:
        request_correction(world, actor_of(world), case.id, case.version)
    assert refused.value.code == "nothing_to_correct"


def test_the_revisit_goes_on_in_the_same_case(world: World) -> None:
    case, clerk = cases.noticed(world), actor_of(world)
    reopen_case(world, clerk, case.id, case.version)
    again = cases.case_now(world, case.id)
    saved = save_draft(world, clerk, case.id, again.version, {**again.draft, "sets": [cases.papers()]})
    accept_case(world, clerk, case.id, saved.version)
    done = cases.case_now(world, case.id)
    assert (done.number, done.state) == (case.number, CaseState.in_review)
    with world.reading() as session:
        kinds = session.scalars(select(Notice.kind).where(Notice.case_id == case.id).order_by(Notice.id)).all()
    assert kinds == ["correction", "acceptance"]


def test_only_an_applicant_without_a_rule_is_turned_away(world: World) -> None:
    clerk = actor_of(world)
    case = cases.drafted(world, has_seal="no")
    done = turn_away_case(world, clerk, case.id, case.version)
    assert cases.case_now(world, case.id).state is CaseState.refused
    assert done.notice_number == "HD01-X-2026-000001"
    covered = cases.drafted(world, sets=[cases.papers(code_bearing_licence=None)])
    with pytest.raises(Refusal) as refused:
        turn_away_case(world, clerk, covered.id, covered.version)
    assert refused.value.code == "is_covered"


def test_a_sole_proprietor_without_a_seal_must_come_himself(world: World) -> None:
    agent = cases.drafted(world, **(cases.sealless_draft(presenter_role="agent")))
    assert ("presenter.not_proprietor", None) in codes(examine_case(world, actor_of(world), agent.id))
    himself = cases.drafted(world, **cases.sealless_draft())
    accept_case(world, actor_of(world), himself.id, himself.version)
    documents = cases.case_now(world, himself.id).sets[0].documents
    assert {document.mark.value for document in documents} == {"signature"}


def test_a_withdrawal_needs_a_reason(world: World) -> None:
    case = cases.drafted(world)
    with pytest.raises(Faulty):
        withdraw_case(world, actor_of(world), case.id, case.version, "  ")


def test_a_known_applicant_is_filled_in_by_its_code(world: World) -> None:
    known = cases.in_review(world, "CY01").applicant
    clerk, opened = actor_of(world), open_case(world, actor_of(world))
    saved = save_draft(world, clerk, opened.id, 1, {"credit_code": known.credit_code.lower(), "name": ""})
    draft = cases.case_now(world, opened.id).draft
    assert saved.recognised
    assert (draft["name"], draft["kind"], draft["has_seal"]) == (known.name, "enterprise", "yes")


def test_a_changed_name_of_an_applicant_with_certificates_is_an_amendment(world: World) -> None:
    applicant = cases.ready_to_issue(world).applicant
    case = cases.drafted(world, credit_code=applicant.credit_code, name="北京另一样例公司")
    with pytest.raises(Faulty) as refused:
        accept_case(world, actor_of(world), case.id, case.version)
    assert refused.value.fields == {"name": "differs_from_record"}


def test_a_mistyped_name_can_be_put_right_before_any_certificate(world: World) -> None:
    first = cases.noticed(world, name="北京样例科枝公司")
    reopen_case(world, actor_of(world), first.id, first.version)
    again = cases.case_now(world, first.id)
    draft = {**again.draft, "name": "北京样例科技公司", "sets": [cases.papers()]}
    saved = save_draft(world, actor_of(world), again.id, again.version, draft)
    accept_case(world, actor_of(world), again.id, saved.version)
    assert cases.case_now(world, first.id).applicant.name == "北京样例科技公司"


def test_a_second_case_of_an_applicant_with_certificates_is_an_additional_one(world: World) -> None:
    first = cases.ready_to_issue(world)
    again = cases.in_review(world, credit_code=first.applicant.credit_code)
    assert (first.kind, again.kind) == (CaseKind.new, CaseKind.additional)


def test_a_second_acceptance_is_out_of_turn(world: World) -> None:
    case = cases.drafted(world)
    accept_case(world, actor_of(world), case.id, case.version)
    with pytest.raises(OutOfTurn):
        accept_case(world, actor_of(world), case.id, case.version)


def test_unmasking_asks_for_a_reason_and_leaves_a_line(world: World) -> None:
    case, supervisor = cases.in_review(world), actor_of(world, Role.supervisor)
    with pytest.raises(Faulty):
        reveal_identity(world, supervisor, case.id, " ")
    assert reveal_identity(world, supervisor, case.id, "核对到场人").mobile == cases.MOBILE
    last = lines(world, case)[-1]
    assert (last.act, last.staff_id, last.detail) == ("reveal_identity", supervisor.staff_id, {"reason": "核对到场人"})


def test_papers_print_the_same_bytes_again_and_mask_the_number(world: World) -> None:
    case = cases.in_review(world)
    with world.reading() as session:
        notice = session.scalars(select(Notice).where(Notice.case_id == case.id)).one()
    first = print_notice(world, actor_of(world), notice.id)
    world.clock.move(days=400)
    assert print_notice(world, actor_of(world), notice.id).pdf == first.pdf
    assert first.pdf.startswith(b"%PDF-")
    assert cases.resident_number() not in json.dumps(notice.content)


def test_no_journal_line_of_a_whole_case_holds_a_personal_number(world: World) -> None:
    case = cases.ready_to_issue(world, certificates=2)
    written = json.dumps([line.detail for line in lines(world, case)], ensure_ascii=False)
    assert cases.resident_number() not in written
    assert cases.MOBILE not in written
    with world.reading() as session:
        assert session.scalars(select(Applicant)).one().certificates_promised == 2
