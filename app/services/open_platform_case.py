"""Open a case about what a certificate opens at a platform: at whatever branch its holder comes to, one of a kind at a time."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.edition_at_hand import edition_on
from app.services.enter_case import enter_case
from app.services.errors import Absent, Faulty, Refusal
from app.services.examine_binding import why_not_here
from app.services.guard import allow
from app.services.open_case import OpenedCase
from app.services.world import World
from models.rulebook.kinds import KINDS, PLATFORM_KINDS
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import BindingEnd, CaseKind
from models.rulebook.workflow import CASE_FINAL
from models.tables import Applicant, Case, Certificate, Platform
from models.worklists.bindings import live_binding


def open_platform_case(
    world: World, actor: Actor, kind: CaseKind, platform_id: int, applicant_id: int, serial: str = ""
) -> OpenedCase:
    """`serial`: of the certificate that is chosen by a rebinding; of any of the applicant's for a credentials reset, where "" means
    the bound one. A binding reset is about the bound one.

    Raises Absent; Faulty (`serial`: required, certificate_unknown); Refusal "kind_not_open" (`why`: a CounterCode) and
    "case_is_open" with the number of the case that is at it already.
    """
    allow(Permission.work_at_bindings, actor)
    with world.writing() as session:
        platform, applicant = session.get(Platform, platform_id), session.get(Applicant, applicant_id)
        if platform is None or applicant is None or kind not in PLATFORM_KINDS:
            raise Absent()
        certificate = _about(session, kind, platform, applicant, serial.strip())
        why = why_not_here(session, platform, kind, applicant.id, certificate, world.now())
        if why is not None:
            raise Refusal("kind_not_open", why=why.value)
        if certificate is None:
            raise Faulty(fields={"serial": "required"})
        _refuse_second(session, kind, platform, applicant)
        try:
            case = _enter(session, world, actor, kind, platform, certificate)
        except IntegrityError:  # another counter opened one in the same moment
            session.rollback()
            _refuse_second(session, kind, platform, applicant)
            raise
        session.commit()
        return OpenedCase(case.id, case.number)


def _about(session: Session, kind: CaseKind, platform: Platform, applicant: Applicant, serial: str) -> Certificate | None:
    live = live_binding(session, platform.id, applicant.id)
    bound = live.certificate if live is not None else None
    match KINDS[kind].ends_binding:
        case BindingEnd.reset:
            return bound
        case BindingEnd.rebinding:
            return _of_applicant(session, applicant, serial)
        case _:
            return _of_applicant(session, applicant, serial) or bound


def _of_applicant(session: Session, applicant: Applicant, serial: str) -> Certificate | None:
    if not serial:
        return None
    found = session.scalars(
        select(Certificate).where(Certificate.serial == serial, Certificate.applicant_id == applicant.id)
    ).one_or_none()
    if found is None:
        raise Faulty(fields={"serial": "certificate_unknown"})
    return found


def _refuse_second(session: Session, kind: CaseKind, platform: Platform, applicant: Applicant) -> None:
    there = session.scalars(
        select(Case).where(
            Case.platform_id == platform.id,
            Case.applicant_id == applicant.id,
            Case.kind == kind,
            Case.state.not_in(tuple(CASE_FINAL)),
        )
    ).one_or_none()
    if there is not None:
        raise Refusal("case_is_open", number=there.number)


def _enter(session: Session, world: World, actor: Actor, kind: CaseKind, platform: Platform, certificate: Certificate) -> Case:
    return enter_case(
        session,
        world,
        actor,
        kind,
        applicant_id=certificate.applicant_id,
        certificate_id=certificate.id,
        token_id=certificate.token_id,
        platform_id=platform.id,
        uses=certificate.item.case.uses,
        key_profile=certificate.run.profile.value,
        edition=edition_on(session, world.today()).code,
        draft={},
    )
