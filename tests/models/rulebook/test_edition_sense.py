"""What an edition must not ask for; and whatever it may ask for can be ticked at the counter, and then does."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.read_aftercare import read_aftercare
from models.rulebook.aftercare import examine_aftercare
from models.rulebook.checklist import AFTERCARE_ROWS, rows_asked, ticks_asked
from models.rulebook.edition_sense import Fault, Senseless, faults_of
from models.rulebook.editions import P1, SHIPPED, Paper, Requirement, read, write
from models.rulebook.facts import ApplicantFacts
from models.rulebook.vocabulary import ApplicantKind, CaseKind
from tests.models.rulebook.editions_drawn import editions

FULL = Requirement(Paper.licence, duplicate=True, original=True, photocopy=True, marked=True)
WRONG = [
    (CaseKind.renewal, replace(FULL, original=False, photocopy=False), Senseless.neither_original_nor_copy),
    (CaseKind.renewal, replace(FULL, photocopy=False), Senseless.mark_without_copy),
    (CaseKind.unlock, Requirement(Paper.identity_document), Senseless.neither_original_nor_copy),
    (CaseKind.unlock, Requirement(Paper.identity_document, original=True, marked=True), Senseless.mark_without_copy),
    (CaseKind.amendment, Requirement(Paper.token, if_kept=True), Senseless.token_needed),
    (CaseKind.replacement_damaged, Requirement(Paper.token, if_kept=True), Senseless.token_needed),
    (CaseKind.replacement_lost, Requirement(Paper.token), Senseless.token_is_lost),
]


def asking(kind, *papers):
    return replace(P1, requirements={**P1.requirements, kind: papers})


def test_the_shipped_editions_make_sense():
    assert [faults_of(edition) for edition in SHIPPED] == [()]


@pytest.mark.parametrize(("kind", "asked", "code"), WRONG)
def test_each_kind_of_nonsense_is_found_at_its_place(kind, asked, code):
    others = [one for one in P1.requirements[kind] if one.paper is not asked.paper]
    assert faults_of(asking(kind, *others, asked)) == (Fault(kind, asked.paper, code),)


def test_a_kind_that_works_on_the_token_must_ask_for_it():
    for kind in (CaseKind.renewal, CaseKind.amendment, CaseKind.unlock, CaseKind.replacement_damaged):
        assert faults_of(asking(kind)) == (Fault(kind, Paper.token, Senseless.token_needed),)
    for kind in (CaseKind.suspension, CaseKind.revocation, CaseKind.rebinding, CaseKind.replacement_lost):
        assert faults_of(asking(kind)) == ()


def test_what_is_relayed_at_once_costs_nothing():
    dear = replace(P1, fees_fen=dict.fromkeys(P1.fees_fen, 10_00))
    assert faults_of(dear) == (Fault(CaseKind.credentials_reset, None, Senseless.fee_is_never_taken),)


APPLICANTS = [
    ApplicantFacts(kind, "样例", seal, named_after_proprietor=True, holds_code_bearing_licence=code, established_on=None, certificates_issued=1)
    for kind, seal in ((ApplicantKind.enterprise, True), (ApplicantKind.individual_business, False))
    for code in (True, False)
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(edition=editions(), kind=st.sampled_from(sorted(P1.requirements)), applicant=st.sampled_from(APPLICANTS))
def test_whatever_makes_sense_can_be_ticked_at_the_counter_and_then_does(edition, kind, applicant):
    if any(fault.kind is kind for fault in faults_of(edition)):
        return
    asked = rows_asked(edition.requirements[kind], applicant, seal_at_counter=False)
    ticked = {name: {tick.value: True for tick in ticks_asked(AFTERCARE_ROWS[name], one)} for name, one in asked.items()}
    reading = read_aftercare(
        {"presenter_role": "proprietor", "presenter_id_until": "2030-01-01", "papers": ticked, "token_serial": "T-1"},
        "110101199003071233",
        "13800008000",
        kind=kind,
        on=date(2026, 11, 23),
        applicant=applicant,
        code="",
        requirements=edition.requirements[kind],
        token_serial="T-1",
        is_local_tax=False,
    )
    assert examine_aftercare(reading.question, edition).accepted


@settings(max_examples=50, deadline=None)
@given(edition=editions())
def test_every_edition_is_kept_and_read_back_as_it_is(edition):
    assert read(write(edition)) == edition
