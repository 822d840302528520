"""What the papers about bindings and relayed resets say, put down when their number is given.

How a platform or an authority answered afterwards is added when the paper is printed: see `said_since`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.services.give_notice import NoticeKind
from app.services.paper_facts import head_of, people_of
from app.services.paper_words import both
from app.services.world import BEIJING
from models.rulebook.identity import mask_account
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import RelayAnswer
from models.tables import Binding, Case, Certificate, Notice, Platform, PlatformEvent, Relay


def binding_facts(
    session: Session, case: Case, at: datetime, ended: Binding | None, chosen: Certificate | None
) -> dict[str, Any]:
    """What a binding slip says. `ended`: the binding that was live, None where none was; `chosen`: at the counter, by a rebinding."""
    kind_zh, kind_en = both(case.kind)
    facts = _head(session, case) | {
        **people_of(session, case),
        "kind_zh": kind_zh,
        "kind_en": kind_en,
        "waits": ended is not None,
        "at_day": _day(at),
    }
    if ended is not None:
        facts |= {
            "ended_token": ended.certificate.token.serial,
            "ended_serial": ended.certificate.serial,
            "ended_account": mask_account(ended.account_reference),
            "bound_since": _day(ended.since),
        }
    if chosen is not None:
        facts |= {
            "chosen_token": chosen.token.serial,
            "chosen_serial": chosen.serial,
            "chosen_until": _day(chosen.not_after),
        }
    return facts


def relay_facts(session: Session, actor: Actor, case: Case, at: datetime) -> dict[str, Any]:
    """What a relay slip says of the request."""
    certificate = session.get(Certificate, case.certificate_id) if case.certificate_id is not None else None
    return _head(session, case) | {
        "clerk_name": actor.called,
        "token_serial": certificate.token.serial if certificate is not None else "",
        "certificate_serial": certificate.serial if certificate is not None else "",
        "at_day": _day(at),
    }


def said_since(session: Session, notice: Notice) -> Mapping[str, Any]:
    """What has happened since the paper was numbered, and is to be printed on it; nothing for other papers."""
    match NoticeKind(notice.kind):
        case NoticeKind.binding:
            return {"acknowledged_on": _acknowledged(session, notice.case_id)}
        case NoticeKind.relay:
            return _answered(session, notice.case_id)
        case _:
            return {}


def _head(session: Session, case: Case) -> dict[str, Any]:
    platform = session.get_one(Platform, case.platform_id)
    return head_of(session, case, {}) | {
        "platform_zh": platform.name_zh,
        "platform_en": platform.name_en,
        "platform_telephone": platform.telephone,
        "registry_authority": platform.registry_authority,
    }


def _acknowledged(session: Session, case_id: int) -> str | None:
    at = session.scalar(
        select(PlatformEvent.acknowledged_at)
        .where(PlatformEvent.case_id == case_id, PlatformEvent.acknowledged_at.is_not(None))
        .order_by(PlatformEvent.id.desc())
        .limit(1)
    )
    return _day(at) if at is not None else None


def _answered(session: Session, case_id: int) -> dict[str, Any]:
    relay = session.scalars(select(Relay).where(Relay.case_id == case_id)).one()
    answered = relay.answered_at
    return {
        "answered_on": _day(answered) if answered is not None else None,
        "done": relay.answer is RelayAnswer.done,
        "note": relay.note,
    }


def _day(at: datetime) -> str:
    return at.astimezone(BEIJING).date().isoformat()
