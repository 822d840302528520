"""The register of bindings, read-only: where which certificate is or was bound, since, until, by whom, why."""

from typing import Any, ClassVar

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import Query, joinedload

from app.supervision.base import as_instant, as_related, as_state
from app.supervision.by_platform import ByPlatformView, as_platform
from models.tables import Binding


def _ended_by(view: Any, context: Any, model: Binding, name: str) -> str:
    """Nobody of the staff: then the reason says whose doing it was."""
    return f"{model.ender.number} {model.ender.name}" if model.ender is not None else "—"


def _until(view: Any, context: Any, model: Binding, name: str) -> str:
    return _("有效") if model.until is None else as_instant(view, context, model, name)


class BindingRegister(ByPlatformView):
    list_template = "admin/register.html"
    column_list = ("since", "platform", "applicant", "credit_code", "certificate", "until", "end", "ended_by")
    column_labels: ClassVar[Any] = {
        "since": lazy_gettext("绑定自"),
        "platform": lazy_gettext("平台"),
        "applicant": lazy_gettext("申请单位"),
        "credit_code": lazy_gettext("信用代码"),
        "certificate": lazy_gettext("证书序列号"),
        "until": lazy_gettext("至"),
        "end": lazy_gettext("结束原因"),
        "ended_by": lazy_gettext("经手人"),
        "applicant.credit_code": lazy_gettext("信用代码"),
        "certificate.serial": lazy_gettext("证书序列号"),
    }
    column_formatters: ClassVar[Any] = {
        "since": as_instant,
        "platform": as_platform,
        "applicant": as_related("applicant", "name"),
        "credit_code": as_related("applicant", "credit_code"),
        "certificate": as_related("certificate", "serial"),
        "until": _until,
        "end": as_state,
        "ended_by": _ended_by,
    }
    column_searchable_list = ("applicant.credit_code", "certificate.serial")
    column_default_sort = ("id", True)

    def live_only(self) -> bool:
        return request.args.get("live") == "yes"

    def get_query(self) -> Query[Any]:
        related = (Binding.platform, Binding.applicant, Binding.certificate, Binding.ender)
        return super().get_query().filter(self._live()).options(*(joinedload(each) for each in related))

    def _live(self) -> ColumnElement[bool]:
        return Binding.until.is_(None) if self.live_only() else true()
