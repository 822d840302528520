"""Pictures of supervision at work: stock that comes and goes, a day that is closed, exceptions, rules, reviews, records, reports."""

import time
from datetime import timedelta

from sqlalchemy import select

from app.services.ask_exception import ask_exception
from app.services.close_day import close_day
from app.services.count_day import Counted, count_day
from app.services.day_sheet import day_sheet
from app.services.decide_exception import grant_exception
from app.services.exception_content import Wanted
from app.services.explain_difference import Explanation
from app.services.preview_import import ask_preview as look_at_file
from app.services.receive_delivery import DeliveryFacts, receive_delivery
from app.services.send_transfer import TransferOrder, send_transfer
from models.rulebook.oversight import ExceptionKind, JobState, StockKind
from models.rulebook.permissions import Actor
from models.tables import Branch, DayClose, Job, Staff
from tests.builders import rules
from tests.builders.exceptions import not_covered
from tests.journeys.desk import Desk
from tests.pictures.camera import Sitting
from tests.pictures.day import Day

DELIVERIES = """种类,送货单号,供应商,首号,末号,实点数量
介质,SH-2026-118,样例介质厂,HD01-T00201,HD01-T00240,40
介质,SH-2026-118,样例介质厂,HD01-T00241,HD01-T00280,48
密码信封,SH-2026-119,样例印刷厂,HD01-E000201,HD01-E000300,100
密码信封,SH-2026-119,样例印刷厂,HD01-E000080,HD01-E000090,11
"""


class BackOffice:
    """What lies behind the pictures, brought about by the use cases. `sitting`: the first branch's supervisor at his browser."""

    def __init__(self, desk: Desk, day: Day) -> None:
        self._desk, self._world, self._day = desk, desk.world, day

    def _actor(self, number: str) -> Actor:
        with self._world.reading() as session:
            return session.scalars(select(Staff).where(Staff.number == number)).one().as_actor()

    def _branch(self, code: str) -> int:
        with self._world.reading() as session:
            return session.scalars(select(Branch.id).where(Branch.code == code)).one()

    def _done(self, job_id: int) -> Job:
        """By the office that runs; it looks every half second."""
        while True:
            with self._world.reading() as session:
                job = session.get_one(Job, job_id)
                if job.state in {JobState.done, JobState.failed}:
                    assert job.state is JobState.done, job.fault
                    return job
            time.sleep(0.1)

    def stock(self, sitting: Sitting) -> None:
        supervisor = self._actor("1009")
        facts = DeliveryFacts(StockKind.token, "SH-2026-101", "样例介质厂", "HD01-T00101", "HD01-T00140", 40)
        delivery_id = receive_delivery(self._world, supervisor, facts)
        order = TransferOrder(StockKind.envelope, self._branch("CY01"), count=20)
        send_transfer(self._world, supervisor, order)
        job = self._done(look_at_file(self._world, supervisor, "到货_11月.csv", DELIVERIES.encode()))
        sitting.shoot("stock", "库存总览 · Stock by serial ranges", "/admin/stock/")
        sitting.shoot(
            "stock-import",
            "到货清单：先看再导入 · A file of deliveries, looked at first",
            f"/admin/deliveries/file/{job.answer['import_id']}",
        )
        sitting.shoot("stock-ledger", "库存流水 · The ledger, serial by serial", "/admin/movements/")
        sitting.print("paper-delivery", "入库单 · Delivery slip", f"/admin/deliveries/{delivery_id}.pdf")

    def exceptions(self, clerk: Sitting, supervisor: Sitting) -> None:
        asker, decider, world = self._desk.clerk, self._actor("1009"), self._world
        paid = self._desk.order(2)
        refund = ask_exception(
            world, asker, paid.id, paid.version, ExceptionKind.refund, "多收一张，申请人只要一张", Wanted(amount_fen=18000)
        )
        trade_name = self._day.typed(9, **not_covered())
        asked = ask_exception(
            world, asker, trade_name.id, trade_name.version, ExceptionKind.admission, "经营者本人到场，字号已登记，无公章"
        )
        clerk.shoot("exceptions", "特批申请 · What a clerk asked for", "/exceptions/")
        supervisor.shoot("decision", "特批：决定在材料旁边 · A decision beside the papers", f"/admin/decisions/{asked.id}")
        grant_exception(world, decider, refund.id, 1, "收据与案卷核对无误")
        clerk.shoot("refund", "退款：批的人不付款 · Who allows a refund does not pay it out", f"/exceptions/{refund.id}/pay")
        supervisor.shoot("money", "当日钱款 · The day's money", "/admin/money/")

    def rules(self, sitting: Sitting) -> None:
        today = self._world.today()
        says = rules.edition("P2-2026", today + timedelta(days=10), medium_fen=100_00, grant_minutes=10)
        draft = rules.proposed(self._world, says, self._actor("2009"))
        sitting.shoot("rules", "业务规则 · Editions and drafts", "/admin/rules/")
        sitting.shoot("rules-draft", "新规则：改了什么 · What a draft changes", f"/admin/rules/draft/{draft.id}")

    def people(self, sitting: Sitting) -> None:
        sitting.shoot("reviews", "权限核对 · Access review, every three months", "/admin/reviews/")
        sitting.shoot("permissions", "岗位权限表 · Who may do what", "/admin/permissions/")
        sitting.print("paper-permissions", "岗位权限表 · The permissions on paper", "/admin/permissions/sheet.pdf")

    def records(self, sitting: Sitting) -> None:
        sitting.shoot("retention", "档案保存 · How long which record is kept", "/admin/retention/")
        sitting.shoot("reports", "报表 · Reports", "/admin/reports/")

    def day_close(self, clerk: Sitting, supervisor: Sitting) -> None:
        """The last of all: after it everything counts for tomorrow. Two tokens are not in the drawer."""
        clerk.shoot("shift-count", "日终盘点 · The count is taken before the books are shown", "/shift/count")
        with self._world.reading() as session:
            sheet = day_sheet(session, self._branch("HD01"), self._world.today())
        tokens, envelopes = (line.expected for line in sheet.stock)
        cash = sheet.cash.expected
        counted = Counted(tokens - 2, envelopes, {100_00: cash // 100_00}, cash % 100_00, "少两只介质，正在找")
        day_id = count_day(self._world, self._actor("1002"), self._world.today(), counted)
        supervisor.shoot(
            "day-countersign", "签字日结 · The difference is explained before the day closes", f"/admin/days/{day_id}/countersign"
        )
        with self._world.reading() as session:
            day = session.get_one(DayClose, day_id)
        explanation = Explanation({StockKind.token: "HD01-T00139…HD01-T00140"}, {}, "", "监控已调看，未见")
        close_day(self._world, self._actor("1009"), day_id, day.version, explanation)
        supervisor.shoot("day-closed", "已日结 · The day is closed", f"/admin/days/{day_id}")
        supervisor.print("paper-day", "日结单 · Day sheet", f"/admin/days/{day_id}/sheet.pdf")
