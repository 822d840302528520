"""The supervisor's first page: what waits for him, what goes on today, how long it takes, what lies here and what runs out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import redirect, url_for
from flask_admin import AdminIndexView, expose
from flask_babel import gettext as _

from app.desks import door
from app.services.call_list import Window, bounds
from app.services.world import BEIJING
from app.supervision.charts import Row, bars, columns
from app.supervision.errands import Looker, errands_of
from app.words.terms import term
from models.rulebook.permissions import EVERY_BRANCH, Actor, Permission, denial
from models.rulebook.service_times import PROMISES, Promise, Summary, sum_up
from models.rulebook.vocabulary import CaseKind, CaseState
from models.tables import Branch, db
from models.worklists import overview
from models.worklists.counts import CAP
from models.worklists.renewals import count_expiring

# Where a case lies until somebody takes it up, in the order of the road. What is made and not collected is told by its age.
LIES = (
    CaseState.in_review,
    CaseState.returned,
    CaseState.awaiting_grant,
    CaseState.awaiting_payment,
    CaseState.ready_to_issue,
    CaseState.issuing,
    CaseState.awaiting_acknowledgement,
    CaseState.awaiting_answer,
)
OFFICE_HOURS = range(9, 17)  # always shown; earlier and later ones where something happened
SOON = (Window.week, Window.month, Window.quarter)
AGES = (0, 7, 30)  # days that made tokens have lain here


@dataclass(frozen=True, slots=True)
class Times:
    """One kind of case: its times of the last seven days and of today."""

    kind: CaseKind
    promise: Promise | None
    lately: Summary | None
    today: Summary | None


class Home(AdminIndexView):
    serves = ("index",)

    @expose("/")
    def index(self) -> Any:
        actor = door.actor()
        if denial(Permission.supervise, actor) is not None:
            return redirect(url_for("places.index_view"), 303)
        branch_id = None if not actor.roles.isdisjoint(EVERY_BRANCH) else actor.branch_id
        branches = _branches(branch_id)
        return self.render(
            "admin/home.html",
            waiting=_waiting(actor),
            lying=overview.lying(db.session, branch_id, LIES),
            flow=_flow(branch_id, branches),
            times=_times(branches),
            uncollected=_uncollected(branch_id),
            expiring=_expiring(branches),
            shown=shown,
            minutes=minutes,
        )


def shown(count: int) -> str:
    return str(count) if count < CAP else f"{CAP - 1:,}+"


def minutes(time: timedelta | None) -> str:
    """Whole minutes, hours from two hours on."""
    if time is None:
        return "—"
    whole = round(time / timedelta(minutes=1))
    return _("%(n)s 分钟", n=whole) if whole < 120 else _("%(n)s 小时", n=round(whole / 60))


def _branches(branch_id: int | None) -> list[Branch]:
    found = db.session.query(Branch).order_by(Branch.code)
    return found.all() if branch_id is None else found.filter(Branch.id == branch_id).all()


def _waiting(actor: Actor) -> list[Any]:
    if actor.branch_id is None:
        return []  # an auditor decides nothing
    return errands_of(Looker(db.session, actor, actor.branch_id, door.world().today()))


def _midnight(days_ago: int = 0) -> datetime:
    now = door.world().now().astimezone(BEIJING)
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


def _flow(branch_id: int | None, branches: list[Branch]) -> dict[str, Any]:
    """Today's, by hour, and for whom sees several branches by branch."""
    found = overview.flow(db.session, branch_id, _midnight(), _midnight(-1))
    hours = range(min([*found.hours, OFFICE_HOURS[0]]), max([*found.hours, OFFICE_HOURS[-1]]) + 1)
    opened, finished = found.by_hour(hours)
    names = [f"{hour}:00" for hour in hours]
    of = [branch.id for branch in branches]
    hourly = [
        (f"{branch.code} {name}", (found.opened.get((branch.id, hour), 0), found.finished.get((branch.id, hour), 0)))
        for branch in branches
        for hour, name in zip(hours, names, strict=True)
    ]
    return {
        "chart": columns([str(hour) for hour in hours], [opened, finished]),
        "rows": list(zip(names, zip(opened, finished, strict=True), strict=True)),
        "opened": sum(opened),
        "finished": sum(finished),
        "branches": list(zip(branches, *found.by_branch(of), strict=True)) if branch_id is None else [],
        "hourly": [(name, figures) for name, figures in hourly if any(figures)],
    }


def _times(branches: list[Branch]) -> dict[str, Any]:
    found = overview.measured(db.session, [branch.id for branch in branches], _midnight(6), _midnight(-1))
    rows = []
    for kind in CaseKind:
        lately = [one.time for one in found if one.kind is kind]
        today = [one.time for one in found if one.kind is kind and one.finished_at >= _midnight()]
        promise = PROMISES.get(kind)
        if lately or promise:
            rows.append(Times(kind, promise, sum_up(lately, promise), sum_up(today, promise)))
    return {
        "rows": rows,
        "chart": bars([_bar(row) for row in rows]),
        "full": len(found) >= overview.MEASURED,
        "most": overview.MEASURED,
    }


def _bar(row: Times) -> Row:
    minute = timedelta(minutes=1)
    band = (float(row.promise.least), float(row.promise.most)) if row.promise else None
    if row.lately is None:
        return Row(term(row.kind), (), band=band)
    served = row.lately.usual - row.lately.waited
    return Row(term(row.kind), (row.lately.waited / minute, served / minute), row.lately.slow / minute, band)


def _uncollected(branch_id: int | None) -> dict[str, Any]:
    """By the days since the last token of a case was made, each with the list that it counts."""
    state, today = CaseState.awaiting_handover, door.world().today()
    counts = overview.lying_since(db.session, branch_id, state, [_midnight(days) for days in AGES])
    names = [_("今天制好"), _("1–7 天"), _("8–30 天"), _("30 天以上")]
    begins = [*(today - timedelta(days=days) for days in AGES), None]
    ends = [None, *(today - timedelta(days=days + 1) for days in AGES)]
    urls = [
        url_for("cases.index_view", state=state.value, lain_since=begin, lain_until=end)
        for begin, end in zip(begins, ends, strict=True)
    ]
    return _bars_of(names, counts, urls) | {"state": state, "count": min(sum(counts), CAP)}


def _expiring(branches: list[Branch]) -> dict[str, Any]:
    """Within a week, a month, a quarter from today, as the call list counts them. The list is the branch's own."""
    today = door.world().today()
    since, untils = bounds(Window.week, today)[0], [bounds(window, today)[1] for window in SOON]
    each = [count_expiring(db.session, branch.id, since, untils) for branch in branches]
    counts = [sum(found) for found in zip(*each, strict=True)]
    names = [_("%(n)s 天内", n=window.value) for window in SOON]
    may_call = denial(Permission.read_call_list, door.actor()) is None
    return _bars_of(names, counts, [url_for("renewals.page", window=window.value) if may_call else "" for window in SOON])


def _bars_of(names: list[str], counts: list[int], urls: list[str]) -> dict[str, Any]:
    """The drawing, the figures behind it, and the lists that they lead to."""
    drawn = bars([Row(name, (float(count),)) for name, count in zip(names, counts, strict=True)], width=420)
    figures = [shown(count) for count in counts]
    rows = [(name, (figure,)) for name, figure in zip(names, figures, strict=True)]
    return {"drawn": drawn, "rows": rows, "ways": list(zip(names, figures, urls, strict=True))}
