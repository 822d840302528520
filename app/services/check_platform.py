"""What the register of bindings says about a certificate at a platform that turns its holder away, for the certificate check."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.services.errors import Faulty
from app.services.examine_binding import why_not_here
from models.rulebook.bindings import NOTHING_YET, may_bind
from models.rulebook.check import CheckedPlatform
from models.rulebook.kinds import PLATFORM_KINDS
from models.tables import Certificate, Platform
from models.worklists.binding_facts import asked_of, lines_of, policy_of, relation_of


def platform_named(session: Session, platform_id: int | None) -> Platform | None:
    """Raises Faulty `platform` for one that is not there."""
    if platform_id is None:
        return None
    platform = session.get(Platform, platform_id)
    if platform is None:
        raise Faulty(fields={"platform": "required"})
    return platform


def check_platform(session: Session, platform: Platform, certificate: Certificate | None, at: datetime) -> CheckedPlatform:
    """With the kinds of case that the counter can open there today. `certificate` None: the office knows none such."""
    policy = policy_of(platform)
    if certificate is None:
        return CheckedPlatform(platform.name_zh, platform.name_en, may_bind(policy, None, NOTHING_YET, at).codes)
    lines = lines_of(session, certificate.applicant_id)
    relation = relation_of(session, platform.id, certificate.applicant_id, lines, at)
    verdict = may_bind(policy, asked_of(certificate, lines), relation, at)
    helps = frozenset(
        kind
        for kind in PLATFORM_KINDS
        if why_not_here(session, platform, kind, certificate.applicant_id, certificate, at) is None
    )
    return CheckedPlatform(platform.name_zh, platform.name_en, verdict.codes, helps)
