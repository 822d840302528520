"""Every list of supervision over an office with one of everything: what each question finds, and what it leaves out."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.services.stock import move_certificate
from app.services.vault import Vault
from app.services.world import World
from models.rulebook.oversight import ExceptionKind
from models.rulebook.vocabulary import BindingEnd, CaseKind, CertificateAction, DeliveryState, RevocationReason, Role
from models.tables import Certificate, MoneyEntry, Platform
from models.tables.engine import make_engine
from models.worklists.lists import LISTS
from tests.app.test_every_door import settings_in
from tests.builders.aftercare import plant_held
from tests.builders.clients import OfficeClient
from tests.builders.day import float_in
from tests.builders.exceptions import asked, granted
from tests.builders.holders import plant_aftercare
from tests.builders.people import actor_of, number_of, open_login
from tests.builders.platforms import plant_binding, plant_event
from tests.builders.road import travel
from tests.conftest import VAULT_KEY, SetClock, app_for


class House:
    """`ids`: of one of everything at HD01."""

    def __init__(self, world: World) -> None:
        self.world, self.app = world, app_for(settings_in(world.scans), world)
        self.ids = travel(world, self.app).ids
        plant_aftercare(world, self.ids["certificate_id"], CaseKind.unlock)
        float_in(world, 100)
        self.revoked = plant_held(world, name="北京样例丙有限公司")
        self.far = plant_held(world, branch="CY01", name="北京样例丁有限公司")
        asked(world, ExceptionKind.fee_waiver)
        granted(world, ExceptionKind.refund)
        world.clock.move(days=2)
        with world.writing() as session:
            certificate = session.get_one(Certificate, self.revoked.certificate_id)
            why = {"reason": RevocationReason.cessation_of_operation}
            move_certificate(session, world.now(), actor_of(world), certificate, CertificateAction.revoke, **why)
            platform = session.get_one(Platform, self.ids["platform_id"])
            session.commit()
        ended = plant_binding(world, platform, self.far.certificate_id, until=world.now(), end=BindingEnd.by_platform)
        plant_event(world, platform, ended, delivery=DeliveryState.dead)
        with world.reading() as session:
            self.entry = session.scalars(select(MoneyEntry.number)).first() or ""
        self.clients: dict[str, OfficeClient] = {}

    def client(self, role: Role, branch: str = "HD01") -> OfficeClient:
        number = number_of(role, branch)
        if number not in self.clients:
            client: Any = self.app.test_client()
            token = open_login(self.world, number)
            with client.session_transaction() as session:
                session["login"] = token
            self.clients[number] = client
        return self.clients[number]

    def rows(self, room: str, role: Role = Role.supervisor, branch: str = "HD01", /, **question: str) -> list[str]:
        """The rows' text."""
        answer = self.client(role, branch).get(f"/admin/{room}/", query_string=question)
        assert answer.status_code == 200, (room, question)
        body = answer.text.split("table answers")[1].split("<tbody>")[1].split("</tbody>")[0]
        rows = (re.sub("<[^>]+>", " ", row) for row in body.split("<tr>")[1:])
        return [row for row in rows if "没有符合条件的记录" not in row]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, template_database: Path, authority: Any) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("every-list")
    shutil.copyfile(template_database, folder / "office.db")
    engine = make_engine(f"sqlite:///{folder / 'office.db'}")
    yield House(World(SetClock(), engine, Vault(VAULT_KEY), authority, folder, "http://127.0.0.1:8600"))
    engine.dispose()


# Room, a question, and the same question asked so that it finds nothing: of both kinds together they ask for every filter.
QUESTIONS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("cases", {"kind": "unlock"}, {"kind": "unlock", "platform": "inspection"}),
    ("certificates", {"serial": "{serial}"}, {"serial": "0000"}),
    ("certificates", {"applicant": "样例丙"}, {"applicant": "样例丁"}),
    ("certificates", {"token": "HD01T000001"}, {"token": "HD01T999999"}),
    ("certificates", {"case": "{case}"}, {"case": "HD01-1"}),
    ("certificates", {"state": "valid"}, {"state": "suspended"}),
    ("certificates", {"ends_since": "2027-11-01", "ends_until": "2027-11-30"}, {"ends_until": "2027-11-01"}),
    ("certificates", {"reason": "cessation_of_operation"}, {"reason": "key_compromise"}),
    ("certificates", {"revoked_since": "2026-11-25", "revoked_until": "2026-11-25"}, {"revoked_until": "2026-11-24"}),
    ("certificates", {"revoked_since": "2026-11-25", "state": "revoked"}, {"revoked_since": "2026-11-25", "state": "valid"}),
    ("directory", {"applicant": "样例丁"}, {"applicant": "没有这家"}),
    ("directory", {"kind": "enterprise"}, {"kind": "military_unit"}),
    ("decisions", {"number": "HD01-Q"}, {"number": "CY01"}),
    ("decisions", {"kind": "fee_waiver", "state": "asked"}, {"kind": "fee_waiver", "state": "used"}),
    ("decisions", {"decider": "S1-HD01"}, {"decider": "C1-HD01"}),
    ("decisions", {"asker": "C1-HD01", "since": "2026-11-23"}, {"asker": "C1-HD01", "until": "2026-11-22"}),
    ("decisions", {"case": "{case}"}, {"case": "HD01-1"}),
    ("leaves", {"granter": "S1-HD01", "use": "unused"}, {"granter": "S1-HD01", "use": "used"}),
    ("leaves", {"since": "2026-11-23", "until": "2026-11-23"}, {"since": "2026-11-24"}),
    ("leaves", {"granter": "S1-HD01"}, {"case": "{case}"}),
    ("register", {"platform": "inspection", "state": "live"}, {"state": "live", "end": "by_platform"}),
    ("register", {"state": "ended"}, {"state": "ended", "end": "reset"}),
    ("register", {"end": "by_platform"}, {"end": "moved"}),
    ("register", {"certificate": "{serial}", "since": "2026-11-23"}, {"certificate": "{serial}", "until": "2026-11-22"}),
    ("register", {"applicant": "样例丁"}, {"applicant": "样例丙"}),
    ("telling", {"platform": "inspection", "state": "dead"}, {"platform": "inspection", "state": "delivered"}),
    ("telling", {"kind": "binding.made"}, {"kind": "binding.ended"}),
    ("telling", {"applicant": "样例丁"}, {"applicant": "样例丙"}),
    ("telling", {"since": "2026-11-25"}, {"until": "2026-11-22"}),
    ("telling", {"state": "dead"}, {"case": "{case}"}),
    ("deliveries", {"number": "HD01-D", "supplier": "样例"}, {"number": "HD01-T"}),
    ("deliveries", {"note": "SH"}, {"note": "没有"}),
    ("deliveries", {"serial": "HD01-T80003"}, {"serial": "HD01-T80099"}),
    ("deliveries", {"kind": "token", "since": "2026-11-23"}, {"kind": "envelope"}),
    ("deliveries", {"until": "2026-11-23"}, {"until": "2026-11-22"}),
    ("transfers", {"number": "HD01-T", "kind": "token"}, {"number": "HD01-D"}),
    ("transfers", {"state": "sent", "since": "2026-11-23"}, {"state": "settled"}),
    ("transfers", {"until": "2026-11-23"}, {"waits": "yes"}),
    ("movements", {"serial": "HD01-T80003"}, {"serial": "HD01-T99999"}),
    ("movements", {"kind": "token", "what": "sent"}, {"kind": "envelope", "what": "sent"}),
    ("movements", {"since": "2026-11-23", "until": "2026-11-23"}, {"since": "2026-11-26"}),
    ("entries", {"number": "{entry}"}, {"number": "CY01"}),
    ("entries", {"kind": "float_in", "cashier": "S1-HD01"}, {"kind": "banked"}),
    ("entries", {"method": "cash"}, {"method": "card"}),
    ("entries", {"since": "2026-11-23"}, {"until": "2026-11-22"}),
    ("entries", {"kind": "float_in"}, {"case": "{case}"}),
    ("days", {"state": "counted", "person": "C1-HD01"}, {"state": "counted", "person": "R1-HD01"}),
    ("days", {"since": "2026-11-22", "until": "2026-11-22"}, {"until": "2026-11-21"}),
    ("shifts", {"state": "offered", "person": "C1-HD01"}, {"person": "S1-HD01"}),
    ("shifts", {"since": "2026-11-22"}, {"until": "2026-11-21"}),
    ("staff", {"number": "c1", "role": "clerk"}, {"number": "C1", "role": "reviewer"}),
    ("staff", {"name": "样例", "state": "active"}, {"state": "disabled"}),
    ("tasks", {"kind": "list_export", "asker": "C1-HD01"}, {"kind": "period_report"}),
    ("tasks", {"since": "2026-11-23"}, {"until": "2026-11-22"}),
    ("tasks", {"since": "2026-11-23"}, {"state": "cancelled"}),
]


def test_each_question_finds_and_leaves_out(house: House) -> None:
    with house.world.reading() as session:
        certificate = session.get_one(Certificate, house.ids["certificate_id"])
        told = {"serial": certificate.serial, "case": certificate.item.case.number, "entry": house.entry}
    wrong = []
    for room, finds, leaves_out in QUESTIONS:
        for question, some in ((finds, True), (leaves_out, False)):
            found = house.rows(room, **{name: value.format(**told) for name, value in question.items()})
            if bool(found) is not some:
                wrong.append(f"{room} {question}: {len(found)}")
    assert not wrong, "\n".join(wrong)


def test_every_filter_of_the_newer_lists_is_asked_for() -> None:
    older = {"cases", "tokens", "envelopes", "receipts", "journal"}  # asked for in test_lists
    asked_for = {(room, name) for room, *both in QUESTIONS for question in both for name in question}
    left = {(room, name) for room in LISTS if room not in older for name in LISTS[room].names} - asked_for
    assert {name for _, name in left} <= {"branch"}


def test_a_branch_sees_its_own_and_the_auditor_all_of_them(house: House) -> None:
    for room in ("certificates", "staff", "leaves", "days", "shifts", "entries", "movements", "deliveries"):
        here = house.rows(room)
        assert here, room
        assert not set(here) & set(house.rows(room, Role.supervisor, "CY01")), room
        if room != "staff":
            assert set(here) <= set(house.rows(room, Role.auditor)), room
            only = house.client(Role.auditor).get(f"/admin/{room}/?branch=CY01").text
            assert not any(row in only for row in here), room
    assert "样例丁" in " ".join(house.rows("certificates", Role.supervisor, "CY01"))
    assert "样例丁" in " ".join(house.rows("directory")), "applicants are the city's"


def test_a_transfer_is_seen_from_both_ends_and_waits_at_one(house: House) -> None:
    assert len(house.rows("transfers")) == len(house.rows("transfers", Role.supervisor, "DS01")) == 1
    assert house.rows("transfers", Role.supervisor, "DS01", waits="yes")
    assert house.rows("transfers", Role.supervisor, "CY01") == []
    assert house.rows("transfers", Role.auditor, waits="yes")


def test_numbers_lead_to_what_they_name(house: House) -> None:
    client, ids = house.client(Role.supervisor), house.ids
    for room, link in (
        ("certificates", f"/applicants/{ids['applicant_id']}"),
        ("certificates", f"/journals/tokens/{ids['token_id']}"),
        ("certificates", f"/cases/{ids['case_id']}"),
        ("directory", f"/applicants/{ids['applicant_id']}"),
        ("decisions", f"/admin/decisions/{ids['exception_id']}"),
        ("movements", f"/admin/deliveries/{ids['delivery_id']}"),
        ("movements", f"/admin/transfers/{ids['transfer_id']}"),
        ("days", f"/admin/days/{ids['day_id']}"),
        ("telling", f"/admin/telling/{ids['event_id']}"),
        ("staff", "/admin/journal/?person=C1-HD01"),
    ):
        assert f'href="{link}' in client.get(f"/admin/{room}/").text, (room, link)
