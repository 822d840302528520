"""`./office bench precheck`: 10,000 questions through the command, start-up included, beside the bare reading and writing.

The floor is the same Python, started the same way, that reads the same file as JSON and writes as many lines of the same
length; it judges nothing. The contract allows 5 seconds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.bench.side_by_side import compare
from app.config import HOUSE

GOAL = 5.0  # seconds
_FLOOR = "import json, sys; value = json.load(open(sys.argv[1], 'rb')); sys.stdout.write(open(sys.argv[2]).read())"


def question(number: int) -> dict[str, Any]:
    """Good papers, poor ones, both regimes, tax and none, one to three sets: all sorts, in turn."""
    proprietor, certificates = number % 3 == 0, number % 3 + 1
    mark = None if number % 7 == 0 else "signature" if proprietor else "seal"
    paper = {"original": number % 5 > 0, "photocopy": number % 11 > 0, "mark": mark}
    documents = [
        {"kind": "application_form", "copies": number % 4, "complete": number % 13 > 0, "mark": mark},
        {"kind": "business_licence", "duplicate": True, **paper},
        {"kind": "tax_registration", "duplicate": number % 2 > 0, "authority": "state", **paper},
        {"kind": "identity_document", "holder": "presenter", "expires_on": "2030-01-01", **paper},
    ]
    return {
        "on": "2026-11-21",
        "applicant": {
            "kind": "individual_business" if proprietor else "enterprise",
            "name": f"北京样例{number}号商行",
            "has_seal": not proprietor,
            "named_after_proprietor": proprietor,
            "holds_code_bearing_licence": False,
            "established_on": "2015-03-01",
            "certificates_issued": number % 2,
        },
        "presenter": {"is_proprietor": proprietor},
        "uses": ["tax"] if number % 2 else [],
        "branch": {"is_local_tax": False},
        "computer_code_known": number % 4 > 0,
        "tax_numbers_differ": number % 6 == 0,
        "certificates": certificates,
        "sets": [
            {"reference": f"S-{number}-{position}", "seal_at_counter": False, "documents": documents}
            for position in range(certificates)
        ],
    }


def _seconds(words: list[str], output: Path) -> Callable[[], float]:
    def measure() -> float:
        with output.open("wb") as out:
            start = time.perf_counter()
            subprocess.run(words, stdout=out, check=True)
            return time.perf_counter() - start

    return measure


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="office bench precheck", description=__doc__)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--turns", type=int, default=7)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        asked, answered, echoed = (Path(folder, name) for name in ("asked.json", "answered", "echoed"))
        asked.write_text(json.dumps([question(number) for number in range(options.questions)], ensure_ascii=False))
        command = _seconds([str(HOUSE / "office"), "precheck", str(asked)], answered)
        command()  # makes the file whose length the floor writes
        bare = _seconds([sys.executable, "-I", "-S", "-c", _FLOOR, str(asked), str(answered)], echoed)
        found = compare(bare, _seconds([str(HOUSE / "office"), "precheck", str(asked)], Path(folder, "again")), options.turns)
        lines = answered.read_bytes().count(b"\n")
    print(f"{options.questions} questions in one array, {lines} answers; every turn with start-up")
    print(found.told("read and write JSON, judge nothing", "./office precheck"))
    print(f"slowest turn {max(found.ours):.2f} s; the contract allows {GOAL:.0f} s for 10,000")
    return 0 if lines == options.questions else 1
