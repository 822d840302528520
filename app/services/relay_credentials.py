"""A reset of a platform's own user name or password: relayed to the registry authority, which alone resets it [A]."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.services.errors import Refusal
from app.services.give_notice import NoticeKind, give_notice
from app.services.platform_paper_facts import relay_facts
from app.services.road import write_line
from models.rulebook.permissions import Actor
from models.tables import Case, Notice, Platform, Relay


def relay_credentials(session: Session, at: datetime, actor: Actor, case: Case) -> Notice:
    """The relay, numbered like its slip; the caller moves the case. Raises Refusal "no_registry_authority"."""
    platform = session.get_one(Platform, case.platform_id)
    if not platform.registry_authority:
        raise Refusal("no_registry_authority")
    notice = give_notice(session, at, actor, case, NoticeKind.relay, relay_facts(session, actor, case, at))
    relay = Relay(
        number=notice.number,
        case_id=case.id,
        platform_id=platform.id,
        authority=platform.registry_authority,
        at=at,
        by=actor.staff_id,
    )
    session.add(relay)
    facts = {"number": relay.number, "platform": platform.code, "authority": relay.authority}
    write_line(session, at, actor, relay, "relay", case_id=case.id, branch_id=case.branch_id, **facts)
    return notice
