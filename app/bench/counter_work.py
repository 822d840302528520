"""What people at the first demonstration branch do in a benchmark: walk-ins accepted and approved, runs begun and confirmed.

What is measured goes by HTTP, as from a browser: the issuance desk's pages and the station's. What comes before it (intake,
review) goes through the use cases, over the running office's database.
"""

import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import insert, select, update

from app.bench.browser import Browser
from app.bench.processor import spent_by_trees
from app.services.accept_case import accept_case
from app.services.approve_case import approve_case
from app.services.demonstration_staff import DEMO_PASSWORD
from app.services.open_case import open_case
from app.services.plant_demonstration import envelope_numbers, token_serials
from app.services.save_draft import save_draft
from app.services.world import World
from card_issuance.simulated import Cabinet
from models.rulebook import credit_code, identity, workflow
from models.rulebook.checklist import ROWS
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import KeyProfile
from models.tables import Branch, Case, Envelope, Run, Staff, Station, Token

BRANCH, CLERK, REVIEWER = "HD01", "1001", "1003"
_PATIENCE = 60.0  # seconds
_LOOK_EVERY = 0.002  # seconds
_LOOKED_AT = 1.2  # seconds that a clerk takes at least to look at a page before he presses a button


@dataclass(frozen=True)
class Issued:
    """Seconds. `steps`: how long the run was in each state, from queued on, as the office wrote it down."""

    begin: float
    made: float  # from the click to the envelope that waits
    fetch: float
    confirm: float
    steps: dict[str, float]
    processor: float  # used by office, station and their children, from the click until the envelope waits

    @property
    def whole(self) -> float:
        return self.begin + self.made + self.fetch + self.confirm

    @property
    def at_station(self) -> float:
        """From the moment that the station took the job to the envelope that waits."""
        return sum(seconds for state, seconds in self.steps.items() if state != "queued")


class CounterWork:
    def __init__(self, world: World, cabinet: Cabinet, office_url: str, programs: Sequence[int] = ()) -> None:
        """`programs`: process ids of office and station."""
        self.world, self.cabinet, self._programs = world, cabinet, programs
        self._browser = Browser(office_url)
        self._browser.sign_in(CLERK, DEMO_PASSWORD)
        self.clerk, self.reviewer = self._actor(CLERK), self._actor(REVIEWER)
        with world.reading() as session:
            self.station_id = session.scalars(select(Station.id).order_by(Station.id)).first()
        self._cases = 0

    def deliver(self, count: int) -> list[str]:
        """Serials of so many blank tokens in stock, with as many envelopes; what the demonstration lacks is brought."""
        serials, numbers = token_serials(BRANCH), envelope_numbers(BRANCH)
        now = self.world.now()
        new_serials = [f"{BRANCH}-U{n:05}" for n in range(len(serials), count)]
        new_numbers = [f"{BRANCH}-U{n:06}" for n in range(len(numbers), count)]
        with self.world.writing() as session:
            branch = session.scalars(select(Branch.id).where(Branch.code == BRANCH)).one()
        with self.world.engine.begin() as connection:
            for table, column, names in ((Token, "serial", new_serials), (Envelope, "number", new_numbers)):
                if names:
                    rows = [{column: name, "branch_id": branch, "state_since": now} for name in names]
                    connection.execute(insert(table), rows)
        for serial in new_serials:
            self.cabinet.make_blank(serial)
        for serial in self.cabinet.inserted():
            self.cabinet.remove(serial)
        return (serials + new_serials)[:count]

    def ready_case(self, profile: KeyProfile) -> Case:
        """An applicant's first certificate, examined and approved: free of charge, so ready to issue."""
        self._cases += 1
        case_id = open_case(self.world, self.clerk).id
        save_draft(self.world, self.clerk, case_id, 1, _draft(self._cases), _identity_number(), "13800138000")
        accept_case(self.world, self.clerk, case_id, self._case(case_id).version)
        approve_case(self.world, self.reviewer, case_id, self._case(case_id).version)
        with self.world.engine.begin() as connection:
            connection.execute(update(Case).where(Case.id == case_id).values(key_profile=profile.value))
        return self._case(case_id)

    def issue(self, case: Case, serial: str) -> Issued:
        """The clerk's part and what he waits for: begin, fetch the envelope, confirm by the number on it."""
        self.cabinet.insert(serial)
        item = case.items[0]
        self._browser.get(f"/issuance/{case.id}")
        time.sleep(_LOOKED_AT)
        form = {"take_1": "y", "seen_1": str(item.version), "token_1": serial, "station_1": str(self.station_id), "version": ""}
        processor = spent_by_trees(self._programs)
        marks = [time.perf_counter()]
        self._browser.post(f"/issuance/{case.id}/begin", form)
        marks.append(time.perf_counter())
        run = self._await_envelope(item.id)
        marks.append(time.perf_counter())
        processor = spent_by_trees(self._programs) - processor
        paper = _fetch(run.envelope_url)
        marks.append(time.perf_counter())
        number = _control_number(paper, serial)  # the clerk's eyes and fingers: not measured
        time.sleep(_LOOKED_AT)  # nor is his hand; meanwhile the station tells that the envelope was fetched
        begun = time.perf_counter()
        self._confirm(run.id, number)
        confirm = time.perf_counter() - begun
        self.cabinet.remove(serial)
        begin, made, fetch = (after - before for before, after in pairwise(marks))
        return Issued(begin, made, fetch, confirm, _durations(run), processor)

    def await_station(self) -> None:
        """Until the station has been heard of."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            with self.world.reading() as session:
                seen = session.scalars(select(Station.seen_at)).one()
            if seen is not None:
                return
            time.sleep(0.05)
        raise RuntimeError("the station is not heard of")

    def _await_envelope(self, item_id: int) -> Run:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            with self.world.engine.connect() as connection:
                state = connection.execute(select(Run.state).where(Run.item_id == item_id)).scalar_one()
            if state in workflow.RUN_TO_CONFIRM | workflow.RUN_STOPPED:
                break
            time.sleep(_LOOK_EVERY)
        with self.world.reading() as session:
            run = session.scalars(select(Run).where(Run.item_id == item_id)).one()
            if run.state not in workflow.RUN_TO_CONFIRM:
                raise RuntimeError(f"the run ended {run.state}: {run.fault} {run.fault_detail}")
            session.expunge_all()
            return run

    def _confirm(self, run_id: int, number: str) -> None:
        with self.world.reading() as session:
            version = session.get_one(Run, run_id).version
        self._browser.post(f"/issuance/runs/{run_id}/confirm", {"version": str(version), "control_number": number})
        with self.world.reading() as session:
            if session.get_one(Run, run_id).state not in workflow.RUN_MADE:
                raise RuntimeError("the envelope is not confirmed")

    def _actor(self, number: str) -> Actor:
        with self.world.reading() as session:
            return session.scalars(select(Staff).where(Staff.number == number)).one().as_actor()

    def _case(self, case_id: int) -> Case:
        with self.world.reading() as session:
            case = session.get_one(Case, case_id)
            _ = case.items
            session.expunge_all()
            return case


def _durations(run: Run) -> dict[str, float]:
    marks = [("queued", run.created_at)] + [
        (step["state"], datetime.fromisoformat(step["at"])) for step in run.steps if "note" not in step
    ]
    return {state: (after - at).total_seconds() for (state, at), (_, after) in pairwise(marks)}


def _fetch(url: str) -> bytes:
    """As the clerk's browser does: open the station's page, press its button."""
    page = Browser(url)
    page.get()
    return page.post("", {})


def _control_number(paper: bytes, serial: str) -> str:
    text = subprocess.run(["pdftotext", "-", "-"], input=paper, capture_output=True, check=True).stdout.decode()
    found = set(re.findall(rf"\b{BRANCH}-[A-Z]\d+\b", text)) - {serial}
    if len(found) != 1:
        raise RuntimeError(f"the envelope bears {len(found)} control numbers")
    return found.pop()


def _identity_number() -> str:
    return "11010119900307001" + identity.check_character("11010119900307001")


def _draft(number: int) -> dict[str, Any]:
    """An enterprise with a seal, its agent at the counter, one certificate, papers in order."""
    first_17 = f"91110108{number:09d}"
    rows = ("application_form", "code_bearing_licence", "identity_document")
    ticks = {row: {tick.value: True for tick in ROWS[row].ticks} for row in rows}
    return {
        "credit_code": first_17 + credit_code.check_character(first_17),
        "kind": "enterprise",
        "name": f"北京样例科技有限公司{number}",
        "has_seal": "yes",
        "named_after_proprietor": False,
        "holds_code_bearing_licence": "yes",
        "established_on": "2015-03-01",
        "legal_representative": "样例甲",
        "address": "北京市样例区样例路 1 号",
        "presenter_role": "agent",
        "presenter_name": "样例乙",
        "presenter_id_kind": "resident_card",
        "presenter_id_until": "2040-01-01",
        "presenter_id_long_term": False,
        "certificates": "1",
        "uses": ["annual_inspection"],
        "computer_code": "",
        "tax_numbers_differ": False,
        "remark": "",
        "sets": [{"reference": "", "seal_at_counter": False, **ticks}],
    }
