"""The product's own command on a machine whose clock is some days behind: `python -m tests.journeys.earlier DAYS serve …`.

A certificate is renewed in its last weeks, so it must have been issued months ago, by this very program.
"""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import wiring
from app.cli import main
from app.services.world import SystemClock


@dataclass(frozen=True)
class EarlierClock:
    days: int

    def now(self) -> datetime:
        return SystemClock().now() - timedelta(days=self.days)


if __name__ == "__main__":
    clock = EarlierClock(int(sys.argv[1]))
    vars(wiring)["SystemClock"] = lambda: clock
    sys.exit(main(sys.argv[2:]))
