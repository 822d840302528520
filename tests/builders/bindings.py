"""Bindings made by the use cases themselves, and what becomes of them."""

import secrets
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.services.accept_aftercare import accept_aftercare
from app.services.bind_certificate import BindOrder, BoundHere, bind_certificate
from app.services.grant_case import grant_case
from app.services.open_platform_case import open_platform_case
from app.services.save_aftercare import save_aftercare
from app.services.world import World
from models.rulebook.kinds import KINDS
from models.rulebook.vocabulary import CaseKind, Role
from models.tables import Binding, Case, Platform
from tests.builders.aftercare import Held, draft
from tests.builders.cases import MOBILE, case_now, resident_number
from tests.builders.people import actor_of
from tests.builders.platforms import plant_platform

__all__ = ["plant_platform"]


def bind(world: World, platform: Platform, held: Held, account: str = "u-1", key: str = "") -> BoundHere:
    """As the platform does it at a first login."""
    return bind_certificate(world, platform.id, BindOrder(held.serial, account, key or secrets.token_hex(8)))


def plant_bound(world: World, platform: Platform, held: Held, account: str = "u-1") -> Binding:
    return binding_now(world, bind(world, platform, held, account).key)


def binding_now(world: World, key: str) -> Binding:
    with world.reading() as session:
        found = session.scalars(
            select(Binding)
            .where(Binding.key == key)
            .options(joinedload(Binding.platform), joinedload(Binding.certificate), joinedload(Binding.applicant))
        ).one()
        session.expunge_all()
        return found


def bindings_at(world: World, platform: Platform) -> list[Binding]:
    """All that ever were at a platform, in order."""
    with world.reading() as session:
        keys = session.scalars(select(Binding.key).where(Binding.platform_id == platform.id).order_by(Binding.id)).all()
    return [binding_now(world, key) for key in keys]


def opened_at(world: World, platform: Platform, held: Held, kind: CaseKind, branch: str = "HD01") -> Case:
    opened = open_platform_case(world, actor_of(world, Role.clerk, branch), kind, platform.id, held.applicant_id, held.serial)
    return case_now(world, opened.id)


def drafted_at(world: World, platform: Platform, held: Held, kind: CaseKind, branch: str = "HD01", **changes: Any) -> Case:
    """With every paper that the kind asks for."""
    case, clerk = opened_at(world, platform, held, kind, branch), actor_of(world, Role.clerk, branch)
    save_aftercare(world, clerk, case.id, case.version, draft(held, kind, **changes), resident_number(), MOBILE)
    return case_now(world, case.id)


def accepted_at(world: World, platform: Platform, held: Held, kind: CaseKind, branch: str = "HD01", **changes: Any) -> Case:
    """Awaiting a supervisor's leave, or relayed."""
    case = drafted_at(world, platform, held, kind, branch, **changes)
    accept_aftercare(world, actor_of(world, Role.clerk, branch), case.id, case.version)
    return case_now(world, case.id)


def agreed_at(world: World, platform: Platform, held: Held, kind: CaseKind, branch: str = "HD01", **changes: Any) -> Case:
    """Awaiting the platform's acknowledgement (or closed, where nothing was bound), or relayed."""
    case = accepted_at(world, platform, held, kind, branch, **changes)
    if KINDS[kind].agrees is not None:
        grant_case(world, actor_of(world, Role.supervisor, branch), case.id, case.version, "证件核对无误")
    return case_now(world, case.id)
