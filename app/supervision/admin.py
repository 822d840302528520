"""Flask-Admin, put together over our own doors: an endpoint that is not served has no door, and is closed to everybody."""

from typing import Any

from flask import Flask
from flask_admin import Admin, BaseView
from flask_admin.theme import Bootstrap4Theme
from flask_babel import lazy_gettext as _

from app.desks import door
from app.supervision.days import DayDesk
from app.supervision.exceptions import ExceptionRoom
from app.supervision.home import Home
from app.supervision.lists import (
    CaseList,
    CertificateList,
    DirectoryList,
    EntryList,
    EnvelopeList,
    JournalList,
    LeaveList,
    MovementList,
    ReceiptList,
    RegisterList,
    ShiftList,
    TaskList,
    TokenList,
)
from app.supervision.looking import LookingRoom
from app.supervision.money import MoneyPage
from app.supervision.permissions import PermissionDesk
from app.supervision.places import PlacesDesk
from app.supervision.platforms import PlatformDesk
from app.supervision.reports import ReportRoom
from app.supervision.retention import RetentionRoom
from app.supervision.reviews import ReviewDesk
from app.supervision.rules import RulesDesk
from app.supervision.signing_keys import SigningKeyDesk
from app.supervision.staff import StaffDesk
from app.supervision.stock import StockDesk
from app.supervision.stock_deliveries import DeliveryDesk
from app.supervision.stock_transfers import TransferDesk
from app.supervision.telling import TellingDesk
from models.rulebook.permissions import Permission
from models.tables import (
    AccessReview,
    Applicant,
    Binding,
    Case,
    Certificate,
    DayClose,
    Delivery,
    Envelope,
    ExceptionRequest,
    Grant,
    Job,
    JournalLine,
    MoneyEntry,
    Movement,
    Platform,
    PlatformEvent,
    Receipt,
    ShiftHandover,
    Staff,
    Token,
    Transfer,
)


def open_supervision(app: Flask) -> None:
    """Hang the supervision rooms under /admin/ and declare their doors."""
    admin = Admin(
        app,
        name=str(_("主管后台")),
        index_view=Home(name=_("概况"), url="/admin", menu_icon_value="columns-gap"),
        theme=Bootstrap4Theme(base_template="admin/frame.html"),
    )
    wings: list[tuple[Any, list[BaseView]]] = [
        (
            _("业务"),
            [
                CaseList(Case, _("案件"), endpoint="cases", menu_icon_value="folder2-open"),
                CertificateList(Certificate, _("证书登记"), endpoint="certificates", menu_icon_value="file-earmark-lock"),
                DirectoryList(Applicant, _("单位名录"), endpoint="directory", menu_icon_value="building"),
                ExceptionRoom(ExceptionRequest, _("特批"), endpoint="decisions", menu_icon_value="patch-check"),
                LeaveList(Grant, _("授权记录"), endpoint="leaves", menu_icon_value="shield-check"),
                RegisterList(Binding, _("绑定登记"), endpoint="register", menu_icon_value="link-45deg"),
                TellingDesk(PlatformEvent, _("平台通知"), endpoint="telling", menu_icon_value="send"),
            ],
        ),
        (
            _("库存管理"),
            [
                StockDesk(name=_("库存总览"), endpoint="stock", menu_icon_value="boxes"),
                TokenList(Token, _("介质库存"), endpoint="tokens", menu_icon_value="usb-drive"),
                EnvelopeList(Envelope, _("信封库存"), endpoint="envelopes", menu_icon_value="envelope-paper"),
                DeliveryDesk(Delivery, _("到货"), endpoint="deliveries", menu_icon_value="box-seam"),
                TransferDesk(Transfer, _("调拨"), endpoint="transfers", menu_icon_value="truck"),
                MovementList(Movement, _("库存流水"), endpoint="movements", menu_icon_value="arrow-left-right"),
            ],
        ),
        (
            _("钱款与日结"),
            [
                ReceiptList(Receipt, _("收费记录"), endpoint="receipts", menu_icon_value="receipt"),
                EntryList(MoneyEntry, _("钱款流水"), endpoint="entries", menu_icon_value="cash-coin"),
                MoneyPage(name=_("当日钱款"), endpoint="money", menu_icon_value="cash-stack"),
                DayDesk(DayClose, _("日结"), endpoint="days", menu_icon_value="calendar-check"),
                ShiftList(ShiftHandover, _("交接班"), endpoint="shifts", menu_icon_value="people-fill"),
            ],
        ),
        (
            _("规则与人员"),
            [
                StaffDesk(Staff, _("工作人员"), endpoint="staff", menu_icon_value="people"),
                ReviewDesk(AccessReview, _("权限核对"), endpoint="reviews", menu_icon_value="person-check"),
                PermissionDesk(name=_("岗位权限表"), endpoint="permissions", menu_icon_value="grid-3x3"),
                PlacesDesk(name=_("网点与工位"), endpoint="places", menu_icon_value="building"),
                RulesDesk(name=_("业务规则"), endpoint="rules", menu_icon_value="sliders"),
                PlatformDesk(Platform, _("业务平台"), endpoint="platforms", menu_icon_value="hdd-network"),
                SigningKeyDesk(name=_("签名密钥"), endpoint="signing_keys", menu_icon_value="key"),
            ],
        ),
        (
            _("档案"),
            [
                ReportRoom(name=_("期间报表"), endpoint="reports", menu_icon_value="file-earmark-bar-graph"),
                RetentionRoom(name=_("档案保存"), endpoint="retention", menu_icon_value="archive"),
                JournalList(JournalLine, _("日志"), endpoint="journal", menu_icon_value="journal-text"),
                TaskList(Job, _("后台任务记录"), endpoint="tasks", menu_icon_value="hourglass-split"),
                LookingRoom(name=_("我的视图"), endpoint="looking", menu_icon_value="bookmarks"),
            ],
        ),
    ]
    for wing, rooms in wings:
        for room in rooms:
            room.wing = wing  # under which heading the shell shows it
            admin.add_view(room)
            for endpoint in room.serves:
                way = getattr(room, "doors", {}).get(endpoint, door.Door((room.permission,)))
                door.declare(app, f"{room.endpoint}.{endpoint}", way)
    door.declare(app, "admin.index", door.Door((Permission.supervise, Permission.manage_branches)))
    app.extensions["supervision"] = [room for _wing, rooms in wings for room in rooms]
