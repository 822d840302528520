"""What the issuance desk looks at: its queue, a case's items with their runs, the branch's stations and stock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from models.rulebook.kinds import KINDS, Medium
from models.rulebook.vocabulary import (
    CaseState,
    EnvelopeState,
    ItemState,
    RunKind,
    RunState,
    StationState,
    TokenState,
)
from models.rulebook.workflow import RUN_OPEN
from models.tables import Case, CaseItem, Certificate, Envelope, Grant, Run, Station, Token

PAGE = 25
AWAKE = timedelta(seconds=15)
MANY = 1000  # stock is counted no further


@dataclass(frozen=True)
class QueueRow:
    case: Case
    settled: int  # items made, handed over or given up
    total: int
    stopped: int  # runs that wait for a clerk because of a fault
    to_confirm: int  # runs whose envelope number is to be typed back


@dataclass(frozen=True)
class Page:
    """`newer` and `older` are the cursors of the pages before and after this one."""

    rows: Sequence[Any]
    newer: int | None
    older: int | None


def issuance_queue(session: Session, branch_id: int, before: int | None = None, after: int | None = None) -> Page:
    """Cases to be issued, the longest waiting first. `before`: the page that follows this id; `after`: the one before it."""
    cases = keyset(
        session,
        select(Case)
        .where(Case.branch_id == branch_id, Case.state.in_((CaseState.ready_to_issue, CaseState.issuing)))
        .options(joinedload(Case.applicant), selectinload(Case.items)),
        before,
        after,
    )
    runs = _run_counts(session, [case.id for case in cases.rows])
    rows = [
        QueueRow(
            case,
            sum(1 for item in case.items if item.state in (ItemState.made, ItemState.handed_over, ItemState.given_up)),
            len(case.items),
            runs.get((case.id, RunState.stopped), 0),
            runs.get((case.id, RunState.awaiting_confirmation), 0),
        )
        for case in cases.rows
    ]
    return Page(rows, cases.newer, cases.older)


def keyset(
    session: Session,
    query: Any,
    before: int | None,
    after: int | None,
    size: int = PAGE,
    parts: Sequence[ColumnElement[bool]] = (true(),),
) -> Page:
    """A page of cases by their id, oldest first, at the same cost at any depth."""
    return keyset_of(session, Case.id, query, before, after, size, parts)


def keyset_of(
    session: Session,
    key: Any,
    query: Any,
    before: int | None,
    after: int | None,
    size: int = PAGE,
    parts: Sequence[ColumnElement[bool]] = (true(),),
) -> Page:
    """The same of other rows, by their column `key`.

    Which rows they are is asked first, of an index alone; whole rows are read and joined of those that are shown. `parts`: any of
    these, each of which has an index in the key's order, so that no database sorts what all of them have.
    """

    def found_by(condition: Any, order: Any) -> list[Any]:
        keys = query.with_only_columns(key, maintain_column_froms=True).where(condition).order_by(order).limit(size + 1)
        found = {one for part in parts for one in session.execute(keys.where(part)).scalars()}
        ids = sorted(found, reverse=order is not key)[: size + 1]
        return list(session.scalars(query.where(key.in_(ids)).order_by(order))) if ids else []

    if after is not None:
        found = found_by(key < after, key.desc())
        rows = found[:size][::-1]
        return Page(rows, rows[0].id if len(found) > size else None, rows[-1].id if rows else None)
    found = found_by(key > before if before is not None else true(), key)
    rows = found[:size]
    return Page(rows, rows[0].id if before is not None and rows else None, rows[-1].id if len(found) > size else None)


def _run_counts(session: Session, case_ids: Sequence[int]) -> Mapping[tuple[int, RunState], int]:
    counts = session.execute(
        select(CaseItem.case_id, Run.state, func.count())
        .join(Run, Run.item_id == CaseItem.id)
        .where(CaseItem.case_id.in_(case_ids), Run.state.in_(RUN_OPEN))
        .group_by(CaseItem.case_id, Run.state)
    )
    return {(case_id, state): count for case_id, state, count in counts}


@dataclass(frozen=True)
class ItemView:
    """An item with its present run (open or confirmed) and the runs that were given up before."""

    item: CaseItem
    run: Run | None
    past: Sequence[Run]
    certificate: Certificate | None


def items_of(session: Session, case: Case) -> list[ItemView]:
    runs = session.scalars(
        select(Run)
        .join(CaseItem)
        .where(CaseItem.case_id == case.id)
        .options(joinedload(Run.token), joinedload(Run.station), joinedload(Run.envelope), joinedload(Run.certificate))
        .order_by(Run.id)
    ).all()
    views = []
    for item in case.items:
        own = [run for run in runs if run.item_id == item.id]
        present = next((run for run in own if run.state is not RunState.cancelled), None)
        past = [run for run in own if run is not present]
        views.append(ItemView(item, present, past, present.certificate if present is not None else None))
    return views


@dataclass(frozen=True)
class Work:
    """What a case asks of the station. `old`: the certificate that it is about; `token`: the holder's own, where it is worked on;
    `granted_until`: of a supervisor's leave that can still be used."""

    kind: RunKind
    needs_grant: bool
    old: Certificate | None
    token: Token | None
    granted_until: datetime | None


def work_of(session: Session, case: Case, now: datetime) -> Work:
    rules = KINDS[case.kind]
    kind = rules.work or RunKind.issue
    until = session.scalar(
        select(func.max(Grant.expires_at)).where(Grant.case_id == case.id, Grant.used_at.is_(None), Grant.expires_at > now)
    )
    return Work(
        kind,
        kind is RunKind.unlock,
        session.get(Certificate, case.certificate_id) if case.certificate_id is not None else None,
        session.get(Token, case.token_id) if rules.medium is Medium.holders else None,
        until,
    )


@dataclass(frozen=True)
class SlotView:
    slot: str
    serial: str | None
    verdict: str  # empty, unreadable, ready, not_blank, in_use, unknown
    token: Token | None  # its stock row, only if it is this branch's
    held: bool  # not blank: perhaps a holder's, from whichever branch


@dataclass(frozen=True)
class StationView:
    station: Station
    awake: bool
    page: str
    printer: Mapping[str, str]
    slots: Sequence[SlotView]
    busy: int  # open runs


def stations_of(session: Session, branch_id: int, now: datetime) -> list[StationView]:
    """The branch's stations, what is in their slots, and whether the stock knows it."""
    stations = session.scalars(
        select(Station).where(Station.branch_id == branch_id, Station.state != StationState.disabled).order_by(Station.name)
    ).all()
    serials = {slot["serial"] for station in stations for slot in station.report.get("slots", []) if slot["serial"]}
    stock = {
        token.serial: token
        for token in session.scalars(select(Token).where(Token.serial.in_(serials), Token.branch_id == branch_id))
    }
    of_these = Run.station_id.in_([station.id for station in stations])
    busy = dict(
        session.execute(
            select(Run.station_id, func.count()).where(of_these, Run.state.in_(RUN_OPEN)).group_by(Run.station_id)
        ).all()
    )
    return [
        StationView(
            station,
            station.seen_at is not None and now - station.seen_at <= AWAKE and station.state is StationState.enrolled,
            station.report.get("page", ""),
            station.report.get("printer", {}),
            [_slot(slot, stock) for slot in station.report.get("slots", [])],
            busy.get(station.id, 0),
        )
        for station in stations
    ]


def _slot(slot: Mapping[str, Any], stock: Mapping[str, Token]) -> SlotView:
    serial, state = slot["serial"], slot["state"]
    token = stock.get(serial) if serial else None
    if state == "unreadable":
        verdict = "unreadable"
    elif not serial:
        verdict = "empty"
    elif token is None:
        verdict = "unknown"
    elif token.state is not TokenState.in_stock:
        verdict = "in_use"
    else:
        verdict = "ready" if state == "blank" else "not_blank"
    return SlotView(slot["slot"], serial, verdict, token, bool(serial) and state == "initialised")


@dataclass(frozen=True)
class Stock:
    """What lies in the drawer: how many (counted up to MANY), and the lowest number, which is to be used first."""

    tokens: int
    envelopes: int
    lowest_token: str | None
    lowest_envelope: str | None


def stock_of(session: Session, branch_id: int) -> Stock:
    def look(kind: Any, column: Any, state: Any) -> tuple[int, str | None]:
        inside = (kind.branch_id == branch_id, kind.state == state)
        some = select(kind.id).where(*inside).limit(MANY).subquery()
        count = session.scalar(select(func.count()).select_from(some)) or 0
        return count, session.scalar(select(column).where(*inside).order_by(column).limit(1))

    tokens, lowest_token = look(Token, Token.serial, TokenState.in_stock)
    envelopes, lowest_envelope = look(Envelope, Envelope.number, EnvelopeState.in_stock)
    return Stock(tokens, envelopes, lowest_token, lowest_envelope)
