"""Papers of the kinds that begin with a certificate: by hand, and against the slow oracle."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.rulebook.aftercare import CertificateFacts, examine_aftercare, reason, why_closed
from models.rulebook.editions import P1, Paper, Requirement
from models.rulebook.findings import CONTRACT_CODES, Code
from models.rulebook.kinds import AFTERCARE_KINDS
from models.rulebook.precheck import examine
from models.rulebook.question import answer_json, parse, question_json
from models.rulebook.vocabulary import CaseKind, CertificateStatus, TokenState
from tests.models.rulebook import aftercare_oracle as oracle
from tests.models.rulebook.questions import (
    PLAIN_LICENCES,
    form,
    identity,
    licence,
    marks,
    papers,
    proprietors_question,
    question,
    questions,
    signed,
)

TOKEN = {"kind": "token"}
KINDS = sorted(kind.value for kind in AFTERCARE_KINDS)
EVERY = (True, False)


def statement(mark="seal"):
    return {"kind": "statement_of_loss", "mark": mark}


def everything(kind, **changes):
    return question(papers(form(), licence(), identity(), TOKEN, statement()), kind=kind, **changes)


def found(asked):
    answer = answer_json(examine(parse(asked)))
    keys = [(one["code"], one["level"], one["set"], one["document"], one["clause"]) for one in answer["findings"]]
    assert len(keys) == len(set(keys)), "a finding is given once"
    assert answer["accepted"] is not any(one["level"] == "refuse" for one in answer["findings"])
    return set(keys), answer["fee"]


def agree(asked):
    assert found(asked) == (oracle.expected(asked), oracle.expected_fee(asked))


def refusals(asked):
    return sorted(finding.code.value for finding in examine(parse(asked)).findings if finding.level == "refuse")


@pytest.mark.parametrize("kind", KINDS)
def test_good_papers_are_accepted_and_the_certificate_is_said_not_to_be_judged(kind):
    answer = examine(parse(everything(kind)))
    assert answer.accepted
    assert [finding.code for finding in answer.findings if finding.code is Code.certificate_not_judged]
    agree(everything(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_proprietor_without_a_seal_signs(kind):
    good = papers(signed(form()), signed(licence()), signed(identity()), TOKEN, statement("signature"))
    assert refusals(proprietors_question(good, kind=kind)) == []
    agree(proprietors_question(papers(form(), licence(), identity(), TOKEN, statement()), kind=kind))
    assert refusals(proprietors_question(good, kind=kind, presenter={"is_proprietor": False})) == ["presenter.not_proprietor"]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_at_all_is_told_completely(kind):
    agree(question(kind=kind, sets=[]))
    agree(question({"reference": None, "seal_at_counter": True, "documents": []}, kind=kind))


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("renewal", ["identity.missing", "licence.missing", "token.missing"]),
        ("amendment", ["form.missing", "identity.missing", "licence.missing", "token.missing"]),
        ("replacement_damaged", ["form.missing", "identity.missing", "licence.missing", "token.missing"]),
        ("replacement_lost", ["form.missing", "identity.missing", "statement.missing"]),
        ("unlock", ["identity.missing", "licence.missing", "token.missing"]),
        ("suspension", ["identity.missing", "licence.missing"]),
        ("resumption", ["identity.missing", "licence.missing"]),
        ("revocation", ["identity.missing", "licence.missing"]),
    ],
)
def test_what_each_kind_cannot_do_without(kind, missing):
    assert refusals(question(kind=kind, sets=[])) == missing


def test_the_clause_names_edition_kind_and_place_in_the_list():
    asked = question(papers(form(), licence(), identity()), kind="amendment")
    assert ("token.missing", "refuse", 1, "token", "P1-2026.amendment.4") in found(asked)[0]


def test_a_statement_of_loss_must_bear_the_mark_and_the_best_one_counts():
    without = (form(), identity())
    assert refusals(question(papers(*without, statement(None)), kind="replacement_lost")) == ["statement.unmarked"]
    assert refusals(question(papers(*without, statement("signature"), statement()), kind="replacement_lost")) == []


@pytest.mark.parametrize("kind", ["amendment", "replacement_damaged", "replacement_lost"])
def test_the_seal_at_the_counter_replaces_no_form_here_and_nobody_is_told_that_it_does(kind):
    asked = question(papers(licence(), identity(), TOKEN, statement(), seal_at_counter=True), kind=kind)
    assert refusals(asked) == ["form.missing"]
    (message,) = [finding for finding in examine(parse(asked)).findings if finding.code is Code.form_missing]
    assert "免交" not in message.message_zh
    assert "no form is needed" not in message.message_en


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_first_set_is_looked_at_and_one_certificate_charged(kind):
    asked = everything(kind) | {"certificates": 3}
    asked["sets"] += [papers(identity(original=False)), papers()]
    answer = examine(parse(asked))
    assert answer.accepted
    assert len(answer.fee.items_fen) == 1
    assert Code.certificate_one_at_a_time in {finding.code for finding in answer.findings}
    agree(asked)


def test_before_the_first_edition_nothing_is_judged():
    assert refusals(everything("renewal", on="2025-12-31")) == ["edition.none_in_force"]
    assert refusals(everything("renewal", on="2026-01-01")) == []


later = replace(P1, code="P2-2027", effective_from=date(2027, 1, 1), fees_fen=P1.fees_fen | {CaseKind.renewal: 25_00})


@pytest.mark.parametrize(("on", "clause", "fee"), [("2026-12-31", "P1-2026", 0), ("2027-01-01", "P2-2027", 25_00)])
def test_the_edition_in_force_on_the_day_judges(on, clause, fee):
    answer = examine(parse(question(papers(licence(), identity()), kind="renewal", on=on)), [later, P1])
    assert {finding.clause.split(".")[0] for finding in answer.findings} == {clause}
    assert answer.fee.total_fen == fee


WANTED = [
    (Requirement(Paper.application_form, copies=1), form(copies=1, mark=None)),
    (Requirement(Paper.licence, original=True), licence(duplicate=False, photocopy=False)),
    (Requirement(Paper.licence, duplicate=True, photocopy=True), licence(original=False, mark=None)),
    (Requirement(Paper.identity_document), identity(original=False, photocopy=False)),
    (Requirement(Paper.identity_document, photocopy=True), identity(original=False, mark=None)),
    (Requirement(Paper.statement_of_loss), statement(None)),
]


@pytest.mark.parametrize(("asked", "document"), WANTED)
def test_an_edition_can_ask_for_less(asked, document):
    edition = replace(P1, requirements=P1.requirements | {CaseKind.unlock: (asked,)})
    assert examine_aftercare(parse(question(papers(document), kind="unlock")), edition).accepted
    assert not examine(parse(question(papers(document), kind="unlock"))).accepted


def test_an_edition_can_ask_for_more_copies_and_the_words_say_so():
    edition = replace(P1, requirements=P1.requirements | {CaseKind.unlock: (Requirement(Paper.application_form, copies=3),)})
    findings = examine_aftercare(parse(question(papers(form()), kind="unlock")), edition).findings
    (finding,) = [one for one in findings if one.code is Code.form_too_few_copies]
    assert "三份" in finding.message_zh
    assert "three copies" in finding.message_en


def certificate(**changes):
    facts = CertificateFacts(CertificateStatus.valid, date(2027, 2, 18), TokenState.handed_over)
    return replace(facts, **changes)


def judged(kind, facts, **changes):
    answer = examine_aftercare(parse(everything(kind, **changes)), P1, facts)
    return [finding.code for finding in answer.findings if finding.level == "refuse"]


def test_with_the_certificate_at_hand_the_renewal_window_is_judged():
    """2027-02-19 is 90 days after 2026-11-21."""
    assert judged("renewal", certificate(last_day=date(2027, 2, 19))) == []
    assert judged("renewal", certificate(last_day=date(2027, 2, 20))) == [Code.renewal_too_early]
    assert judged("renewal", certificate(last_day=date(2020, 1, 1))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_with_the_certificate_at_hand_it_is_judged_by_the_table_and_nothing_is_left_open(kind):
    for status, token in product(CertificateStatus, TokenState):
        facts = certificate(status=status, token=token)
        closed = why_closed(CaseKind(kind), facts, date(2026, 11, 21), P1)
        assert judged(kind, facts) == ([closed] if closed else [])
        codes = {finding.code for finding in examine_aftercare(parse(everything(kind)), P1, facts).findings}
        assert Code.certificate_not_judged not in codes


def test_a_verdict_on_the_damage_decides_the_fee_and_ends_the_advice():
    asked = parse(everything("replacement_damaged"))
    for fee in (0, 80_00):
        answer = examine_aftercare(asked, P1, certificate(), fee)
        assert answer.fee.items_fen == (fee,)
        assert answer.findings == ()


with_kind = st.builds(
    lambda asked, kind, extra: (
        asked
        | {
            "kind": kind,
            "sets": [one | {"documents": [*one["documents"], *extra]} for one in asked["sets"]],
        }
    ),
    questions,
    st.sampled_from(KINDS),
    st.lists(st.just(TOKEN) | st.builds(statement, marks), max_size=3),
)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(with_kind)
def test_any_question_of_any_kind_is_answered_as_the_trades_table_says(asked):
    agree(asked)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(with_kind)
def test_a_question_with_a_kind_is_written_as_it_was_read(asked):
    assert question_json(parse(asked)) == asked


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(questions)
def test_new_and_additional_follow_the_manual_and_new_goes_without_saying(asked):
    plain = answer_json(examine(parse(asked)))
    assert answer_json(examine(parse(asked | {"kind": "new"}))) == plain
    assert answer_json(examine(parse(asked | {"kind": "additional"}))) == plain
    assert parse(asked | {"kind": "new"}) == parse(asked)


def test_every_paper_good_and_bad_for_every_kind():
    ways = product(
        [None, form(), form(copies=1)],
        [None, licence(), licence("business_licence"), licence(original=False)],
        [None, identity(), identity(mark=None)],
        [None, TOKEN],
        [None, statement(), statement(None)],
    )
    for documents, kind, holds in product(list(ways), KINDS, EVERY):
        here = [document for document in documents if document is not None]
        asked = question({"reference": None, "seal_at_counter": False, "documents": here}, kind=kind)
        asked["applicant"]["holds_code_bearing_licence"] = holds
        agree(asked)


@pytest.mark.parametrize("kind", sorted(AFTERCARE_KINDS))
def test_every_reason_has_finished_words_in_both_languages(kind):
    for code in set(Code) - CONTRACT_CODES:
        zh, en = reason(code, kind, P1)
        assert "{" not in zh + en
        assert zh.endswith("。")
        assert en.endswith(".")
        assert en.isascii()


def test_the_licences_rule_is_the_manuals():
    for kind in PLAIN_LICENCES:
        assert refusals(question(papers(licence(kind), identity()), kind="suspension")) == []
    both = papers(signed(licence("business_licence")), signed(identity()))
    assert refusals(proprietors_question(both, kind="suspension")) == ["licence.missing"]
