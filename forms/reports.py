"""The form of the period report. The desk gives the months and branches their words."""

from datetime import date

from flask_babel import lazy_gettext as _
from wtforms.validators import DataRequired

from forms.base import OfficeForm
from forms.choices import Either, Pick

_NEEDED = _("请选择。")


class PeriodForm(OfficeForm):
    first = Pick(_("从"), (), validators=[DataRequired(_NEEDED)])
    last = Pick(_("到"), (), validators=[DataRequired(_NEEDED)])
    branch = Pick(_("网点"), ())
    form = Either(_("文件"), ("pdf", _("PDF，打印用")), ("xlsx", _("XLSX 表格")), default="pdf")

    @property
    def months(self) -> tuple[date, date]:
        """The first days of both; the choices have been validated."""
        return date.fromisoformat(f"{self.first.data}-01"), date.fromisoformat(f"{self.last.data}-01")

    @property
    def branch_id(self) -> int | None:
        return int(self.branch.data) if self.branch.data else None
