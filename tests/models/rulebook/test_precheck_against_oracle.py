"""The program and the slow oracle agree: on drawn questions, and on whole small tables of papers."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings

from models.rulebook.precheck import examine
from models.rulebook.question import answer_json, parse, question_json
from tests.models.rulebook import oracle
from tests.models.rulebook.questions import (
    KINDS,
    PLAIN_LICENCES,
    form,
    identity,
    licence,
    papers,
    proprietors_question,
    question,
    questions,
)

EVERY = (True, False)
MARKS = ("seal", "signature", None)


def found(asked):
    answer = answer_json(examine(parse(asked)))
    keys = [(one["code"], one["level"], one["set"], one["document"], one["clause"]) for one in answer["findings"]]
    assert len(keys) == len(set(keys)), "a finding is given once"
    assert all(one["message"]["zh"] and one["message"]["en"] for one in answer["findings"])
    assert answer["accepted"] is not any(one["level"] == "refuse" for one in answer["findings"])
    return set(keys), answer["fee"]


def agree(asked):
    assert found(asked) == (oracle.expected(asked), oracle.expected_fee(asked))


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(questions)
def test_any_question_is_answered_as_the_table_says(asked):
    agree(asked)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(questions)
def test_a_question_written_from_facts_is_the_question_that_was_read(asked):
    assert question_json(parse(asked)) == asked


REGIMES = [
    {"kind": kind, "has_seal": seal, "named_after_proprietor": named} for kind, seal, named in product(KINDS, EVERY, EVERY)
]


def test_every_kind_of_applicant_with_and_without_seal_proprietor_and_tax():
    for applicant, proprietor, uses, local, known, established in product(
        REGIMES, EVERY, [[], ["tax"], ["e_seal", "tax"]], EVERY, EVERY, [None, "2016-08-07", "2016-08-08", "2016-08-09"]
    ):
        agree(
            question(
                applicant=applicant | {"established_on": established},
                proprietor=proprietor,
                local_tax=local,
                uses=uses,
                computer_code_known=known,
            )
        )


ALL_FORMS = [form(copies=c, complete=done, mark=mark) for c, done, mark in product((0, 1, 2, 3), EVERY, MARKS)]
ALL_LICENCES = [
    licence(kind, duplicate=d, original=o, photocopy=p, mark=mark)
    for kind, d, o, p, mark in product([*PLAIN_LICENCES, "code_bearing_licence"], EVERY, EVERY, EVERY, MARKS)
]
ALL_IDENTITIES = [
    identity(holder=h, expires_on=e, original=o, photocopy=p, mark=mark)
    for h, e, o, p, mark in product(("presenter", "other"), (None, "2026-11-20", "2026-11-21", "2026-11-22"), EVERY, EVERY, MARKS)
]


@pytest.mark.parametrize("ask", [question, proprietors_question])
def test_every_pair_of_forms(ask):
    for first, second, at_counter in product(ALL_FORMS, [None, *ALL_FORMS], EVERY):
        agree(ask(papers(licence(), identity(), first, *([second] if second else []), seal_at_counter=at_counter)))


@pytest.mark.parametrize("ask", [question, proprietors_question])
@pytest.mark.parametrize("holds", EVERY)
def test_every_pair_of_licences(ask, holds):
    for first, second in product(ALL_LICENCES, [None, *ALL_LICENCES]):
        agree(ask(papers(first, *([second] if second else [])), applicant={"holds_code_bearing_licence": holds}))


@pytest.mark.parametrize("ask", [question, proprietors_question])
def test_every_pair_of_identity_documents(ask):
    for first, second in product(ALL_IDENTITIES, [None, *ALL_IDENTITIES[::5]]):
        agree(ask(papers(first, *([second] if second else []))))


@pytest.mark.parametrize("ask", [question, proprietors_question])
def test_every_choice_of_tax_papers(ask):
    some = [licence("tax_registration", authority=authority) for authority in ("state", "local", None)]
    some += [licence("code_bearing_licence"), licence("business_licence")]
    for chosen, differ, uses, holds in product(range(32), EVERY, [[], ["tax"]], EVERY):
        documents = [document for bit, document in enumerate(some) if chosen >> bit & 1]
        asked = ask(papers(form(), *documents, identity()), applicant={"holds_code_bearing_licence": holds})
        agree(asked | {"uses": uses, "tax_numbers_differ": differ})


def test_every_sharing_of_references_and_every_number_of_sets():
    for references, certificates in product(product((None, "", "A", "B"), repeat=4), range(1, 7)):
        agree(question(*(papers(reference=one) for one in references)) | {"certificates": certificates})


def test_every_fee():
    for issued, certificates in product((0, 1, 2, 10**30), range(1, 100)):
        agree(question(applicant={"certificates_issued": issued}) | {"certificates": certificates})
