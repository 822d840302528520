"""Papers read as people and machines at a counter read them: from the rendered page, with other people's programs."""

import html
import re
import subprocess
from dataclasses import dataclass
from io import BytesIO

import zxingcpp
from PIL import Image


@dataclass(frozen=True)
class Word:
    page: int
    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


def _poppler(pdf: bytes, *command: str) -> bytes:
    done = subprocess.run(command, input=pdf, capture_output=True, check=True)
    assert not done.stderr, done.stderr
    return done.stdout


def text_of(pdf: bytes) -> str:
    return _poppler(pdf, "pdftotext", "-enc", "UTF-8", "-", "-").decode()


def ink_of(pdf: bytes) -> str:
    """The whole text without any white space: what must be there, wherever lines were broken."""
    return re.sub(r"\s+", "", text_of(pdf))


def words_of(pdf: bytes) -> list[Word]:
    """Every word with its box, in points from the upper left corner."""
    listing = _poppler(pdf, "pdftotext", "-bbox", "-enc", "UTF-8", "-", "-").decode()
    words, page = [], 0
    pattern = r'<page |<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
    for match in re.finditer(pattern, listing):
        if match.group(0) == "<page ":
            page += 1
        else:
            left, top, right, bottom = (float(match.group(index)) for index in range(1, 5))
            words.append(Word(page, html.unescape(match.group(5)), left, top, right, bottom))
    return words


def pin_of(pdf: bytes) -> str:
    """The PIN of a PIN envelope: its characters are by far the tallest on the sheet."""
    words = words_of(pdf)
    tallest = max(word.height for word in words)
    return "".join(word.text for word in sorted(words, key=lambda word: word.left) if word.height > 0.9 * tallest)


def picture_of(pdf: bytes, page: int = 1, dpi: int = 150) -> Image.Image:
    png = _poppler(pdf, "pdftoppm", "-f", str(page), "-l", str(page), "-r", str(dpi), "-png", "-")
    return Image.open(BytesIO(png)).convert("L")


def codes_in(picture: Image.Image) -> set[tuple[str, str]]:
    """(kind, text) of every bar code a scanner finds."""
    return {(code.format.name, code.text) for code in zxingcpp.read_barcodes(picture)}
