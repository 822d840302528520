"""A past case under another edition: only what the editions say differently changes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rulebook.aftercare import examine_aftercare
from models.rulebook.damage import Verdict
from models.rulebook.editions import P1, Paper
from models.rulebook.findings import Level
from models.rulebook.lifetime import CertificateFacts
from models.rulebook.question import parse
from models.rulebook.rejudge import Past, place_of, rejudge
from models.rulebook.vocabulary import CaseKind, CertificateStatus, TokenState
from tests.models.rulebook.editions_drawn import editions
from tests.models.rulebook.questions import form, identity, licence, papers, question, questions

ON = date(2026, 11, 21)  # of the questions
TOKEN, STATEMENT = {"kind": "token"}, {"kind": "statement_of_loss", "mark": "seal"}


def judged(asked, edition=P1, last_day=ON + timedelta(days=60), damage=None, extra=()):
    """As the office keeps it. `extra`: refusals for which no edition is to blame."""
    parsed = parse(asked)
    facts = CertificateFacts(CertificateStatus.valid, last_day, TokenState.handed_over)
    findings = examine_aftercare(parsed, edition, facts).findings
    of = lambda level: frozenset(place_of(one) for one in findings if one.level is level)  # noqa: E731
    return Past(parsed, of(Level.refuse) | frozenset(extra), of(Level.advise), last_day, damage)


def everything(kind, **changes):
    return question(papers(form(), licence(), identity(), TOKEN, STATEMENT), kind=kind.value, **changes)


def renewal_with(**changes):
    [old] = [one for one in P1.requirements[CaseKind.renewal] if one.paper is Paper.licence]
    rest = [one for one in P1.requirements[CaseKind.renewal] if one.paper is not Paper.licence]
    return replace(P1, code="P2", requirements={**P1.requirements, CaseKind.renewal: (replace(old, **changes), *rest)})


def codes(findings):
    return [one.code.value for one in findings]


def test_a_paper_asked_for_besides_refuses_what_was_accepted():
    past = judged(question(papers(licence(), identity(), TOKEN), kind="renewal"))
    asks_more = replace(P1, requirements={**P1.requirements, CaseKind.renewal: P1.requirements[CaseKind.amendment]})
    result = rejudge(past, P1, asks_more)
    assert (result.accepted_was, result.accepted_now) == (True, False)
    assert codes(result.appeared) == ["form.missing"]
    assert result.gone == ()
    back = rejudge(judged(question(papers(licence(), identity(), TOKEN), kind="renewal"), asks_more), asks_more, P1)
    assert (back.accepted_was, back.accepted_now, codes(back.gone)) == (False, True, ["form.missing"])


def test_what_is_wrong_by_both_stays_and_the_case_stays_refused():
    past = judged(question(papers(licence(duplicate=False), TOKEN), kind="renewal"))
    result = rejudge(past, P1, renewal_with(duplicate=False))
    assert codes(result.gone) == ["licence.not_duplicate"]
    assert (result.accepted_was, result.accepted_now) == (False, False)


def test_what_the_office_found_of_the_certificate_then_still_stands():
    past = judged(
        question(papers(licence(duplicate=False), identity(), TOKEN), kind="renewal"), extra=[("certificate.revoked", None, None)]
    )
    result = rejudge(past, P1, renewal_with(duplicate=False))
    assert codes(result.gone) == ["licence.not_duplicate"]
    assert not result.accepted_now


@pytest.mark.parametrize(("left", "days", "now"), [(60, 90, True), (60, 30, False), (30, 30, True), (-5, 1, True)])
def test_the_time_for_renewal_is_judged_by_the_certificates_last_day(left, days, now):
    past = judged(everything(CaseKind.renewal), last_day=ON + timedelta(days=left))
    result = rejudge(past, P1, replace(P1, renewal_opens_days=days))
    assert (result.accepted_was, result.accepted_now) == (True, now)


@pytest.mark.parametrize(
    ("verdict", "held", "fee"), [(Verdict.medium, 10, 0), (Verdict.medium, 200, 95_00), (Verdict.holder, 10, 95_00)]
)
def test_the_fee_of_a_damaged_medium_follows_the_verdict_and_the_warranty(verdict, held, fee):
    past = judged(everything(CaseKind.replacement_damaged), damage=(verdict, ON - timedelta(days=held)))
    result = rejudge(past, P1, replace(P1, medium_fen=95_00, warranty_days=100))
    assert result.fee_was == (0 if verdict is Verdict.medium else 80_00)
    assert result.fee_now == fee
    assert not result.appeared


def test_a_dearer_medium_changes_the_fee_and_nothing_else():
    result = rejudge(judged(everything(CaseKind.replacement_lost)), P1, replace(P1, medium_fen=95_00))
    assert (result.fee_was, result.fee_now, result.appeared, result.gone) == (80_00, 95_00, (), ())
    assert result.differs


@settings(max_examples=100, deadline=None)
@given(asked=questions, kind=st.sampled_from(sorted(P1.requirements)), edition=editions())
def test_the_edition_of_that_day_changes_nothing_and_another_is_what_it_would_have_said(asked, kind, edition):
    asked |= {"kind": kind.value}
    past = judged(asked)
    assert not rejudge(past, P1, P1).differs
    result = rejudge(past, P1, edition)
    straight = judged(asked, edition)
    assert result.accepted_now == (not straight.refused)
    assert result.differs == (
        (past.refused | past.advised) != (straight.refused | straight.advised) or result.fee_was != result.fee_now
    )
