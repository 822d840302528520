"""What a file of kills found, as a table that can be quoted."""

import sys
from collections import Counter

import pytest


class Tally:
    def __init__(self) -> None:
        self._made: Counter[str] = Counter()
        self._led_out: Counter[str] = Counter()
        self._ways: Counter[str] = Counter()
        self._violations: int | None = None

    def count(self, kind: str, ways_out: tuple[str, ...]) -> None:
        """One kill point that ended made: by itself, or by these ways out."""
        self._made[kind] += not ways_out
        self._led_out[kind] += bool(ways_out)
        self._ways.update(ways_out)

    def violations(self, found: list[str]) -> None:
        self._violations = (self._violations or 0) + len(found)

    def lines(self, title: str) -> list[str]:
        lines = ["", f"{title}:", f"  {'kill points':<52}{'tried':>6}{'made':>6}{'made by a way out':>19}"]
        kinds = sorted(self._made.keys() | self._led_out.keys())
        for kind in [*kinds, "all"]:
            made, led = ((counter.total() if kind == "all" else counter[kind]) for counter in (self._made, self._led_out))
            lines.append(f"  {kind:<52}{made + led:>6}{made:>6}{led:>19}")
        lines += [f"  way out: {way} × {count}" for way, count in sorted(self._ways.items())]
        told = "not judged" if self._violations is None else self._violations
        return [*lines, f"  violations of the invariants: {told}"]

    def show(self, config: pytest.Config, title: str) -> None:
        capture = config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            sys.stdout.write("\n".join(self.lines(title)) + "\n")
