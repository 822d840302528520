"""Machine-readable marks: Code 128 and QR, encoded by reportlab, drawn as one path each."""

from itertools import groupby

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from reports.faults import DoesNotFit, PaperFault
from reports.paper import MM, Sheet

WIDEST_MODULE = 0.33 * MM
NARROWEST_MODULE = 0.19 * MM  # below this, 600 dpi printers and counter scanners disagree


def code128(sheet: Sheet, x: float, y: float, value: str, most_width: float, height: float, *, align: str = "left") -> float:
    """Draw the bars, at most that wide; return their width. The caller keeps ten modules free on either side.

    Raises DoesNotFit where the bars would become too fine to be read, PaperFault for text beyond ASCII.
    """
    widths = _bars(value)
    modules = sum(widths)
    module = min(WIDEST_MODULE, most_width / modules)
    if module < NARROWEST_MODULE:
        raise DoesNotFit("code 128")
    if align == "right":
        x -= modules * module
    bars = []
    for index, count in enumerate(widths):
        if index % 2 == 0:
            bars.append((x, y, count * module, height))
        x += count * module
    sheet.rectangles(bars)
    return modules * module


def _bars(value: str) -> list[int]:
    """Widths in modules: bar, space, bar … bar."""
    if not value or not value.isascii() or not value.isprintable():
        raise PaperFault("a bar code holds printable ASCII only")
    code = Code128(value, quiet=0)
    code.validate()
    code.encode()
    code.decompose()
    return [ord(letter.lower()) - ord("a") + 1 for letter in code.decomposed]


def qr(sheet: Sheet, x: float, y: float, value: str, side: float) -> None:
    """Draw a QR code (level M) of that side, without its quiet zone of four modules."""
    if not value or not value.isascii() or not value.isprintable():
        raise PaperFault("a bar code holds printable ASCII only")
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(value)
    code.make()
    module = side / code.getModuleCount()
    squares = []
    for row, modules in enumerate(code.modules):
        column = 0
        for dark, group in groupby(map(bool, modules)):
            count = len(list(group))
            if dark:
                squares.append((x + column * module, y + row * module, count * module, module))
            column += count
    sheet.rectangles(squares)
