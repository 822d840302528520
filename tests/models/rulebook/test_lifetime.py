"""Which kinds are open when: the whole table of status × token × day × kind, written out once more."""

from datetime import date, timedelta
from itertools import product

import pytest

from models.rulebook.editions import P1
from models.rulebook.kinds import AFTERCARE_KINDS, KINDS
from models.rulebook.lifetime import CertificateFacts, open_kinds, renewal_opens_on, why_closed
from models.rulebook.vocabulary import CaseKind, CertificateStatus, TokenState
from models.rulebook.workflow import CERTIFICATE, TOKEN, CertificateAction, TokenAction, open_actions

TODAY = date(2026, 11, 23)
DAYS = (-4000, -1, 0, 1, 89, 90, 91, 365)
ANY_MEDIUM = {"suspension", "resumption", "revocation"}
# status → kinds that can begin with it, and what the others are told
BEGIN = {
    "valid": {
        *("renewal", "amendment", "replacement_damaged", "replacement_lost", "unlock", "suspension", "revocation"),
    },
    "suspended": {"replacement_lost", "resumption", "revocation"},
    "revoked": set(),
    "on_hold": set(),
    "prepared": set(),
}
TOLD = {
    "valid": "certificate.not_suspended",
    "suspended": "certificate.suspended",
    "revoked": "certificate.revoked",
    "on_hold": "certificate.not_handed_over",
    "prepared": "certificate.not_handed_over",
}
NOT_AFTER_EXPIRY = {"amendment", "replacement_damaged", "replacement_lost", "suspension", "revocation"}


SIDE_BY_SIDE = ({"unlock", "renewal"}, {"unlock", "amendment"})


def expected(kind, status, token, days_left):
    if kind not in BEGIN[status]:
        return TOLD[status]
    if days_left < 0 and kind in NOT_AFTER_EXPIRY:
        return "certificate.expired"
    here_already = token == "returned" and kind == "replacement_damaged"
    if token != "handed_over" and kind not in ANY_MEDIUM and not here_already:
        return "token.not_held"
    if kind == "renewal" and days_left > 90:
        return "renewal.too_early"
    return None


@pytest.mark.parametrize("status", CertificateStatus)
@pytest.mark.parametrize("token", TokenState)
def test_every_kind_is_open_or_closed_for_its_reason(status, token):
    for days_left, other in product(DAYS, [None, *AFTERCARE_KINDS]):
        others = frozenset() if other is None else frozenset({other})
        facts = CertificateFacts(status, TODAY + timedelta(days=days_left), token, others)
        found = open_kinds(facts, TODAY, P1)
        assert list(found) == [kind for kind in CaseKind if kind in AFTERCARE_KINDS]
        for kind, code in found.items():
            in_the_way = other is not None and {kind.value, other.value} not in SIDE_BY_SIDE
            wanted = "certificate.in_other_case" if in_the_way else expected(kind.value, status.value, token.value, days_left)
            assert (code.value if code else None) == wanted, (kind, days_left)


def test_what_is_open_can_be_carried_through_by_the_workflow_tables():
    """An open kind whose work changes certificate or token finds a row for it in the tables."""
    for status, token in product(CertificateStatus, TokenState):
        facts = CertificateFacts(status, TODAY, token)
        for kind, closed in open_kinds(facts, TODAY, P1).items():
            if closed is not None:
                continue
            rules, certificate, medium = KINDS[kind], open_actions(CERTIFICATE, status), open_actions(TOKEN, token)
            if rules.status is not None:
                assert rules.status in certificate
            if rules.reason is not None:
                assert CertificateAction.revoke in certificate
            if rules.medium_handed_in:
                assert TokenAction.hand_in in medium or token is TokenState.returned
            if rules.medium_lost:
                assert TokenAction.lose in medium
            if rules.medium is not None and rules.medium.value == "holders":
                assert TokenAction.take_in in medium


def test_the_renewals_window_opens_ninety_days_before_the_last_valid_day_and_never_closes():
    facts = CertificateFacts(CertificateStatus.valid, date(2027, 6, 30), TokenState.handed_over)
    assert renewal_opens_on(facts.last_day, P1) == date(2027, 4, 1)
    assert why_closed(CaseKind.renewal, facts, date(2027, 3, 31), P1) == "renewal.too_early"
    for day in (date(2027, 4, 1), date(2027, 6, 30), date(2027, 7, 1), date(2040, 1, 1)):
        assert why_closed(CaseKind.renewal, facts, day, P1) is None


def test_the_ends_of_the_calendar_are_no_trap():
    assert renewal_opens_on(date.min, P1) == date.min
    assert renewal_opens_on(date.max, P1) == date(9999, 10, 2)
