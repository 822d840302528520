"""Ours beside its floor, turn and turn about in one run: absolute figures drift by a factor of two, their ratio does not."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Comparison:
    """Seconds of each turn, in order; at least one."""

    floor: tuple[float, ...]
    ours: tuple[float, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        return tuple(mine / bare for mine, bare in zip(self.ours, self.floor, strict=True))

    def told(self, floor: str, ours: str) -> str:
        """Three lines: floor, ours and the ratio, each as median (lowest to highest)."""
        width = max(len(floor), len(ours), len("ratio"))
        rows = [(floor, self.floor, 1000, " ms"), (ours, self.ours, 1000, " ms"), ("ratio", self.ratios, 1, "   ")]
        return "\n".join(
            f"{name:<{width}} {statistics.median(values) * scale:10.2f}{unit} "
            f"({min(values) * scale:.2f} to {max(values) * scale:.2f}, {len(values)} turns)"
            for name, values, scale, unit in rows
        )


def compare(floor: Callable[[], float], ours: Callable[[], float], turns: int) -> Comparison:
    """Each callable does its work once and returns the seconds it took. One turn of both goes before, unmeasured."""
    floor(), ours()
    pairs = [(floor(), ours()) for _ in range(turns)]
    return Comparison(tuple(bare for bare, _ in pairs), tuple(mine for _, mine in pairs))
