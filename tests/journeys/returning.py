"""A house in which holders come back: their tokens were issued by the first road, months ago by the office's own clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser
from sqlalchemy import select, update

from app.services.demonstration_staff import DEMO_PASSWORD, demonstration_staff
from app.services.world import SystemClock
from models.rulebook.vocabulary import CaseState, CertificateStatus, KeyProfile, RunState
from models.tables import Case, Certificate, Run, Staff, StaffSession, Token
from tests.journeys.aftercare_clerk import AftercareClerk
from tests.journeys.clerk import code128_of
from tests.journeys.desk import Made
from tests.journeys.earlier import EarlierClock
from tests.journeys.judges import judge_certificate, judge_token, objects, ocsp_status, opens, reason_on_list
from tests.journeys.running import RunningHouse
from tests.journeys.walked import Walk
from tests.reports.reading import pin_of

CLERK, REVIEWER, SUPERVISOR = "1001", "1003", "1009"
AGO = 300  # days; a certificate of one year has about two months left
Bytes = tuple[bytes, bytes]


class EarlierHouse(RunningHouse):
    """`days_ago`: what the clock of the next program started is behind."""

    days_ago = AGO

    def command(self, *arguments: str) -> list[str]:
        if not self.days_ago:
            return super().command(*arguments)
        return ["tests.journeys.earlier", str(self.days_ago), *arguments]


class ReturningWalk(Walk):
    """`held`: what the holders took home; each journey takes one of them."""

    def __init__(self, house: RunningHouse, browser: Browser, folder: Path) -> None:
        super().__init__(house, browser, folder)
        self.held: list[Made] = []
        self._staff: dict[str, AftercareClerk] = {}

    def issue(self, profile: KeyProfile = KeyProfile.p_256, token: str = "") -> Made:
        """From walk-in to handover by the use cases and the station."""
        case = self.desk.order(profile=profile)
        made = self.desk.see_through(self.desk.begin(case, token or self.desk.take_token()))
        self.desk.hand_over(made)
        return made

    def staff(self, number: str) -> AftercareClerk:
        """A member of staff, signed in at a browser of his own; a supervisor with his one-time code."""
        if number not in self._staff:
            person = AftercareClerk(self.browser, self.house.url, self.witness)
            self._people[number] = self._staff[number] = person
            person.sign_in(number, DEMO_PASSWORD, self.code_of(number))
        return self._staff[number]

    def code_of(self, number: str) -> str:
        """What his authenticator shows now; empty where he has none."""
        return next(one.code for one in demonstration_staff(self.desk.world).people if one.number == number)

    def let_proof_grow_old(self, number: str) -> None:
        """As if he had given his password an hour ago."""
        with self.desk.world.writing() as session:
            [staff_id] = session.scalars(select(Staff.id).where(Staff.number == number)).all()
            hour_ago = self.desk.world.now() - timedelta(hours=1)
            session.execute(update(StaffSession).where(StaffSession.staff_id == staff_id).values(proven_at=hour_ago))
            session.commit()

    def insert(self, token: str) -> None:
        """The holder's token alone, by the buttons of the station's page."""
        for other in self.desk.cabinet.inserted():
            if other != token:
                self.hand.remove(other)
        if self.desk.cabinet.place_of(token) == "drawer":
            self.hand.insert(token)

    # What the books and the papers say.

    def certificate(self, made: Made) -> Certificate:
        with self.house.reading() as session:
            found = session.scalars(select(Certificate).where(Certificate.der == made.certificate)).one()
            session.expunge_all()
            return found

    def token(self, made: Made) -> Token:
        with self.house.reading() as session:
            found = session.scalars(select(Token).where(Token.serial == made.token)).one()
            session.expunge_all()
            return found

    def rekeyed(self, run_id: int, made: Made) -> Made:
        """What the holder has after a re-keying: another key and certificate, the same PIN and envelope."""
        with self.house.reading() as session:
            run = session.get_one(Run, run_id)
            assert run.certificate is not None
            assert run.certificate.der is not None
            assert run.envelope is None
            return replace(
                made, run_id=run.id, item_id=run.item_id, case_id=run.item.case_id, key=run.key, certificate=run.certificate.der
            )

    def unlocked(self, clerk: AftercareClerk, run_id: int, made: Made) -> Made:
        """The new envelope opened, its PIN read from the paper, its number typed back."""
        paper, refusal = clerk.open_envelope(run_id)
        assert "已经打开过" in refusal
        run = self.desk.run(run_id)
        assert run.envelope is not None
        assert code128_of(paper) == run.envelope.number != made.envelope
        clerk.type_back(run_id, run.envelope.number)
        assert self.desk.run(run_id).state is RunState.confirmed, clerk.says()
        return replace(
            made, run_id=run.id, item_id=run.item_id, case_id=run.item.case_id, envelope=run.envelope.number, pin=pin_of(paper)
        )

    def closed(self, case_id: int) -> Case:
        case = self.case(case_id)
        assert case.state is CaseState.closed, case.state
        return case

    # Judges.

    def public_bytes(self, made: Made) -> Bytes:
        """Public key and certificate as `pkcs11-tool` reads them from the token, without a PIN."""
        return objects(self.desk.cabinet, made)

    def signs(self, made: Made) -> None:
        judge_token(self.desk.cabinet, made, self.folder, keys=None)
        self.judge_by_own_child(made)

    def opens(self, made: Made, pin: str) -> bool:
        return opens(self.desk.cabinet, made, pin)

    def judge_good(self, made: Made) -> None:
        assert judge_certificate(self.house, made.certificate, self.folder) == "OK"
        assert reason_on_list(self.house, self.certificate(made).serial) is None
        assert ocsp_status(self.house, made.certificate, self.folder) == "good"
        assert self.certificate(made).status is CertificateStatus.valid

    def reasons(self, made: Made) -> tuple[str, str]:
        """As the books have it, in the words of `openssl crl` and of `openssl ocsp`."""
        certificate = self.certificate(made)
        assert certificate.status is CertificateStatus.revoked
        assert certificate.reason is not None
        words = certificate.reason.value.split("_")
        return " ".join(word.title() for word in words), words[0] + "".join(word.title() for word in words[1:])

    def judge_bad(self, made: Made, reason: str, ocsp_reason: str) -> None:
        """Revoked or held: openssl says why, by the list and by OCSP."""
        assert "certificate revoked" in judge_certificate(self.house, made.certificate, self.folder)
        assert reason_on_list(self.house, self.certificate(made).serial) == reason
        assert ocsp_status(self.house, made.certificate, self.folder) == f"revoked ({ocsp_reason})"


@contextmanager
def returning(browser: Browser, folder: Path, holders: int) -> Iterator[ReturningWalk]:
    """`holders` tokens are issued while the office's clock is months behind; then it starts again with the true time."""
    house = EarlierHouse(folder / "instance")
    house.instance.mkdir(parents=True, exist_ok=True)
    try:
        house.start_office()
        house.start_station()
        walk = ReturningWalk(house, browser, folder)
        walk.desk.world = replace(walk.desk.world, clock=EarlierClock(AGO))
        profiles = [KeyProfile.rsa_2048] + [KeyProfile.p_256] * (holders - 1)
        walk.held = [walk.issue(profile) for profile in profiles]
        house.kill_office()
        house.days_ago = 0
        walk.desk.world = replace(walk.desk.world, clock=SystemClock())
        house.start_office()
        walk.desk.wait_until_awake()
        yield walk
        walk.close()
    finally:
        house.close()
