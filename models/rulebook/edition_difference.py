"""What differs between two editions: paper by paper, fee by fee, limit by limit. For whoever must agree to the later one."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from models.rulebook.editions import Edition, Paper, Requirement
from models.rulebook.vocabulary import CaseKind


class Figure(StrEnum):
    fee = "fee"  # fen
    medium_fen = "medium_fen"
    renewal_opens_days = "renewal_opens_days"
    warranty_days = "warranty_days"
    grant_minutes = "grant_minutes"


_OF_ALL_KINDS = tuple(figure for figure in Figure if figure is not Figure.fee)


@dataclass(frozen=True, slots=True)
class PaperDiffers:
    """None: not asked for."""

    kind: CaseKind
    paper: Paper
    was: Requirement | None
    now: Requirement | None


@dataclass(frozen=True, slots=True)
class FigureDiffers:
    """`kind` None: for every kind."""

    figure: Figure
    kind: CaseKind | None
    was: int
    now: int


Difference = PaperDiffers | FigureDiffers


def differences(was: Edition, now: Edition) -> tuple[Difference, ...]:
    """In the order of the kinds, then what holds for all. Code and day are no difference: every edition has its own."""
    return (*_papers(was, now), *_figures(was, now))


def _papers(was: Edition, now: Edition) -> Iterator[PaperDiffers]:
    for kind in now.requirements:
        before = {asked.paper: asked for asked in was.requirements[kind]}
        after = {asked.paper: asked for asked in now.requirements[kind]}
        for paper in Paper:
            if before.get(paper) != after.get(paper):
                yield PaperDiffers(kind, paper, before.get(paper), after.get(paper))


def _figures(was: Edition, now: Edition) -> Iterator[FigureDiffers]:
    for kind in now.fees_fen:
        if was.fees_fen[kind] != now.fees_fen[kind]:
            yield FigureDiffers(Figure.fee, kind, was.fees_fen[kind], now.fees_fen[kind])
    for figure in _OF_ALL_KINDS:
        before, after = getattr(was, figure.value), getattr(now, figure.value)
        if before != after:
            yield FigureDiffers(figure, None, before, after)
