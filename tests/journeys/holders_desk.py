"""The same people when holders come back with their tokens: every kind of case through the use cases, the holder's PIN at the
station's own page."""

import re
import secrets
import urllib.parse
import urllib.request
from dataclasses import replace
from http.client import HTTPException
from typing import Any

from sqlalchemy import select

from app.services.accept_aftercare import accept_aftercare
from app.services.approve_case import approve_case
from app.services.ask_grant import ask_grant
from app.services.grant_case import grant_case
from app.services.open_aftercare import open_aftercare
from app.services.save_aftercare import save_aftercare
from app.services.settle_fee import settle_fee
from models.rulebook.kinds import KINDS
from models.rulebook.vocabulary import CaseKind, CaseState, KeyProfile, PaymentMethod, Role, RunKind, RunState
from models.tables import Case, CaseItem, Certificate, Run, Station, Token
from tests.builders.aftercare import Held
from tests.builders.aftercare import draft as aftercare_draft
from tests.builders.cases import MOBILE, case_now, resident_number
from tests.journeys.desk import Desk, Made
from tests.journeys.running import RunningHouse

SUPERVISOR = "1009"


class HoldersDesk(Desk):
    """`held`: what the holder of a token has, by the token's serial."""

    def __init__(self, house: RunningHouse) -> None:
        super().__init__(house)
        self.supervisor = self._actor(SUPERVISOR)
        self.held: dict[str, Made] = {}

    def issue(self, profile: KeyProfile = KeyProfile.p_256) -> Made:
        """From walk-in to handover."""
        made = self.see_through(self.begin(self.order(profile=profile), self.take_token()))
        return self.give(made)

    def issue_many(self, count: int) -> list[Made]:
        """All of them in the slots at once, each for an applicant of its own."""
        for other in self.cabinet.inserted():
            self.cabinet.remove(other)
        runs = []
        for _ in range(count):
            case, serial = self.order(), self.next_token()
            self.cabinet.insert(serial)
            runs.append(self.begin(case, serial))
        return [self.give(self.see_through(run_id)) for run_id in runs]

    def give(self, made: Made) -> Made:
        """Hand it over: from now on its holder has it."""
        self.hand_over(made)
        self.held[made.token] = made
        return made

    # A case about what a holder has.

    def opened(self, made: Made, kind: CaseKind, **own: Any) -> Case:
        """Everything filled in and in order; nothing accepted yet."""
        opened = open_aftercare(self.world, self.clerk, self.certificate(made).serial, kind)
        own = {"new_name": f"北京样例更名{secrets.token_hex(3)}有限公司"} | own if kind is CaseKind.amendment else own
        return self.fill_in(made, case_now(self.world, opened.id), **own)

    def fill_in(self, made: Made, case: Case, **own: Any) -> Case:
        filled = aftercare_draft(self._as_planted(made), case.kind, **own)
        save_aftercare(self.world, self.clerk, case.id, case.version, filled, resident_number(), MOBILE)
        return case_now(self.world, case.id)

    def accepted(self, made: Made, kind: CaseKind, **own: Any) -> Case:
        case = self.opened(made, kind, **own)
        accept_aftercare(self.world, self.clerk, case.id, case.version)
        return case_now(self.world, case.id)

    def agreed(self, made: Made, kind: CaseKind, **own: Any) -> Case:
        """Agreed to and paid: ready for the station, or carried out."""
        case = self.accepted(made, kind, **own)
        if KINDS[kind].agrees is Role.supervisor:
            grant_case(self.world, self.supervisor, case.id, case.version, "证件核对无误")
        else:
            approve_case(self.world, self.reviewer, case.id, case.version)
        case = case_now(self.world, case.id)
        if case.state is CaseState.awaiting_payment:
            settle_fee(self.world, self.clerk, case.id, case.version, PaymentMethod.cash)
        return case_now(self.world, case.id)

    def begin_on(self, case: Case, made: Made) -> int:
        """Queue the case's run on the holder's own token, which lies in the slot; its id."""
        self.insert(made.token)
        return self.begin(case, made.token)

    # In the middle of a run, and at its end.

    def attend(self, run: Run) -> None:
        """The holder types his PIN when the station's page asks for it; again, if the station died under his fingers."""
        if run.state is not RunState.awaiting_pin:
            return
        url = f"{self.house.station_url}/pin/{run.token.serial}/give"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                page = answer.read().decode()
            csrf = re.search(r'name="csrf" value="([^"]+)"', page)
            if csrf is None or 'type="password"' not in page:
                return  # the station does not ask yet
            form = {"csrf": csrf[1], "lang": "zh", "pin": self.held[run.token.serial].pin}
            urllib.request.urlopen(url, urllib.parse.urlencode(form).encode(), timeout=15).close()
        except (OSError, HTTPException):
            return

    def _begin_again(self, run: Run) -> int:
        """On the same token, which is its holder's again; an unlock needs the supervisor's leave once more."""
        if run.kind is RunKind.issue:
            return super()._begin_again(run)
        case = case_now(self.world, run.item.case_id)
        if run.kind is RunKind.unlock:
            ask_grant(self.world, self.clerk, case.id, case.version)
            grant_case(self.world, self.supervisor, case.id, case_now(self.world, case.id).version, "工位停机，重新批准")
        return self.begin_on(case, self.held[run.token.serial])

    def _look_at_envelope(self, run: Run, ways: list[str]) -> Made | None:
        if run.kind is RunKind.rekey:
            return self.confirm(run.id, self.held[run.token.serial].pin, ways)
        return super()._look_at_envelope(run, ways)

    def made_by(self, run: Run, pin: str, ways: tuple[str, ...] = ()) -> Made:
        if run.kind is RunKind.issue:
            return super().made_by(run, pin, ways)
        after = replace(self.held[run.token.serial], run_id=run.id, item_id=run.item_id, case_id=run.item.case_id, ways_out=ways)
        if run.kind is RunKind.unlock:
            assert run.envelope is not None
            return replace(after, envelope=run.envelope.number, pin=pin)
        assert run.envelope is None
        assert run.certificate is not None
        assert run.certificate.der is not None
        return replace(after, key=run.key, certificate=run.certificate.der)

    # What the books say.

    def runs_of(self, case: Case) -> list[int]:
        with self.world.reading() as session:
            return list(session.scalars(select(Run.id).join(CaseItem).where(CaseItem.case_id == case.id)))

    def in_slots(self) -> set[str]:
        """Serials that the station told the office of."""
        with self.world.reading() as session:
            report = session.scalars(select(Station.report).where(Station.id == self.station_id)).one()
        return {slot["serial"] for slot in report.get("slots", ())}

    def certificate(self, made: Made) -> Certificate:
        with self.world.reading() as session:
            found = session.scalars(select(Certificate).where(Certificate.der == made.certificate)).one()
            session.expunge_all()
            return found

    def token(self, made: Made) -> Token:
        with self.world.reading() as session:
            found = session.scalars(select(Token).where(Token.serial == made.token)).one()
            session.expunge_all()
            return found

    def _as_planted(self, made: Made) -> Held:
        certificate = self.certificate(made)
        return Held(
            certificate_id=certificate.id,
            serial=certificate.serial,
            token_serial=made.token,
            envelope_number=made.envelope,
            applicant_id=certificate.applicant_id,
            credit_code=certificate.credit_code,
        )
