"""Breaking text into lines: Chinese between any two characters but for punctuation, Latin words and numbers whole."""

from reports.faults import DoesNotFit
from reports.fonts import HEI, printable, width

NEVER_FIRST = frozenset("，。、；：？！）》」』】〕〉”’…—·％%,.;:?!)]}/-")
NEVER_LAST = frozenset("（《「『【〔〈“‘([{￥¥#")


def _atoms(text: str) -> list[str]:
    """The pieces that a line may be broken between; a space is a piece of its own."""
    atoms: list[str] = []
    for character in text:
        previous = atoms[-1] if atoms else " "
        wordy = character.isascii() and character != " "
        if previous != " " and (
            (wordy and previous[-1].isascii())
            or (character in NEVER_FIRST and character != " ")
            or (previous[-1] in NEVER_LAST and character != " ")
        ):
            atoms[-1] += character
        else:
            atoms.append(character)
    return atoms


def wrap(text: str, measure: float, size: float, face: str = HEI) -> list[str]:
    """Break text to lines no wider than `measure` points. A word longer than a line is broken where the line ends.

    Empty text gives no line. Nothing is ever left out but the spaces at a break.
    """
    lines: list[str] = []
    line, used = "", 0.0
    for atom in _atoms(printable(text).strip()):
        wide = width(atom, size, face)
        if line and used + wide > measure:
            lines.append(line.rstrip())
            line, used = "", 0.0
            if atom == " ":
                continue
        while wide > measure:
            head = _fitting(atom, measure, size, face)
            lines.append(head)
            atom = atom[len(head) :]
            wide = width(atom, size, face)
        line, used = line + atom, used + wide
    if line.rstrip():
        lines.append(line.rstrip())
    return lines


def _fitting(text: str, measure: float, size: float, face: str) -> str:
    """The longest beginning of a word that fits; at least one character.

    A word with hyphens is broken before one: at a line's end nobody could tell it from a hyphen that was put in.
    """
    used = 0.0
    for count, character in enumerate(text):
        used += width(character, size, face)
        if used > measure and count:
            hyphen = text.rfind("-", 1, count + 1)
            return text[:hyphen] if hyphen > 0 else text[:count]
    return text


def fit(
    text: str, measure: float, sizes: tuple[float, ...], most_lines: int, place: str, face: str = HEI
) -> tuple[float, list[str]]:
    """The largest of the sizes (given downwards) in which the text needs at most that many lines. Raises DoesNotFit."""
    for size in sizes:
        lines = wrap(text, measure, size, face)
        if len(lines) <= most_lines:
            return size, lines
    raise DoesNotFit(place)
