"""Editions as data: the first one says what the trade's table says, and none is read by halves."""

import copy
import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.rulebook.editions import (
    MEDIUM_KINDS,
    P1,
    SHIPPED,
    Edition,
    NoEdition,
    Paper,
    Requirement,
    edition_called,
    edition_on,
    read,
    write,
)
from models.rulebook.kinds import AFTERCARE_KINDS, FIRST_KINDS
from models.rulebook.strict_json import Malformed
from models.rulebook.strict_json import read as read_json
from models.rulebook.vocabulary import CaseKind


def faults_of(content):
    with pytest.raises(Malformed) as caught:
        read(content)
    return sorted(fault.pointer for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("renewal", "licence identity_document token"),
        ("amendment", "application_form licence identity_document token"),
        ("replacement_damaged", "application_form licence identity_document token"),
        ("replacement_lost", "application_form identity_document statement_of_loss"),
        ("unlock", "licence identity_document token"),
        ("suspension", "licence identity_document"),
        ("resumption", "licence identity_document"),
        ("revocation", "licence identity_document token"),
    ],
)
def test_the_first_edition_asks_for_what_the_trades_table_says(kind, asked):
    assert [one.paper.value for one in P1.requirements[CaseKind(kind)]] == asked.split()


def test_the_first_editions_figures():
    assert (P1.code, P1.medium_fen, P1.renewal_opens_days, P1.warranty_days, P1.grant_minutes) == ("P1-2026", 8000, 90, 365, 15)
    assert {kind.value: P1.fee_fen(kind) for kind in AFTERCARE_KINDS if P1.fee_fen(kind)} == {
        "replacement_damaged": 8000,
        "replacement_lost": 8000,
    }
    assert {kind.value for kind in MEDIUM_KINDS} == {"replacement_damaged", "replacement_lost"}
    assert all(
        one.copies == (2 if one.paper is Paper.application_form else 1)
        for kind in P1.requirements
        for one in P1.requirements[kind]
    )
    assert [kind.value for kind in P1.requirements for one in P1.requirements[kind] if one.if_kept] == ["revocation"]


def test_every_kind_that_begins_with_a_certificate_has_requirements_and_a_fee():
    for edition in SHIPPED:
        assert set(edition.requirements) == set(CaseKind) - FIRST_KINDS
        assert all(edition.fee_fen(kind) >= 0 for kind in edition.requirements)


def test_no_two_shipped_editions_share_a_code_or_a_day():
    assert len({edition.code for edition in SHIPPED}) == len({edition.effective_from for edition in SHIPPED}) == len(SHIPPED)


def test_a_clause_names_edition_kind_and_item():
    assert P1.clause(CaseKind.renewal) == "P1-2026.renewal"
    assert P1.clause(CaseKind.renewal, 2) == "P1-2026.renewal.2"


requirements = st.lists(
    st.sampled_from(Paper).flatmap(
        lambda paper: st.builds(
            Requirement,
            st.just(paper),
            copies=st.integers(1, 7 if paper is Paper.application_form else 1),
            duplicate=st.booleans(),
            original=st.booleans(),
            photocopy=st.booleans(),
            marked=st.booleans(),
            if_kept=st.booleans() if paper is Paper.token else st.just(False),
        )
    ),
    max_size=3,
    unique_by=lambda one: one.paper,
).map(tuple)
editions = st.builds(
    Edition,
    code=st.text(min_size=1, max_size=20),
    effective_from=st.dates(),
    requirements=st.fixed_dictionaries(dict.fromkeys(P1.requirements, requirements)),
    fees_fen=st.fixed_dictionaries({kind: st.integers(0, 100_000_00) for kind in P1.fees_fen}),
    medium_fen=st.integers(0, 100_000_00),
    renewal_opens_days=st.integers(1, 3650),
    warranty_days=st.integers(0, 3650),
    grant_minutes=st.integers(1, 1440),
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine; an edition is a large thing
@given(editions)
def test_what_is_written_is_read_back_also_by_way_of_json(edition):
    assert read(write(edition)) == edition
    assert read(read_json(json.dumps(write(edition)).encode())) == edition


def test_what_is_written_of_the_shipped_ones_is_read_back():
    assert [read(write(edition)) for edition in SHIPPED] == list(SHIPPED)


def places(value, at=()):
    if at:
        yield at
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*at, step))


CONTENT = write(P1)
FIELDS = [at for at in places(CONTENT) if isinstance(at[-1], str)]


def holder_of(content, at):
    for step in at[:-1]:
        content = content[step]
    return content


@pytest.mark.parametrize("at", FIELDS, ids=lambda at: "/".join(map(str, at)))
def test_every_field_is_required_and_no_other_is_allowed(at):
    without, more = copy.deepcopy(CONTENT), copy.deepcopy(CONTENT)
    del holder_of(without, at)[at[-1]]
    assert "/" + "/".join(map(str, at)) in faults_of(without)
    holder_of(more, at)["surplus"] = None
    assert faults_of(more) == ["/" + "/".join(map(str, (*at[:-1], "surplus")))]


@pytest.mark.parametrize("at", FIELDS, ids=lambda at: "/".join(map(str, at)))
@pytest.mark.parametrize("wrong", [None, 2.5, -1, {"x": 1}, 10**12])
def test_a_value_of_the_wrong_kind_is_a_fault_where_it_stands(at, wrong):
    content = copy.deepcopy(CONTENT)
    holder_of(content, at)[at[-1]] = wrong
    assert all(fault.startswith("/" + "/".join(map(str, at))) for fault in faults_of(content))


def test_a_paper_asked_for_twice_and_a_code_that_no_case_could_keep_are_faults():
    content = copy.deepcopy(CONTENT)
    content["requirements"]["unlock"][1]["paper"] = "licence"
    assert faults_of(content) == ["/requirements/unlock/1/paper"]
    assert faults_of(CONTENT | {"code": "P" * 21}) == faults_of(CONTENT | {"code": ""}) == ["/code"]


def test_copies_belong_to_a_form_and_only_a_token_may_be_gone():
    content = copy.deepcopy(CONTENT)
    content["requirements"]["unlock"][0]["copies"] = 2
    content["requirements"]["unlock"][1]["if_kept"] = True
    assert faults_of(content) == ["/requirements/unlock/0/copies", "/requirements/unlock/1/if_kept"]


def test_what_is_no_object_is_no_edition():
    for value in (None, [], "P1-2026", 1):
        assert faults_of(value) == [""]


SECOND = replace(P1, code="P2-2027", effective_from=date(2027, 1, 1))


@pytest.mark.parametrize("known", [(P1, SECOND), (SECOND, P1)])
def test_the_edition_that_began_last_is_in_force(known):
    assert edition_on(known, date(2026, 1, 1)) is P1
    assert edition_on(known, date(2026, 12, 31)) is P1
    assert edition_on(known, date(2027, 1, 1)) is SECOND
    assert edition_on(known, date(9999, 12, 31)) is SECOND
    with pytest.raises(NoEdition):
        edition_on(known, date(2025, 12, 31))
    with pytest.raises(NoEdition):
        edition_on((), date(2026, 1, 1))


def test_an_edition_is_found_by_its_code_exactly():
    assert edition_called((P1, SECOND), "P2-2027") is SECOND
    for code in ("P2", "p1-2026", "", "B1-2016"):
        with pytest.raises(NoEdition):
            edition_called((P1, SECOND), code)
