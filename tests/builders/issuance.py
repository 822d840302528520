"""Cases ready to be issued, stock, stations, and a station's part of the ceremony acted out over the real API."""

import secrets
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask
from sqlalchemy import select

from app.services.begin_runs import RunOrder, begin_runs
from app.services.confirm_envelope import confirm_envelope
from app.services.enrol_station import digest_of
from app.services.hand_over import Collector, HandedOver, Scanned, hand_over
from app.services.seal_presenter import ID_PLACE
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import (
    ApplicantKind,
    CaseState,
    CertificateStatus,
    EnvelopeState,
    IdentityKind,
    ItemState,
    KeyProfile,
    PaymentMethod,
    Role,
    RunKind,
    RunState,
    StationState,
    TokenState,
)
from models.rulebook.workflow import RUN_SETS_PIN, RUN_STEPS_OF
from models.tables import (
    Applicant,
    Branch,
    Case,
    CaseItem,
    Certificate,
    Envelope,
    JournalLine,
    Receipt,
    Run,
    Staff,
    Station,
    Token,
)
from tests.builders.people import actor_of, branch_id_of, number_of
from tests.invariants import violations

PRESENTER_ID = "11010119900307109X"
CREDIT_CODE = "91110108MA01A2B3C4"
NAME = "北京样例科技有限公司"
_NUMBERS = count(1000)  # of planted cases; those that are opened begin at 1


def plant_case(
    world: World,
    *,
    items: int = 1,
    branch: str = "HD01",
    profile: KeyProfile = KeyProfile.p_256,
    state: CaseState = CaseState.ready_to_issue,
    number: str = "",
    credit_code: str = CREDIT_CODE,
    name: str = NAME,
) -> int:
    """An approved and paid case: the applicant's first certificate is free, each further costs 180 yuan, with a receipt."""
    with world.writing() as session:
        now = world.now()
        clerk = session.scalars(select(Staff).where(Staff.number == number_of(Role.clerk, branch))).one()
        applicant = session.scalar(select(Applicant).where(Applicant.credit_code == credit_code))
        if applicant is None:
            applicant = Applicant(
                credit_code=credit_code,
                kind=ApplicantKind.enterprise,
                name=name,
                has_seal=True,
                holds_code_bearing_licence=True,
                certificates_promised=0,
            )
            session.add(applicant)
            session.flush()
        fees = [0 if applicant.certificates_promised + n == 0 else 18_000 for n in range(items)]
        applicant.certificates_promised += items
        number = number or f"{branch}-20261123-{next(_NUMBERS)}"
        case = Case(
            number=number,
            state=state,
            state_since=now,
            branch_id=branch_id_of(world, branch),
            opened_by=clerk.id,
            opened_at=now,
            applicant=applicant,
            certificates_asked=items,
            key_profile=profile.value,
            presenter_name="样例甲",
            presenter_id_kind=IdentityKind.resident_card,
            presenter_id_sealed=world.vault.seal(PRESENTER_ID, ID_PLACE.format(number=number)),
            presenter_id_digest=world.vault.digest(PRESENTER_ID),
            fee_total_fen=sum(fees),
            items=[CaseItem(position=n, state_since=now, fee_fen=fee) for n, fee in enumerate(fees, 1)],
        )
        session.add(case)
        session.flush()
        if sum(fees):
            session.add(
                Receipt(
                    number=f"R-{number}",
                    case_id=case.id,
                    branch_id=case.branch_id,
                    amount_fen=sum(fees),
                    items=fees,
                    method=PaymentMethod.cash,
                    by=clerk.id,
                    at=now,
                )
            )
        session.add(
            JournalLine(
                at=now,
                staff_id=clerk.id,
                branch_id=case.branch_id,
                case_id=case.id,
                subject="case_file",
                subject_id=case.id,
                act="settle",
                before=CaseState.awaiting_payment.value,
                after=state.value,
                detail={},
            )
        )
        session.commit()
        return case.id


def plant_stock(world: World, *, tokens: int = 3, envelopes: int = 5, branch: str = "HD01", start: int = 1) -> list[str]:
    """Blank tokens and envelopes by running number; returns the tokens' serials."""
    serials = [f"{branch}T{n:06d}" for n in range(start, start + tokens)]
    with world.writing() as session:
        place, now = branch_id_of(world, branch), world.now()
        session.add_all(Token(serial=serial, branch_id=place, state_since=now) for serial in serials)
        session.add_all(
            Envelope(number=f"{branch}E{n:06d}", branch_id=place, state_since=now) for n in range(start, start + envelopes)
        )
        session.commit()
    return serials


def make_items(world: World, case_id: int, station_id: int, serials: list[str], envelopes: list[str]) -> None:
    """Bring every item of the case to `made` by rows alone: for tests of what follows, where hundreds are needed."""
    with world.writing() as session:
        now, case = world.now(), session.get_one(Case, case_id)
        for item, serial, number in zip(case.items, serials, envelopes, strict=True):
            token = session.scalars(select(Token).where(Token.serial == serial)).one()
            envelope = session.scalars(select(Envelope).where(Envelope.number == number)).one()
            token.state, envelope.state, envelope.token_id = TokenState.made, EnvelopeState.live, token.id
            run = Run(
                key=secrets.token_hex(16),
                item_id=item.id,
                attempt=1,
                station_id=station_id,
                token_id=token.id,
                envelope_id=envelope.id,
                state=RunState.confirmed,
                state_since=now,
                lease=1,
                profile=KeyProfile.p_256,
                input_digest="0" * 64,
                created_by=case.opened_by,
                created_at=now,
            )
            session.add(run)
            session.flush()
            signed = secrets.token_bytes(32)
            certificate = Certificate(
                serial=f"{secrets.randbits(127) | 1 << 127:x}",  # hex without a leading zero, as the office writes it
                branch_id=case.branch_id,
                run_id=run.id,
                item_id=item.id,
                applicant_id=case.applicant_id,
                token_id=token.id,
                status=CertificateStatus.on_hold,
                status_since=now,
                subject_name=NAME,
                credit_code=CREDIT_CODE,
                public_key_digest=secrets.token_hex(32),
                not_before=now,
                not_after=now + timedelta(days=365),
                to_be_signed=signed,
                lint=[],
                der=b"0" + signed,
                prepared_at=now,
            )
            session.add(certificate)
            session.flush()
            planted = (
                (item, ItemState.made),
                (run, RunState.confirmed),
                (token, TokenState.made),
                (envelope, EnvelopeState.live),
                (certificate, CertificateStatus.on_hold),
            )
            for thing, state in planted:
                line = JournalLine(
                    at=now, case_id=case.id, subject=thing.__tablename__, subject_id=thing.id, act="planted", detail={}
                )
                line.after = state.value
                session.add(line)
            item.state = ItemState.made
        session.commit()


@dataclass
class ActedStation:
    """A station as the office sees it: it speaks the API and holds real keys, in memory instead of on tokens."""

    app: Flask
    id: int
    name: str
    secret: str
    boot: str = field(default_factory=lambda: secrets.token_hex(8))
    slots: list[dict[str, Any]] = field(default_factory=list)
    working: dict[str, int] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)

    def post(self, path: str, body: dict[str, Any], secret: str | None = None) -> Any:
        client = self.app.test_client()
        bearer = {"Authorization": f"Bearer {self.secret if secret is None else secret}"}
        return client.post(f"/api/station{path}", json=body, headers=bearer, csrf=False)

    def insert(self, *serials: str) -> None:
        self.slots = [
            {"slot": str(n), "serial": serial, "label": "", "state": "blank", "model": "demo"} for n, serial in enumerate(serials)
        ]

    def told(self, fetched: list[str] | None = None) -> dict[str, Any]:
        """What it says of itself when it asks for work."""
        return {
            "boot": self.boot,
            "page": "http://127.0.0.1:8601/",
            "slots": self.slots,
            "printer": {"kind": "page", "name": "", "state": "ready", "detail": ""},
            "working": [{"run": run, "lease": lease} for run, lease in self.working.items()],
            "envelopes_fetched": fetched or [],
        }

    def poll(self, fetched: list[str] | None = None) -> list[dict[str, Any]]:
        answer = self.post("/poll", self.told(fetched))
        assert answer.status_code == 200, answer.text
        jobs: list[dict[str, Any]] = answer.json["jobs"]
        self.working |= {job["run"]: job["lease"] for job in jobs}
        return jobs

    def restart(self) -> None:
        self.boot, self.working = secrets.token_hex(8), {}

    def report(self, job: dict[str, Any], state: str, **detail: Any) -> Any:
        return self.post(f"/runs/{job['run']}/report", {"lease": job["lease"], "state": state, "detail": detail})

    def csr(self, job: dict[str, Any], fresh: bool = False) -> str:
        if fresh or job["run"] not in self.keys:
            self.keys[job["run"]] = new_key(job["profile"])
        return request_for(self.keys[job["run"]])

    def certify(self, job: dict[str, Any], fresh: bool = False) -> Any:
        return self.post(f"/runs/{job['run']}/certify", {"lease": job["lease"], "csr": self.csr(job, fresh)})

    def envelope(self, job: dict[str, Any], pin_id: str) -> Any:
        return self.post(f"/runs/{job['run']}/envelope", {"lease": job["lease"], "pin_id": pin_id})

    def stop(self, job: dict[str, Any], fault: str, detail: str = "") -> Any:
        body = {"lease": job["lease"], "fault": fault, "detail": detail}
        return self.post(f"/runs/{job['run']}/stop", body)

    def up_to_envelope(self, job: dict[str, Any]) -> str:
        """Every step but the last report, as the kind of run asks for; returns the envelope's number, or "" where there is none."""
        number = ""
        for step in RUN_STEPS_OF[RunKind(job["kind"])][1:-1]:
            assert self.report(job, step.value).status_code == 200
            if step is RunState.certifying:
                assert self.certify(job).status_code == 200
            if step is RunState.proving and RunKind(job["kind"]) in RUN_SETS_PIN:
                number = self.envelope(job, secrets.token_hex(8)).json["number"]
        return number

    def perform(self, job: dict[str, Any]) -> str:
        """The whole of a run; returns the number of the envelope that now waits to be confirmed, or "" where there is none."""
        number = self.up_to_envelope(job)
        answer = self.report(job, "awaiting_confirmation", envelope=number or None, printed=bool(number), url="")
        assert answer.status_code == 200, answer.text
        self.working.pop(job["run"], None)
        return number


def plant_station(world: World, app: Flask, *, branch: str = "HD01", name: str = "工位一") -> ActedStation:
    """An enrolled station that has just been heard of."""
    secret = secrets.token_urlsafe(32)
    with world.writing() as session:
        station = Station(
            name=name,
            branch_id=branch_id_of(world, branch),
            state=StationState.enrolled,
            secret_digest=digest_of(secret),
            seen_at=world.now(),
        )
        session.add(station)
        session.commit()
        return ActedStation(app, station.id, name, secret)


def new_key(profile: str) -> Any:
    return ec.generate_private_key(ec.SECP256R1()) if profile == "p_256" else rsa.generate_private_key(65537, 2048)


def request_for(key: Any) -> str:
    """A PKCS#10 request in PEM, signed by the key."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def certificate_in(answer: Any) -> x509.Certificate:
    return x509.load_der_x509_certificate(b64decode(answer.json["certificate"]))


def row(world: World, kind: type[Any], *conditions: Any) -> Any:
    """The one row that fits, with what it points to still loadable."""
    with world.reading() as session:
        return session.scalars(select(kind).where(*conditions)).unique().one()


def see_all(world: World, look: Callable[[Any], Any]) -> Any:
    with world.reading() as session:
        return look(session)


@dataclass
class Scene:
    """A branch with stock, a station with its tokens in its slots, a case ready to be issued, and the clerk who does it."""

    world: World
    station: ActedStation
    case_id: int
    serials: list[str]
    clerk: Actor

    def orders(self, *serials: str, items: list[int] | None = None) -> list[RunOrder]:
        with self.world.reading() as session:
            every = session.get_one(Case, self.case_id).items
            chosen = [item for item in every if items is None or item.position in items]
            return [RunOrder(item.id, item.version, serial) for item, serial in zip(chosen, serials, strict=False)]

    def begin(self, *serials: str, items: list[int] | None = None) -> list[dict[str, Any]]:
        """Begin runs on these tokens (default: from the lowest), and let the station take them."""
        chosen = serials or tuple(self.serials)
        begin_runs(self.world, self.clerk, self.case_id, self.orders(*chosen, items=items))
        return self.station.poll()

    def run(self, job: dict[str, Any]) -> Run:
        return run_of(self.world, job["run"])

    def confirm(self, job: dict[str, Any], number: str) -> None:
        run = self.run(job)
        confirm_envelope(self.world, self.clerk, run.id, run.version, number)

    def make(self, job: dict[str, Any]) -> str:
        """The whole of one run, confirmed; returns the envelope's number."""
        number = self.station.perform(job)
        self.confirm(job, number)
        return number

    def case(self) -> Case:
        return row(self.world, Case, Case.id == self.case_id)

    def violations(self, settled: bool = True) -> list[str]:
        with self.world.reading() as session:
            return violations(session, settled=settled)


def plant_scene(world: World, app: Flask, *, items: int = 1, tokens: int = 3, envelopes: int = 5, branch: str = "HD01") -> Scene:
    serials = plant_stock(world, tokens=tokens, envelopes=envelopes, branch=branch)
    station = plant_station(world, app, branch=branch)
    station.insert(*serials)
    station.poll()
    clerk = actor_of(world, Role.clerk, branch)
    return Scene(world, station, plant_case(world, items=items, branch=branch), serials, clerk)


def run_of(world: World, key: str) -> Run:
    return row(world, Run, Run.key == key)


def branch_of(world: World, code: str = "HD01") -> Branch:
    return row(world, Branch, Branch.code == code)


def collector(**changes: Any) -> Collector:
    """The presenter himself."""
    return Collector(**{"name": "样例甲", "id_kind": IdentityKind.resident_card, "id_number": PRESENTER_ID} | changes)


def scanned(world: World, case_id: int, pairs: list[tuple[str, str]]) -> list[Scanned]:
    """Token serial and envelope number for each made item, in order of position."""
    with world.reading() as session:
        made = [item for item in session.get_one(Case, case_id).items if item.state is ItemState.made]
        return [Scanned(item.id, *pair) for item, pair in zip(made, pairs, strict=True)]


def hand_all_over(scene: Scene, pairs: list[tuple[str, str]], **changes: Any) -> HandedOver:
    who = collector(**changes)
    return hand_over(
        scene.world, scene.clerk, scene.case_id, scene.case().version, who, scanned(scene.world, scene.case_id, pairs)
    )
