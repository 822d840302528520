"""The sheet and the one typographic system of all papers. Places are points from the left and from the *top* of the page."""

from collections.abc import Callable, Sequence
from io import BytesIO
from threading import Lock
from typing import Any, ParamSpec

from reportlab import rl_config
from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfgen.canvas import Canvas

from reports.fonts import HEI, MONO, main_face, printable, runs, width

MM = 72 / 25.4
Colour = tuple[float, float, float]
NAVY: Colour = (0.043, 0.165, 0.306)
INK: Colour = (0.106, 0.153, 0.2)
QUIET: Colour = (0.36, 0.415, 0.47)
HAIR: Colour = (0.77, 0.81, 0.855)
WASH: Colour = (0.949, 0.961, 0.976)
RED: Colour = (0.62, 0.13, 0.11)
BLACK: Colour = (0, 0, 0)
WHITE: Colour = (1, 1, 1)

SERVICE_ZH = "北京法人一证通"
SERVICE_EN = "Beijing One-Certificate"

# Streams stay binary: as ASCII they cost a quarter more bytes and as much time again.
rl_config.useA85 = 0

Given = ParamSpec("Given")
# The parsed fonts are shared by all threads, and reportlab moves a file position in them while it subsets.
_one_at_a_time = Lock()


def alone(render: Callable[Given, bytes]) -> Callable[Given, bytes]:
    """Papers are made one at a time in a process: a few milliseconds each, all of them Python's."""

    def render_alone(*args: Given.args, **kwargs: Given.kwargs) -> bytes:
        with _one_at_a_time:
            return render(*args, **kwargs)

    render_alone.__doc__ = render.__doc__
    return render_alone


@alone
def warm() -> bytes:
    """Parse the two main faces and touch what a first paper needs, so that no clerk waits for it. Raises FontMissing."""
    main_face(HEI)
    main_face(MONO)
    sheet = Sheet("")
    sheet.text(0, 20, "北京 0", 10)
    sheet.text(0, 40, "0", 10, face=MONO)
    return sheet.finish()


class Sheet:
    """A document being drawn. Colours and strokes are set anew by every call, so no call depends on the one before."""

    def __init__(self, title: str, *, wide: bool = False, duplex: bool = False) -> None:
        main_face()
        self.width, self.height = landscape(A4) if wide else A4
        self._buffer = BytesIO()
        self._canvas = Canvas(
            self._buffer,
            pagesize=(self.width, self.height),
            invariant=1,
            pageCompression=1,
            initialFontName=HEI,
            lang="zh-CN",
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor(SERVICE_ZH)
        self._canvas.setCreator(f"{SERVICE_ZH} {SERVICE_EN}")
        self._canvas.setSubject(title)
        self._canvas.setViewerPreference("DisplayDocTitle", "true")
        self._canvas.setViewerPreference("PrintScaling", "None")
        if duplex:
            self._canvas.setViewerPreference("Duplex", "DuplexFlipLongEdge")

    def finish(self) -> bytes:
        """Close the last page; the PDF. The sheet is of no further use."""
        self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()

    def next_page(self) -> None:
        self._canvas.showPage()

    def text(
        self,
        x: float,
        baseline: float,
        words: str,
        size: float,
        *,
        colour: Colour = INK,
        align: str = "left",
        weight: float = 0,
        face: str = HEI,
    ) -> float:
        """Draw one line, return its width. `align` says what x is: "left", "right" or "centre".

        `weight` strokes the letters by that share of the size: there is no bold Chinese face. Raises MissingGlyph.
        """
        words = printable(words)
        stretches = runs(words, face)
        total = sum(stretch_face.width(stretch, size) for stretch_face, stretch in stretches)
        x -= {"left": 0.0, "centre": total / 2, "right": total}[align]
        canvas = self._canvas
        canvas.saveState()
        canvas.setFillColorRGB(*colour)
        if weight:
            canvas.setStrokeColorRGB(*colour)
            canvas.setLineWidth(weight * size)
            canvas.setLineJoin(1)
        for stretch_face, stretch in stretches:
            canvas.setFont(stretch_face.name, size)
            canvas.drawString(x, self.height - baseline, stretch, mode=2 if weight else None)
            x += stretch_face.width(stretch, size)
        canvas.restoreState()
        return total

    def spaced(self, x: float, baseline: float, words: str, size: float, gap: float, **look: Any) -> None:
        """Draw one line letter by letter, `gap` points between them."""
        for letter in words:
            x += self.text(x, baseline, letter, size, **look) + gap

    def lines(self, x: float, baseline: float, lines: Sequence[str], size: float, leading: float, **look: Any) -> None:
        """Draw lines downwards from the first one's baseline."""
        for index, line in enumerate(lines):
            self.text(x, baseline + index * leading, line, size, **look)

    def rule(self, x: float, y: float, to_x: float, to_y: float | None = None, *, colour: Colour = HAIR, line: float = 0.5,
             dash: tuple[float, ...] = ()) -> None:  # fmt: skip
        canvas = self._canvas
        canvas.saveState()
        canvas.setStrokeColorRGB(*colour)
        canvas.setLineWidth(line)
        if dash:
            canvas.setDash(list(dash))
        canvas.line(x, self.height - y, to_x, self.height - (y if to_y is None else to_y))
        canvas.restoreState()

    def box(
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        *,
        fill: Colour | None = None,
        stroke: Colour | None = None,
        line: float = 0.5,
        radius: float = 0,
        dash: tuple[float, ...] = (),
    ) -> None:
        """A rectangle whose upper left corner is (x, y)."""
        canvas = self._canvas
        canvas.saveState()
        if fill:
            canvas.setFillColorRGB(*fill)
        if stroke:
            canvas.setStrokeColorRGB(*stroke)
            canvas.setLineWidth(line)
        if dash:
            canvas.setDash(list(dash))
        canvas.roundRect(x, self.height - y - high, wide, high, radius, stroke=int(bool(stroke)), fill=int(bool(fill)))
        canvas.restoreState()

    def tick_box(self, x: float, baseline: float, size: float = 8) -> None:
        """An empty square to tick by hand, standing on the line of the text beside it."""
        self.box(x, baseline - size + 0.8, size, size, stroke=QUIET, line=0.7, radius=1)

    def rectangles(self, parts: Sequence[tuple[float, float, float, float]], colour: Colour = BLACK) -> None:
        """Fill many rectangles (x, y, width, height; upper left corners) as one path, without a seam."""
        canvas = self._canvas
        path = canvas.beginPath()
        for x, y, wide, high in parts:
            path.rect(x, self.height - y - high, wide, high)
        canvas.saveState()
        canvas.setFillColorRGB(*colour)
        canvas.drawPath(path, stroke=0, fill=1)
        canvas.restoreState()

    def stamp(self, name: str, operators: str, places: Sequence[tuple[float, float]], size: tuple[float, float]) -> None:
        """Draw prepared PDF operators at each place (lower left corner from the *bottom* left): defined once, drawn often."""
        canvas = self._canvas
        if not canvas.hasForm(name):
            canvas.beginForm(name, 0, 0, *size)
            canvas.addLiteral(operators)
            canvas.endForm()
        for x, y in places:
            canvas.saveState()
            canvas.translate(x, y)
            canvas.doForm(name)
            canvas.restoreState()

    def clipped(self, x: float, y: float, wide: float, high: float, draw: Callable[[], None]) -> None:
        """Draw a pattern, and of it only what lies in the rectangle. For patterns alone: text is never clipped."""
        canvas = self._canvas
        canvas.saveState()
        path = canvas.beginPath()
        path.rect(x, self.height - y - high, wide, high)
        canvas.clipPath(path, stroke=0, fill=0)
        draw()
        canvas.restoreState()


def text_width(words: str, size: float, face: str = HEI) -> float:
    return width(printable(words), size, face)
