"""The certificate check finds every cause of the trade's line, says it in finished words, and offers only what can be opened."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.rulebook.bindings import BindingCode
from models.rulebook.check import (
    CheckCode,
    CheckedCertificate,
    CheckedPlatform,
    CheckFacts,
    TokenSight,
    Weight,
    examine_check,
)
from models.rulebook.check_words import WORDS
from models.rulebook.editions import P1
from models.rulebook.kinds import AFTERCARE_KINDS, PLATFORM_KINDS
from models.rulebook.lifetime import CertificateFacts, why_closed
from models.rulebook.vocabulary import CaseKind, CertificateStatus, RevocationReason, TokenState

TODAY = date(2026, 11, 23)
GOOD = CheckedCertificate(
    CertificateStatus.valid, None, date(2026, 6, 1), date(2027, 5, 31), TokenState.handed_over, has_tax=True
)
SEEN = TokenSight(readable=True, initialised=True, key=True, certificate=True, pin_locked=False, tries_left=10)
WELL = CheckFacts(TODAY, GOOD, SEEN)


def certificate(**changes):
    return replace(WELL, certificate=replace(GOOD, **changes))


def sight(**changes):
    return replace(WELL, sight=replace(SEEN, **changes))


def found(facts):
    return [(finding.code.value, finding.helps.value if finding.helps else None) for finding in examine_check(facts, P1)]


def test_where_all_is_well_one_finding_says_so():
    (finding,) = examine_check(WELL, P1)
    assert (finding.code, finding.weight, finding.helps) == (CheckCode.well, Weight.well, None)
    assert "2027-05-31" in finding.message_zh
    assert "2027-05-31" in finding.message_en


REVOKED = CertificateStatus.revoked


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (certificate(last_day=TODAY - timedelta(days=1)), [("certificate.expired", "renewal")]),
        (certificate(last_day=TODAY), [("certificate.expiring", "renewal")]),
        (certificate(last_day=TODAY + timedelta(days=90)), [("certificate.expiring", "renewal")]),
        (certificate(last_day=TODAY + timedelta(days=91)), [("well.all", None)]),
        (certificate(first_day=TODAY + timedelta(days=1)), [("certificate.not_yet_valid", None)]),
        (certificate(first_day=TODAY), [("well.all", None)]),
        (certificate(status=REVOKED), [("certificate.revoked", "additional")]),
        (certificate(status=REVOKED, replaced=True), [("certificate.replaced", None)]),
        (certificate(status=CertificateStatus.on_hold, token=TokenState.made), [("certificate.on_hold", None)]),
        (certificate(status=CertificateStatus.prepared, token=TokenState.in_ceremony), [("certificate.on_hold", None)]),
        (certificate(status=CertificateStatus.suspended), [("certificate.suspended", "resumption")]),
        (certificate(has_tax=False), [("well.all", None), ("tax.not_opened", None)]),
        (replace(certificate(has_tax=False), asks_tax=True), [("tax.not_opened", None)]),
        (replace(WELL, asks_tax=True), [("well.all", None)]),
        (sight(key=False), [("key.missing", "replacement_damaged")]),
        (sight(key=False, certificate=False), [("key.missing", "replacement_damaged")]),
        (sight(certificate=False), [("certificate.not_on_token", "replacement_damaged")]),
        (sight(key=None, certificate=None), [("well.all", None)]),
        (sight(pin_locked=True, tries_left=0), [("pin.locked", "unlock")]),
        (sight(pin_locked=None, tries_left=0), [("pin.locked", "unlock")]),
        (sight(pin_locked=True, tries_left=None), [("pin.locked", "unlock")]),
        (sight(tries_left=1), [("pin.few_tries", "unlock")]),
        (sight(tries_left=3), [("pin.few_tries", "unlock")]),
        (sight(tries_left=4), [("well.all", None)]),
        (sight(pin_locked=None, tries_left=None), [("well.all", None)]),
        (sight(readable=False, key=False, pin_locked=True), [("token.unreadable", "replacement_damaged")]),
        (sight(initialised=False, key=False), [("token.blank", "replacement_damaged")]),
        (replace(WELL, certificate=None), [("certificate.unknown", None)]),
        (replace(WELL, certificate=None, other_issuer=True), [("certificate.other_issuer", None)]),
        (replace(WELL, certificate=None, sight=None), [("certificate.unknown", None), ("token.not_seen", None)]),
        (replace(WELL, sight=None), [("well.on_file", None), ("token.not_seen", None)]),
        (replace(WELL, name_not_shown=True), [("environment.name_not_shown", None)]),
        (replace(WELL, asks_platform=True), [("well.all", None), ("platform.not_named", None)]),
        (certificate(token=TokenState.returned), [("token.handed_in", None)]),
        (certificate(token=TokenState.lost, status=REVOKED), [("certificate.revoked", "additional"), ("token.lost", None)]),
        (certificate(other_cases=frozenset({CaseKind.renewal})), [("well.all", None), ("case.underway", None)]),
    ],
)
def test_each_cause_and_what_helps(facts, codes):
    assert found(facts) == codes


def test_several_causes_are_all_told_the_heaviest_first():
    facts = CheckFacts(
        TODAY,
        replace(GOOD, last_day=TODAY + timedelta(days=7), has_tax=False),
        replace(SEEN, pin_locked=True, tries_left=0),
        name_not_shown=True,
        asks_platform=True,
    )
    assert found(facts) == [
        ("pin.locked", "unlock"),
        ("certificate.expiring", "renewal"),
        ("environment.name_not_shown", None),
        ("tax.not_opened", None),
        ("platform.not_named", None),
    ]


def test_a_case_that_cannot_be_opened_today_is_not_offered():
    expired = TODAY - timedelta(days=1)
    assert found(certificate(last_day=expired, status=CertificateStatus.suspended)) == [
        ("certificate.suspended", "resumption"),
        ("certificate.expired", None),
    ]
    assert found(certificate(last_day=expired, other_cases=frozenset({CaseKind.suspension}))) == [
        ("certificate.expired", None),
        ("case.underway", None),
    ]
    assert found(certificate(last_day=expired, token=TokenState.lost)) == [
        ("certificate.expired", "additional"),
        ("token.lost", None),
    ]


def test_the_reason_of_a_revocation_is_told():
    (finding,) = examine_check(certificate(status=REVOKED, reason=RevocationReason.cessation_of_operation), P1)
    assert "单位不再使用" in finding.message_zh
    assert "gave it up" in finding.message_en
    texts = {examine_check(certificate(status=REVOKED, reason=reason), P1)[0].message_zh for reason in RevocationReason}
    assert len(texts) == 5  # nothing is said of an unspecified one, nor of a hold, which is no revocation


def test_every_code_has_its_words_and_tells_what_to_do():
    assert set(WORDS) == set(CheckCode)
    for entry in WORDS.values():
        for zh, en in (entry.message, entry.next):
            assert zh.endswith("。")
            assert en.endswith(".")
            assert en.isascii()


sights = st.none() | st.builds(
    TokenSight,
    readable=st.booleans(),
    initialised=st.booleans(),
    key=st.none() | st.booleans(),
    certificate=st.none() | st.booleans(),
    pin_locked=st.none() | st.booleans(),
    tries_left=st.none() | st.integers(0, 10),
)
near = st.integers(-400, 400).map(lambda days: TODAY + timedelta(days=days))
certificates = st.none() | st.builds(
    CheckedCertificate,
    status=st.sampled_from(CertificateStatus),
    reason=st.none() | st.sampled_from(RevocationReason),
    first_day=near,
    last_day=near,
    token=st.sampled_from(TokenState),
    has_tax=st.booleans(),
    replaced=st.booleans(),
    other_cases=st.frozensets(st.sampled_from(sorted(AFTERCARE_KINDS)), max_size=2),
)
at_platforms = st.none() | st.builds(
    CheckedPlatform,
    st.just("样例平台"),
    st.just("Sample Platform"),
    st.lists(st.sampled_from(BindingCode), min_size=1, max_size=3, unique=True).map(tuple),
    st.frozensets(st.sampled_from(sorted(PLATFORM_KINDS))),
)
facts_of_any_kind = st.builds(CheckFacts, st.just(TODAY), certificates, sights, *[st.booleans()] * 4, at_platforms)


@pytest.mark.parametrize(
    ("verdict", "told", "helps"),
    [
        (BindingCode.may_bind, "platform.not_bound", CaseKind.credentials_reset),
        (BindingCode.bound_to_other, "platform.other_bound", CaseKind.rebinding),
        (BindingCode.other_chosen, "platform.other_chosen", CaseKind.rebinding),
        (BindingCode.other_account, "platform.other_account", CaseKind.binding_reset),
        (BindingCode.choose_anew, "platform.choose_anew", None),
        (BindingCode.wrong_use, "platform.wrong_use", None),
        (BindingCode.platform_disabled, "platform.disabled", None),
    ],
)
def test_a_certificate_that_a_platform_turns_away_is_told_why_and_what_the_counter_can_do(verdict, told, helps):
    for open_there in (frozenset(PLATFORM_KINDS), frozenset()):
        at = CheckedPlatform("样例平台", "Sample Platform", (verdict,), open_there)
        finding = examine_check(replace(WELL, platform=at), P1)[0]
        assert (finding.code, finding.weight) == (told, Weight.stop)
        assert finding.helps == (helps if open_there else None)
        assert "样例平台" in finding.message_zh
        assert "Sample Platform" in finding.message_en


def test_a_bound_certificate_is_well_and_the_platform_is_named():
    findings = examine_check(
        replace(WELL, platform=CheckedPlatform("样例平台", "Sample Platform", (BindingCode.already_bound,))), P1
    )
    assert [finding.code for finding in findings] == ["well.all", "platform.bound"]


@settings(max_examples=2000, deadline=None)
@given(facts_of_any_kind)
def test_whatever_was_seen_the_report_is_sound(facts):
    findings = examine_check(facts, P1)
    weights = [list(Weight).index(finding.weight) for finding in findings]
    codes = {finding.code for finding in findings}
    assert findings
    assert len(codes) == len(findings)
    assert weights == sorted(weights)
    assert (Weight.well in {finding.weight for finding in findings}) is not bool(
        {Weight.stop, Weight.warn} & {finding.weight for finding in findings}
    )
    for finding in findings:
        for text in (finding.message_zh, finding.message_en, finding.next_zh, finding.next_en):
            assert "{" not in text
            assert "None" not in text
            assert text
        if finding.helps in PLATFORM_KINDS:
            assert finding.helps in facts.platform.helps
        if finding.helps in AFTERCARE_KINDS:
            known = facts.certificate
            about = CertificateFacts(known.status, known.last_day, known.token, known.other_cases)
            assert why_closed(finding.helps, about, TODAY, P1) is None


@settings(max_examples=500, deadline=None)
@given(facts_of_any_kind)
def test_it_is_called_well_only_if_it_can_be_used(facts):
    """Said once more: valid today, in the holder's hands or at the counter, and nothing seen on the token speaks against it."""
    if any(finding.weight is Weight.well for finding in examine_check(facts, P1)):
        known, seen = facts.certificate, facts.sight
        assert known is not None
        assert known.status is CertificateStatus.valid
        assert known.first_day <= TODAY <= known.last_day
        assert known.token not in (TokenState.lost, TokenState.returned, TokenState.spoiled)
        assert seen is None or (seen.readable and seen.initialised and seen.key is not False and seen.pin_locked is not True)


def test_every_code_is_found_somewhere():
    everything = set()
    for status, token, seen, known, asked in product(
        CertificateStatus,
        TokenState,
        [None, SEEN, replace(SEEN, readable=False), replace(SEEN, initialised=False), replace(SEEN, key=False)],
        [None, -1, 30, 300],
        (True, False),
    ):
        good = replace(GOOD, status=status, token=token, has_tax=False)
        about = None if known is None else replace(good, last_day=TODAY + timedelta(days=known), replaced=asked)
        facts = CheckFacts(TODAY, about, seen, asked, asked, asked, asked)
        everything |= {finding.code for finding in examine_check(facts, P1)}
    for facts in (
        sight(certificate=False),
        sight(pin_locked=True),
        sight(tries_left=2),
        certificate(first_day=TODAY + timedelta(days=1)),
        certificate(other_cases=frozenset({CaseKind.unlock})),
        *(replace(WELL, platform=CheckedPlatform("样例平台", "Sample Platform", (code,))) for code in BindingCode),
    ):
        everything |= {finding.code for finding in examine_check(facts, P1)}
    assert everything == set(CheckCode)
