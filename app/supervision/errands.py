"""What waits for the supervisor: each with the very query of the page it leads to, and only for whom may do it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from flask import url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import Select
from sqlalchemy.orm import Session

from models.rulebook.permissions import Actor, Permission, denial
from models.worklists.counts import capped
from models.worklists.grants import cases_to_grant
from models.worklists.telling import dead_events


@dataclass(frozen=True, slots=True)
class Looker:
    """Who looks, when. `branch_id`: his own; supervisors have one."""

    session: Session
    actor: Actor
    branch_id: int
    today: date


@dataclass(frozen=True, slots=True)
class Errand:
    """`rows`: the list's own query, or a number where the list is none of the database's."""

    title: LazyString
    icon: str
    permission: Permission
    endpoint: str
    rows: Callable[[Looker], Select[Any] | int]
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Waiting:
    title: str
    icon: str
    url: str
    count: int


ERRANDS = (
    Errand(
        _("待批准的案件"),
        "shield-check",
        Permission.grant_exception,
        "grants.queue",
        lambda look: cases_to_grant(look.branch_id),
    ),
    Errand(_("送不到的平台通知"), "send-exclamation", Permission.tell_again, "telling.dead", lambda look: dead_events()),
)


def errands_of(look: Looker) -> list[Waiting]:
    """All that the looker may see to, also those of which nothing waits."""
    found = []
    for errand in ERRANDS:
        if denial(errand.permission, look.actor) is not None:
            continue
        rows = errand.rows(look)
        count = rows if isinstance(rows, int) else capped(look.session, rows)
        found.append(Waiting(str(errand.title), errand.icon, url_for(errand.endpoint, **errand.values), count))
    return found
