"""Every page of office and station, in both languages, on a counter's screen: what axe, the browser and a reader find wrong.

Generated from the URL map over a house in which every kind of case stands at every desk.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from sqlalchemy import String, Text, select
from sqlalchemy import inspect as shape_of
from sqlalchemy.orm import Session

from app.desks.door import door_of
from app.factory import create_app
from app.services.accept_aftercare import accept_aftercare
from app.services.accept_case import accept_case
from app.services.answer_relay import answer_relay
from app.services.approve_case import approve_case
from app.services.ask_exception import ask_exception
from app.services.attach_scan import attach_scan
from app.services.bind_certificate import BindOrder, bind_certificate
from app.services.check_certificate import CheckRequest, check_certificate
from app.services.correct_aftercare import correct_aftercare
from app.services.decide_exception import grant_exception
from app.services.demonstration_staff import DEMO_PASSWORD, demonstration_staff
from app.services.edit_staff import reset_access
from app.services.grant_case import grant_case
from app.services.open_aftercare import open_aftercare
from app.services.open_case import open_case
from app.services.open_platform_case import open_platform_case
from app.services.propose_destruction import propose_destruction
from app.services.reopen_case import reopen_case
from app.services.request_correction import request_correction
from app.services.save_aftercare import save_aftercare
from app.services.save_draft import save_draft
from app.services.save_view import save_view
from app.services.send_back_case import send_back_case
from app.services.set_hold import HoldOrder, set_hold
from app.services.set_language import set_language
from app.services.turn_away_case import turn_away_case
from app.services.withdraw_case import withdraw_case
from app.words.platforms import FAULTS
from models.rulebook.editions import P1
from models.rulebook.oversight import ExceptionKind, JobState
from models.rulebook.permissions import Actor, denial
from models.rulebook.vocabulary import CaseKind, DeliveryState, DocumentKind, Fault, RelayAnswer, RunState
from models.tables import (
    Applicant,
    Branch,
    Case,
    Certificate,
    Delivery,
    DeliveryAttempt,
    DestructionList,
    EditionDraft,
    Handover,
    Job,
    LegalHold,
    Platform,
    SavedView,
    Staff,
    Station,
    StockImport,
)
from tests.builders import rules
from tests.builders.aftercare import draft as aftercare_draft
from tests.builders.aftercare import papers as aftercare_papers
from tests.builders.aftercare import plant_held
from tests.builders.cases import MOBILE, case_now, draft, papers, resident_number, with_certificates
from tests.builders.day import plant_days
from tests.builders.exceptions import ADDRESS, WANTED, not_covered
from tests.builders.jobs import plant_job
from tests.builders.platforms import plant_binding, plant_event
from tests.builders.retention import age, plant_check
from tests.builders.reviews import plant_review
from tests.builders.road import a_picture
from tests.builders.stock import furnish_stock
from tests.journeys.browser import COUNTER_SCREEN, Person, chromium
from tests.journeys.desk import Desk
from tests.journeys.running import wait_for
from tests.journeys.walked import Walk, walking

pytestmark = pytest.mark.browser

LANGUAGES = ("zh", "en")
PEOPLE = ("1003", "1009", "9009")  # clerk and reviewer, supervisor, administrator: together they may open every page
# Which cases a page is looked at with; with all others it must answer calmly.
SHOWN = {
    "intake.page": ("blank", "draft", "two sets", "bad papers", "not covered", "correction", "revisit", "refused", "in review", "returned"),
    "review.page": ("in review", "returned", "closed", "amendment in review", "damaged in review"),
    "cashier.page": ("to pay", "to issue", "lost to pay"),
    "aftercare.page": ("renewal opened", "damaged", "amendment", "revocation corrected", "unlock granted", "suspended", "lost to pay",
        "rebinding opened", "binding told", "relayed", "answered"),
    "grants.page": ("lost asked", "unlock asked", "unlock granted", "binding asked"),
    "issuance.page": ("to issue", "stopped", "to confirm", "to hand over"),
    "handover.page": ("to hand over", "closed"),
    "retention.case": ("blank", "closed"),
    "retention.hold": ("closed",),
    "casefile.page": ("blank", "correction", "closed", "unlock granted", "binding told"),
}  # fmt: skip
GLOSSED = ("(副本)",)  # the word that stands on the paper, beside its translation
# What a GET gives that is no page to look at, or belongs to a page that is looked at anyway.
NO_PAGES = {
    "static", "shell.htmx", "admin.static", "issuance.stations", "issuance.run", "casefile.notice", "casefile.fee_receipt",
    "casefile.handover_receipt", "retention.record", "casefile.scan", "casefile.certificate", "revocation.revocation_list",
    "platform_api.openapi", "platform_api.problem", "platform_api.keys", "platform_api.certificate", "platform_api.verdict", "platform_api.bindings",
    "platform_api.binding", "platform_api.events",
    "revocation.authority_certificate", "ocsp.fetched", "check.report", "account.sign_in", "precheck_api.page", "shell.home", "handover.find",
    "deliveries.slip", "transfers.slip", "reviews.paper", "permissions.sheet", "days.paper", "shift.day_paper", "shift.shift_paper",
    "jobs.file", "jobs.progress",
}  # fmt: skip
CHINESE = re.compile(r"[\u3001\u3002\u3400-\u9fff\uff01-\uff5e]+")
TEXTS = """() => {
  const found = [], pick = (element, text) => {
    if (text && /[\\u3001-\\u9fff\\uff01-\\uff5e]/.test(text) && !element.closest("[lang^=zh], script, style")) found.push(text);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) pick(texts.currentNode.parentElement, texts.currentNode.data.trim());
  for (const element of document.querySelectorAll("*"))
    for (const name of ["title", "aria-label", "placeholder", "alt", "label"]) pick(element, element.getAttribute(name));
  pick(document.documentElement.querySelector("body"), document.title);
  return found;
}"""
CUT_OFF = """() => [...document.querySelectorAll("button, .button, .badge, th, h1, h2, label, legend, dt, .message, .hint")]
  .filter((e) => e.getClientRects().length && !e.closest(".visually-hidden, details:not([open]) > :not(summary)"))
  .filter((e) => getComputedStyle(e).overflow !== "visible" && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1)
  .map((e) => e.outerHTML.slice(0, 120))"""

# What hides behind a scroll bar of its own; the findings may, when there are very many.
SCROLLED = """() => [...document.querySelectorAll("main *")]
  .filter((e) => /auto|scroll/.test(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight + 1)
  .map((e) => `${e.tagName}.${e.className}: ${e.scrollHeight} in ${e.clientHeight}`)"""


# All that axe judges but the words: elements with their attributes, and whether there is text; what repeats itself but twice.
SKELETON = """() => {
  const told = new Set(["alt", "title", "placeholder", "aria-label", "aria-description", "lang", "value", "href", "action", "src", "content"]);
  const free = (name, value) => told.has(name) ? Boolean(value.trim()) : value.replace(/\\d+/g, "0");
  const look = (e) => {
    const text = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    const own = [...e.attributes].map((a) => `${a.name}=${free(a.name, a.value)}`).sort().join(" ");
    const inside = [...e.children].map(look).filter((each, n, all) => each !== all[n - 1] || each !== all[n - 2]);
    return `<${e.localName} ${own}>${text ? "." : ""}${inside.join("")}`;
  };
  return look(document.documentElement);
}"""


@dataclass
class Furnished:
    """A house with something in every state, and its URL map."""

    walk: Walk
    app: Flask
    people: dict[str, Actor]
    names: list[str]  # in the house's books
    cases: dict[str, int] = field(default_factory=dict)
    told: list[int] = field(default_factory=list)  # notices to platforms
    things: dict[str, list[Any]] = field(default_factory=dict)  # by the name that routes give their ids
    judged: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    folder = tmp_path_factory.mktemp("every-page")
    with chromium() as browser, walking(browser, folder) as walk:
        with walk.house.reading() as session:
            people = {who.number: who.as_actor() for who in session.scalars(select(Staff).where(Staff.number.in_(PEOPLE)))}
        furnished = Furnished(walk, create_app(walk.house.settings, walk.desk.world), people, [])
        furnish(furnished, walk.desk)
        furnish_aftercare(furnished, walk.desk)
        furnish_bindings(furnished, walk.desk)
        furnish_platforms(furnished, walk.desk)
        furnish_exceptions(furnished, walk.desk)
        furnish_oversight(furnished, walk.desk)
        with walk.house.reading() as session:
            furnished.names += names_in(session)
        yield furnished


def furnish_platforms(house: Furnished, desk: Desk) -> None:
    """A notice that was taken, one that is dead with its tries, and one that waits behind it."""
    world = desk.world
    with world.reading() as session:
        platform = session.scalars(select(Platform).where(Platform.webhook_url != "")).one()
    binding = plant_binding(world, platform, plant_held(world, by=desk.clerk).certificate_id)
    for state in (DeliveryState.delivered, DeliveryState.dead, DeliveryState.waiting):
        event = plant_event(world, platform, binding, delivery=state)
        house.told.append(event.id)
        if state is DeliveryState.dead:
            with world.writing() as session:
                session.add_all(DeliveryAttempt(event_id=event.id, at=world.now(), fault=each) for each in FAULTS)
                session.commit()


def furnish_oversight(house: Furnished, desk: Desk) -> None:
    """What supervision keeps: one of everything, in every state that a page can show."""
    writer = house.people["1009"]
    steps = (rules.written, rules.previewed, rules.proposed)
    says = [rules.edition(f"P{n}-2099", date(2099, 1, n), medium_fen=90_00) for n in range(1, 4)]
    house.things["draft_id"] = [make(desk.world, one, writer).id for make, one in zip(steps, says, strict=True)]
    house.things["review_id"] = [plant_review(desk.world, writer, writer.branch_id)]
    house.things["branch_id"] = [writer.branch_id]
    with desk.world.reading() as session:
        house.things["station_id"] = [session.scalars(select(Station.id)).first()]
    with desk.world.reading() as session:
        other = session.scalars(select(Staff).where(Staff.number == "2009")).one().as_actor()
    house.things |= furnish_stock(desk.world, writer, other)
    held, listed = (withdrawn_long_ago(desk) for _ in range(2))
    hold = HoldOrder("样例人民法院", "样例字第 1 号", "案件在审")
    house.things["hold_id"] = [set_hold(desk.world, writer, held, hold)]
    house.things["reset_of"] = [reset_access(desk.world, house.people["9009"], lone_supervisor(desk), 1, "手机丢失").staff_id]
    house.things["list_id"] = [propose_destruction(desk.world, writer, [listed], "保存期满").id]
    house.things["check_id"] = [plant_check(desk.world, writer)]
    house.things["day_id"], house.things["shift_id"] = plant_days(desk.world, house.people["1003"], desk.clerk, writer)
    house.things["token_id"] = [handed_over(house).token_id]
    house.things["room"] = ["cases", "journal"]
    save_view(desk.world, writer, "cases", "待复核的", {"state": "in_review"})
    house.things["code"] = [P1.code]
    house.things["job_id"] = [plant_job(desk.world, house.people["1003"], state).id for state in JobState]


def lone_supervisor(desk: Desk) -> int:
    """Nobody else supervises at his branch: a supervisor of any branch agrees to his reset."""
    with desk.world.reading() as session:
        return session.scalars(select(Staff.id).where(Staff.number == "3009")).one()


def withdrawn_long_ago(desk: Desk) -> int:
    """A case whose record is due."""
    case_id = open_case(desk.world, desk.clerk).id
    withdraw_case(desk.world, desk.clerk, case_id, 1, "改日再来")
    age(desk.world, case_id)
    return case_id


def furnish_exceptions(house: Furnished, desk: Desk) -> None:
    """Each kind asked for, and allowed; one case more for which an admission may be asked."""
    world, clerk, supervisor = desk.world, desk.clerk, house.people["1009"]

    def drafted(**changes: Any) -> Case:
        case_id = open_case(world, clerk).id
        save_draft(world, clerk, case_id, 1, draft(**changes), resident_number(), MOBILE)
        return case_now(world, case_id)

    def case_for(kind: ExceptionKind) -> Case:
        if kind is ExceptionKind.admission:
            return drafted(**not_covered())
        if kind is not ExceptionKind.fee_waiver:
            return desk.order(2)
        case = drafted(**with_certificates(2))
        accept_case(world, clerk, case.id, case.version)
        approve_case(world, desk.reviewer, case.id, case.version + 1)
        return case_now(world, case.id)

    house.cases["trade name"] = drafted(**not_covered()).id
    house.things["exception_id"] = []
    for kind in ExceptionKind:
        for allowed in (False, True):
            case = case_for(kind)
            asked = ask_exception(world, clerk, case.id, case.version, kind, "加急", WANTED.get(kind))
            house.things["exception_id"].append(asked.id)
            if allowed:
                grant_exception(world, supervisor, asked.id, 1, "加急")


def furnish(house: Furnished, desk: Desk) -> None:
    """One case in every state that a page can show."""
    world, clerk, cases = desk.world, desk.clerk, house.cases

    def drafted(name: str, scanned: bool = False, **changes: Any) -> int:
        cases[name] = case_id = open_case(world, clerk).id
        save_draft(world, clerk, case_id, 1, draft(remark="加急", **changes), resident_number(), MOBILE)
        if scanned:
            attach_scan(world, clerk, case_id, 1, DocumentKind.application_form, a_picture())
        return case_id

    def step(use_case: Any, case_id: int, *more: Any, by: Actor = clerk) -> int:
        use_case(world, by, case_id, case_now(world, case_id).version, *more)
        return case_id

    bad = {"sets": [papers(code_bearing_licence={"mark": False, "original": False}, identity_document=None)]}
    cases["blank"] = open_case(world, clerk).id
    drafted("draft", scanned=True)
    drafted("two sets", **with_certificates(2))
    drafted("bad papers", **bad)
    drafted("not covered", has_seal="no")
    step(request_correction, drafted("correction", **bad))
    step(reopen_case, step(request_correction, drafted("revisit", **bad)))
    step(turn_away_case, drafted("refused", has_seal="no"))
    step(accept_case, drafted("in review", scanned=True))
    returned = step(accept_case, drafted("returned"))
    step(send_back_case, returned, "复印件不清", ["1:application_form"], by=desk.reviewer)
    step(approve_case, step(accept_case, drafted("to pay", **with_certificates(2))), by=desk.reviewer)
    cases["to issue"] = desk.order(2).id
    stopped = desk.order()
    cases["stopped"] = stopped.id
    run = desk.begin(stopped, "HD01-T00040")  # lies in the drawer
    wait_for("the run stops", lambda: desk.run(run).fault is Fault.wrong_token)
    for name in ("to hand over", "closed", "to confirm"):
        case = desk.order()
        cases[name] = case.id
        run = desk.begin(case, desk.take_token())
        if name == "to confirm":
            wait_for("the envelope", lambda run=run: desk.run(run).state is RunState.awaiting_confirmation)
        else:
            made = desk.see_through(run)
            if name == "closed":
                desk.hand_over(made)


def furnish_aftercare(house: Furnished, desk: Desk) -> None:
    """Cases about certificates, each about one of its own, as far as their names say."""
    world, clerk, supervisor = desk.world, desk.clerk, house.people["1009"]

    def case(name: str, kind: CaseKind, *steps: Any, **changes: Any) -> None:
        held = plant_held(world, by=clerk, days=60)
        house.cases[name] = case_id = open_aftercare(world, clerk, held.serial, kind).id
        typed = aftercare_draft(held, kind, remark="加急", **changes)
        if steps:
            save_aftercare(world, clerk, case_id, 1, typed, resident_number(), MOBILE)
        for step in steps[1:]:
            step(case_id, case_now(world, case_id).version)

    typed = "typed"
    accept = lambda *case: accept_aftercare(world, clerk, *case)  # noqa: E731
    correct = lambda *case: correct_aftercare(world, clerk, *case)  # noqa: E731
    approve = lambda *case: approve_case(world, desk.reviewer, *case)  # noqa: E731
    grant = lambda *case: grant_case(world, supervisor, *case, "加急")  # noqa: E731
    case("renewal opened", CaseKind.renewal)
    case("damaged", CaseKind.replacement_damaged, typed, damage_visible="yes")
    case("amendment", CaseKind.amendment, typed, new_credit_code="91110108MA01A2B3C5")
    case("amendment in review", CaseKind.amendment, typed, accept)
    case("damaged in review", CaseKind.replacement_damaged, typed, accept)
    case("revocation corrected", CaseKind.revocation, typed, correct, papers=aftercare_papers(identity_document=None))
    case("suspended", CaseKind.suspension, typed, accept, approve)
    case("unlock asked", CaseKind.unlock, typed, accept)
    case("unlock granted", CaseKind.unlock, typed, accept, grant)
    case("lost asked", CaseKind.replacement_lost, typed, accept)
    case("lost to pay", CaseKind.replacement_lost, typed, accept, grant)


def furnish_bindings(house: Furnished, desk: Desk) -> None:
    """Cases about what certificates open at a platform, each about an applicant of its own with two certificates."""
    world, clerk, supervisor = desk.world, desk.clerk, house.people["1009"]
    with world.reading() as session:
        platform_id = session.scalars(select(Platform.id).where(Platform.code == "inspection")).one()

    def case(name: str, kind: CaseKind, *steps: Any) -> None:
        held = plant_held(world, by=clerk, days=60)
        chosen = plant_held(world, by=clerk, days=60, beside=held)
        bind_certificate(world, platform_id, BindOrder(held.serial, "association-2015", f"first-login-{held.serial}"))
        house.cases[name] = case_id = open_platform_case(world, clerk, kind, platform_id, held.applicant_id, chosen.serial).id
        save_aftercare(world, clerk, case_id, 1, aftercare_draft(held, kind), resident_number(), MOBILE)
        for step in steps:
            step(case_id, case_now(world, case_id).version)

    accept = lambda *case: accept_aftercare(world, clerk, *case)  # noqa: E731
    grant = lambda *case: grant_case(world, supervisor, *case, "加急")  # noqa: E731
    answer = lambda *case: answer_relay(world, clerk, *case, RelayAnswer.refused, "加急")  # noqa: E731
    case("rebinding opened", CaseKind.rebinding)
    case("binding asked", CaseKind.binding_reset, accept)
    case("binding told", CaseKind.rebinding, accept, grant)
    case("relayed", CaseKind.credentials_reset, accept)
    case("answered", CaseKind.credentials_reset, accept, answer)


def pages_of(house: Furnished, number: str) -> tuple[list[str], list[str]]:
    """Paths that this person is the first of PEOPLE to be let in by: those to look at, and those to ask for only."""
    urls = house.app.url_map.bind("127.0.0.1")
    look, ask = [], []
    for rule in house.app.url_map.iter_rules():
        way = door_of(house.app, rule.endpoint)
        if "GET" not in (rule.methods or ()) or way is None or rule.endpoint in NO_PAGES:
            continue
        admitted = [each for each in PEOPLE if any(denial(p, house.people[each]) is None for p in way.permissions)]
        assert admitted, f"nobody looks at {rule}"
        if admitted[0] != number:
            continue
        if not rule.arguments:
            look.append(urls.build(rule.endpoint))
        elif rule.arguments == {"case_id"}:
            shown = [house.cases[name] for name in SHOWN[rule.endpoint]]
            look += [urls.build(rule.endpoint, {"case_id": each}) for each in shown]
            ask += [urls.build(rule.endpoint, {"case_id": each}) for each in house.cases.values() if each not in shown]
        elif rule.arguments == {"case_id", "exception_kind"}:
            ways = {"to pay": "fee_waiver", "to issue": "refund", "to hand over": "correction", "trade name": "admission"}
            look += [
                urls.build(rule.endpoint, {"case_id": house.cases[name], "exception_kind": kind}) for name, kind in ways.items()
            ]
        elif rule.arguments == {"applicant_id"}:
            for name in ("closed", "rebinding opened", "binding told"):
                about = case_now(house.walk.desk.world, house.cases[name])
                look.append(urls.build(rule.endpoint, {"applicant_id": about.applicant_id}))
        elif rule.arguments == {"number"}:
            look += [urls.build(rule.endpoint, {"number": each}) for each in a_check_of_each_kind(house, number)]
        elif rule.arguments == {"serial"}:
            look.append(urls.build(rule.endpoint, {"serial": handed_over(house).serial}))
        elif rule.arguments == {"event_id"}:
            look += [urls.build(rule.endpoint, {"event_id": each}) for each in house.told]
        elif len(rule.arguments) == 1 and rule.arguments <= set(house.things):
            [name] = rule.arguments
            look += [urls.build(rule.endpoint, {name: each}) for each in house.things[name]]
        elif rule.arguments == {"platform_id"}:
            look.append(urls.build(rule.endpoint, {"platform_id": 1}))
        else:
            assert rule.arguments == {"staff_id"}, rule
            look.append(urls.build(rule.endpoint, {"staff_id": house.people["1003"].staff_id}))
    return look, ask


def handed_over(house: Furnished) -> Certificate:
    with house.walk.desk.world.reading() as session:
        return session.scalars(select(Handover).limit(1)).one().certificate


def a_check_of_each_kind(house: Furnished, number: str) -> Iterator[str]:
    """A certificate that was handed over, with every complaint there is; and a number that nobody knows."""
    for serial in (handed_over(house).serial, "HD01T999999"):
        yield check_certificate(house.walk.desk.world, house.people[number], CheckRequest(serial, "", True, True, True))


@dataclass
class Reader:
    """Looks at one page after the other and writes down what is wrong."""

    person: Person
    language: str
    names: list[str]
    judged: set[str]  # skeletons of pages that axe has looked at
    faults: list[str] = field(default_factory=list)
    seen: int = 0

    def look(self, url: str, status: int = 200) -> None:
        answer = self.person.page.goto(url)
        assert answer is not None
        if answer.status != status:
            self.faults.append(f"{url}: {answer.status}")
        else:
            self.read()

    def read(self) -> None:
        page, self.seen = self.person.page, self.seen + 1
        where = page.url.partition("//")[2].partition("/")[2]
        expected = {"zh": "zh-CN", "en": "en"}[self.language]
        if page.get_attribute("html", "lang") != expected:
            self.faults.append(f"/{where}: lang is {page.get_attribute('html', 'lang')}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 1366:
            self.faults.append(f"/{where}: {wide} pixels wide")
        self.faults += [f"/{where}: cut off: {text}" for text in page.evaluate(CUT_OFF)]
        if self.language == "en":
            self.faults += [f"/{where}: Chinese: {text}" for text in self._chinese(page.evaluate(TEXTS))]
        skeleton = page.evaluate(SKELETON)
        if skeleton in self.judged:
            return
        for violation in Axe().run(page).response["violations"]:
            nodes = "; ".join(node["html"][:140] for node in violation["nodes"][:3])
            self.faults.append(f"/{where}: axe {violation['id']}: {nodes}")
        self.judged.add(skeleton)

    def _chinese(self, texts: list[str]) -> list[str]:
        """What is left when the names are taken out."""
        left = []
        for text in texts:
            rest = text
            for name in [*GLOSSED, *self.names]:
                rest = rest.replace(name, "")
            if CHINESE.search(rest):
                left.append(" ".join(text.split())[:120])
        return left


def names_in(session: Session) -> list[str]:
    """Everything in the house's books that is a name or somebody's own words: it stays as it is in every language."""
    found: set[str] = {"样例甲", "样例丙", "北京样例小吃店", "复印件不清", "加急", "北京市样例区样例路 1 号", "改日再来", ADDRESS}
    kept = (Applicant, Branch, Staff, Station, Case, Handover, Platform, Delivery, StockImport, EditionDraft, Job)
    for kind in (*kept, SavedView, LegalHold, DestructionList):
        texts = [column.key for column in shape_of(kind).columns if type(column.type) in (String, Text)]
        for row in session.scalars(select(kind)):
            found |= {str(getattr(row, text)) for text in texts if getattr(row, text)}
    return sorted((name for name in found if CHINESE.search(name)), key=len, reverse=True)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def person(house: Furnished) -> Iterator[Person]:
    visitor = Person(house.walk.browser, house.walk.house.url, house.walk.witness)
    yield visitor
    visitor.close()


def sign_in(house: Furnished, person: Person, number: str, language: str) -> None:
    code = next(who.code for who in demonstration_staff(house.walk.desk.world).people if who.number == number)
    set_language(house.walk.desk.world, house.people[number], language)
    person.sign_in(number, DEMO_PASSWORD, code)


def found(house: Furnished, reader: Reader) -> str:
    complaints, house.walk.witness.complaints[:] = list(house.walk.witness.complaints), []
    return "\n".join([*reader.faults, *complaints])


@pytest.mark.parametrize("number", PEOPLE)
def test_no_page_of_the_office_has_anything_wrong(house: Furnished, person: Person, number: str, language: str) -> None:
    sign_in(house, person, number, language)
    reader = Reader(person, language, house.names, house.judged)
    look, ask = pages_of(house, number)
    for path in look:
        reader.look(person.home + path)
    for path in ask:
        answer = person.context.request.get(person.home + path)
        if answer.status not in {200, 404}:
            reader.faults.append(f"{path}: {answer.status}")
    assert not found(house, reader)
    assert reader.seen >= {"1003": 34, "1009": 14, "9009": 6}[number]


def test_pages_before_the_login_and_refusals_have_nothing_wrong(house: Furnished, person: Person, language: str) -> None:
    reader = Reader(person, language, house.names, house.judged)
    person.go("/login")
    if language == "en":
        person.reach("[name=language][value=en]")
        person.follow("Enter")
    reader.read()
    reader.look(person.home + "/precheck")
    reader.look(person.home + "/nowhere", 404)
    person.page.goto(person.home + "/login")
    person.fill("number", "1003")
    person.follow("Enter")
    reader.read()
    sign_in(house, person, "1003", language)
    reader.look(f"{person.home}/handover/find?stub=HD01-0", 404)
    reader.look(f"{person.home}/search?q=HD01")
    reader.look(f"{person.home}/search?q=no-such-thing")
    reader.look(f"{person.home}/admin/", 403)
    person.go(f"/fee/{house.cases['to pay']}")
    person.follow("F9")
    reader.read()
    person.go(f"/issuance/{house.cases['to confirm']}")
    person.reach("control_number")
    person.write("HD01-E999999")
    person.follow("Enter")
    reader.read()
    assert not found(house, reader)


def test_no_page_of_the_station_has_anything_wrong(house: Furnished, person: Person, language: str) -> None:
    station = house.walk.house.station_url
    reader = Reader(person, language, house.names, house.judged)
    reader.look(f"{station}/?lang={language}")
    envelope = person.page.locator('a[href^="/envelope/"]').first.get_attribute("href") or ""
    reader.look(station + envelope)
    reader.look(f"{station}/nowhere?lang={language}", 404)
    reader.look(f"{station}/?lang={language}&said=slots_full")
    assert not found(house, reader)


@pytest.mark.parametrize("case", ["blank", "draft", "bad papers", "not covered", "revisit"])
def test_the_intake_page_of_one_set_needs_no_scrolling(house: Furnished, person: Person, case: str, language: str) -> None:
    sign_in(house, person, "1003", language)
    person.go(f"/intake/{house.cases[case]}")
    tall = person.page.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert tall[0] <= tall[1] == COUNTER_SCREEN["height"]
    inside = person.page.evaluate(SCROLLED)
    assert not inside, inside


def test_a_swap_copies_no_style_that_a_tool_left_behind(house: Furnished, person: Person) -> None:
    """A picture of the page leaves empty style attributes on it; the policy would refuse every copy of them."""
    sign_in(house, person, "1003", "zh")
    person.go(f"/intake/{house.cases['bad papers']}")
    person.page.screenshot()
    assert person.page.locator("[style]").count() > 0
    with person.page.expect_response(lambda answer: answer.url.endswith("/save")):
        person.press("Alt+3")
    person.page.wait_for_selector("#verdict >> text=有 2 处不符合")
    assert not found(house, Reader(person, "zh", house.names, house.judged))


def test_the_witness_does_notice(house: Furnished, person: Person) -> None:
    """Else all this silence would prove nothing."""
    person.go("/login")
    person.page.evaluate("document.body.setAttribute('style', 'color: red')")
    person.page.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/elsewhere.png'}))")
    person.page.evaluate("setTimeout(() => { throw new Error('a broken script'); })")
    person.page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    person.page.wait_for_timeout(300)
    reader = Reader(person, "zh", house.names, house.judged)
    reader.read()
    told = found(house, reader)
    for word in ("inline style", "elsewhere.png", "a broken script", "axe button-name"):
        assert word in told, told
