"""The form of the check desk."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from forms.base import MarkedForm
from forms.choices import Either, Pick, stripped


class CheckForm(MarkedForm):
    """A serial, or a slot (the desk offers those with a medium in them), or both."""

    serial = StringField(_("介质号或证书序列号"), [Length(max=60, message=_("号码太长，请核对。"))], filters=[stripped])
    slot = Either(_("插在工位上的介质"))
    asks_tax = BooleanField(_("要用来办税"))
    asks_platform = BooleanField(_("平台不让登录"))
    platform = Pick(_("哪个平台"), ())
    name_not_shown = BooleanField(_("登录页不显示单位名称"))

    @property
    def platform_id(self) -> int | None:
        """None where no platform was named."""
        return int(self.platform.data) if self.platform.data else None

    def offer_slots(self, slots: list[tuple[str, Any]]) -> None:
        self.slot.offer(slots)
