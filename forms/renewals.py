"""The call list's form: which of its windows is to be printed or exported."""

from collections.abc import Mapping
from types import MappingProxyType

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from wtforms.validators import InputRequired

from forms.base import OfficeForm
from forms.choices import Either

# By the values of `app.services.call_list.Window`, in the order of the tabs.
WINDOWS: Mapping[str, LazyString] = MappingProxyType(
    {"7": _("7 天内"), "30": _("30 天内"), "90": _("90 天内"), "lapsed": _("已过期 30 天内")}
)


class WindowForm(OfficeForm):
    window = Either(_("期限"), *WINDOWS.items(), validators=[InputRequired()])
