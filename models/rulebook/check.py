"""The certificate check: what is wrong with a certificate, its token or the way to a platform, and what to do next. Pure.

Source: the tax service's certificate manual, chapter 4, and the trade's line on the certificate check. All findings are given, the
heaviest first; where nothing is wrong, one says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from models.rulebook.bindings import BindingCode
from models.rulebook.check_words import WORDS, CheckCode, Weight, reason_words
from models.rulebook.editions import Edition
from models.rulebook.kinds import AFTERCARE_KINDS
from models.rulebook.lifetime import CertificateFacts, why_closed
from models.rulebook.vocabulary import CaseKind, CertificateStatus, RevocationReason, TokenState

__all__ = [
    "CheckCode",
    "CheckFacts",
    "CheckFinding",
    "CheckedCertificate",
    "CheckedPlatform",
    "TokenSight",
    "Weight",
    "examine_check",
]

# With so few tries left, the next mistake may be the last.
FEW_TRIES = 3


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """What the office keeps of the certificate. Days are in the office's time zone, both are valid days.

    `reason`: of its revocation. `replaced`: a newer certificate has come in its place. `has_tax`: the tax function was opened with it.
    `other_cases`: the kinds of the cases about it that are not finished.
    """

    status: CertificateStatus
    reason: RevocationReason | None
    first_day: date
    last_day: date
    token: TokenState
    has_tax: bool
    replaced: bool = False
    other_cases: frozenset[CaseKind] = frozenset()


@dataclass(frozen=True, slots=True)
class TokenSight:
    """What the station saw in the slot. None: it could not be seen, so nothing is said about it.

    `key`, `certificate`: the token holds this certificate's private key, and the certificate itself, byte for byte.
    """

    readable: bool
    initialised: bool
    key: bool | None = None
    certificate: bool | None = None
    pin_locked: bool | None = None
    tries_left: int | None = None


@dataclass(frozen=True, slots=True)
class CheckedPlatform:
    """The platform that turns the holder away. `verdict`: why the certificate may not be bound there now, or what stands (see
    `bindings.may_bind`); `helps`: the kinds that are open there for this applicant today."""

    name_zh: str
    name_en: str
    verdict: tuple[BindingCode, ...]
    helps: frozenset[CaseKind] = frozenset()


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """`certificate` None: the office knows no such certificate; `other_issuer`: because another authority issued it.

    `sight` None: the token is in no slot, only its serial was typed. What the holder asks: `asks_tax`, he wants to file taxes;
    `asks_platform`, a platform turns him away, and `platform` which one; `name_not_shown`, the log-in page does not show the
    applicant's name.
    """

    on: date
    certificate: CheckedCertificate | None
    sight: TokenSight | None
    other_issuer: bool = False
    asks_tax: bool = False
    asks_platform: bool = False
    name_not_shown: bool = False
    platform: CheckedPlatform | None = None


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """`helps`: the kind of case that puts it right and can be opened today; None: no case is needed, or none helps."""

    code: CheckCode
    weight: Weight
    message_zh: str
    message_en: str
    next_zh: str
    next_en: str
    helps: CaseKind | None


def examine_check(facts: CheckFacts, edition: Edition) -> tuple[CheckFinding, ...]:
    """Everything there is to say, the heaviest first. `edition`: the one in force today, for the renewal's window."""
    found = dict(_all(facts, edition))
    weights = {code: _weight(code, facts) for code in found}
    if not {Weight.stop, Weight.warn} & set(weights.values()):
        well = CheckCode.well_on_file if facts.sight is None else CheckCode.well
        found[well], weights[well] = None, Weight.well
    order = sorted(found, key=lambda code: (list(Weight).index(weights[code]), list(CheckCode).index(code)))
    return tuple(_finding(code, weights[code], _open(found[code], facts, edition), facts) for code in order)


_Found = Iterator[tuple[CheckCode, CaseKind | None]]


def _all(facts: CheckFacts, edition: Edition) -> _Found:
    if facts.certificate is None:
        yield CheckCode.certificate_other_issuer if facts.other_issuer else CheckCode.certificate_unknown, None
    else:
        yield from _status(facts.certificate, facts.on, edition)
        yield from _medium(facts.certificate)
        if not facts.certificate.has_tax and facts.certificate.status is not CertificateStatus.revoked:
            yield CheckCode.tax_not_opened, None
    if facts.sight is None:
        yield CheckCode.token_not_seen, None
    else:
        yield from _sight(facts.sight, facts.certificate is not None)
    if facts.name_not_shown:
        yield CheckCode.name_not_shown, None
    if facts.platform is not None:
        yield from _platform(facts.platform)
    elif facts.asks_platform:
        yield CheckCode.platform_not_named, None


def _status(certificate: CheckedCertificate, on: date, edition: Edition) -> _Found:
    match certificate.status:
        case CertificateStatus.revoked:
            if certificate.replaced:
                yield CheckCode.certificate_replaced, None
            else:
                yield CheckCode.certificate_revoked, CaseKind.additional
            return
        case CertificateStatus.prepared | CertificateStatus.on_hold:
            yield CheckCode.certificate_on_hold, None
        case CertificateStatus.suspended:
            yield CheckCode.certificate_suspended, CaseKind.resumption
        case CertificateStatus.valid:
            pass
    if on < certificate.first_day:
        yield CheckCode.certificate_not_yet_valid, None
    elif certificate.last_day < on:
        held = certificate.token in (TokenState.handed_over, TokenState.in_ceremony)
        yield CheckCode.certificate_expired, CaseKind.renewal if held else CaseKind.additional
    elif (certificate.last_day - on).days <= edition.renewal_opens_days:
        yield CheckCode.certificate_expiring, CaseKind.renewal


def _medium(certificate: CheckedCertificate) -> _Found:
    match certificate.token:
        case TokenState.lost:
            yield CheckCode.token_lost, None
        case TokenState.returned | TokenState.spoiled:
            yield CheckCode.token_handed_in, None
    if certificate.other_cases:
        yield CheckCode.case_underway, None


def _sight(sight: TokenSight, known: bool) -> _Found:
    if not sight.readable:
        yield CheckCode.token_unreadable, CaseKind.replacement_damaged
        return
    if not sight.initialised:
        yield CheckCode.token_blank, CaseKind.replacement_damaged
        return
    if known and sight.key is False:
        yield CheckCode.key_missing, CaseKind.replacement_damaged
    elif known and sight.certificate is False:
        yield CheckCode.certificate_not_on_token, CaseKind.replacement_damaged
    if sight.pin_locked or sight.tries_left == 0:
        yield CheckCode.pin_locked, CaseKind.unlock
    elif sight.tries_left is not None and sight.tries_left <= FEW_TRIES:
        yield CheckCode.pin_few_tries, CaseKind.unlock


# What the register of bindings says; that the certificate itself is not in order is found above.
_AT_PLATFORM: Mapping[BindingCode, tuple[CheckCode, CaseKind | None]] = MappingProxyType(
    {
        BindingCode.platform_disabled: (CheckCode.platform_disabled, None),
        BindingCode.wrong_use: (CheckCode.platform_wrong_use, None),
        BindingCode.other_chosen: (CheckCode.platform_other_chosen, CaseKind.rebinding),
        BindingCode.bound_to_other: (CheckCode.platform_other_bound, CaseKind.rebinding),
        BindingCode.other_account: (CheckCode.platform_other_account, CaseKind.binding_reset),
        BindingCode.choose_anew: (CheckCode.platform_choose_anew, None),
        BindingCode.may_bind: (CheckCode.platform_not_bound, CaseKind.credentials_reset),
        BindingCode.already_bound: (CheckCode.platform_bound, CaseKind.credentials_reset),
    }
)


def _platform(platform: CheckedPlatform) -> _Found:
    for code in platform.verdict:
        if code in _AT_PLATFORM:
            found, helps = _AT_PLATFORM[code]
            yield found, helps if helps in platform.helps else None


def _weight(code: CheckCode, facts: CheckFacts) -> Weight:
    if code is CheckCode.tax_not_opened and facts.asks_tax:
        return Weight.stop
    return WORDS[code].weight


def _open(helps: CaseKind | None, facts: CheckFacts, edition: Edition) -> CaseKind | None:
    """A case that cannot be opened today is not offered; the sentence still says what to do."""
    known = facts.certificate
    if helps not in AFTERCARE_KINDS or helps is None:
        return helps
    if known is None:
        return None
    about = CertificateFacts(known.status, known.last_day, known.token, known.other_cases)
    return helps if why_closed(helps, about, facts.on, edition) is None else None


def _finding(code: CheckCode, weight: Weight, helps: CaseKind | None, facts: CheckFacts) -> CheckFinding:
    known, sight, entry = facts.certificate, facts.sight, WORDS[code]
    at = facts.platform
    told: dict[str, object] = {"tries": sight.tries_left if sight is not None else None}
    if known is not None:
        told |= {"first_day": known.first_day, "last_day": known.last_day, "days": (known.last_day - facts.on).days}
    because = reason_words(known.reason if known is not None else None)
    zh = told | {"because": because.zh, "platform": at.name_zh if at is not None else ""}
    en = told | {"because": because.en, "platform": at.name_en if at is not None else ""}
    return CheckFinding(
        code,
        weight,
        entry.message.zh.format(**zh),
        entry.message.en.format(**en),
        entry.next.zh.format(**zh),
        entry.next.en.format(**en),
        helps,
    )
