"""The people of the first branch at work in a running house: they act through the use cases, over the house's own database."""

import html
import itertools
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import func, select, update

from app.services.accept_case import accept_case
from app.services.approve_case import approve_case
from app.services.begin_runs import RunOrder, begin_runs
from app.services.cancel_run import cancel_run
from app.services.confirm_envelope import confirm_envelope
from app.services.errors import OutOfTurn, Stale
from app.services.hand_over import Collector, Scanned, hand_over
from app.services.open_case import open_case
from app.services.reconcile import SILENT_AFTER, reconcile
from app.services.resume_run import resume_run
from app.services.run_grant import is_touched
from app.services.save_draft import save_draft
from app.services.settle_fee import settle_fee
from app.services.spoil_envelope import spoil_envelope
from app.services.vault import Vault
from app.services.world import SystemClock, World
from card_issuance.embedded_authority import EmbeddedAuthority
from card_issuance.station_store import demonstration_module
from models.rulebook import workflow
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import (
    CaseState,
    Fault,
    IdentityKind,
    KeyProfile,
    PaymentMethod,
    RunAction,
    RunState,
    TokenState,
)
from models.tables import Case, Certificate, Envelope, Run, Staff, Station, Token
from tests.builders.cases import MOBILE, case_now, draft, resident_number, with_certificates
from tests.journeys.running import PATIENCE, RunningHouse, TookTooLong, wait_for
from tests.reports.reading import pin_of

BRANCH = "HD01"
_batches = itertools.count(1)  # of what the warehouse delivers
CLERK, REVIEWER = "1001", "1003"


@dataclass(frozen=True)
class Made:
    """What lies ready after a run: all that the applicant would get, and how it came to be."""

    run_id: int
    item_id: int
    case_id: int
    token: str  # serial
    key: str  # CKA_ID, hex
    envelope: str  # control number
    pin: str = field(repr=False)  # as read from the paper
    certificate: bytes = field(repr=False)  # DER
    ways_out: tuple[str, ...]  # that the clerk had to take; empty: the run ended as an undisturbed one


class Desk:
    def __init__(self, house: RunningHouse) -> None:
        settings = house.settings
        self.house = house
        self.authority = EmbeddedAuthority.open(settings.instance / "authority")
        self.world = World(
            SystemClock(), house.engine, Vault(settings.vault_key), self.authority, settings.instance / "scans", settings.crl_url
        )
        self.clerk, self.reviewer = self._actor(CLERK), self._actor(REVIEWER)
        self.cabinet = demonstration_module(settings.station_home).cabinet
        self.pins: list[str] = []  # every one that was read from a paper, spoiled ones too

    def close(self) -> None:
        self.authority.close()

    def _actor(self, number: str) -> Actor:
        with self.world.reading() as session:
            return session.scalars(select(Staff).where(Staff.number == number)).one().as_actor()

    # From walk-in to paid.

    def order(self, certificates: int = 1, profile: KeyProfile = KeyProfile.p_256) -> Case:
        """A case that is ready to issue: examined, approved by the second person, paid."""
        world = self.world
        case_id = open_case(world, self.clerk).id
        save_draft(world, self.clerk, case_id, 1, draft(**with_certificates(certificates)), resident_number(), MOBILE)
        accept_case(world, self.clerk, case_id, case_now(world, case_id).version)
        approve_case(world, self.reviewer, case_id, case_now(world, case_id).version)
        case = case_now(world, case_id)
        if case.state is CaseState.awaiting_payment:
            settle_fee(world, self.clerk, case_id, case.version, PaymentMethod.cash)
        with world.writing() as session:  # the desk has no button for it yet; elliptic keys are made in no time
            session.execute(update(Case).where(Case.id == case_id).values(key_profile=profile.value))
            session.commit()
        return case_now(world, case_id)

    # At the issuance desk.

    def take_token(self) -> str:
        """The next blank one of the stock, put into a slot; whatever lay there goes to the drawer."""
        serial = self.next_token()
        self.insert(serial)
        return serial

    def insert(self, serial: str) -> None:
        """This token, and no other."""
        for other in self.cabinet.inserted():
            if other != serial:
                self.cabinet.remove(other)
        self.cabinet.insert(serial)

    def next_token(self) -> str:
        """The next blank one of the stock; a delivery comes when it runs low."""
        if self.count(Token, Token.state == TokenState.in_stock, Token.branch.has(code=BRANCH)) < 3:
            self.deliver(tokens=20, envelopes=40)
        with self.world.reading() as session:
            serial = session.scalars(
                select(Token.serial)
                .where(Token.state == TokenState.in_stock, Token.branch.has(code=BRANCH))
                .order_by(Token.serial)
            ).first()
        assert serial, "there is no token in stock"
        return serial

    def begin(self, case: Case, serial: str, position: int = 1) -> int:
        """Queue a run for an item; its id."""
        item = case_now(self.world, case.id).items[position - 1]
        order = RunOrder(item.id, item.version, serial, self.station_id)
        self.wait_until_awake()
        return begin_runs(self.world, self.clerk, case.id, [order])[0].run_id

    @property
    def station_id(self) -> int:
        with self.world.reading() as session:
            return session.scalars(select(Station.id)).one()

    def wait_until_awake(self) -> None:
        wait_for("the station is awake", self._station_is_awake)

    def await_envelope(self, run_id: int) -> None:
        """Or, where the holder keeps his PIN, the question for the token's serial."""

        def look() -> bool:
            run = self.run(run_id)
            self.attend(run)
            return run.state is RunState.awaiting_confirmation

        wait_for("the envelope", look)

    def declare_station_gone(self, run_id: int) -> None:
        """What reconciliation does with a station that it has not heard for a while, without the wait."""
        long_ago = self.world.now() - 2 * SILENT_AFTER
        with self.world.writing() as session:
            session.execute(update(Station).values(seen_at=long_ago))
            session.commit()
        reconcile(self.world, long_ago)
        assert self.run(run_id).fault is Fault.station_gone

    def _station_is_awake(self) -> bool:
        with self.world.reading() as session:
            seen = session.scalars(select(Station.seen_at)).one()
        return seen is not None and (self.world.now() - seen).total_seconds() < 5

    def run(self, run_id: int) -> Run:
        with self.world.reading() as session:
            run = session.get_one(Run, run_id)
            _ = (run.envelope, run.token, run.item.case, run.certificate)
            session.expunge_all()
            return run

    def see_through(self, run_id: int, cancel: bool = False) -> Made:
        """Do what a clerk does until the item is made: fetch the envelope, confirm; at a stop take the way out that the page
        offers (`cancel`: the harder one, a new token, where both are offered)."""
        ways: list[str] = []
        until = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < until:
            run = self.run(run_id)
            if run.state is RunState.stopped:
                run_id = self._leave_stop(run, cancel, ways)
            elif run.state is RunState.awaiting_confirmation:
                made = self._look_at_envelope(run, ways)
                if made is not None:
                    return made
            else:
                self.attend(run)
            time.sleep(0.05)
        run = self.run(run_id)
        raise TookTooLong(f"run {run.key} is {run.state}, lease {run.lease}, fault {run.fault} after {ways}\n{self.house.logs()}")

    def attend(self, run: Run) -> None:
        """Do what the station waits for in the middle of a run. A first issuance goes by itself."""

    def _leave_stop(self, run: Run, cancel: bool, ways: list[str]) -> int:
        """By a button of the table of ways out; the id of the run that goes on."""
        assert run.fault is not None, "a run stopped without a name"
        offered = workflow.ways_out(run.kind, run.state, run.fault, is_touched(run))
        if run.fault is Fault.station_gone and not cancel:
            return run.id  # the station takes it up again by itself
        assert len(ways) < 4, f"the ways out lead nowhere: {ways}"
        if (cancel and RunAction.cancel in offered) or RunAction.resume not in offered:
            ways.append(f"{run.fault}: cancel")
            self._try(lambda: cancel_run(self.world, self.clerk, run.id, run.version, "换一只介质"))
            return self._begin_again(run)
        ways.append(f"{run.fault}: resume")
        self._try(lambda: resume_run(self.world, self.clerk, run.id, run.version))
        return run.id

    def _begin_again(self, run: Run) -> int:
        """Another run in place of one that was given up."""
        return self.begin(run.item.case, self.take_token(), run.item.position)

    def _look_at_envelope(self, run: Run, ways: list[str]) -> Made | None:
        """Fetch and confirm; an envelope that cannot be shown any more is spoiled, as its page says."""
        paper = self.fetch(run.envelope_url) if run.envelope_url else None
        if paper is None:
            fresh = self.run(run.id)
            if fresh.version == run.version and (not run.envelope_url or self._is_gone(run.envelope_url)):
                ways.append("envelope lost: spoil")
                self.spoil(fresh)
            return None
        pin = pin_of(paper)
        self.pins.append(pin)
        return self.confirm(run.id, pin, ways)

    def confirm(self, run_id: int, pin: str, ways: list[str]) -> Made:
        """Type the control number that is on the paper; where the holder kept his PIN, the token's serial."""
        run = self.run(run_id)
        typed = run.envelope.number if run.envelope is not None else run.token.serial
        while True:
            run = self.run(run_id)
            try:
                confirm_envelope(self.world, self.clerk, run.id, run.version, typed)
                break
            except Stale:  # the station has just told that the envelope was fetched
                continue
        return self.made_by(run, pin, tuple(ways))

    def made_by(self, run: Run, pin: str, ways: tuple[str, ...] = ()) -> Made:
        with self.world.reading() as session:
            certificate = session.scalars(select(Certificate).where(Certificate.run_id == run.id)).one()
        assert certificate.der is not None
        assert run.envelope is not None
        return Made(
            run.id, run.item_id, run.item.case_id, run.token.serial, run.key, run.envelope.number, pin, certificate.der, ways
        )  # fmt: skip

    def spoil(self, run: Run) -> None:
        self._try(lambda: spoil_envelope(self.world, self.clerk, run.id, run.version, "信封没有取到"))

    def fetch(self, url: str) -> bytes | None:
        """The envelope from the station's page, as the clerk's browser does: open the page, press its button."""
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                page = answer.read().decode()
            csrf = re.search(r'name="csrf" value="([^"]+)"', page)
            if csrf is None:
                return None
            form = urllib.parse.urlencode({"csrf": html.unescape(csrf[1])}).encode()
            with urllib.request.urlopen(url, form, timeout=5) as answer:
                content: bytes = answer.read()
        except OSError:
            return None
        return content if content.startswith(b"%PDF") else None

    def _is_gone(self, url: str) -> bool:
        """Whether the page itself says that this envelope will never be shown; a page that does not answer says nothing."""
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError as answer:
            answer.close()
            return answer.code in {404, 410}
        except OSError:
            pass
        return False

    def _try(self, act: Callable[[], None]) -> None:
        """Somebody else (reconciliation, the station) may be first; then the page shows the new state."""
        try:
            act()
        except (Stale, OutOfTurn):
            return

    # At the handover desk.

    def hand_over(self, made: Made) -> None:
        """To the presenter himself, against the serial and the control number."""
        case = case_now(self.world, made.case_id)
        collector = Collector("样例乙", IdentityKind.resident_card, resident_number())
        scanned = [Scanned(made.item_id, made.token, made.envelope)]
        assert hand_over(self.world, self.clerk, case.id, case.version, collector, scanned).published

    # Stock.

    def deliver(self, tokens: int, envelopes: int) -> None:
        """A delivery from the warehouse: blank media into the drawer, numbers into the books."""
        batch = f"{next(_batches):04}"
        serials = [f"{BRANCH}-X{batch}{n:04}" for n in range(tokens)]
        with self.world.writing() as session:
            now = self.world.now()
            branch_id = session.scalars(select(Station.branch_id)).one()
            session.add_all(Token(serial=serial, branch_id=branch_id, state_since=now) for serial in serials)
            session.add_all(
                Envelope(number=f"{BRANCH}-X{batch}{n:04}", branch_id=branch_id, state_since=now) for n in range(envelopes)
            )
            session.commit()
        for serial in serials:
            self.cabinet.make_blank(serial)

    def count(self, kind: type, *conditions: object) -> int:
        with self.world.reading() as session:
            return session.scalar(select(func.count()).select_from(kind).where(*conditions)) or 0  # type: ignore[arg-type]
