"""`./office bench polling`: what a hundred stations that ask for work cost one office, and how long a job waits to be taken.

The stations are this program's: each keeps a connection, tells two slots and asks again when the office says so. First all are
idle; then jobs are begun, at stations that nobody watches on a page. The floor is an office without stations.
"""

import argparse
import heapq
import http.client
import json
import secrets
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from sqlalchemy import select

from app.bench import processor
from app.bench.counter_work import BRANCH, CounterWork
from app.bench.running_house import RunningHouse, running_house
from app.services.begin_runs import RunOrder, begin_runs
from app.services.enrol_station import enrol_station, invite_station
from app.services.world import World
from app.wiring import build_world
from card_issuance.station_store import demonstration_module
from models.rulebook.vocabulary import KeyProfile
from models.tables import Branch, Run, Staff

SHARE_GOAL, WAIT_GOAL = 0.05, 1.0  # of one core; seconds
ADMINISTRATOR = "9009"


@dataclass
class PolledStation:
    id: int
    secret: str
    line: http.client.HTTPConnection
    working: list[dict[str, object]] = field(default_factory=list)
    boot: str = field(default_factory=lambda: secrets.token_hex(16))

    def poll(self) -> tuple[int, float]:
        """How many jobs it was given, and seconds until the next poll."""
        slots = [
            {"slot": str(n), "serial": f"S{self.id:04}-{n}", "label": "", "state": "blank", "model": "SoftHSM v2"} for n in (1, 2)
        ]
        body = {
            "boot": self.boot,
            "page": "http://127.0.0.1:8601/",
            "slots": slots,
            "printer": {"kind": "page", "name": "", "state": "ready", "detail": ""},
            "working": self.working,
            "envelopes_fetched": [],
        }
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        self.line.request("POST", "/api/station/poll", json.dumps(body).encode(), headers)
        answer = json.load(self.line.getresponse())
        self.working += [{"run": job["run"], "lease": job["lease"]} for job in answer["jobs"]]
        return len(answer["jobs"]), float(answer["poll_after"])


class Crowd:
    """All stations, asked for by one thread in the order in which they are due."""

    def __init__(self, stations: list[PolledStation]) -> None:
        now = time.monotonic()
        self.stations = stations
        self._due = [(now + number / len(stations), number) for number in range(len(stations))]
        self.polls = 0

    def run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self._due[0][0] < end:
            due, number = heapq.heappop(self._due)
            time.sleep(max(0.0, due - time.monotonic()))
            _, pause = self.stations[number].poll()
            self.polls += 1
            heapq.heappush(self._due, (time.monotonic() + pause, number))
        time.sleep(max(0.0, end - time.monotonic()))


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="office bench polling", description=__doc__)
    parser.add_argument("--stations", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=30.0, help="of idle polling")
    parser.add_argument("--jobs", type=int, default=10)
    options = parser.parse_args(arguments)
    with running_house(with_station=False) as house:
        world = build_world(house.settings)
        crowd = Crowd([])
        try:
            quiet = _share(house, lambda: time.sleep(options.seconds / 3), options.seconds / 3)
            crowd = Crowd(_enrol(world, house, options.stations))
            crowd.run(3.0)  # everybody's first poll is written down
            crowd.polls = 0
            share = _share(house, lambda: crowd.run(options.seconds), options.seconds)
            rate = crowd.polls / options.seconds
            waits = _waits(world, house, crowd, options.jobs)
        finally:
            for station in crowd.stations:
                station.line.close()
            world.authority.close()
    print(f"{options.stations} stations, {rate:.0f} polls a second")
    print(f"  office without stations   {quiet * 100:5.2f} % of a core")
    print(
        f"  office, idle polling      {share * 100:5.2f} % of a core, {(share - quiet) / rate * 1000:.2f} ms a poll; goal < {SHARE_GOAL:.0%}"
    )
    print(
        f"  a job waits to be taken   median {statistics.median(waits):.2f} s ({min(waits):.2f} to {max(waits):.2f}, {len(waits)} jobs);"
        f" goal ≤ {WAIT_GOAL:.0f} s"
    )
    return 0


def _share(house: RunningHouse, work: Callable[[], None], seconds: float) -> float:
    before = processor.spent(house.office.pid)
    work()
    return (processor.spent(house.office.pid) - before) / seconds


def _enrol(world: World, house: RunningHouse, count: int) -> list[PolledStation]:
    with world.reading() as session:
        administrator = session.scalars(select(Staff).where(Staff.number == ADMINISTRATOR)).one().as_actor()
        branch_id = session.scalars(select(Branch.id).where(Branch.code == BRANCH)).one()
    place = urlsplit(house.settings.public_url).netloc
    stations = []
    for number in range(count):
        invitation = invite_station(world, administrator, branch_id, f"工位 {number + 2}")
        enrolled = enrol_station(world, invitation.code, "bench")
        stations.append(PolledStation(enrolled.station_id, enrolled.secret, http.client.HTTPConnection(place, timeout=30)))
    return stations


def _waits(world: World, house: RunningHouse, crowd: Crowd, jobs: int) -> list[float]:
    """Seconds from the commit that queued a job to the station's report that it has it; each at another station."""
    work = CounterWork(world, demonstration_module(house.settings.station_home).cabinet, house.settings.public_url)
    begun = []
    for station, serial in zip(crowd.stations[:: max(1, len(crowd.stations) // jobs)], work.deliver(jobs), strict=False):
        item = work.ready_case(KeyProfile.p_256).items[0]
        crowd.run(0.3 + secrets.randbelow(700) / 1000)
        order = RunOrder(item.id, item.version, serial, station.id)
        begun.append(begin_runs(world, work.clerk, item.case_id, [order])[0].run_id)
    crowd.run(2.0)
    waits = []
    with world.reading() as session:
        for run in session.scalars(select(Run).where(Run.id.in_(begun))):
            taken = next(step["at"] for step in run.steps)
            waits.append((type(run.created_at).fromisoformat(taken) - run.created_at).total_seconds())
    return waits


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
