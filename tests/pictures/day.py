"""One day at the first branch: applicants of every sort, brought by the use cases themselves to where their pages are worth a picture."""

from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from threading import Event
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select

from app.services.accept_aftercare import accept_aftercare
from app.services.accept_case import accept_case
from app.services.approve_case import approve_case
from app.services.attach_scan import attach_scan
from app.services.open_aftercare import open_aftercare
from app.services.open_case import open_case
from app.services.refuse_case import refuse_case
from app.services.request_correction import request_correction
from app.services.save_aftercare import save_aftercare
from app.services.save_draft import save_draft
from app.services.send_back_case import send_back_case
from app.services.settle_fee import settle_fee
from app.services.world import World
from models.rulebook.vocabulary import CaseKind, DocumentKind, PaymentMethod, RunState
from models.tables import Case, CaseItem, Certificate, Handover, Notice, Receipt
from tests.builders import aftercare
from tests.builders.aftercare import Held
from tests.builders.cases import case_now, draft, papers, resident_number, ticked, unified_code
from tests.journeys.desk import Desk, Made
from tests.journeys.running import PATIENCE, wait_for

WQY = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
AGENT, MOBILE = resident_number(), "13800138000"
CASH, CARD, TRANSFER = PaymentMethod.cash, PaymentMethod.card, PaymentMethod.transfer


class _Earlier:
    """The same clock, some time ago: what happened then has been waiting since."""

    def __init__(self, world: World, ago: timedelta) -> None:
        self._clock, self._ago = world.clock, ago

    def now(self) -> datetime:
        return self._clock.now() - self._ago


class Day:
    def __init__(self, desk: Desk) -> None:
        self.desk, self.held = desk, Event()

    # From walk-in to paid. `minutes`: how long ago.

    def _then(self, minutes: float) -> World:
        return replace(self.desk.world, clock=_Earlier(self.desk.world, timedelta(minutes=minutes)))

    def typed(self, minutes: float, name: str, certificates: int | str = 1, **changes: Any) -> Case:
        """A case with a draft."""
        certificates = int(certificates)
        code = changes.pop("credit_code", None) or unified_code()
        sets = changes.pop("sets", None) or [
            papers(f"{code[8:17]}-{number}" if certificates > 1 else "") for number in range(1, certificates + 1)
        ]
        whole = draft(name=name, credit_code=code, certificates=str(certificates), sets=sets, **changes)
        world = self._then(minutes)
        opened = open_case(world, self.desk.clerk)
        save_draft(world, self.desk.clerk, opened.id, 1, whole, AGENT, MOBILE)
        return case_now(world, opened.id)

    def scanned(self, case: Case, position: int = 1) -> Case:
        for kind, title in (
            (DocumentKind.application_form, "一证通数字证书申请表"),
            (DocumentKind.code_bearing_licence, "营 业 执 照"),
            (DocumentKind.identity_document, "居民身份证（复印件）"),
        ):
            attach_scan(self.desk.world, self.desk.clerk, case.id, position, kind, scan_of(title, case.draft["name"]))
        return case_now(self.desk.world, case.id)

    def accepted(self, minutes: float, case: Case) -> Case:
        accept_case(self._then(minutes), self.desk.clerk, case.id, case.version)
        return case_now(self.desk.world, case.id)

    def noticed(self, minutes: float, case: Case) -> Case:
        request_correction(self._then(minutes), self.desk.clerk, case.id, case.version)
        return case_now(self.desk.world, case.id)

    def approved(self, minutes: float, case: Case) -> Case:
        approve_case(self._then(minutes), self.desk.reviewer, case.id, case.version)
        return case_now(self.desk.world, case.id)

    def sent_back(self, case: Case) -> None:
        reason = "营业执照扫描件看不清注册号，请重新扫描；申请表第二联没有盖章。"
        send_back_case(self.desk.world, self.desk.reviewer, case.id, case.version, reason)

    def refused(self, case: Case) -> None:
        reason, advice = "营业执照已被注销，申请单位不再存续。", "如已变更为新的单位，请持新单位的营业执照重新申请。"
        refuse_case(self.desk.world, self.desk.reviewer, case.id, case.version, reason, advice)

    def paid(self, minutes: float, case: Case, method: PaymentMethod, reference: str = "") -> Case:
        settle_fee(self._then(minutes), self.desk.clerk, case.id, case.version, method, reference)
        return case_now(self.desk.world, case.id)

    # At the issuance desk and after.

    def made(self, case: Case, position: int = 1) -> Made:
        return self.desk.see_through(self.desk.begin(case, self.desk.take_token(), position))

    def stopped(self, case: Case, position: int = 1) -> None:
        """The token is pulled while its key is made."""
        serial = self.desk.take_token()
        self.desk.house.wire.cut_at("report:generating", "before", lambda: self.desk.cabinet.remove(serial))
        run_id = self.desk.begin(case, serial, position)
        wait_for("the run stops", lambda: self.desk.run(run_id).state is RunState.stopped)

    def underway(self, case: Case, position: int = 1) -> None:
        """A run that stands still at certifying until `held` is set."""
        self.desk.house.wire.cut_at("certify", "before", self._hold)
        run_id = self.desk.begin(case, self.desk.take_token(), position)
        wait_for("the run is certifying", lambda: self.desk.run(run_id).state is RunState.certifying)

    def _hold(self) -> None:
        self.held.wait(PATIENCE)

    def awaiting_envelope(self, case: Case, position: int = 1) -> str:
        """Address of the envelope that waits on the station's page."""
        run_id = self.desk.begin(case, self.desk.take_token(), position)
        self.desk.await_envelope(run_id)
        return self.desk.run(run_id).envelope_url

    def handed_over(self, made: Made) -> None:
        self.desk.hand_over(made)

    # When the holder comes back.

    def certificate_of(self, case: Case) -> Held:
        """The certificate of a case that was handed over."""
        with self.desk.world.reading() as session:
            found = session.scalars(select(Certificate).join(CaseItem).where(CaseItem.case_id == case.id)).one()
            envelope = found.run.envelope
            assert envelope is not None
            return Held(
                found.id, found.serial, found.token.serial, envelope.number, found.applicant_id, found.applicant.credit_code
            )

    def brought_back(self, held: Held, kind: CaseKind, **changes: Any) -> Case:
        """A draft of a case about the certificate."""
        world, clerk = self.desk.world, self.desk.clerk
        case = case_now(world, open_aftercare(world, clerk, held.serial, kind).id)
        save_aftercare(world, clerk, case.id, case.version, aftercare.draft(held, kind, **changes), AGENT, MOBILE)
        return case_now(world, case.id)

    def taken_in(self, case: Case) -> Case:
        """In review, or before the supervisor."""
        accept_aftercare(self.desk.world, self.desk.clerk, case.id, case.version)
        return case_now(self.desk.world, case.id)

    # What the pages need to be found by.

    def notice_of(self, case: Case, last: bool = True) -> int:
        with self.desk.world.reading() as session:
            found = session.scalars(select(Notice.id).where(Notice.case_id == case.id).order_by(Notice.id)).all()
        return found[-1 if last else 0]

    def receipt_of(self, case: Case) -> int:
        with self.desk.world.reading() as session:
            return session.scalars(select(Receipt.id).where(Receipt.case_id == case.id)).one()

    def handover_of(self, case: Case) -> int:
        with self.desk.world.reading() as session:
            return session.scalars(select(Handover.id).where(Handover.item.has(case_id=case.id))).first()


def set_with_defects(reference: str = "") -> dict[str, Any]:
    """Two papers that will not do."""
    return papers(
        reference,
        application_form=ticked("application_form", two_copies=False),
        code_bearing_licence={"mark": False, "duplicate": False},
        identity_document={},
    )


def scan_of(title: str, name: str) -> bytes:
    """A made-up document, as a scanner at the counter delivers it."""
    page = Image.new("RGB", (827, 1169), (250, 249, 244))
    draw = ImageDraw.Draw(page)
    large, plain, small = (ImageFont.truetype(WQY, size) for size in (54, 30, 22))
    draw.rectangle((46, 46, 781, 1123), outline=(150, 130, 90), width=4)
    draw.text((413, 150), title, (60, 40, 30), large, anchor="mm")
    draw.text((413, 220), "样张 · 仅供演示", (150, 60, 50), small, anchor="mm")
    lines = ("名　　称", "类　　型", "住　　所", "负 责 人", "成立日期", "有 效 期")
    values = (name, "样例类型", "北京市样例区样例路 1 号", "样例甲", "2015 年 3 月 1 日", "长期")
    for number, (line, value) in enumerate(zip(lines, values, strict=True)):
        draw.text((110, 330 + 78 * number), line, (90, 80, 70), plain)
        draw.text((270, 330 + 78 * number), value, (30, 30, 30), plain)
        draw.line((265, 372 + 78 * number, 720, 372 + 78 * number), (190, 180, 160), 1)
    draw.ellipse((520, 860, 720, 1060), outline=(196, 40, 40), width=7)
    draw.text((620, 960), "样例印章", (196, 40, 40), plain, anchor="mm")
    out = BytesIO()
    page.save(out, "JPEG", quality=88)
    return out.getvalue()
