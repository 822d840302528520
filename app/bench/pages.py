"""`./office bench pages`: what lists, searches and home pages take with 200,000 cases, against the same pages with 2,000.

Both offices are asked through the application itself, turn and turn about, by everybody who may open a page: the page, each choice
and each search that its forms offer, the page after it, and one from the middle of everything. The databases are built once and kept
in the temporary folder. Exits 1 where a page takes more than twice as long.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select

from app.bench.kept_offices import DATABASES, KeptOffice, kept_offices
from app.bench.page_forms import offers_of
from app.desks.door import door_of
from app.factory import create_app
from app.services.recognise import digest_of
from models.rulebook.permissions import denial
from models.rulebook.vocabulary import CaseState
from models.tables import Staff, StaffSession

LIMIT = 2.0
PEOPLE = ("1003", "1009", "9001", "9009")  # clerk and reviewer, supervisor, auditor, administrator
TEXTS = ("科技", "{code}", "{case}", "{token}", "{envelope}")  # into every field of every list
SEARCHES = (*TEXTS, "{certificate}", "海鑫晨光", "不存在")
ARGUMENTS = frozenset({"case_id", "applicant_id"})  # of pages about one thing, which are asked for besides
LATE_TURNS = 3  # how often a page that seems late is asked all over again: others may have had the machine


@dataclass(frozen=True, order=True)
class Page:
    """`path`: the samples of an office go into its braces."""

    person: str
    path: str


@dataclass
class AskedOffice:
    """An office and the browsers of its people."""

    app: Flask
    samples: dict[str, str]
    browsers: dict[str, FlaskClient] = field(default_factory=dict)

    def path(self, page: Page) -> str:
        return page.path.format(**self.samples)

    def ask(self, page: Page) -> float:
        """Seconds."""
        browser, path = self.browsers[page.person], self.path(page)
        begun = time.perf_counter()
        browser.get(path)
        return time.perf_counter() - begun

    def answer(self, page: Page) -> str | None:
        """The page, None where there is none to look at."""
        found = self.browsers[page.person].get(self.path(page))
        return found.text if found.status_code == 200 and found.mimetype == "text/html" else None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="office bench pages", description=__doc__)
    parser.add_argument("--cases", type=int, nargs=2, default=(2_000, 200_000), metavar=("FEW", "MANY"))
    parser.add_argument("--database", choices=(*DATABASES, "both"), default="both")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="pages whose path holds this text")
    parser.add_argument("--all", action="store_true", help="name every page, not only the ten slowest")
    options = parser.parse_args(arguments)
    late = 0
    for database in DATABASES if options.database == "both" else (options.database,):
        with kept_offices(database, tuple(options.cases)) as offices:
            few, many = (open_office(office) for office in offices)
            pages = [page for page in pages_of(many) if options.only in page.path and few.answer(page) is not None]
            compared = sorted((compare(few, many, page, options.rounds) for page in pages), key=lambda one: one.ratio)
        late += told(database, options.cases, compared, options.all)
    return 1 if late else 0


def open_office(kept: KeptOffice) -> AskedOffice:
    """With everybody signed in."""
    app = create_app(kept.settings, kept.world)
    office = kept.office
    middle = next(n for n in range(office.count // 6 * 3, office.count) if n % 3 == 0 and office.state(n) is CaseState.closed)
    asked = AskedOffice(
        app,
        {
            "code": office.credit_code(middle),
            "case": office.case_number(middle),
            "token": office.serial(middle),
            "envelope": office.envelope_number(middle),
            "certificate": office.certificate_serial(middle),
            "day": office.opened_at(middle).date().isoformat(),
            "middle": str(office.id(middle)),
            "case_id": str(office.id(middle)),
            "applicant_id": str(office.applicant_id(middle)),
        },
    )
    now = kept.world.now()
    with kept.world.engine.begin() as connection:
        connection.execute(delete(StaffSession))
        for number, staff_id in connection.execute(select(Staff.number, Staff.id).where(Staff.number.in_(PEOPLE))).all():
            times = {"created_at": now, "seen_at": now, "proven_at": now, "address": "127.0.0.1"}
            row = {"staff_id": staff_id, "token_digest": digest_of(number)} | times
            connection.execute(insert(StaffSession).values(row))
            asked.browsers[number] = app.test_client()
            with asked.browsers[number].session_transaction() as session:
                session["login"] = number
    return asked


def pages_of(office: AskedOffice) -> Iterator[Page]:
    """Every page that its people may open, with what it offers to choose and to look for."""
    seen: set[Page] = set()
    for page in [*_rooms(office), *(Page(person, f"/search?q={text}") for person in PEOPLE[:3] for text in SEARCHES)]:
        text = office.answer(page)
        if text is None:
            continue
        offers = [] if "{" in page.path else offers_of(text, page.path, TEXTS)
        for one in [page, *(Page(page.person, path) for path in offers)]:
            if one not in seen and office.answer(one) is not None:
                seen.add(one)
                yield one


def _rooms(office: AskedOffice) -> Iterator[Page]:
    with office.app.app_context():
        world = office.app.extensions["world"]
        with world.reading() as session:
            people = {one.number: one.as_actor() for one in session.scalars(select(Staff).where(Staff.number.in_(PEOPLE)))}
    for rule in office.app.url_map.iter_rules():
        way = door_of(office.app, rule.endpoint)
        if "GET" not in (rule.methods or ()) or way is None or way.public or not rule.arguments <= ARGUMENTS:
            continue
        path = rule.rule
        for name in rule.arguments:
            path = path.replace(f"<int:{name}>", f"{{{name}}}")
        for person, actor in people.items():
            if any(denial(permission, actor) is None for permission in way.permissions):
                yield Page(person, path)


@dataclass(frozen=True)
class Compared:
    """Seconds, each the median of its rounds."""

    page: Page
    few: float
    many: float

    @property
    def ratio(self) -> float:
        return self.many / self.few


def compare(few: AskedOffice, many: AskedOffice, page: Page, rounds: int) -> Compared:
    """Turn and turn about; one turn of both goes before, unmeasured."""
    turns = [_turn(few, many, page, rounds)]
    while min(turn.ratio for turn in turns) > LIMIT and len(turns) < LATE_TURNS:
        turns.append(_turn(few, many, page, rounds))
    return min(turns, key=lambda turn: turn.ratio)


def _turn(few: AskedOffice, many: AskedOffice, page: Page, rounds: int) -> Compared:
    few.ask(page), many.ask(page)
    times = [(few.ask(page), many.ask(page)) for _ in range(rounds)]
    return Compared(page, statistics.median(one[0] for one in times), statistics.median(one[1] for one in times))


def told(database: str, cases: Sequence[int], compared: Sequence[Compared], everything: bool) -> int:
    """Print it; returns how many pages are late."""
    late = [one for one in compared if one.ratio > LIMIT]
    few, many = (statistics.median(side) for side in zip(*((one.few, one.many) for one in compared), strict=True))
    print(
        f"{database}: {len(compared)} pages with {cases[0]:,} and {cases[1]:,} cases; medians {few * 1000:.1f} and {many * 1000:.1f} ms"
    )
    print(
        f"  ratio: median {statistics.median(one.ratio for one in compared):.2f}, highest {compared[-1].ratio:.2f}; goal ≤ {LIMIT:.0f}"
    )
    for one in compared if everything else compared[-max(10, len(late)) :]:
        mark = "!" if one.ratio > LIMIT else " "
        print(f"  {mark} {one.ratio:5.2f} {one.few * 1000:8.1f} {one.many * 1000:8.1f} ms  {one.page.person} {one.page.path}")
    return len(late)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
