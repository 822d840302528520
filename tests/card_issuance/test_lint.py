import random
import subprocess
import sys

import pytest
from cryptography import x509

from card_issuance import der, lint, profile
from card_issuance.authority import AuthorityUnreachable
from card_issuance.lint import LEGAL_ENTITY, Linter
from tests.builders.orders import an_order, p_256, rsa_2048


@pytest.fixture(scope="module")
def linter(tmp_path_factory):
    one = Linter(tmp_path_factory.mktemp("lint"), 20)
    yield one
    one.close()


@pytest.fixture(scope="module")
def certificates(authority) -> list[bytes]:
    """Good ones of each kind, and forty with one byte changed that can still be read in part."""
    good = [profile.with_blank_signature(authority.prepare(an_order(key())).to_be_signed) for key in (rsa_2048, p_256)]
    chance = random.Random(5)
    changed = []
    for _ in range(40):
        bytes_ = bytearray(chance.choice(good))
        bytes_[chance.randrange(20, len(bytes_) - 300)] = chance.randrange(256)
        changed.append(bytes(bytes_))
    return [*good, *authority.chain(), *changed]


def test_a_good_certificate_has_no_error(linter, certificates):
    findings = linter.lint(certificates[0])
    assert {finding.severity for finding in findings} <= {"info", "notice", "warning"}


def test_the_fast_walk_finds_exactly_what_pkilint_finds(certificates):
    """pkilint's own walk is the judge, on good certificates and on broken ones."""
    stock, fast = lint.validators(), lint.validators()
    for validator in fast.values():
        lint.walk_by_type(validator)
    seen = set()
    for kind in stock:
        for certificate in certificates:
            expected = lint.findings_of(stock[kind], certificate)
            assert lint.findings_of(fast[kind], certificate) == expected
            seen |= {finding["code"] for finding in expected}
    assert len(seen) > 10


def test_an_internal_address_is_noticed_and_not_refused(linter, authority):
    order = an_order(crl_url="http://10.0.0.5/crl/issuing.crl")
    tbs = profile.legal_entity(order, authority._issuer, profile.new_serial())
    (finding,) = [f for f in linter.lint(profile.with_blank_signature(tbs)) if f.code == "etsi.internal_domain_name"]
    assert (finding.severity, finding.refuses) == ("notice", False)
    assert "waived" in finding.detail


@pytest.mark.parametrize(
    ("cut", "code"),
    [
        ("2.5.29.35", "pkix.authority_key_identifier_extension_absent"),
        ("2.5.29.15", "etsi.en_319_412_2.key_usage_extension_absent"),
    ],
)
def test_a_missing_extension_is_an_error(linter, authority, monkeypatch, cut, code):
    whole = profile._to_be_signed

    def without(*arguments):
        return whole(*(part for part in arguments if not (isinstance(part, bytes) and der.object_id(cut) == part[2:7])))

    monkeypatch.setattr(profile, "_to_be_signed", without)
    tbs = profile.legal_entity(an_order(), authority._issuer, profile.new_serial())
    made = x509.load_der_x509_certificate(profile.with_blank_signature(tbs))
    assert cut not in {extension.oid.dotted_string for extension in made.extensions}
    refused = {finding.code for finding in linter.lint(profile.with_blank_signature(tbs)) if finding.refuses}
    assert code in refused


@pytest.mark.parametrize("junk", [b"", b"\x30\x00", b"junk", bytes(1000)])
def test_junk_is_one_fatal_finding(linter, junk):
    (finding,) = linter.lint(junk)
    assert (finding.severity, finding.code, finding.refuses) == ("fatal", "profile.unreadable", True)


def test_an_unknown_kind_is_an_answer_and_the_next_question_works(linter, certificates):
    with pytest.raises(AuthorityUnreachable, match="KeyError"):
        linter.lint(certificates[0], "passport")
    assert linter.lint(certificates[0], LEGAL_ENTITY)


def test_the_office_does_not_load_the_linter_itself():
    """pkilint costs half a second and much memory: only the child imports it."""
    program = "import sys, card_issuance.embedded_authority; sys.exit('pkilint' in sys.modules or 'pkcs11' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
