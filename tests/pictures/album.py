"""The pictures in the order of the road: who looks at which page, and what is written under it. Each method is one room."""

from contextlib import AbstractContextManager

from app.services.demonstration_staff import demonstration_staff
from models.rulebook.vocabulary import CaseKind
from models.tables import Case
from tests.builders.aftercare import Held
from tests.builders.cases import papers, sealless_draft
from tests.journeys.desk import Desk
from tests.pictures.back_office import BackOffice
from tests.pictures.camera import Camera, Sitting
from tests.pictures.day import CARD, CASH, TRANSFER, Day, set_with_defects

CLERK, OTHER_CLERK, REVIEWER, SUPERVISOR, ADMINISTRATOR, NOBODY = "1001", "1002", "1003", "1009", "9009", ""
ROOMS = ("doors", "intake", "review", "fee", "issuance", "handover", "aftercare", "supervision", "back_office")


class Album:
    def __init__(self, camera: Camera, desk: Desk) -> None:
        self._camera, self._desk, self._day = camera, desk, Day(desk)

    def _at(self, number: str, language: str = "zh") -> AbstractContextManager[Sitting]:
        staff = demonstration_staff(self._desk.world)
        code = next((person.code for person in staff.people if person.number == number), "")
        return self._camera.signed_in(number, staff.password, code, language)

    def doors(self) -> None:
        with self._at(NOBODY) as stranger:
            stranger.shoot("sign-in", "登录 · Signing in; a demonstration lists its staff", "/login")
            answers = (
                "kind=enterprise&has_seal=yes&presenter_role=agent&holds_code_bearing_licence=yes&certificates=2&issued_before=no"
            )
            stranger.shoot("pre-check", "来办之前，先查一查材料 · The public pre-check", f"/precheck?{answers}")
        with self._at(OTHER_CLERK) as clerk:
            clerk.shoot("account", "我的账号 · One's own account", "/account/")
            clerk.shoot("not-found", "没有这一页 · A refusal is a sentence with a way back", "/cases/999999")

    def intake(self) -> None:
        day = self._day
        good = day.scanned(day.typed(6, "北京样例科技有限公司", 2, uses=["annual_inspection", "tax"], computer_code="0012345"))
        poor = day.typed(4, "北京样例餐饮管理有限公司", 2, sets=[set_with_defects("A-1"), papers("A-2", identity_document=None)])
        sealless = day.typed(3, **sealless_draft())
        noticed = day.noticed(58, day.typed(63, "北京样例物业服务有限公司", sets=[set_with_defects()]))
        day.noticed(26, day.typed(31, "样例区某某便民超市", sets=[papers(identity_document=None)]))
        day.sent_back(day.accepted(90, day.typed(95, "北京样例文化传播有限公司")))
        with self._at(CLERK) as clerk:
            clerk.shoot("intake-desk", "受理台 · The intake desk: drafts, returns, corrections", "/intake/")
            clerk.go("/intake/").press("[name=credit_code]", "Enter")
            clerk.page.wait_for_load_state("networkidle")
            clerk.shoot("intake-empty", "新来的申请单位 · A new case")
            clerk.shoot("intake-good", "材料齐全 · Verdict and fee follow every tick", f"/intake/{good.id}")
            clerk.shoot("intake-defects", "缺什么，一次说清 · Everything that is missing, at once", f"/intake/{poor.id}")
            clerk.shoot("intake-sealless", "无公章的个体工商户 · A sole proprietor without a seal", f"/intake/{sealless.id}")
            clerk.shoot("intake-correction", "待补正 · The next visit opens at the failed items only", f"/intake/{noticed.id}")
            notice = clerk.fetch(f"/cases/notices/{day.notice_of(noticed)}.pdf")
            self._camera.paper("paper-correction", "一次性补正告知单 · Correction notice", notice)
        with self._at(CLERK, "en") as clerk:
            clerk.shoot("intake-defects-en", "The same page in English", f"/intake/{poor.id}")

    def review(self) -> None:
        day = self._day
        first = day.accepted(47, day.scanned(day.typed(52, "北京样例建设工程有限公司", 2)))
        day.accepted(30, day.typed(34, "北京某某医疗器械有限公司"))
        day.accepted(15, day.typed(18, "北京样例网络技术有限公司", 3))
        refused = day.accepted(100, day.typed(110, "北京某某旧货有限公司"))
        day.refused(refused)
        with self._at(REVIEWER) as reviewer:
            reviewer.shoot("review-queue", "复核台 · The review queue", "/review/")
            reviewer.shoot("review-case", "复核 · Papers, scans and findings side by side", f"/review/{first.id}")
            slip = reviewer.fetch(f"/cases/notices/{day.notice_of(first)}.pdf")
            self._camera.paper("paper-acceptance", "受理回执和领取凭条 · Acceptance slip with the claim stub", slip)
            notice = reviewer.fetch(f"/cases/notices/{day.notice_of(refused)}.pdf")
            self._camera.paper("paper-refusal", "不予受理告知单 · Refusal notice", notice)
        with self._at(REVIEWER, "en") as reviewer:
            reviewer.shoot("review-case-en", "Review in English", f"/review/{first.id}")

    def fee(self) -> None:
        day = self._day
        due = day.approved(20, day.accepted(40, day.typed(45, "北京样例物流有限公司", 2)))
        day.approved(9, day.accepted(33, day.typed(38, "北京某某教育咨询有限公司", 3)))
        with self._at(OTHER_CLERK) as clerk:
            clerk.shoot("fee-queue", "收费台 · The fee queue", "/fee/")
            clerk.shoot("fee-case", "收费 · The first certificate ever is free", f"/fee/{due.id}")

    def issuance(self) -> None:
        day = self._day
        half = day.paid(8, self._approved("北京样例园林绿化有限公司", 2), CARD, "POS-0017")
        fresh = day.paid(7, self._approved("北京某某信息系统有限公司", 2), CASH)
        with self._at(CLERK) as clerk:
            self._desk.take_token()
            clerk.shoot("issuance-begin", "开始制证 · Token serial scanned or picked from the slots", f"/issuance/{fresh.id}")
            day.stopped(half)
            clerk.shoot(
                "issuance-stopped", "停住了：原因和出路 · A stop has a name and a button that leads out", f"/issuance/{half.id}"
            )
            url = day.awaiting_envelope(fresh)
            clerk.shoot(
                "issuance-envelope", "核对信封号 · The envelope's number is typed or scanned back", f"/issuance/{fresh.id}"
            )
            clerk.shoot("station-envelope", "工位：信封只显示一次 · The station shows an envelope once", url)
            day.underway(fresh, 2)
            clerk.shoot(
                "issuance-running", "制作中，步步可见 · Two certificates, two runs, every step visible", f"/issuance/{fresh.id}"
            )
            clerk.shoot("issuance-queue", "制证台 · The issuance queue, stations live", "/issuance/")
            clerk.shoot("station", "工位页面 · The station's own page", self._desk.house.station_url + "/?lang=zh")
            clerk.shoot("station-en", "The station in English", self._desk.house.station_url + "/?lang=en")
            day.held.set()
            paper = self._desk.fetch(url)
            assert paper is not None
            self._camera.paper("paper-envelope", "密码信封 · PIN envelope: Z-fold, address window", paper)
        with self._at(CLERK, "en") as clerk:
            clerk.shoot("issuance-stopped-en", "A stop in English", f"/issuance/{half.id}")

    def handover(self) -> None:
        day = self._day
        closed = self._approved("北京某某设计有限公司", 1)
        day.handed_over(day.made(closed))
        waiting = day.paid(8, self._approved("北京样例食品有限公司", 2), TRANSFER, "2026112100093381")
        for position in (1, 2):
            day.made(waiting, position)
        with self._at(CLERK) as clerk:
            clerk.shoot("handover-queue", "发放台 · Made and not collected, with age", "/handover/")
            clerk.shoot("handover-case", "发放 · Collector, token and envelope compared", f"/handover/{waiting.id}")
            clerk.shoot("casefile", "案卷 · The journal of a case on one page", f"/cases/{closed.id}")
            clerk.shoot("search", "查找 · Search from everywhere", "/search?q=某某")
            receipt = clerk.fetch(f"/cases/receipts/{day.receipt_of(waiting)}.pdf")
            self._camera.paper("paper-receipt", "收费凭据 · Fee receipt", receipt)
            signed = clerk.fetch(f"/cases/handovers/{day.handover_of(closed)}.pdf")
            self._camera.paper("paper-handover", "领证签收单 · Handover receipt, two copies", signed)
        with self._at(CLERK, "en") as clerk:
            clerk.shoot("handover-case-en", "Handover in English", f"/handover/{waiting.id}")

    def aftercare(self) -> None:
        day = self._day
        held = [self._held(name) for name in ("北京某某物流有限公司", "北京样例环保科技有限公司", "北京样例印刷有限公司")]
        unlock = day.taken_in(day.brought_back(held[0], CaseKind.unlock))
        damaged = day.brought_back(held[1], CaseKind.replacement_damaged)
        suspended = day.taken_in(day.brought_back(held[2], CaseKind.suspension))
        with self._at(REVIEWER) as reviewer:
            reviewer.shoot("aftercare-review", "复核：暂停证书 · A suspension under review", f"/review/{suspended.id}")
        with self._at(SUPERVISOR) as supervisor:
            supervisor.shoot("grants", "待批 · What waits for the supervisor", "/grants/")
            supervisor.shoot("grant", "批准解锁 · Leave for one token, one use, a few minutes", f"/grants/{unlock.id}")
        with self._at(CLERK) as clerk:
            clerk.shoot("aftercare", "售后台 · Aftercare: found by token, certificate or code", "/aftercare/")
            clerk.shoot("certificate", "一张证书 · What is open now", f"/aftercare/certificates/{held[1].serial}")
            clerk.shoot("aftercare-damaged", "补办（损坏）· Three questions lead to a verdict", f"/aftercare/{damaged.id}")
            clerk.shoot("applicant", "申请单位 · Everything about one applicant", f"/applicants/{held[1].applicant_id}")
            clerk.shoot("renewals", "更新提醒 · Whom to call before the last day", "/renewals/?window=all")
            page = clerk.go("/check/")
            page.fill("[name=serial]", held[2].token_serial)
            page.press("[name=serial]", "Enter")
            page.wait_for_load_state("networkidle")
            clerk.shoot("check", "证书检测 · What is wrong, and what to do next")
            report = clerk.fetch(clerk.page.url.removeprefix(self._desk.house.url) + ".pdf")
            self._camera.paper("paper-check", "证书检测报告 · Check report", report)
        with self._at(CLERK, "en") as clerk:
            clerk.shoot("certificate-en", "A certificate in English", f"/aftercare/certificates/{held[1].serial}")

    def _held(self, name: str) -> Held:
        """A certificate in its holder's hands, by the whole road."""
        case = self._approved(name, 1)
        self._day.handed_over(self._day.made(case))
        return self._day.certificate_of(case)

    def supervision(self) -> None:
        pages = {
            "home": "概况 · What waits, what flows, how long it takes",
            "cases": "案件 · Cases, by filters of their own",
            "tokens": "介质库存 · Token stock",
            "receipts": "收费记录 · Receipts",
            "journal": "日志 · The journal",
        }
        with self._at(SUPERVISOR) as supervisor:
            for name, caption in pages.items():
                supervisor.shoot(f"admin-{name}", caption, "/admin/" if name == "home" else f"/admin/{name}/")
        with self._at(ADMINISTRATOR) as administrator:
            administrator.shoot("admin-staff", "工作人员 · Staff", "/admin/staff/")
            administrator.shoot("admin-staff-edit", "一位工作人员 · One member of staff", "/admin/staff/1")
            administrator.shoot("admin-places", "网点与工位 · Branches and stations", "/admin/places/")

    def back_office(self) -> None:
        office = BackOffice(self._desk, self._day)
        with self._at(SUPERVISOR) as supervisor, self._at(CLERK) as clerk, self._at(OTHER_CLERK) as counter:
            office.stock(supervisor)
            office.exceptions(clerk, supervisor)
            office.rules(supervisor)
            office.people(supervisor)
            office.records(supervisor)
            office.day_close(counter, supervisor)

    def _approved(self, name: str, certificates: int) -> Case:
        return self._day.approved(12, self._day.accepted(25, self._day.typed(31, name, certificates)))
