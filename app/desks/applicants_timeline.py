"""An applicant's certificates drawn over time: where bars, marks, ticks and today stand, in the units of an SVG's view box.

Geometry alone: words and colours are the template's and the style sheet's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.services.world import BEIJING
from models.rulebook.vocabulary import CertificateAction, CertificateStatus
from models.tables import Certificate, Handover, JournalLine

WIDTH, LABELS = 800, 150  # the left part bears each row's name
HEAD, ROW, BAR = 22, 24, 12
MOST_ROWS = 10
_EDGE = 8
_NAME = 45  # what a tick's name takes
_FEW_YEARS = 3  # beyond that, months are too narrow to be told apart


class MarkKind(StrEnum):
    handover = "handover"
    suspend = "suspend"
    resume = "resume"
    revoked = "revoked"


@dataclass(frozen=True, slots=True)
class Mark:
    kind: MarkKind
    x: float
    on: date


@dataclass(frozen=True, slots=True)
class Bar:
    """`width`: of the whole time that it was signed for; `lived`: of the part before its revocation."""

    certificate: Certificate
    tone: str
    y: float
    x: float
    width: float
    lived: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    year: int
    month: int  # 0: a whole year begins


@dataclass(frozen=True, slots=True)
class TimeLine:
    height: float
    today: float
    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    hidden: int  # certificates in the table that are not drawn


def draw(
    certificates: Sequence[Certificate],
    handovers: Mapping[int, Handover],
    turns: Mapping[int, Sequence[JournalLine]],
    now: datetime,
) -> TimeLine | None:
    """The newest certificates, the newest first; None where there is nothing to draw."""
    drawn = certificates[:MOST_ROWS]
    if not drawn:
        return None
    first = min([one.not_before for one in drawn] + [now]).astimezone(BEIJING).date()
    last = max([one.not_after for one in drawn] + [now]).astimezone(BEIJING).date()
    margin = timedelta(days=max(7, (last - first).days // 40))
    scale = _Scale(first - margin, last + margin)
    bars = []
    for row, certificate in enumerate(drawn):
        x, end = scale.at(certificate.not_before), scale.at(certificate.not_after)
        lived = min(end, scale.at(certificate.revoked_at)) if certificate.revoked_at is not None else end
        marks = _marks(scale, certificate, handovers.get(certificate.id), turns.get(certificate.id, ()))
        y = HEAD + row * ROW + (ROW - BAR) / 2
        bars.append(Bar(certificate, _tone(certificate, now), y, x, max(end - x, 1), max(lived - x, 1), marks))
    return TimeLine(
        height=HEAD + ROW * len(drawn) + 6,
        today=scale.at(now),
        ticks=tuple(scale.ticks()),
        bars=tuple(bars),
        hidden=len(certificates) - len(drawn),
    )


def _tone(certificate: Certificate, now: datetime) -> str:
    """A valid one that is over is no longer green."""
    over = certificate.status is CertificateStatus.valid and certificate.not_after < now
    return "over" if over else certificate.status.value


def _marks(
    scale: "_Scale", certificate: Certificate, handover: Handover | None, turns: Sequence[JournalLine]
) -> tuple[Mark, ...]:
    told = [(MarkKind.handover, handover.at)] if handover is not None else []
    kinds = {CertificateAction.suspend.value: MarkKind.suspend, CertificateAction.resume.value: MarkKind.resume}
    told += [(kinds[line.act], line.at) for line in turns]
    if certificate.revoked_at is not None:
        told.append((MarkKind.revoked, certificate.revoked_at))
    return tuple(Mark(kind, scale.at(at), at.astimezone(BEIJING).date()) for kind, at in told)


class _Scale:
    """Days of Beijing laid out over the right part of the view box."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self._days = max((last - first).days, 1)

    def at(self, instant: datetime) -> float:
        local = instant.astimezone(BEIJING)
        into_day = (local.hour * 60 + local.minute) / (24 * 60)
        return self._x((local.date() - self.first).days + into_day)

    def _x(self, days: float) -> float:
        wide = WIDTH - LABELS - _EDGE
        return round(LABELS + wide * min(max(days / self._days, 0), 1), 1)

    def ticks(self) -> list[Tick]:
        """Years; quarters as well where there are few years."""
        months = (1, 4, 7, 10) if self._days <= 366 * _FEW_YEARS else (1,)
        starts = [date(year, month, 1) for year in range(self.first.year, self.last.year + 1) for month in months]
        inside = [day for day in starts if self.first <= day and self._x((day - self.first).days) <= WIDTH - _NAME]
        return [Tick(self._x((day - self.first).days), day.year, 0 if day.month == 1 else day.month) for day in inside]
