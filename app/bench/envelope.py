"""`./office bench envelope`: a PIN envelope in a warm process, against the bare reportlab page with the same content.

The floor draws the same strings in the same fonts at the same places, the same lines, boxes and tint (as a form), and the same
bar codes by reportlab's own widgets; no wrapping, no look-up of glyphs, no checks of facts. Claims are ratios within one run.
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas

from reports import envelope, paper

DRAWN = frozenset((
    "setFont", "setFillColorRGB", "setStrokeColorRGB", "setLineWidth", "setLineJoin", "setDash", "drawString", "line",
    "roundRect", "drawPath", "clipPath", "saveState", "restoreState", "translate", "beginForm", "endForm", "doForm",
    "addLiteral", "showPage",
))  # fmt: skip
GOAL = 1.5
Call = tuple[str, tuple[Any, ...], dict[str, Any]]


class RecordingCanvas(Canvas):
    """Writes down what the paper asks of it, not what reportlab asks of itself."""

    calls: list[Call]
    depth = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.calls = []
        super().__init__(*args, **kwargs)
        self.depth = 0

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in DRAWN:
            return found

        def record(*args: Any, **kwargs: Any) -> Any:
            if self.depth == 0:
                self.calls.append((name, args, kwargs))
            self.depth += 1
            try:
                return found(*args, **kwargs)
            finally:
                self.depth -= 1

        return record


def sample(number: int) -> envelope.Envelope:
    """Another number and other digits every time, so that nothing can be kept from the one before."""
    return envelope.Envelope(
        control_number=f"HD01-{number:06d}",
        token_serial=f"OC-2026-{number:06d}",
        pin=f"{48300719 + number * 7919:08d}"[-8:],
        branch_name_zh="海淀区政务服务中心",
        branch_name_en="Haidian District Government Service Centre",
        printed_on=date(2026, 11, 21),
    )


def recording() -> list[Call]:
    """The calls behind one envelope, without its two bar codes."""
    made: list[RecordingCanvas] = []

    def keep(*args: Any, **kwargs: Any) -> RecordingCanvas:
        made.append(RecordingCanvas(*args, **kwargs))
        return made[0]

    paper.Canvas = keep  # type: ignore[assignment,misc]
    try:
        envelope.render(sample(0))
    finally:
        paper.Canvas = Canvas  # type: ignore[misc]
    return [call for call in made[0].calls if call[0] != "drawPath"]


def bare_page(calls: list[Call], number: int) -> bytes:
    """The floor."""
    buffer = BytesIO()
    canvas = Canvas(buffer, invariant=1, pageCompression=1, initialFontName=paper.HEI)
    bars_drawn = False
    for name, args, kwargs in calls:
        if name == "showPage" and not bars_drawn:
            bars_drawn = True
            Code128(f"HD01-{number:06d}", barWidth=0.9, barHeight=27, quiet=0).drawOn(canvas, 65, 640)
            drawing = Drawing(41, 41)
            drawing.add(QrCodeWidget(f"HD01-{number:06d}", barLevel="M", barWidth=41, barHeight=41, barBorder=0))
            renderPDF.draw(drawing, canvas, 235, 640)
        getattr(canvas, name)(*args, **kwargs)
    canvas.save()
    return buffer.getvalue()


def per_page(work: Callable[[int], object], count: int) -> float:
    """Milliseconds a page."""
    start = time.perf_counter()
    for number in range(count):
        work(number)
    return (time.perf_counter() - start) / count * 1000


def first_and_second() -> tuple[float, float]:
    """Milliseconds of the first and second envelope of a fresh process, after `warm()`."""
    program = (
        "import time; from app.bench.envelope import sample, envelope, paper; paper.warm(); times = []\n"
        "for number in (1, 2):\n"
        " start = time.perf_counter(); envelope.render(sample(number)); times.append((time.perf_counter() - start) * 1000)\n"
        "print(*times)"
    )
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    return float(said[0]), float(said[1])


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="office bench envelope", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--pages", type=int, default=40, help="pages a round")
    options = parser.parse_args(arguments)
    paper.warm()
    calls = recording()
    bare_page(calls, 0)
    envelope.render(sample(0))
    floors, ours = [], []
    for _ in range(options.rounds):
        floors.append(per_page(lambda number: bare_page(calls, number), options.pages))
        ours.append(per_page(lambda number: envelope.render(sample(number)), options.pages))
    ratios = [mine / floor for mine, floor in zip(ours, floors, strict=True)]
    first, second = first_and_second()
    print(f"bare reportlab page, same content   {statistics.median(floors):6.2f} ms  ({min(floors):.2f}–{max(floors):.2f})")
    print(f"PIN envelope, checks and all        {statistics.median(ours):6.2f} ms  ({min(ours):.2f}–{max(ours):.2f})")
    print(
        f"ratio                               {statistics.median(ratios):6.2f}     ({min(ratios):.2f}–{max(ratios):.2f}), goal ≤ {GOAL}"
    )
    print(f"first page after warm(), second     {first:6.2f} ms, {second:.2f} ms: {first / second:.2f} times")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
