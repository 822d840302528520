"""The contract's rows, one by one, by hand."""

import pytest

from models.rulebook.findings import CONTRACT_CODES
from models.rulebook.precheck import examine
from models.rulebook.question import answer_json, parse
from tests.models.rulebook.questions import (
    form,
    identity,
    licence,
    papers,
    proprietors_question,
    question,
    signed,
)


def rows(asked):
    """Findings as (code, set, document, clause)."""
    findings = answer_json(examine(parse(asked)))["findings"]
    return sorted(((f["code"], f["set"], f["document"], f["clause"]) for f in findings), key=str)


def accepted(asked):
    return examine(parse(asked)).accepted


def trade_name(**changes):
    """A sole proprietor without a seal whose business has a trade name: the manual has no rule for him."""
    return proprietors_question(applicant={"named_after_proprietor": False}, **changes)


def test_good_papers_of_an_enterprise_are_accepted():
    assert rows(question()) == []
    assert accepted(question())


def test_good_papers_of_a_proprietor_in_person_are_accepted():
    assert rows(proprietors_question()) == []


@pytest.mark.parametrize("kind", ["enterprise", "military_unit", "branch"])
def test_without_a_seal_no_other_applicant_is_covered(kind):
    asked = question(applicant={"kind": kind, "has_seal": False, "named_after_proprietor": True})
    assert rows(asked) == [("applicant.not_covered", None, None, "B1.2")]


def test_a_proprietor_with_a_trade_name_is_not_covered_and_his_papers_are_not_judged():
    assert rows(trade_name(sets=[papers(licence())])) == [("applicant.not_covered", None, None, "B1.2")]


def test_an_applicant_who_is_not_covered_is_still_told_of_presenter_sets_and_tax():
    asked = trade_name(
        presenter={"is_proprietor": False},
        certificates=3,
        sets=[papers(reference="A"), papers(reference="A")],
        uses=["tax"],
        branch={"is_local_tax": False},
        computer_code_known=False,
        tax_numbers_differ=True,
    )
    assert rows(asked) == [
        ("applicant.not_covered", None, None, "B1.2"),
        ("presenter.not_proprietor", None, None, "B1.N3"),
        ("sets.reused", 2, None, "B1.N2"),
        ("sets.too_few", None, None, "B1.N2"),
        ("tax.computer_code_unknown", None, None, "B1.N1"),
        ("tax.prefer_local_tax_branch", None, None, "B1.N1"),
    ]


def test_a_sealless_business_cannot_send_an_agent_but_one_with_a_seal_can():
    assert rows(proprietors_question(presenter={"is_proprietor": False})) == [("presenter.not_proprietor", None, None, "B1.N3")]
    assert rows(question(applicant={"kind": "individual_business"}, presenter={"is_proprietor": False})) == []


def test_a_seal_decides_the_regime_also_for_a_business_named_after_its_proprietor():
    assert rows(proprietors_question(applicant={"has_seal": True})) == [
        ("form.unmarked", 1, "application_form", "B1.1.1"),
        ("identity.photocopy_unmarked", 1, "identity_document", "B1.1.3"),
        ("licence.photocopy_unmarked", 1, "code_bearing_licence", "B1.1.2"),
    ]


def test_each_certificate_needs_a_set_and_none_at_all_is_too_few():
    assert rows(question(certificates=2)) == [("sets.too_few", None, None, "B1.N2")]
    assert rows(question(sets=[])) == [("sets.too_few", None, None, "B1.N2")]


def test_sets_beyond_the_certificates_are_ignored():
    assert rows(question(papers(reference="A"), papers(licence(), reference="A"), certificates=1)) == []


def test_a_set_used_again_is_refused_and_every_further_one_too():
    asked = question(*(papers(reference=reference) for reference in ("A", "B", "A", None, None, "A")))
    assert rows(asked) == [("sets.reused", 3, None, "B1.N2"), ("sets.reused", 6, None, "B1.N2")]


def test_an_empty_reference_is_a_reference():
    assert rows(question(papers(reference=""), papers(reference=""))) == [("sets.reused", 2, None, "B1.N2")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"complete": False}, "form.incomplete"),
        ({"copies": 1}, "form.too_few_copies"),
        ({"copies": 0}, "form.too_few_copies"),
        ({"mark": "signature"}, "form.unmarked"),
        ({"mark": None}, "form.unmarked"),
    ],
)
def test_a_faulty_form(changes, code):
    assert rows(question(papers(form(**changes), licence(), identity()))) == [(code, 1, "application_form", "B1.1.1")]
    assert rows(question(papers(form(**changes), licence(), identity(), seal_at_counter=True))) == []


def test_a_missing_form_in_both_regimes():
    assert rows(question(papers(licence(), identity()))) == [("form.missing", 1, "application_form", "B1.1.1")]
    unsealed = papers(signed(licence()), signed(identity()), seal_at_counter=True)
    assert rows(proprietors_question(unsealed)) == [("form.missing", 1, "application_form", "B1.2.1")]


def test_three_copies_are_enough_copies():
    assert rows(question(papers(form(copies=3), licence(), identity()))) == []


@pytest.mark.parametrize("kind", ["organisation_code_certificate", "business_licence", "tax_registration"])
def test_with_a_seal_any_one_old_licence_will_do(kind):
    assert rows(question(papers(form(), licence(kind), identity()))) == []


def test_with_a_seal_no_licence_at_all():
    assert rows(question(papers(form(), identity()))) == [("licence.missing", 1, None, "B1.1.2")]


@pytest.mark.parametrize("ask", [question, proprietors_question])
def test_a_holder_of_a_code_bearing_licence_must_bring_that_one(ask):
    clause = "B1.1.2" if ask is question else "B1.2.2"
    mark = {"mark": "seal" if ask is question else "signature"}
    with_old = papers(form(**mark), licence("business_licence", mark=None), licence("tax_registration"), identity(**mark))
    without = papers(form(**mark), identity(**mark))
    holds = {"holds_code_bearing_licence": True}
    assert rows(ask(with_old, applicant=holds)) == [("licence.code_bearing_only", 1, "code_bearing_licence", clause)]
    assert rows(ask(without, applicant=holds)) == [("licence.missing", 1, "code_bearing_licence", clause)]


def test_who_shows_a_code_bearing_licence_holds_one_and_better_old_ones_do_not_count():
    asked = question(papers(form(), licence("business_licence"), licence(duplicate=False), identity()))
    assert rows(asked) == [("licence.not_duplicate", 1, "code_bearing_licence", "B1.1.2")]


def test_a_code_bearing_licence_in_one_set_says_nothing_about_the_next():
    assert rows(question(papers(), papers(form(), licence("business_licence"), identity()))) == []


def test_without_a_seal_business_licence_and_tax_registration_are_both_needed():
    code_certificate = signed(licence("organisation_code_certificate"))
    assert rows(proprietors_question(papers(signed(form()), code_certificate, signed(identity())))) == [
        ("licence.missing", 1, "business_licence", "B1.2.2"),
        ("licence.missing", 1, "tax_registration", "B1.2.2"),
    ]
    faulty = licence("tax_registration", duplicate=False, mark="signature")
    both = papers(signed(form()), signed(licence("business_licence")), faulty, signed(identity()))
    assert rows(proprietors_question(both)) == [("licence.not_duplicate", 1, "tax_registration", "B1.2.2")]


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"duplicate": False}, ["not_duplicate"]),
        ({"original": False}, ["no_original"]),
        ({"photocopy": False}, ["no_photocopy"]),
        ({"photocopy": False, "mark": None}, ["no_photocopy"]),
        ({"mark": None}, ["photocopy_unmarked"]),
        ({"mark": "signature"}, ["photocopy_unmarked"]),
        (
            {"duplicate": False, "original": False, "photocopy": False, "mark": None},
            ["no_original", "no_photocopy", "not_duplicate"],
        ),
    ],
)
def test_a_faulty_licence(changes, codes):
    asked = question(papers(form(), licence("business_licence", **changes), identity()))
    assert rows(asked) == [(f"licence.{code}", 1, "business_licence", "B1.1.2") for code in codes]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"holder": "other"}, "identity.not_presenter"),
        ({"expires_on": "2026-11-20"}, "identity.expired"),
        ({"original": False}, "identity.no_original"),
        ({"photocopy": False}, "identity.no_photocopy"),
        ({"photocopy": False, "mark": None}, "identity.no_photocopy"),
        ({"mark": None}, "identity.photocopy_unmarked"),
    ],
)
def test_a_faulty_identity_document(changes, code):
    expected = [(code, 1, "identity_document", "B1.1.3")]
    assert rows(question(papers(form(), licence(), identity(**changes)))) == expected


def test_a_missing_identity_document():
    assert rows(question(papers(form(), licence()))) == [("identity.missing", 1, "identity_document", "B1.1.3")]


@pytest.mark.parametrize("expires_on", ["2026-11-21", "2026-11-22", None])
def test_an_identity_document_is_valid_on_its_last_day(expires_on):
    assert rows(question(papers(form(), licence(), identity(expires_on=expires_on)))) == []


def test_the_document_with_the_fewest_findings_serves():
    worse, better = licence("business_licence", duplicate=False, original=False), licence("tax_registration", mark=None)
    expected = [("licence.photocopy_unmarked", 1, "tax_registration", "B1.1.2")]
    assert rows(question(papers(form(), worse, better, identity()))) == expected
    assert rows(question(papers(form(), better, worse, identity()))) == expected


def test_the_earliest_serves_on_a_tie():
    first, second = licence("business_licence", original=False), licence("tax_registration", mark=None)
    assert rows(question(papers(form(), first, second, identity()))) == [("licence.no_original", 1, "business_licence", "B1.1.2")]
    assert rows(question(papers(form(), second, first, identity()))) == [
        ("licence.photocopy_unmarked", 1, "tax_registration", "B1.1.2")
    ]


def test_tax_is_better_applied_for_at_a_local_tax_branch_but_that_is_only_advice():
    asked = question(uses=["tax"], local_tax=False)
    assert rows(asked) == [("tax.prefer_local_tax_branch", None, None, "B1.N1")]
    assert accepted(asked)
    assert rows(question(uses=["e_seal", "annual_inspection"], local_tax=False)) == []


@pytest.mark.parametrize(("established_on", "asks"), [("2016-08-07", True), ("2016-08-08", False), (None, False)])
def test_the_computer_code_of_applicants_from_before_8_august_2016(established_on, asks):
    asked = question(uses=["tax"], computer_code_known=False, applicant={"established_on": established_on})
    assert rows(asked) == ([("tax.computer_code_unknown", None, None, "B1.N1")] if asks else [])
    assert rows(asked | {"computer_code_known": True}) == []
    assert rows(asked | {"uses": []}) == []


def test_tax_wants_a_tax_registration_or_a_code_bearing_licence_in_each_set():
    old = papers(form(), licence("business_licence"), identity())
    assert rows(question(old, papers(), uses=["tax"])) == [("tax.evidence_missing", 1, None, "B1.N1")]
    # Its faults are another matter: it is there.
    poor = papers(form(), licence("business_licence"), licence("tax_registration", original=False), identity())
    assert rows(question(poor, uses=["tax"])) == []


@pytest.mark.parametrize(
    ("authorities", "found"),
    [
        (["state", "local"], False),
        (["local", "state", None], False),
        (["state"], True),
        (["local"], True),
        ([None], True),
        ([None, None], True),
        ([], True),
    ],
)
def test_when_the_tax_numbers_differ_both_registrations_are_needed(authorities, found):
    documents = [licence("tax_registration", authority=authority) for authority in authorities]
    asked = question(papers(form(), licence(), *documents, identity()), uses=["tax"], tax_numbers_differ=True)
    assert rows(asked) == ([("tax.both_registrations", 1, "tax_registration", "B1.N1")] if found else [])
    assert rows(asked | {"uses": ["e_seal"]}) == []


@pytest.mark.parametrize(
    ("issued", "certificates", "items", "total"),
    [
        (0, 1, ["0.00"], "0.00"),
        (0, 3, ["0.00", "180.00", "180.00"], "360.00"),
        (1, 1, ["180.00"], "180.00"),
        (7, 2, ["180.00", "180.00"], "360.00"),
        (0, 99, ["0.00"] + ["180.00"] * 98, "17640.00"),
    ],
)
def test_the_first_certificate_ever_is_free_and_each_further_one_costs_180_yuan(issued, certificates, items, total):
    asked = question(applicant={"certificates_issued": issued, "has_seal": False}, certificates=certificates)
    answer = answer_json(examine(parse(asked)))
    assert answer["fee"] == {"currency": "CNY", "items": items, "total": total}
    assert answer["accepted"] is False


def test_every_code_of_the_contract_is_found_somewhere_and_its_words_are_finished():
    """Every message: both languages, no gap left unfilled, and what to do about it (more than one sentence)."""
    questions = [
        question(sets=[]),
        question(papers(reference="A"), papers(reference="A")),
        trade_name(presenter={"is_proprietor": False}),
        question(uses=["tax"], local_tax=False, computer_code_known=False),
        question(papers(licence("business_licence")), applicant={"holds_code_bearing_licence": True}),
    ]
    bad = {"original": False, "photocopy": False}
    for ask in (question, proprietors_question):
        wrong = form(complete=False, copies=1, mark=None)
        questions += [
            ask(papers(form()), uses=["tax"], tax_numbers_differ=True),
            ask(papers(wrong, licence(duplicate=False, **bad), identity(holder="other", expires_on="2000-01-01", **bad))),
            ask(papers(wrong, licence(mark=None), identity(mark=None))),
            ask(papers(licence())),
        ]
    findings = [finding for asked in questions for finding in examine(parse(asked)).findings]
    assert {finding.code for finding in findings} == CONTRACT_CODES
    assert len(CONTRACT_CODES) == 24
    for finding in findings:
        assert "{" not in finding.message_zh + finding.message_en
        assert finding.message_zh.endswith("。")
        assert finding.message_en.endswith(".")
        assert finding.message_zh.count("。") + finding.message_zh.count("；") >= 2, finding
        assert finding.message_en.count(". ") + finding.message_en.count(": ") >= 1, finding
