"""May this certificate be bound here, what becomes of a binding, and what the counter may do about it.

Pure functions of frozen facts and an instant. Sources of the clauses: "A" is the social organisation platform's manual ("A.0" its
preface, "A.2.1.4" chapter 2, section 1, item 4); "P" is good practice of certificate authorities; "D" is this program's own
decision where the manual is silent. The words are in `binding_words`.

A *line* is a certificate with all that took over from it (renewal, amendment, replacement): one certificate as its holder sees it.
"Several certificates" are several lines that were ever handed over to the applicant, at whatever branch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from models.rulebook.kinds import KINDS, OldCertificate
from models.rulebook.vocabulary import BindingEnd, CaseKind, CertificateStatus, RunKind, Use


class BindingCode(StrEnum):
    """The stable codes of every answer, refusals first in the order in which they are told."""

    platform_disabled = "platform_disabled"
    certificate_unknown = "certificate_unknown"
    not_handed_over = "not_handed_over"
    revoked = "revoked"
    suspended = "suspended"
    not_yet_valid = "not_yet_valid"
    expired = "expired"
    wrong_use = "wrong_use"
    other_chosen = "other_chosen"  # another certificate was chosen at the counter
    bound_to_other = "bound_to_other"  # another certificate is bound
    other_account = "other_account"  # it is bound here already, to another account
    may_bind = "may_bind"
    already_bound = "already_bound"
    choose_anew = "choose_anew"  # what is bound no longer counts: whichever is bound now takes its place


# Allowed answers; all others refuse.
ALLOWED = frozenset({BindingCode.may_bind, BindingCode.already_bound, BindingCode.choose_anew})

CLAUSES: Mapping[BindingCode, str] = MappingProxyType(
    {
        BindingCode.platform_disabled: "D.binding.5",
        BindingCode.certificate_unknown: "D.binding.2",
        BindingCode.not_handed_over: "P.certificate.on_hold",
        BindingCode.revoked: "P.certificate.revoked",
        BindingCode.suspended: "P.certificate.suspended",
        BindingCode.not_yet_valid: "P.certificate.validity",
        BindingCode.expired: "P.certificate.validity",
        BindingCode.wrong_use: "D.binding.3",
        BindingCode.other_chosen: "D.binding.4",
        BindingCode.bound_to_other: "A.0.3",  # 需绑定其中一张
        BindingCode.other_account: "D.binding.1",
        BindingCode.may_bind: "A.2.1.4",  # 首次登录系统会提示用户绑定证书
        BindingCode.already_bound: "A.0.2",  # 仅办理过一张…无须重新绑定
        BindingCode.choose_anew: "A.0.3",  # 之前绑定过的也需重新绑定
    }
)


@dataclass(frozen=True, slots=True)
class Policy:
    """A platform's policy about bindings. `wanted_use`: a certificate must have been ordered for it; None: any will do."""

    active: bool = True
    renewal_keeps: bool = True
    replacement_keeps: bool = False
    one_of_several: bool = False
    wanted_use: Use | None = None


@dataclass(frozen=True, slots=True)
class AskedCertificate:
    """The certificate in question. `id`, `line`: only compared. Instants are the first and the last at which it is valid."""

    id: int
    line: int
    status: CertificateStatus
    not_before: datetime
    not_after: datetime
    uses: frozenset[Use]


@dataclass(frozen=True, slots=True)
class Bound:
    """One binding of the applicant at the platform, live while `until` is None.

    `chosen_at`: when the holder chose the line, which is before `since` where the binding only moved along with a renewal.
    """

    certificate: int
    line: int
    since: datetime
    chosen_at: datetime
    until: datetime | None = None
    end: BindingEnd | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen at the counter to be bound next. `alive`: its line still has a certificate that is in use and not expired."""

    line: int
    at: datetime
    alive: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """An applicant and a platform. `history`: all bindings that ever were, in any order; `choice`: the newest, if there ever was
    one; `several_since`: when a second line was handed over to the applicant, None as long as there was none."""

    history: tuple[Bound, ...] = ()
    choice: Choice | None = None
    several_since: datetime | None = None

    @property
    def live(self) -> Bound | None:
        """At most one: the database holds it."""
        return next((bound for bound in self.history if bound.until is None), None)


NOTHING_YET = Relation()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`codes`: every reason to refuse, in order; or the one allowed answer. Never empty."""

    codes: tuple[BindingCode, ...]

    @property
    def code(self) -> BindingCode:
        return self.codes[0]

    @property
    def allowed(self) -> bool:
        return self.code in ALLOWED

    @property
    def clause(self) -> str:
        return CLAUSES[self.code]


def may_bind(policy: Policy, asked: AskedCertificate | None, relation: Relation, at: datetime) -> Verdict:
    """May this certificate be bound here now? `asked` None: no such certificate."""
    if asked is None:
        unknown = (BindingCode.certificate_unknown,)
        return Verdict(unknown if policy.active else (BindingCode.platform_disabled, *unknown))
    refused = [*([] if policy.active else [BindingCode.platform_disabled]), *certificate_faults(policy, asked, at)]
    place = _place(policy, asked, relation)
    if place not in ALLOWED:
        refused.append(place)
    return Verdict(tuple(refused) or (place,))


def certificate_faults(policy: Policy, asked: AskedCertificate, at: datetime) -> tuple[BindingCode, ...]:
    """What is wrong with the certificate itself for this platform, whoever is bound there."""
    faults = [_STATUS_FAULTS[asked.status]] if asked.status in _STATUS_FAULTS else []
    if at < asked.not_before:
        faults.append(BindingCode.not_yet_valid)
    if at > asked.not_after:
        faults.append(BindingCode.expired)
    if policy.wanted_use is not None and policy.wanted_use not in asked.uses:
        faults.append(BindingCode.wrong_use)
    return tuple(faults)


_STATUS_FAULTS: Mapping[CertificateStatus, BindingCode] = MappingProxyType(
    {
        CertificateStatus.prepared: BindingCode.certificate_unknown,  # perhaps never signed
        CertificateStatus.on_hold: BindingCode.not_handed_over,
        CertificateStatus.suspended: BindingCode.suspended,
        CertificateStatus.revoked: BindingCode.revoked,
    }
)


def _place(policy: Policy, asked: AskedCertificate, relation: Relation) -> BindingCode:
    """Whether the one place that an applicant has at a platform is free for the asked line."""
    live, choice = relation.live, counting_choice(policy, relation)
    if choice is not None and choice.line != asked.line:
        return BindingCode.other_chosen
    if live is None:
        return BindingCode.may_bind
    if is_stale(policy, live, relation):
        return BindingCode.choose_anew
    if live.certificate == asked.id:
        return BindingCode.already_bound
    # The same line's newer certificate takes the place over; with another line's the holder must go to the counter.
    return BindingCode.choose_anew if live.line == asked.line else BindingCode.bound_to_other


def is_stale(policy: Policy, live: Bound, relation: Relation) -> bool:
    """Whether a live binding no longer counts: made before there were several certificates where one of several is to be chosen
    [A], or before another line was chosen at the counter."""
    since = relation.several_since
    if policy.one_of_several and since is not None and live.chosen_at < since:
        return True
    choice = counting_choice(policy, relation)
    return choice is not None and choice.line != live.line


def counting_choice(policy: Policy, relation: Relation) -> Choice | None:
    """The counter's choice, as long as it counts: its line can still be used; it was not made before there were several where
    one of several is to be chosen; and neither a reset nor a binding of another line came after it."""
    choice, since = relation.choice, relation.several_since
    if choice is None or not choice.alive:
        return None
    if policy.one_of_several and since is not None and choice.at < since:
        return None
    for bound in relation.history:
        if bound.end is BindingEnd.reset and bound.until is not None and bound.until > choice.at:
            return None
        if bound.line != choice.line and bound.chosen_at > choice.at:
            return None
    return choice


def follows(kind: CaseKind, policy: Policy) -> BindingEnd | None:
    """What becomes of the old certificate's live binding when the new one is handed over in a case of this kind: `moved`,
    `certificate_replaced`, or None for a kind that replaces nothing. A lost certificate was revoked before, with its bindings."""
    rules = KINDS[kind]
    if rules.old is not OldCertificate.revoked_at_handover:
        return None
    kept = policy.renewal_keeps if rules.work is RunKind.rekey else policy.replacement_keeps
    return BindingEnd.moved if kept else BindingEnd.certificate_replaced


class CounterCode(StrEnum):
    """Why a case about a binding is not open at the counter."""

    platform_disabled = "platform_disabled"
    nothing_bound = "nothing_bound"  # no live binding: there is nothing to reset
    only_one = "only_one"  # there is no other certificate to choose
    chosen_already = "chosen_already"  # this very certificate is bound, or to be bound next, and that still counts
    wrong_use = "wrong_use"
    no_authority = "no_authority"  # nobody is named who resets the platform's user names


COUNTER_CLAUSES: Mapping[CounterCode, str] = MappingProxyType(
    {
        CounterCode.platform_disabled: "D.binding.5",
        CounterCode.nothing_bound: "D.binding.1",
        CounterCode.only_one: "A.0.2",
        CounterCode.chosen_already: "D.binding.4",
        CounterCode.wrong_use: "D.binding.3",
        CounterCode.no_authority: "A.2.1.4",  # 可向登记管理机关申请重置用户名密码
    }
)


def why_not_reset(policy: Policy, relation: Relation) -> CounterCode | None:
    """Why the counter cannot end the binding; None: it can."""
    if not policy.active:
        return CounterCode.platform_disabled
    return CounterCode.nothing_bound if relation.live is None else None


def why_not_rebind(policy: Policy, chosen: AskedCertificate | None, relation: Relation) -> CounterCode | None:
    """Why the counter cannot choose this certificate to be bound next; None: it can. `chosen` None: nothing is chosen yet, and
    the answer is for any. Whether the certificate itself is in order is judged as for every case about one (`lifetime`).

    Open also where nothing is bound: an earlier choice may stand in the way of the certificate that the holder wants now.
    """
    if not policy.active:
        return CounterCode.platform_disabled
    if relation.several_since is None:
        return CounterCode.only_one
    if chosen is None:
        return None
    if policy.wanted_use is not None and policy.wanted_use not in chosen.uses:
        return CounterCode.wrong_use
    live, choice = relation.live, counting_choice(policy, relation)
    if choice is not None:
        return CounterCode.chosen_already if choice.line == chosen.line else None
    if live is not None and live.line == chosen.line and not is_stale(policy, live, relation):
        return CounterCode.chosen_already
    return None


def why_not_relay(policy: Policy, authority: str) -> CounterCode | None:
    """Why a reset of user name or password cannot be relayed. `authority`: who does it for this platform, "" if nobody is named."""
    if not policy.active:
        return CounterCode.platform_disabled
    return None if authority else CounterCode.no_authority


class AdviceCode(StrEnum):
    """Which certificate the applicant should use at a platform."""

    platform_disabled = "platform_disabled"
    use_bound = "use_bound"  # the bound one, and nothing is to be done
    bound_unusable = "bound_unusable"  # the bound one, once it is in order again; or another, by a rebinding
    use_chosen = "use_chosen"  # the one chosen at the counter: it is bound at the next login
    chosen_unusable = "chosen_unusable"
    choose_one = "choose_one"  # any of these: the next login binds it, and then it alone counts
    use_only = "use_only"  # there is just one that will do: it is bound at the next login
    none_usable = "none_usable"


ADVICE_CLAUSES: Mapping[AdviceCode, str] = MappingProxyType(
    {
        AdviceCode.platform_disabled: "D.binding.5",
        AdviceCode.use_bound: "A.0.2",
        AdviceCode.bound_unusable: "D.binding.4",
        AdviceCode.use_chosen: "D.binding.4",
        AdviceCode.chosen_unusable: "D.binding.4",
        AdviceCode.choose_one: "A.0.3",
        AdviceCode.use_only: "A.2.1.4",
        AdviceCode.none_usable: "D.binding.2",
    }
)


@dataclass(frozen=True, slots=True)
class Advice:
    """`certificates`: the ids of those that the advice is about, in the order they were given in."""

    code: AdviceCode
    certificates: tuple[int, ...] = ()

    @property
    def clause(self) -> str:
        return ADVICE_CLAUSES[self.code]


def which_to_use(policy: Policy, certificates: Sequence[AskedCertificate], relation: Relation, at: datetime) -> Advice:
    """ "Which certificate should I use here?" `certificates`: all of the applicant's."""
    if not policy.active:
        return Advice(AdviceCode.platform_disabled)
    good = tuple(one for one in certificates if not certificate_faults(policy, one, at))
    live, choice = relation.live, counting_choice(policy, relation)
    if live is not None and not is_stale(policy, live, relation):
        in_order = any(one.id == live.certificate for one in good)
        return Advice(AdviceCode.use_bound if in_order else AdviceCode.bound_unusable, (live.certificate,))
    if choice is not None:
        of_line = tuple(one.id for one in good if one.line == choice.line)
        return Advice(AdviceCode.use_chosen if of_line else AdviceCode.chosen_unusable, of_line)
    ids = tuple(one.id for one in good)
    if not ids:
        return Advice(AdviceCode.none_usable)
    return Advice(AdviceCode.choose_one if len(ids) > 1 else AdviceCode.use_only, ids)
