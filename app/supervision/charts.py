"""The geometry of charts: numbers in, rectangles out, in units of the drawing. How they look is in the style sheet, what they say in
`templates/admin/charts.html`, which draws them as inline SVG with a table behind.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEFT, BELOW, ABOVE = 34.0, 20.0, 8.0  # margins of column charts: for figures, for names, for air
LABELS = 156.0  # width kept for the names of horizontal bars
ROW = 30.0  # height of a horizontal bar with its air


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float
    series: int  # which of the series it belongs to, from 0
    value: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the drawing, and the figure beside it."""

    at: float
    value: int


@dataclass(frozen=True, slots=True)
class Name:
    at: float  # the middle of what it names
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    width: float
    height: float
    boxes: tuple[Box, ...]
    ticks: tuple[Tick, ...]
    names: tuple[Name, ...]


def ticks_to(most: float, about: int = 4) -> list[int]:
    """Round whole numbers from 0 to at least `most`, about so many steps: 1, 2 or 5 times a power of ten apart."""
    least_step = max(most / about, 1)
    power = 10 ** math.floor(math.log10(least_step))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least_step)
    return list(range(0, math.ceil(max(most, 1) / step) * step + 1, step))


def columns(names: Sequence[str], series: Sequence[Sequence[int]], width: float = 620.0, height: float = 168.0) -> Chart:
    """Groups of upright bars, one group a name, one bar a series."""
    values = ticks_to(max((value for one in series for value in one), default=0))
    floor, room = height - BELOW, height - BELOW - ABOVE
    group = (width - LEFT) / max(len(names), 1)
    bar = min(group * 0.8 / max(len(series), 1), 26.0)
    boxes = []
    for place in range(len(names)):
        begin = LEFT + group * (place + 0.5) - bar * len(series) / 2
        for number, one in enumerate(series):
            tall = room * one[place] / values[-1]
            boxes.append(_box(begin + bar * number, floor - tall, bar - 1, tall, number, one[place]))
    return Chart(
        width,
        height,
        tuple(boxes),
        tuple(Tick(_round(floor - room * value / values[-1]), value) for value in values),
        tuple(Name(_round(LEFT + group * (place + 0.5)), name) for place, name in enumerate(names)),
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One horizontal bar, made of parts end to end. `reach`: as far as a thin line goes on. `band`: what was promised, from … to."""

    name: str
    parts: tuple[float, ...]
    reach: float | None = None
    band: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    chart: Chart
    reaches: tuple[Box, ...]
    bands: tuple[Box, ...]


def bars(rows: Sequence[Row], width: float = 620.0) -> Bars:
    """Horizontal bars from one axis, one below the other."""
    most = max((max(sum(row.parts), row.reach or 0, (row.band or (0, 0))[1]) for row in rows), default=0)
    values = ticks_to(most, about=6)
    scale = (width - LABELS - 16) / values[-1]
    boxes, reaches, bands = [], [], []
    for place, row in enumerate(rows):
        top, begin = ROW * place + 7, LABELS
        for number, part in enumerate(row.parts):
            boxes.append(_box(begin, top, part * scale, ROW - 14, number, part))
            begin += part * scale
        if row.reach is not None and row.reach > sum(row.parts):
            reaches.append(_box(begin, top + (ROW - 14) / 2 - 1, LABELS + row.reach * scale - begin, 2, 0, row.reach))
        if row.band is not None:
            least, promised = row.band
            bands.append(_box(LABELS + least * scale, ROW * place + 2, (promised - least) * scale, ROW - 4, 0, promised))
    chart = Chart(
        width,
        ROW * len(rows) + BELOW,
        tuple(boxes),
        tuple(Tick(_round(LABELS + value * scale), value) for value in values),
        tuple(Name(ROW * place + ROW / 2, row.name) for place, row in enumerate(rows)),
    )
    return Bars(chart, tuple(reaches), tuple(bands))


def _box(x: float, y: float, width: float, height: float, series: int, value: float) -> Box:
    return Box(_round(x), _round(y), _round(width), _round(height), series, value)


def _round(value: float) -> float:
    return round(value, 1)
