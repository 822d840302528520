"""The base of every form: CSRF by the app-wide protection, and the version of the thing that the page was read at."""

import secrets
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

__all__ = ["MarkedForm", "OfficeForm", "SelectChoice"]  # a desk gives choices their words; of WTForms it knows no more


class OfficeForm(FlaskForm):
    """A form field named `version` travels hidden with every page that changes a versioned thing."""

    version = HiddenField(default="0")

    def validate_version(self, field: HiddenField) -> None:
        if not (field.data or "").isascii() or not (field.data or "0").isdigit():
            raise ValidationError("version")

    def validate(self, extra_validators: Any = None) -> bool:
        """U+0000 is no character of any text: no keyboard types it, and PostgreSQL refuses it."""
        is_valid = super().validate(extra_validators)
        for field in self:
            if isinstance(field.data, str) and "\0" in field.data:
                field.errors = [*field.errors, _("有不能识别的字符，请重新输入。")]
                is_valid = False
        return is_valid

    @property
    def seen_version(self) -> int:
        """The version that the page was read at; 0 for a form without one, and for nonsense one that no row ever has."""
        text = self.version.data or "0"
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


class MarkedForm(OfficeForm):
    """A form that makes a new thing: there is no version yet, so the page bears a mark by which a second click on it is known."""

    mark = HiddenField(validators=[Length(max=32)], default=lambda: secrets.token_hex(8))
