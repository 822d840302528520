"""What the pages of the day show: the sheet with its equations, forms for what is counted."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from app.desks.door import actor, world
from app.services.count_day import Counted
from app.services.world import BEIJING
from forms.day import CountForm, DayCountForm, ShiftForm
from models.rulebook.day_sheet import COLUMNS, read_sheet
from models.rulebook.oversight import DayAction, MovementKind, ShiftAction
from models.rulebook.oversight_workflow import DAY, SHIFT
from models.rulebook.permissions import Permission, Subject, denial
from models.rulebook.workflow import open_actions
from models.tables import DayClose, ShiftHandover, db
from models.worklists.day import colleagues, open_days

# The columns of the sheet as the day's pages call them; elsewhere the same words stand for what happens to one piece.
COLUMN_WORDS: Mapping[MovementKind, LazyString] = {
    MovementKind.received: lazy_gettext("到货入库"),
    MovementKind.arrived: lazy_gettext("调入"),
    MovementKind.found: lazy_gettext("找回"),
    MovementKind.sent: lazy_gettext("调出"),
    MovementKind.issued: lazy_gettext("领用出库"),
    MovementKind.spoiled: lazy_gettext("损坏作废"),
    MovementKind.returned: lazy_gettext("退回供应商"),
    MovementKind.lost: lazy_gettext("盘亏"),
}
_MORNING = 12  # o'clock: until then the day before is more likely meant


def count_form() -> DayCountForm:
    """With the days that may be counted: today, and the day before if it is still open."""
    today = world().today()
    open_ = [day for day in open_days(db.session, actor().branch_id or 0, today) if day >= today - timedelta(days=1)]
    form = DayCountForm()
    form.offer_days([(day.isoformat(), _words_of(day, today)) for day in reversed(open_)])
    if not form.is_submitted() and open_:
        is_morning = world().now().astimezone(BEIJING).hour < _MORNING
        form.day.data = (open_[0] if is_morning else open_[-1]).isoformat()
    return form


def _words_of(day: date, today: date) -> str:
    return f"{_('今天') if day == today else _('昨天')} {day.isoformat()}"


def shift_form() -> ShiftForm:
    form = ShiftForm()
    fit = [
        one
        for one in colleagues(db.session, actor().staff_id, actor().branch_id or 0)
        if denial(Permission.hand_over_shift, one.as_actor()) is None
    ]
    form.taker.offer(((str(one.id), one.called) for one in fit), blank=_("请选择"))
    return form


def counted_in(form: CountForm) -> Counted:
    return Counted(
        tokens=form.tokens.pieces or 0,
        envelopes=form.envelopes.pieces or 0,
        notes=form.notes,
        other_fen=form.other.fen or 0,
        remark=form.remark.data or "",
    )


def in_view(day: DayClose) -> dict[str, Any]:
    """A count, or a closed day, with its sheet and what may be done with it."""
    return {
        "day": day,
        "sheet": read_sheet(day.sheet),
        "columns": {column: COLUMN_WORDS[column] for column in COLUMNS},
        "notes": notes_of(day.counted),
        "explained": day.sheet,
        "waits": DayAction.countersign in open_actions(DAY, day.state),
        "may_count": denial(Permission.count_stock, actor(), Subject(day.branch_id)) is None,
        "may_sign": denial(Permission.close_day, actor(), Subject(day.branch_id, day.counted_by)) is None,
    }


def offered_shift(offer: ShiftHandover) -> dict[str, Any]:
    waits = ShiftAction.accept in open_actions(SHIFT, offer.state)
    return {
        "offer": offer,
        "sheet": read_sheet(offer.sheet),
        "columns": {column: COLUMN_WORDS[column] for column in COLUMNS},
        "notes": notes_of(offer.counted),
        "may_take": waits and offer.taken_by == actor().staff_id,
        "may_take_back": waits and offer.given_by == actor().staff_id,
    }


def notes_of(counted: dict[str, Any]) -> list[tuple[int, int]]:
    """(fen, pieces) of the notes and coins that were counted; of the rest as one."""
    notes = [(int(each), pieces) for each, pieces in counted.get("notes", {}).items()]
    return notes + ([(counted["other_fen"], 1)] if counted.get("other_fen") else [])
