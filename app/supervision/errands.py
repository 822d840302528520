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

from models.rulebook.oversight import JobState
from models.rulebook.permissions import Actor, Permission, denial
from models.worklists.access import resets_to_agree, reviews_due
from models.worklists.counts import capped
from models.worklists.day import days_counted, open_days
from models.worklists.exceptions import exceptions_to_decide
from models.worklists.grants import cases_to_grant
from models.worklists.jobs import jobs_of
from models.worklists.movements import transfers_waiting
from models.worklists.retention import lists_to_approve
from models.worklists.rules import drafts_to_publish
from models.worklists.stock import low_stock
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
    Errand(
        _("待决定的特批"),
        "clipboard2-check",
        Permission.decide_exception,
        "decisions.index_view",
        lambda look: exceptions_to_decide(look.branch_id),
        {"state": "asked"},
    ),
    Errand(
        _("待签字的日结"),
        "pen",
        Permission.close_day,
        "days.index_view",
        lambda look: days_counted(look.branch_id),
        {"state": "counted"},
    ),
    Errand(
        _("还没有日结的日子"),
        "calendar-x",
        Permission.close_day,
        "days.index_view",
        lambda look: sum(day < look.today for day in open_days(look.session, look.branch_id, look.today)),
    ),
    Errand(
        _("待收、待查的调拨"),
        "truck",
        Permission.manage_stock,
        "transfers.index_view",
        lambda look: transfers_waiting(look.branch_id),
        {"waits": "yes"},
    ),
    Errand(
        _("低于警戒线的库存"),
        "box-seam",
        Permission.manage_stock,
        "stock.index_view",
        lambda look: len(low_stock(look.session, look.branch_id)),
    ),
    Errand(_("送不到的平台通知"), "send-exclamation", Permission.tell_again, "telling.dead", lambda look: dead_events()),
    Errand(
        _("待发布的规则"),
        "journal-check",
        Permission.publish_rules,
        "rules.index_view",
        lambda look: drafts_to_publish(look.actor.staff_id),
    ),
    Errand(
        _("待做的权限核对"),
        "person-check",
        Permission.review_access,
        "reviews.index_view",
        lambda look: reviews_due(look.session, look.today, look.branch_id),
    ),
    Errand(
        _("待确认的登录重设"),
        "person-exclamation",
        Permission.manage_staff,
        "staff.resets",
        lambda look: resets_to_agree(look.actor.staff_id, look.branch_id),
    ),
    Errand(
        _("待批准的销毁清单"),
        "trash3",
        Permission.approve_destruction,
        "retention.lists",
        lambda look: lists_to_approve(look.actor.staff_id),
    ),
    Errand(
        _("未成的后台任务"),
        "exclamation-triangle",
        Permission.own_account,
        "jobs.mine",
        lambda look: sum(job.state is JobState.failed for job in jobs_of(look.session, look.actor.staff_id)),
    ),
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
