"""The security tint: figures over and under one another, and waves, so that nothing can be read through the paper.

The figures are strokes of our own, not text: a machine that reads the text of the page must find none here.
The pattern is the same on every sheet, so whatever was scraped, wetted or pasted over shows.
"""

from functools import cache
from math import cos, pi, sin

from reports.paper import MM, Sheet

# Each figure in a box of 6 × 10: "m" move, "l" line, "c" curve, in PDF's own operators.
FIGURES = (
    "3 10 m 5.5 10 6 7.5 6 5 c 6 2.5 5.5 0 3 0 c .5 0 0 2.5 0 5 c 0 7.5 .5 10 3 10 c",
    "1 8 m 3.3 10 l 3.3 0 l",
    ".3 7.5 m .3 10.6 6 11 5.8 7.2 c 5.7 5 1 2.5 .2 0 c 6 0 l",
    ".5 9 m 2.5 10.8 5.6 10 5.4 7.6 c 5.3 5.8 3.8 5.3 2.4 5.3 c 4.2 5.3 5.9 4.6 5.9 2.8 c 5.9 -.6 2 -.6 .2 1.2 c",
    "4.6 0 m 4.6 10 l 0 3 l 6 3 l",
    "5.5 10 m 1.2 10 l .8 5.5 l 3 7 5.9 5.8 5.9 3 c 5.9 -.5 2 -.8 .2 1 c",
    "5.2 9.3 m 2 11.3 -.2 7 .1 3.5 c .4 -1 6 -1 6 3 c 6 6.8 1 7 .1 3.5 c",
    "0 10 m 6 10 l 2.3 0 l",
    "3 5.4 m -.6 6 -.3 10 3 10 c 6.3 10 6.6 6 3 5.4 c -1 4.8 -.9 0 3 0 c 6.9 0 7 4.8 3 5.4 c",
    ".8 .7 m 4 -1.3 6.2 3 5.9 6.5 c 5.6 11 0 11 0 7 c 0 3.2 5 3 5.9 6.5 c",
)
TILE = (63 * MM, 49.5 * MM)
WAVES = 16
# Steps of the plane's most even scatter (Roberts' sequence): no clumps, no rows, no random numbers.
STEP_X, STEP_Y = 0.7548776662466927, 0.5698402909980532
TURN = 2.39996  # the golden angle
# How many figures of which scale and stroke a tile bears; the greatest are as big as the figures of a PIN.
KINDS = {
    "waves": (),
    "light": ((14, 1.9, 0.7), (22, 1.1, 0.7)),
    "dark": ((34, 2.4, 1.15), (40, 1.7, 1.0), (44, 1.0, 0.8)),
}
TONES = {"waves": (0.80,), "light": (0.72, 0.80), "dark": (0.38, 0.50, 0.62)}


@cache
def _tile(kind: str) -> str:
    """PDF operators of one tile, in points; what leaves it at one side comes in at the other."""
    tones = TONES[kind]
    parts = ["1 J 1 j .4 w " + _stroke(tones[-1])]
    parts.extend(_wave(row, side) for row in range(WAVES) for side in (1, -1))
    place = 0
    for count, scale, stroke in KINDS[kind]:
        for index in range(count):
            parts.append(f"{_stroke(tones[index % len(tones)])} {stroke} w")
            parts.extend(_figure(place, place * 7, scale, (place * TURN) % (2 * pi)))
            place += 1
    return "\n".join(parts)


def _stroke(tone: float) -> str:
    return f"{tone:.2f} {tone + 0.05:.2f} {tone + 0.11:.2f} RG"


def _wave(row: int, side: int) -> str:
    """Two mirrored waves a row weave a band."""
    wide, high = TILE
    pitch = high / WAVES
    points = []
    for step in range(25):
        y = (row + 0.5) * pitch + side * 0.62 * pitch * sin(4 * pi * step / 24 + row * pi / 2)
        points.append(f"{wide * step / 24:.1f} {y:.1f} {'l' if step else 'm'}")
    return " ".join(points) + " S"


def _figure(place: int, figure: int, scale: float, turn: float) -> list[str]:
    """A figure; near an edge it is drawn again at the opposite one."""
    wide, high = TILE
    a, b = scale * cos(turn), scale * sin(turn)
    # The box's middle comes to lie on the place, whichever way the figure is turned.
    x = (place * STEP_X) % 1 * wide - 3 * a + 5 * b
    y = (place * STEP_Y) % 1 * high - 3 * b - 5 * a
    reach = 12 * scale
    return [
        f"q {a:.3f} {b:.3f} {-b:.3f} {a:.3f} {left:.1f} {low:.1f} cm {FIGURES[figure % 10]} S Q"
        for left in (x - wide, x, x + wide)
        for low in (y - high, y, y + high)
        if -reach < left < wide + reach and -reach < low < high + reach
    ]


def tint(sheet: Sheet, x: float, y: float, wide: float, high: float, kind: str = "light") -> None:
    """Cover a rectangle (upper left corner, points). `kind`: "waves" alone, "light", or "dark" over and behind a secret."""
    columns, rows = int(wide // TILE[0]) + 1, int(high // TILE[1]) + 1
    bottom = sheet.height - y - high
    places = [(x + column * TILE[0], bottom + row * TILE[1]) for column in range(columns) for row in range(rows)]
    sheet.clipped(x, y, wide, high, lambda: sheet.stamp(f"tint-{kind}", _tile(kind), places, TILE))
