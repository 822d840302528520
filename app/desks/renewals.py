"""The call list: whose certificate ends soon at this branch, what he is to bring, on the screen, on paper, as a file."""

from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from flask_babel import lazy_gettext as _

from app.desks.door import actor, door, world
from app.desks.row_ids import row_id
from app.desks.shell import Shell, said
from app.services.call_list import Window, bounds, call_list
from app.services.export_call_list import export_call_list
from app.services.print_call_list import print_call_list
from forms.renewals import WINDOWS, WindowForm
from models.rulebook.permissions import Permission, denial
from models.rulebook.vocabulary import Mark
from models.tables import db
from models.worklists.renewals import MOST_COUNTED, count_expiring, expiring_page

desk = Blueprint("renewals", __name__, url_prefix="/renewals")

SORTS = {
    Mark.seal: _("有公章单位"),
    Mark.signature: _("无公章，经营者签字"),
    None: _("不在一证通办理范围"),
}


@desk.get("/")
@door(Permission.read_call_list)
def page() -> Any:
    asked = request.args.get("window", "")
    return _page(Window(asked) if asked in set(Window) else None)


@desk.post("/list.pdf")
@door(Permission.read_call_list)
def print_() -> Any:
    form = WindowForm()
    if not form.validate():
        return _page(None), 422
    paper = print_call_list(world(), actor(), Window(form.window.data))
    answer = Response(paper.pdf, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{paper.file_name}"'
    return answer


@desk.post("/list.csv")
@door(Permission.read_call_list)
def export() -> Any:
    """The file's Chinese name as RFC 5987 has it, and a plain one for programs that do not know that."""
    form = WindowForm()
    if not form.validate():
        return _page(None), 422
    taken = export_call_list(world(), actor(), Window(form.window.data), "en" if Shell.html_language() == "en" else "zh")
    answer = Response(taken.content, content_type="text/csv; charset=utf-8")
    names = f"filename=\"{taken.plain_name}\"; filename*=UTF-8''{quote(taken.file_name)}"
    answer.headers["Content-Disposition"] = f"attachment; {names}"
    return answer


def _page(asked: Window | None) -> str:
    """The window that was asked for; without one, the first in which somebody is to be called."""
    branch_id, today = actor().branch_id or 0, world().today()
    counts = _counts(branch_id, today)
    window = asked or next((one for one in Window if counts[one]), Window.month)
    cursors = (request.args.get("before", type=row_id), request.args.get("after", type=row_id))
    found = expiring_page(db.session, branch_id, *bounds(window, today), *cursors)
    return render_template(
        "renewals/page.html",
        listed=call_list(db.session, world(), found.rows),
        page=found,
        window=window,
        tabs={one: WINDOWS[one.value] for one in Window},
        sorts=SORTS,
        counts=counts,
        most_counted=MOST_COUNTED,
        renews=denial(Permission.work_at_aftercare, actor()) is None,
        said=said,
    )


def _counts(branch_id: int, today: date) -> dict[Window, int]:
    """One walk for all windows that begin on the same day."""
    begins: dict[datetime, dict[Window, datetime]] = {}
    for window in Window:
        since, until = bounds(window, today)
        begins.setdefault(since, {})[window] = until
    counts: dict[Window, int] = {}
    for since, windows in begins.items():
        counts |= zip(windows, count_expiring(db.session, branch_id, since, list(windows.values())), strict=True)
    return counts
