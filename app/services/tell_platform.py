"""Something that a platform is to be told, written in the transaction of what happened. It is carried out of the house later."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from models.rulebook.binding_words import END_WORDS, EVENT_WORDS
from models.rulebook.findings import Sentence
from models.rulebook.vocabulary import EventKind
from models.tables import Binding, Case, Platform, PlatformEvent


def tell(
    session: Session,
    at: datetime,
    platform: Platform,
    kind: EventKind,
    binding: Binding,
    *,
    case: Case | None = None,
    **more: Any,
) -> PlatformEvent:
    """The platform's next event, numbered without a gap: the count goes up with the commit, or not at all.

    `case`: that waits for the acknowledgement. `more`: further members of the body (JSON values), for ever as they are now.
    The platform's row is held to the end of the transaction, so events of one platform are numbered in the order of the commits.
    """
    session.flush()
    number = session.scalars(
        update(Platform)
        .where(Platform.id == platform.id)
        .values(events_told=Platform.events_told + 1)
        .returning(Platform.events_told)
        .execution_options(synchronize_session=False)
    ).one()
    session.expire(platform, ["events_told"])
    key = secrets.token_hex(16)
    words = _words(kind, binding)
    body = {
        "id": key,
        "number": number,
        "type": kind.value,
        "at": at.isoformat(),
        "platform": platform.code,
        "binding": binding_on_wire(binding),
        **more,
        "reason_zh": words.zh,
        "reason_en": words.en,
    }
    event = PlatformEvent(
        key=key,
        platform_id=platform.id,
        number=number,
        kind=kind,
        binding_id=binding.id,
        case_id=case.id if case is not None else None,
        body=body,
        at=at,
        due_at=at,
    )
    session.add(event)
    session.flush()
    return event


def binding_on_wire(binding: Binding) -> dict[str, str | None]:
    """How a binding is named to its platform. Instants are ISO 8601, in UTC."""
    return {
        "id": binding.key,
        "account_reference": binding.account_reference,
        "certificate": binding.certificate.serial,
        "since": binding.since.isoformat(),
        "until": binding.until.isoformat() if binding.until is not None else None,
        "end": binding.end.value if binding.end is not None else None,
    }


def _words(kind: EventKind, binding: Binding) -> Sentence:
    """A binding that ended says why; everything else says what happened."""
    return END_WORDS[binding.end] if binding.end is not None and kind not in EVENT_WORDS else EVENT_WORDS[kind]
