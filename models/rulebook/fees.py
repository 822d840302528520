"""What certificates cost, in whole fen. Clauses B1.1.4 and B1.2.4: the first one ever is free, each further one 180 yuan."""

from dataclasses import dataclass

FIRST_FEN = 0
FURTHER_FEN = 180_00


@dataclass(frozen=True, slots=True)
class Fee:
    """One amount per certificate asked for, in fen, in order."""

    items_fen: tuple[int, ...]

    @property
    def total_fen(self) -> int:
        return sum(self.items_fen)


def fee_for(certificates_issued: int, certificates: int) -> Fee:
    """The fee for `certificates` more, when `certificates_issued` were ever issued to the applicant before."""
    first = FIRST_FEN if certificates_issued == 0 else FURTHER_FEN
    return Fee((first, *(FURTHER_FEN for _ in range(certificates - 1))))


def yuan(fen: int) -> str:
    """An amount of fen, 0 or more, as yuan with two decimals: 18000 → "180.00"."""
    return f"{fen // 100}.{fen % 100:02d}"
