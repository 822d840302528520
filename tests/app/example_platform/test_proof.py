"""Who signs in is judged from the certificate, the chain to the root that the platform holds, and the text that was asked for."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from app.example_platform.proof import Asked, NotProven, judge, statement
from card_issuance.statement import Grant, Purpose, Statement
from tests.app.example_platform.issuing import NOW, YEAR, root_authority

ASKED = Asked("https://platform.example.cn", "sign-in", "c" * 43, ("organisation", "certificate", "terms"), "")


@pytest.fixture(scope="module")
def root():
    return root_authority()


@pytest.fixture(scope="module")
def issuing(root):
    return root.below("样例签发")


def why_not(answer, root, asked=ASKED, now=None):
    with pytest.raises(NotProven) as refused:
        judge(asked, answer, root.der, now or datetime.now(UTC))
    return refused.value.code


@pytest.mark.parametrize("rsa_key", [True, False])
def test_a_holder_is_known_by_name_and_code(root, issuing, rsa_key):
    holder = issuing.holder(rsa_key=rsa_key)
    proven = judge(ASKED, holder.answers(ASKED, NOW), root.der, NOW)
    assert (proven.serial, proven.organisation, proven.credit_code) == (holder.serial, "北京样例协会", "CODE1")


def test_the_text_is_the_one_that_the_station_signs():
    """Two programs write it down, each by itself."""
    certificate = b"any bytes"
    said = Statement(
        Purpose.sign_in, ASKED.origin, ASKED.challenge, tuple(Grant), "", sha256(certificate).hexdigest(), "2026-11-22T01:02:03Z"
    )
    assert statement(ASKED, certificate, "2026-11-22T01:02:03Z") == said.as_bytes()
    submission = replace(ASKED, purpose="submission", grants=(), about="ab" * 32)
    said = replace(said, purpose=Purpose.submission, grants=(), about="ab" * 32)
    assert statement(submission, certificate, "2026-11-22T01:02:03Z") == said.as_bytes()


@pytest.mark.parametrize(
    "other",
    [
        {"origin": "https://elsewhere.example.cn"},
        {"purpose": "submission"},
        {"challenge": "d" * 43},
        {"grants": ("organisation",)},
        {"about": "ab" * 32},
    ],
)
def test_what_was_signed_for_something_else_proves_nothing(root, issuing, other):
    assert why_not(issuing.holder().answers(replace(ASKED, **other)), root) == "signature"


def test_a_signature_of_another_key_proves_nothing(root, issuing):
    mine, others = issuing.holder().answers(ASKED), issuing.holder().answers(ASKED)
    assert why_not({**mine, "signature": others["signature"]}, root) == "signature"


def test_the_clocks_may_differ_a_little(root, issuing):
    holder = issuing.holder()
    for minutes, proven in ((-2, True), (2, True), (-3, False), (3, False)):
        answer = holder.answers(ASKED, NOW + timedelta(minutes=minutes))
        if proven:
            judge(ASKED, answer, root.der, NOW)
        else:
            assert why_not(answer, root, now=NOW) == "clock"


def test_an_expired_certificate_is_told_as_such(root, issuing):
    assert why_not(issuing.holder(until=NOW - timedelta(seconds=1)).answers(ASKED), root) == "expired"


def test_only_a_path_to_the_root_in_hand_counts(root, issuing):
    holder = issuing.holder()
    assert why_not(holder.answers(ASKED, chain=""), root) == "chain"
    assert why_not(holder.answers(ASKED), root_authority()) == "chain"  # of the same name
    stranger = root_authority()
    foreign = stranger.below("样例签发").holder()
    foreign.chain.append(stranger)
    assert why_not(foreign.answers(ASKED), root) == "chain"


def test_a_path_through_what_may_not_issue_does_not_count(root, issuing):
    assert why_not(root.below("不是签发", ca=False).holder().answers(ASKED), root) == "chain"
    assert why_not(root.below("样例签发", until=NOW - timedelta(days=1)).holder().answers(ASKED), root) == "chain"
    beneath = issuing.below("下级签发", path_length=None)  # the one above may have none beneath it
    holder = beneath.holder()
    holder.chain.append(issuing)
    assert why_not(holder.answers(ASKED), root) == "chain"
    deeper = root.below("样例签发二", path_length=1)
    holder = deeper.below("下级签发二").holder()
    holder.chain.append(deeper)
    assert judge(ASKED, holder.answers(ASKED, NOW), root.der, NOW).credit_code == "CODE1"


def test_a_certificate_for_another_purpose_or_of_an_authority_does_not_sign_in(root, issuing):
    assert why_not(issuing.holder(sign_in=False).answers(ASKED), root) == "chain"
    holder = issuing.holder()
    holder.key, holder.certificate = issuing.key, issuing.certificate
    assert why_not(holder.answers(ASKED), root) == "malformed"  # no organisation's name in it


def test_what_cannot_be_read_is_refused(root, issuing):
    holder = issuing.holder()
    for broken in (
        {"at": ""}, {"at": "now"}, {"certificate": ""}, {"certificate": "!"}, {"certificate": base64.b64encode(b"x").decode()},
        {"chain": "!"}, {"signature": ""}, {"signature": "A" * 20_000},
    ):  # fmt: skip
        assert why_not({**holder.answers(ASKED), **broken}, root) == "malformed", broken
    assert why_not({}, root) == "malformed"


def test_a_certificate_is_judged_at_the_platforms_own_time(root, issuing):
    holder = issuing.holder()
    assert why_not(holder.answers(ASKED, NOW + 2 * YEAR), root, now=NOW + 2 * YEAR) == "chain"  # the issuer's has ended too
