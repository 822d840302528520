"""The renewal call list: who is to be told that his certificate ends, under what number, and what he is to bring."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy.orm import Session

from app.services.edition_at_hand import edition_on
from app.services.errors import Absent
from app.services.examine_aftercare import facts_of
from app.services.guard import allow
from app.services.road import write_line
from app.services.seal_presenter import presenter_mobile
from app.services.world import BEIJING, World
from models.rulebook.bring import what_to_bring
from models.rulebook.findings import Sentence
from models.rulebook.identity import mask_mobile
from models.rulebook.judgement import regime_of
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import CaseKind, Mark
from models.tables import Branch, Certificate
from models.worklists.renewals import all_expiring

MOST_ROWS = 2000  # of a list that leaves the office, on paper or as a file


class Window(StrEnum):
    """How soon, in days of the counters' calendar. Each of the first three holds the one before it."""

    week = "7"
    month = "30"
    quarter = "90"
    lapsed = "lapsed"  # the last day is over, by no more than a month


# Which sort of applicant a letter means, on every screen and paper alike.
_LETTERS = {
    (Mark.seal, True): "A",
    (Mark.seal, False): "B",
    (Mark.signature, True): "C",
    (Mark.signature, False): "D",
    (None, True): "E",
    (None, False): "F",
}
# First and last day that a certificate's last day may be, counted from today.
_DAYS: Mapping[Window, tuple[int, int]] = MappingProxyType(
    {Window.week: (0, 7), Window.month: (0, 30), Window.quarter: (0, 90), Window.lapsed: (-30, -1)}
)


@dataclass(frozen=True, slots=True)
class Bringing:
    """What applicants of one sort bring. `mark`, `code_bearing`: what makes the sort; `letter`: by which rows refer to it."""

    letter: str
    mark: Mark | None
    code_bearing: bool
    lines: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class CallRow:
    """`mobile`: masked. `days_left`: negative once the last day is over."""

    certificate: Certificate
    last_day: date
    days_left: int
    contact: str
    mobile: str
    bringing: Bringing


@dataclass(frozen=True, slots=True)
class CallList:
    """`is_cut`: there are more rows than a list that leaves the office holds."""

    rows: tuple[CallRow, ...]
    sorts: tuple[Bringing, ...]
    edition: str
    is_cut: bool = False


def bounds(window: Window, today: date) -> tuple[datetime, datetime]:
    """[since, until) for the instant at which a certificate ends: whole days of Beijing."""
    first, last = _DAYS[window]
    return _midnight(today + timedelta(days=first)), _midnight(today + timedelta(days=last + 1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, BEIJING)


def call_list(session: Session, world: World, certificates: Iterable[Certificate]) -> CallList:
    """The certificates as rows to call by, and what their holders bring, each sort of holder once."""
    today = world.today()
    edition = edition_on(session, today)
    sorts: dict[tuple[Mark | None, bool], Bringing] = {}
    rows = []
    for certificate in certificates:
        applicant, case = certificate.applicant, certificate.item.case
        sort = regime_of(facts_of(applicant)), applicant.holds_code_bearing_licence
        if sort not in sorts:
            sorts[sort] = Bringing(_LETTERS[sort], *sort, what_to_bring(CaseKind.renewal, edition, *sort))
        last_day = certificate.not_after.astimezone(BEIJING).date()
        mobile = mask_mobile(presenter_mobile(world.vault, case))
        rows.append(CallRow(certificate, last_day, (last_day - today).days, case.presenter_name, mobile, sorts[sort]))
    return CallList(tuple(rows), tuple(sorted(sorts.values(), key=lambda sort: sort.letter)), edition.code)


def whole_list(session: Session, world: World, actor: Actor, window: Window) -> tuple[Branch, CallList]:
    """What leaves the office: the actor's branch and its first MOST_ROWS rows. Raises Forbidden, and Absent for whoever belongs to
    no branch."""
    allow(Permission.read_call_list, actor, Subject(actor.branch_id))
    branch = session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
    if branch is None:
        raise Absent()
    found = all_expiring(session, branch.id, *bounds(window, world.today()), MOST_ROWS + 1)
    return branch, replace(call_list(session, world, found[:MOST_ROWS]), is_cut=len(found) > MOST_ROWS)


def record_leaving(world: World, actor: Actor, act: str, window: Window, rows: int) -> None:
    """Who took the list out, in the journal: committed before anything is given. The lock is not held while lists are made."""
    with world.writing() as session:
        branch = session.get_one(Branch, actor.branch_id)
        write_line(session, world.now(), actor, branch, act, branch_id=branch.id, window=window.value, rows=rows)
        session.commit()
