"""A house with people in it, and the judges that come after every journey."""

import io
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser
from sqlalchemy import select

from app.services.demonstration_staff import DEMO_PASSWORD
from app.services.reconcile import reconcile
from card_issuance import token_acts
from card_issuance.pin import Pin
from card_issuance.station_store import StationStore
from models.rulebook.vocabulary import CertificateStatus, RunState, TokenState
from models.tables import Case, Certificate, Run, Token
from tests.invariants import violations
from tests.journeys.browser import Witness, origin
from tests.journeys.clerk import Clerk, StationHand, code128_of
from tests.journeys.desk import Desk, Made
from tests.journeys.judges import judge_certificate, judge_token, reason_on_list
from tests.journeys.running import RunningHouse, running_house
from tests.reports.reading import pin_of


class Walk:
    """One running house, its staff at their browsers, and what independent programs say of what they made."""

    def __init__(self, house: RunningHouse, browser: Browser, folder: Path) -> None:
        self.house, self.browser, self.folder = house, browser, folder
        self.witness = Witness(frozenset({origin(house.url), origin(house.station_url)}))
        self.desk = Desk(house)
        self._people: dict[str, Clerk] = {}
        self._hand: StationHand | None = None

    def clerk(self, number: str) -> Clerk:
        """A member of staff, signed in at a browser of his own."""
        if number not in self._people:
            self._people[number] = Clerk(self.browser, self.house.url, self.witness)
            self._people[number].sign_in(number, DEMO_PASSWORD)
        return self._people[number]

    @property
    def hand(self) -> StationHand:
        if self._hand is None:
            self._hand = StationHand(self.browser, self.house.station_url, self.witness)
        return self._hand

    def close(self) -> None:
        for person in [*self._people.values(), *([self._hand] if self._hand else [])]:
            person.close()
        self.desk.close()

    def used_only_keys(self) -> bool:
        return not any(person.pointer for person in [*self._people.values(), *([self._hand] if self._hand else [])])

    def case(self, case_id: int) -> Case:
        with self.house.reading() as session:
            case = session.get_one(Case, case_id)
            _ = (case.items, case.applicant, case.branch)
            session.expunge_all()
            return case

    def made(self, run_id: int, envelope: bytes) -> Made:
        """What lies on the counter after a run: the PIN is read from the rendered paper, the rest from the books."""
        with self.house.reading() as session:
            run = session.get_one(Run, run_id)
            certificate = session.scalars(select(Certificate).where(Certificate.run_id == run_id)).one()
            assert certificate.der is not None
            assert run.envelope is not None
            return Made(
                run_id, run.item_id, run.item.case_id, run.token.serial, run.key, run.envelope.number, pin_of(envelope),
                certificate.der, (),
            )  # fmt: skip

    def take_tokens(self, count: int) -> list[str]:
        """The next blank ones of the stock, put into the slots by the buttons of the station's page, all others taken out."""
        with self.house.reading() as session:
            serials = list(
                session.scalars(
                    select(Token.serial)
                    .where(Token.state == TokenState.in_stock, Token.serial.like("HD01-T%"))
                    .order_by(Token.serial)
                    .limit(count)
                )
            )
        for inserted in self.desk.cabinet.inserted():
            self.hand.remove(inserted)
        for serial in serials:
            self.hand.insert(serial)
        return serials

    def finish(self, clerk: Clerk, run_id: int) -> Made:
        """Open the envelope, which works once; type its number back as a scanner reads it."""
        paper, refusal = clerk.open_envelope(run_id)
        assert "已经打开过" in refusal
        made = self.made(run_id, paper)
        assert code128_of(paper) == made.envelope
        clerk.type_back(run_id, code128_of(paper))
        assert self.desk.run(run_id).state is RunState.confirmed, clerk.says()
        return made

    # Judges.

    def judge(self, made: Made) -> None:
        """After the handover: other people's programs, and a child of our own, find a working token."""
        self.judge_certificate(made, on_hold=False)
        if self.desk.cabinet.place_of(made.token) == "drawer":
            self.hand.insert(made.token)
        judge_token(self.desk.cabinet, made, self.folder)
        self.judge_by_own_child(made)

    def judge_certificate(self, made: Made, on_hold: bool) -> None:
        """openssl, with chain and list fetched over HTTP: good, or on hold and for no other reason not good."""
        said = judge_certificate(self.house, made.certificate, self.folder)
        listed = reason_on_list(self.house, self.serial(made))
        if on_hold:
            assert "certificate revoked" in said, said
            assert listed == "Certificate Hold"
        else:
            assert said == "OK", said
            assert listed is None

    def serial(self, made: Made) -> str:
        with self.house.reading() as session:
            return session.scalars(select(Certificate.serial).where(Certificate.run_id == made.run_id)).one()

    def judge_by_own_child(self, made: Made) -> None:
        """A child process of ours opens the token with the PIN from the paper, signs, and compares the bytes."""
        module = StationStore(self.house.settings.station_home).settings({}).token
        proof = token_acts.prove(module, made.token, Pin(made.pin), made.key, made.certificate, self.desk.authority.chain())
        assert proof.serial == made.token
        [key] = [key for key in token_acts.inspect(module, made.token, Pin(made.pin)).keys if key.id == made.key]
        assert (key.local, key.sensitive, key.extractable) == (True, True, False)

    def judge_books(self) -> None:
        """Nothing that the safety rules forbid, nothing that a browser complained of, no hand on a mouse."""
        reconcile(self.desk.world, self.desk.world.now())
        with self.house.reading() as session:
            broken = violations(session, settled=False)
        assert not broken, "\n".join(broken)
        complaints, self.witness.complaints[:] = list(self.witness.complaints), []
        assert not complaints, "\n".join(complaints)
        assert self.used_only_keys(), "somebody took the mouse"

    def status(self, made: Made) -> CertificateStatus:
        with self.house.reading() as session:
            return session.scalars(select(Certificate.status).where(Certificate.run_id == made.run_id)).one()


@contextmanager
def walking(browser: Browser, folder: Path) -> Iterator[Walk]:
    with running_house(folder / "instance") as house:
        walk = Walk(house, browser, folder)
        try:
            yield walk
        finally:
            walk.close()


def scan_of(words: str, folder: Path) -> Path:
    """A photograph of a paper, as a scanner would give it."""
    picture = Image.new("RGB", (900, 1260), "#f4f1e6")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((60, 60, 840, 1200), outline="#333333", width=4)
    draw.text((120, 120), words, fill="#111111", font_size=40)
    draw.ellipse((520, 880, 760, 1120), outline="#b3261e", width=10)
    file = folder / f"{words}.jpg"
    content = io.BytesIO()
    picture.save(content, "JPEG", quality=80)
    file.write_bytes(content.getvalue())
    return file


def openssl_text(certificate: bytes) -> str:
    done = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus_space"],
        input=certificate, capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout.decode()
