"""What a supervisor may allow: who can be admitted and how he is judged then, what of a record can be corrected, amounts as typed."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.money import fen_of
from models.rulebook.exceptions import LONGEST, OF_THE_APPLICANT, Correctable, correction_fault, may_be_admitted
from models.rulebook.facts import ApplicantFacts
from models.rulebook.judgement import regime_of
from models.rulebook.oversight import ExceptionAction, ExceptionState
from models.rulebook.oversight_workflow import EXCEPTION, EXCEPTION_OPEN
from models.rulebook.precheck import examine
from models.rulebook.question import parse, question_json
from models.rulebook.vocabulary import ApplicantKind, Mark
from tests.models.rulebook.questions import identity, papers, question

TODAY = date(2026, 11, 23)


def applicant(kind: ApplicantKind, has_seal: bool, named: bool) -> ApplicantFacts:
    return ApplicantFacts(kind, "北京样例小吃店", has_seal, named, True, None, 0)


@pytest.mark.parametrize(("kind", "has_seal", "named"), list(product(ApplicantKind, (True, False), (True, False))))
def test_only_a_sole_proprietor_without_seal_and_name_can_be_admitted(kind: ApplicantKind, has_seal: bool, named: bool) -> None:
    facts = applicant(kind, has_seal, named)
    alone = kind is ApplicantKind.individual_business and not has_seal and not named
    assert may_be_admitted(facts) is alone
    admitted = replace(facts, admitted=True)
    assert regime_of(admitted) is (Mark.signature if alone else regime_of(facts))
    assert not may_be_admitted(admitted)


def test_the_admitted_is_judged_as_one_whose_business_bears_his_name() -> None:
    """Whatever his papers: the same findings, word for word."""
    asked = parse(question(papers(identity())))
    stated = replace(asked.applicant, kind=ApplicantKind.individual_business, has_seal=False, named_after_proprietor=False)
    admitted = replace(asked, applicant=replace(stated, admitted=True))
    named = replace(asked, applicant=replace(stated, named_after_proprietor=True))
    assert examine(admitted) == examine(named)
    assert examine(replace(asked, applicant=stated)) != examine(named)


def test_the_contracts_question_says_nothing_of_an_admission() -> None:
    asked = parse(question(papers(identity())))
    admitted = replace(asked, applicant=replace(asked.applicant, admitted=True))
    assert question_json(admitted) == question_json(asked)


@pytest.mark.parametrize("field", list(Correctable))
def test_a_correction_must_change_something_and_fit(field: Correctable) -> None:
    assert correction_fault(field, "甲", "甲", TODAY) == "correction_same"
    assert correction_fault(field, "2015-03-01", "", TODAY) is None
    assert correction_fault(field, "", "长" * (LONGEST[field] + 1), TODAY) == "too_long"


@pytest.mark.parametrize(
    ("now", "fault"),
    [
        ("2015-03-02", None),
        ("2026-11-23", None),
        ("2026-11-24", "in_the_future"),
        ("2015-02-30", "not_a_date"),
        ("20150301", "not_a_date"),
        ("甲", "not_a_date"),
    ],
)
def test_a_day_of_establishment_is_a_day_and_past(now: str, fault: str | None) -> None:
    assert correction_fault(Correctable.established_on, "2015-03-01", now, TODAY) == fault


def test_only_the_remark_is_the_cases_own() -> None:
    assert frozenset(Correctable) - OF_THE_APPLICANT == {Correctable.remark}


def test_nothing_leads_out_of_a_final_state_and_only_what_was_granted_is_used() -> None:
    assert frozenset(before for before, _ in EXCEPTION) == EXCEPTION_OPEN == {ExceptionState.asked, ExceptionState.granted}
    assert [before for before, action in EXCEPTION if action is ExceptionAction.use] == [ExceptionState.granted]
    assert [before for before, action in EXCEPTION if action is ExceptionAction.grant] == [ExceptionState.asked]


@given(st.integers(0, 999_999_999))
def test_an_amount_is_read_as_it_is_written(fen: int) -> None:
    assert fen_of(f"{fen / 100:.2f}") == fen
    assert fen_of(f"{fen // 100}") == fen // 100 * 100


@pytest.mark.parametrize(
    ("typed", "fen"),
    [("0.5", 50), (" 1,080 ", 108000), ("１８０．５０", 18050), ("180.", None), ("1.234", None), ("-1", None), ("1e3", None), ("", None),
     ("一百", None), ("99999999", None)],
)  # fmt: skip
def test_what_is_no_amount_is_none(typed: str, fen: int | None) -> None:
    assert fen_of(typed) == fen
