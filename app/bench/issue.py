"""`./office bench issue`: certificates a minute through office, station, SoftHSM, authority and paper, beside the bare PKCS#11 sequence.

The floor: C_InitToken, officer login, C_InitPIN, key pair, signature and certificate on a fresh SoftHSM token, in one process
with one session a login, and one signature by the authority's key. Ours, turn about with it: the clerk's click, the office and
the station as processes of their own with all their checks, journal lines and synchronous commits, certificate and chain written
and proven with the PIN, the envelope rendered and fetched, the control number confirmed.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from app.bench.authority import bare_signatures
from app.bench.bare_sequence import BareTiming, any_certificate, time_bare_sequence
from app.bench.counter_work import CounterWork, Issued
from app.bench.running_house import RunningHouse, running_house
from app.wiring import build_world
from card_issuance.station_store import demonstration_module
from models.rulebook.vocabulary import KeyProfile

RSA_GOAL, P_256_GOAL = 1.15, 0.040  # times the bare sequence; seconds more than it
_WARM = 2  # issuances before the first that counts


@dataclass(frozen=True)
class Turn:
    bare: BareTiming
    ours: Issued


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="office bench issue", description=__doc__)
    parser.add_argument("--count", type=int, default=30, help="certificates of each profile; RSA spreads, so claim from 100 on")
    parser.add_argument("--profiles", nargs="+", choices=[p.value for p in KeyProfile], default=["rsa_2048", "p_256"])
    options = parser.parse_args(arguments)
    certificate = any_certificate()
    with running_house() as house:
        world = build_world(house.settings)
        try:
            signature = bare_signatures(house.settings.instance / "authority", 200) / 200
            work = CounterWork(
                world, demonstration_module(house.settings.station_home).cabinet, house.settings.public_url, _programs(house)
            )
            serials = iter(work.deliver(len(options.profiles) * (options.count + _WARM)))
            work.await_station()
            for name in options.profiles:
                profile = KeyProfile(name)
                for _ in range(_WARM):
                    work.issue(work.ready_case(profile), next(serials))
                turns = []
                for _ in range(options.count):
                    case, bare = work.ready_case(profile), time_bare_sequence(name, certificate)
                    turns.append(Turn(bare, work.issue(case, next(serials))))
                _tell(name, turns, signature)
        finally:
            world.authority.close()
    return 0


def _programs(house: RunningHouse) -> tuple[int, ...]:
    return tuple(each.pid for each in (house.office, house.station) if each is not None)


def _tell(profile: str, turns: Sequence[Turn], signature: float) -> None:
    floor = [turn.bare.whole + signature for turn in turns]
    station, whole = [turn.ours.at_station for turn in turns], [turn.ours.whole for turn in turns]
    rest = [turn.ours.at_station - turn.ours.steps["generating"] for turn in turns]
    bare_rest = [turn.bare.rest + signature for turn in turns]
    print(
        f"{profile}, {len(turns)} certificates: {60 / statistics.mean(whole):.0f} a minute, one after the other, clerk's clicks included"
    )
    _line("  bare PKCS#11 sequence and one signature", floor)
    _line("  station takes the job … envelope waits", station)
    _line("  clerk's click … confirmed", whole)
    _line("  bare, key generation left out", bare_rest)
    _line("  ours, the step of key generation left out", rest)
    ratios = [statistics.mean(each) / statistics.mean(floor) for each in (station, whole)]
    more = [statistics.mean(each) - statistics.mean(floor) for each in (station, whole)]
    print(f"  ratio of the means: at the station {ratios[0]:.2f}, whole {ratios[1]:.2f}", end="")
    print(f"; goal ≤ {RSA_GOAL}" if profile == KeyProfile.rsa_2048 else "")
    print(f"  more than bare, mean: at the station {more[0] * 1000:.0f} ms, whole {more[1] * 1000:.0f} ms", end="")
    print(f"; goal ≤ {P_256_GOAL * 1000:.0f} ms" if profile == KeyProfile.p_256 else "")
    used = [statistics.mean(turn.ours.processor for turn in turns), statistics.mean(turn.bare.processor for turn in turns)]
    print(f"  processor time, mean: all of ours {used[0] * 1000:.0f} ms, bare {used[1] * 1000:.0f} ms")
    parts = {state: statistics.median(turn.ours.steps.get(state, 0.0) for turn in turns) for state in turns[0].ours.steps}
    parts |= {name: statistics.median(getattr(turn.ours, name) for turn in turns) for name in ("begin", "fetch", "confirm")}
    print("  medians: " + ", ".join(f"{name} {seconds * 1000:.1f} ms" for name, seconds in parts.items()))


def _line(name: str, seconds: Sequence[float]) -> None:
    low, high = min(seconds) * 1000, max(seconds) * 1000
    mean, median = statistics.mean(seconds) * 1000, statistics.median(seconds) * 1000
    print(f"{name:<44} mean {mean:7.1f} ms, median {median:7.1f} ms ({low:.1f} to {high:.1f})")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
