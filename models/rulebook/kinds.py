"""What each case kind asks for and does: who agrees, what happens to which token, what becomes of the old certificate.

Every kind goes the same road (intake, agreement, fee, station, handover); this table says which stretches of it. Source: the
trade's table of case kinds. Documents, fees and limits are in `editions`, because they change with time; this does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from models.rulebook.vocabulary import BindingEnd, CaseKind, CertificateAction, RevocationReason, Role, RunKind


class Medium(StrEnum):
    new = "new"  # a blank token of the branch's stock
    holders = "holders"  # the very token that the certificate is on


class OldCertificate(StrEnum):
    """When the certificate that the case is about is revoked."""

    stays = "stays"
    revoked_at_handover = "revoked_at_handover"  # valid as long as the new one is not in the holder's hands
    revoked_at_agreement = "revoked_at_agreement"  # lost: first of all


@dataclass(frozen=True, slots=True)
class KindRules:
    """`work` None: nothing is done at the station. A change of status (`status`) is carried out once agreed; the live binding at
    the case's platform ends (`ends_binding`) and the platform is told; or the case is relayed and nobody here agrees (`agrees` None).
    """

    agrees: Role | None
    work: RunKind | None
    medium: Medium | None = None
    old: OldCertificate = OldCertificate.stays
    reason: RevocationReason | None = None  # for which the old one is revoked
    keeps_expiry: bool = False  # the new certificate ends with the old one
    status: CertificateAction | None = None
    medium_handed_in: bool = False
    medium_lost: bool = False
    ends_binding: BindingEnd | None = None
    at_platform: bool = False  # the case names a platform


KINDS: Mapping[CaseKind, KindRules] = MappingProxyType(
    {
        CaseKind.new: KindRules(Role.reviewer, RunKind.issue, Medium.new),
        CaseKind.additional: KindRules(Role.reviewer, RunKind.issue, Medium.new),
        CaseKind.renewal: KindRules(
            Role.reviewer,
            RunKind.rekey,
            Medium.holders,
            OldCertificate.revoked_at_handover,
            RevocationReason.superseded,
        ),
        CaseKind.amendment: KindRules(
            Role.reviewer,
            RunKind.rekey,
            Medium.holders,
            OldCertificate.revoked_at_handover,
            RevocationReason.affiliation_changed,
            keeps_expiry=True,
        ),
        CaseKind.replacement_damaged: KindRules(
            Role.reviewer,
            RunKind.issue,
            Medium.new,
            OldCertificate.revoked_at_handover,
            RevocationReason.superseded,
            keeps_expiry=True,
            medium_handed_in=True,
        ),
        CaseKind.replacement_lost: KindRules(
            Role.supervisor,
            RunKind.issue,
            Medium.new,
            OldCertificate.revoked_at_agreement,
            RevocationReason.key_compromise,
            keeps_expiry=True,
            medium_lost=True,
        ),
        CaseKind.unlock: KindRules(Role.supervisor, RunKind.unlock, Medium.holders),
        CaseKind.suspension: KindRules(Role.reviewer, None, status=CertificateAction.suspend),
        CaseKind.resumption: KindRules(Role.reviewer, None, status=CertificateAction.resume),
        CaseKind.revocation: KindRules(Role.reviewer, None, status=CertificateAction.revoke),
        CaseKind.binding_reset: KindRules(Role.supervisor, None, ends_binding=BindingEnd.reset, at_platform=True),
        CaseKind.rebinding: KindRules(Role.supervisor, None, ends_binding=BindingEnd.rebinding, at_platform=True),
        CaseKind.credentials_reset: KindRules(None, None, at_platform=True),
    }
)

# Kinds that begin with an applicant and its papers; all others begin with a certificate that exists.
FIRST_KINDS = frozenset({CaseKind.new, CaseKind.additional})
# Kinds about what a certificate opens; they leave certificate and token alone, so they run beside any other kind.
PLATFORM_KINDS = frozenset(kind for kind, rules in KINDS.items() if rules.at_platform)
# Kinds about the certificate and its token.
AFTERCARE_KINDS = frozenset(CaseKind) - FIRST_KINDS - PLATFORM_KINDS
# A renewal or amendment needs the holder's PIN: where he does not know it, an unlock is opened beside it, or was before it.
_REKEYS = frozenset(kind for kind, rules in KINDS.items() if rules.work is RunKind.rekey)
BESIDE: Mapping[CaseKind, frozenset[CaseKind]] = MappingProxyType(
    {CaseKind.unlock: _REKEYS, **dict.fromkeys(_REKEYS, frozenset({CaseKind.unlock}))}
)
