"""Open a case about a certificate that exists: at whatever branch its holder comes to, one at a time."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.certificate_facts import certificate_facts, open_cases_about
from app.services.edition_at_hand import edition_on
from app.services.enter_case import enter_case
from app.services.errors import Absent, Refusal
from app.services.guard import allow
from app.services.open_case import OpenedCase
from app.services.world import World
from models.rulebook.kinds import BESIDE
from models.rulebook.lifetime import why_closed
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseKind
from models.tables import Case, Certificate


def open_aftercare(world: World, actor: Actor, serial: str, kind: CaseKind) -> OpenedCase:
    """`serial`: of the certificate, exactly. Raises Absent for none such, Refusal "kind_not_open" where the kind does not fit the
    certificate as it is today, and "case_is_open" with the number of the case that is at work on it."""
    allow(Permission.work_at_aftercare, actor)
    with world.writing() as session:
        certificate = session.scalars(select(Certificate).where(Certificate.serial == serial)).one_or_none()
        if certificate is None:
            raise Absent()
        _refuse_second(session, certificate, kind)
        today = world.today()
        if why_closed(kind, certificate_facts(session, certificate), today, edition_on(session, today)) is not None:
            raise Refusal("kind_not_open")
        try:
            case = _enter(session, world, actor, certificate, kind)
        except IntegrityError:  # another counter opened one in the same moment
            session.rollback()
            _refuse_second(session, certificate, kind)
            raise
        session.commit()
        return OpenedCase(case.id, case.number)


def _refuse_second(session: Session, certificate: Certificate, kind: CaseKind) -> None:
    for there in open_cases_about(session, certificate):
        if there.kind not in BESIDE.get(kind, ()):
            raise Refusal("case_is_open", number=there.number)


def _enter(session: Session, world: World, actor: Actor, certificate: Certificate, kind: CaseKind) -> Case:
    """What the certificate was ordered for stays as it was: uses, computer code, profile of the key."""
    ordered = certificate.item.case
    return enter_case(
        session,
        world,
        actor,
        kind,
        applicant_id=certificate.applicant_id,
        certificate_id=certificate.id,
        token_id=certificate.token_id,
        uses=ordered.uses,
        computer_code=ordered.computer_code,
        tax_numbers_differ=ordered.tax_numbers_differ,
        key_profile=certificate.run.profile.value,
        edition=edition_on(session, world.today()).code,
        draft={},
    )
