"""Processes that tell platforms, for tests that kill them: one that has everything loaded forks a new one for every order.

Orders come as lines of JSON: {"database", "at", "children": [{"point", "nth"}, …]}. Every child delivers all that is due at that
instant, and at the nth time that it comes to its point it kills itself with SIGKILL. Printed are the pids, then how each ended.
"""

import json
import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.config import HOUSE
from app.services import deliver_events
from app.services.keep_told import tell_all
from app.services.vault import Vault
from app.services.world import World
from models.tables.engine import make_engine
from tests.conftest import VAULT_KEY, SetClock

# A delivery has two commits: the claim with its attempt, and what came of it. Where it is killed, in order:
POINTS = ("before the claim", "after the claim", "before sending", "after sending", "before the record", "after the record")


class Tellers(AbstractContextManager["Tellers"]):
    """The loaded process. `tell` sends out children and waits for them."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "tests.journeys.teller"],
            cwd=HOUSE,
            env=os.environ | {"PYTHONPATH": str(HOUSE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pids: list[int] = []  # of the children under way

    def tell(self, at: datetime, *children: tuple[str, int]) -> list[int]:
        """How each child ended: 0, or the negative number of the signal."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"database": self._database, "at": at.isoformat(), "children": children or [("", 0)]}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        self.pids = json.loads(self._process.stdout.readline())
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return list(json.loads(self._process.stdout.readline()))

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        gates = [os.pipe() for _ in order["children"]]
        pids = []
        for (point, nth), (wait, _) in zip(order["children"], gates, strict=True):
            pid = os.fork()
            if not pid:
                os.read(wait, 1)  # until everybody is known
                _deliver(order, point, nth)
                os._exit(0)
            pids.append(pid)
        print(json.dumps(pids), flush=True)
        sys.stdin.readline()
        for _, go in gates:
            os.write(go, b"!")
        ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
        for ends_of_pipe in gates:
            for end in ends_of_pipe:
                os.close(end)
        print(json.dumps(ends), flush=True)


def _deliver(order: dict[str, Any], point: str, nth: int) -> None:
    try:
        engine = make_engine(order["database"])
        clock = SetClock(datetime.fromisoformat(order["at"]))
        world = World(clock, engine, Vault(VAULT_KEY), None, Path("/nowhere"), "http://127.0.0.1:8600")  # type: ignore[arg-type]
        _arm(point, nth)
        while tell_all(world):
            clock.move(timedelta())
    except BaseException as fault:
        print(f"teller: {fault!r}", file=sys.stderr)
        os._exit(70)


def _arm(point: str, nth: int) -> None:
    """Die at the nth time of coming to the point."""
    passed = 0

    def pass_by(*_: Any) -> None:
        nonlocal passed
        passed += 1
        if passed == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    if point in {"before sending", "after sending"}:
        send = deliver_events.post_webhook

        def sending(*post: Any) -> Any:
            if point == "before sending":
                pass_by()
            answered = send(*post)
            if point == "after sending":
                pass_by()
            return answered

        deliver_events.post_webhook = sending
    elif point:
        commits = {"claim": 1, "record": 0}[point.split()[-1]]
        seen = 0

        def at_commit(_: Session) -> None:
            nonlocal seen
            seen += 1
            if seen % 2 == commits:
                pass_by()

        event.listen(Session, "before_commit" if point.startswith("before") else "after_commit", at_commit)


if __name__ == "__main__":
    main()
