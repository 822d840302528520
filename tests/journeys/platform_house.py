"""A running house with the example platform beside it: three programs, and a holder at his own browser."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser
from sqlalchemy import func, select, update

from app.example_platform.accounts import DEMONSTRATION_PASSWORD
from app.services.begin_runs import RunOrder, begin_runs
from app.services.hand_over import Collector, Scanned, hand_over
from models.rulebook.vocabulary import CaseKind, CaseState, IdentityKind, TokenState
from models.tables import Binding, Platform, PlatformEvent, Token
from tests.builders.cases import case_now, resident_number
from tests.journeys.aftercare_clerk import AftercareClerk
from tests.journeys.browser import Person, Witness, origin
from tests.journeys.desk import Made
from tests.journeys.holders_desk import HoldersDesk
from tests.journeys.returning import ReturningWalk
from tests.journeys.running import RunningHouse, _kill, free_port, running, wait_for

CODE = "inspection"


@dataclass
class PlatformHouse(RunningHouse):
    """`poll`: seconds between the platform's looks at the feed."""

    platform_port: int = field(default_factory=free_port)
    platform: "subprocess.Popen[bytes] | None" = None
    poll: float = 60.0

    @property
    def platform_url(self) -> str:
        return f"http://127.0.0.1:{self.platform_port}"

    def start_station(self) -> None:
        """With this platform among those that may ask for a holder's signature."""
        settings = self.settings.station_home / "station.toml"
        words = 'name_zh = "样例社会组织业务平台"\nname_en = "Sample Social Organisations Platform"\n'
        if "platforms" not in settings.read_text("utf-8"):
            with settings.open("a", encoding="utf-8") as file:
                file.write(f'\n[platforms."{self.platform_url}"]\n{words}')
        super().start_station()

    def start_platform(self) -> None:
        where = ["--port", str(self.platform_port), "--office", self.url, "--station", self.station_url]
        home = ["--home", str(self.instance / "platform"), "--poll", str(self.poll)]
        self.platform = self._start("platform.log", "platform", *where, *home)
        wait_for("the platform answers", lambda: self._up(self.platform, f"{self.platform_url}/login"))

    def kill_platform(self) -> None:
        _kill(self.platform)

    def close(self) -> None:
        _kill(self.platform)
        super().close()


class CertificateHolder(Person):
    """At the platform, by keys alone."""

    def begins_login(self) -> None:
        """From the login page to the station's."""
        self.go("/login")
        self.wait_for_focus("with-certificate")
        self.follow("Enter", to=re.compile(r"/sign-in\?"))

    def chooses(self, made_serial: str) -> None:
        """Among several certificates, by the arrow keys; the one on this token."""
        self.reach("[name=certificate]")
        for _ in range(4):
            if self.page.locator(f".certificate:has(:checked):has-text('{made_serial}')").count():
                return
            self.press("Space" if self.page.locator("[name=certificate]:checked").count() == 0 else "ArrowDown")
        raise AssertionError(f"{made_serial} cannot be chosen: {self.says()}")

    def types_pin(self, pin: str) -> str:
        """What the station says to it."""
        self.reach("pin")
        self.write(pin)
        self.follow("Enter")
        return self.page.inner_text("main")

    def goes_on(self) -> str:
        """With the signed answer, back to the platform; what it says."""
        self.wait_for_focus("button.primary")
        self.follow("Enter", to=lambda url: url.startswith(self.home))
        return self.page.inner_text("main")

    def logs_in(self, made: Made) -> str:
        """With the one token that is in; what the platform says in the end."""
        self.begins_login()
        said = self.types_pin(made.pin)
        assert "已授权" in said, said
        return self.goes_on()

    def binds(self, user_name: str, password: str = DEMONSTRATION_PASSWORD) -> str:
        self.wait_for_focus("user_name")
        self.fill("user_name", user_name)
        self.press("Tab")
        self.write(password)
        self.follow("Enter")
        return self.page.inner_text("main")

    def is_sound(self) -> None:
        """axe finds nothing on this page."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == [], self.page.url

    def leaves(self) -> None:
        self.reach(".plain")
        self.follow("Enter")


def take_in(clerk: AftercareClerk, made: Made, kind: CaseKind, chosen: str = "") -> int:
    """A case about a platform, from the bindings desk; everything filled in and in order; its id. `chosen`: the token of the
    certificate that is to be bound."""
    clerk.turn_to("绑定台")
    clerk.wait_for_focus("q")
    clerk.write(made.token)
    clerk.follow("Enter", to=re.compile(r"/bindings/applicants/\d+$"))
    form = f'form:has([name=platform][value="1"]):has([name=kind][value={kind.value}])'
    if chosen and clerk.page.locator(f"{form} select option").count() > 1:
        clerk.reach(f"{form} select")
        clerk.press(*"".join(chosen))
    clerk.reach(f"{form} button")
    clerk.follow("Enter", to=re.compile(r"/aftercare/\d+$"))
    case_id = clerk.case_id
    clerk._fill_in("", {})
    assert "材料齐全，可以受理" in clerk.verdict(), clerk.verdict()
    return case_id


class PlatformWalk(ReturningWalk):
    house: PlatformHouse

    def __init__(self, house: PlatformHouse, browser: Browser, folder: Path) -> None:
        super().__init__(house, browser, folder)
        self.witness = Witness(frozenset(origin(url) for url in (house.url, house.station_url, house.platform_url)))
        self.desk.close()
        self.desk: HoldersDesk = HoldersDesk(house)
        self._holders: list[CertificateHolder] = []

    def holder(self) -> CertificateHolder:
        self._holders.append(CertificateHolder(self.browser, self.house.platform_url, self.witness))
        return self._holders[-1]

    def close(self) -> None:
        for holder in self._holders:
            holder.close()
        super().close()

    def used_only_keys(self) -> bool:
        return super().used_only_keys() and not any(holder.pointer for holder in self._holders)

    # What the counter gave out.

    def two_certificates(self) -> tuple[Made, Made]:
        """Of one applicant, each on a token of its own, handed over together."""
        desk = self.desk
        case = desk.order(certificates=2)
        serials = []
        for other in desk.cabinet.inserted():
            desk.cabinet.remove(other)
        for _ in case.items:
            serial = next(each for each in self._blank() if each not in serials)
            desk.cabinet.insert(serial)
            serials.append(serial)
        desk.wait_until_awake()
        items = case_now(desk.world, case.id).items
        orders = [RunOrder(item.id, item.version, serial, desk.station_id) for item, serial in zip(items, serials, strict=True)]
        runs = begin_runs(desk.world, desk.clerk, case.id, orders)
        first, second = (desk.see_through(run.run_id) for run in runs)
        taken = [Scanned(made.item_id, made.token, made.envelope) for made in (first, second)]
        collector = Collector("样例乙", IdentityKind.resident_card, resident_number())
        hand_over(desk.world, desk.clerk, case.id, case_now(desk.world, case.id).version, collector, taken)
        desk.held |= {made.token: made for made in (first, second)}
        return first, second

    def _blank(self) -> list[str]:
        self.desk.next_token()  # a delivery, when it runs low
        used = set(self.desk.cabinet.inserted())
        return [serial for serial in sorted(self.desk.cabinet.drawer()) if self._in_stock(serial) and serial not in used]

    def _in_stock(self, serial: str) -> bool:
        return self.desk.count(Token, Token.serial == serial, Token.state == TokenState.in_stock) == 1

    # What the books say.

    def told(self) -> list[PlatformEvent]:
        """In order."""
        with self.house.reading() as session:
            found = list(
                session.scalars(select(PlatformEvent).join(Platform).where(Platform.code == CODE).order_by(PlatformEvent.number))
            )
            session.expunge_all()
            return found

    def live_bindings(self, made: Made) -> int:
        certificate = self.certificate(made)
        with self.house.reading() as session:
            return (
                session.scalar(
                    select(func.count()).select_from(Binding).where(
                        Binding.certificate_id == certificate.id, Binding.until.is_(None)
                    )
                )
                or 0
            )  # fmt: skip

    def wait_closed(self, case_id: int) -> None:
        """By the platform's acknowledgement, and nothing else."""
        wait_for("the platform acknowledges, and the case closes", lambda: self.case(case_id).state is CaseState.closed)

    def wait_acknowledged(self) -> None:
        wait_for("the platform acknowledges", lambda: all(event.acknowledged_at for event in self.told()))


def reachable_at(house: PlatformHouse, address: str) -> None:
    """The office's record of where this platform's webhook is; "": it reads the feed."""
    with house.reading() as session:
        session.execute(update(Platform).where(Platform.code == CODE).values(webhook_url=address))
        session.commit()


@contextmanager
def with_platform(browser: Browser, folder: Path, **environment: str) -> Iterator[PlatformWalk]:
    with running(PlatformHouse(folder / "instance", environment=environment)) as house:
        reachable_at(house, f"{house.platform_url}/office-events")
        house.start_platform()
        walk = PlatformWalk(house, browser, folder)
        try:
            yield walk
        finally:
            walk.close()


def answer_of(form: Any) -> dict[str, str]:
    """The hidden fields of the station's last page."""
    return {each.get_attribute("name"): each.get_attribute("value") for each in form.locator("input[type=hidden]").all()}
