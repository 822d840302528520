"""The faces of the papers: which glyph comes from where, how wide it is, which characters are refused.

reportlab takes TrueType outlines only, and a missing glyph vanishes silently; so every character is looked up first:
WenQuanYi Micro Hei, then Zen Hei (rare characters), then Hanazono Mincho if it is installed (Extension B and beyond).
A face is parsed once per process. The last ones are big and are opened only when a character needs them.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from reports.faults import MissingGlyph, UnprintableCharacter

DEBIAN = Path("/usr/share/fonts/truetype")
MICRO_HEI = DEBIAN / "wqy/wqy-microhei.ttc"
HEI = "OneCertificateHei"
MONO = "OneCertificateMono"
# name: (files, the first that exists is taken; face within the file)
FACES: dict[str, tuple[tuple[Path, ...], int]] = {
    HEI: ((MICRO_HEI,), 0),
    MONO: ((MICRO_HEI,), 1),
    "OneCertificateZenHei": ((DEBIAN / "wqy/wqy-zenhei.ttc",), 0),
    "OneCertificateHanazonoB": ((DEBIAN / "hanazono/HanaMinB.ttf",), 0),
    "OneCertificateHanazonoA": ((DEBIAN / "hanazono/HanaMinA.ttf",), 0),
}
WHEEL_WITH_MICRO_HEI = "paperang_p2_fonts_cjk"


class FontMissing(RuntimeError):
    """The main face is not on this machine."""

    def __init__(self) -> None:
        super().__init__(f"install Debian's package fonts-wqy-microhei: {MICRO_HEI} is missing")


class SubsetFont(TTFont):
    """A TrueType font whose text can be copied and searched also beyond the Basic Multilingual Plane.

    reportlab writes such a code point as five hex digits into the ToUnicode map; the format wants UTF-16.
    """

    def addObjects(self, doc: PDFDocument) -> None:
        far = {code for subset in self.state[doc].subsets for code in subset if code > 0xFFFF} if doc in self.state else set()
        super().addObjects(doc)
        if not far:
            return
        for name, thing in doc.idToObject.items():
            if name.startswith("toUnicodeCMap:"):
                for code in far:
                    utf_16 = chr(code).encode("utf-16-be").hex().upper()
                    thing.content = thing.content.replace(f"<{code:04X}>", f"<{utf_16}>")


@dataclass(frozen=True)
class Face:
    """One parsed font: its name in reportlab, its characters, their widths in thousandths of the size."""

    name: str
    glyphs: dict[int, int]
    widths: dict[int, float]
    default_width: float

    def has(self, character: str) -> bool:
        return ord(character) in self.glyphs

    def has_all(self, text: str) -> bool:
        return all(ord(character) in self.glyphs for character in text)

    def width(self, text: str, size: float) -> float:
        widths, default = self.widths, self.default_width
        return sum(widths.get(ord(character), default) for character in text) * size / 1000


def _files(name: str) -> tuple[Path, ...]:
    files, _ = FACES[name]
    if name in (HEI, MONO):
        spec = find_spec(WHEEL_WITH_MICRO_HEI)
        if spec and spec.submodule_search_locations:
            files += tuple(Path(place) / "fonts" / MICRO_HEI.name for place in spec.submodule_search_locations)
    return files


@cache
def face(name: str) -> Face | None:
    """The face of that name, parsed on its first use; None where it is not installed."""
    file = next((file for file in _files(name) if file.is_file()), None)
    if file is None:
        return None
    try:
        # Without reportlab's "readable ASCII" a subset holds what the paper uses and nothing else.
        font = SubsetFont(name, str(file), subfontIndex=FACES[name][1], asciiReadable=False)
    except TTFError:
        return None
    pdfmetrics.registerFont(font)
    return Face(name, font.face.charToGlyph, font.face.charWidths, font.face.defaultWidth)


def main_face(name: str = HEI) -> Face:
    """The face that text is set in. Raises FontMissing."""
    found = face(name)
    if found is None:
        raise FontMissing
    return found


def printable(text: str) -> str:
    """The text as ink: formatting characters dropped, white space made plain. Raises UnprintableCharacter.

    Papers draw every character from left to right in its logical order, so marks that turn the direction or join
    letters have nothing to do here, and a name cannot disguise itself with them.
    """
    if text.isprintable():
        return text
    return "".join(_printable_characters(text))


def _printable_characters(text: str) -> Iterator[str]:
    for character in text:
        kind = unicodedata.category(character)
        if character in "\t\n\r" or kind in ("Zs", "Zl", "Zp"):
            yield character if character == "\u3000" else " "
        elif kind in ("Cc", "Cs", "Co", "Cn"):
            raise UnprintableCharacter(character)
        elif kind != "Cf":
            yield character


def runs(text: str, name: str = HEI) -> list[tuple[Face, str]]:
    """Split printable text into stretches of one face each. Raises MissingGlyph."""
    main = main_face(name)
    if main.has_all(text):
        return [(main, text)]
    stretches: list[tuple[Face, str]] = []
    for character in text:
        found = _face_for(character, main)
        if stretches and stretches[-1][0] is found:
            stretches[-1] = (found, stretches[-1][1] + character)
        else:
            stretches.append((found, character))
    return stretches


def _face_for(character: str, main: Face) -> Face:
    if main.has(character):
        return main
    for name in FACES:
        candidate = face(name)
        if candidate is not None and candidate.has(character):
            return candidate
    raise MissingGlyph(character)


def width(text: str, size: float, name: str = HEI) -> float:
    """Width of printable text in points, `size` in points."""
    return sum(stretch_face.width(stretch, size) for stretch_face, stretch in runs(text, name))
