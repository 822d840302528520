"""The base of every form: CSRF by the app-wide protection, and the version of the thing that the page was read at."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, ValidationError
from wtforms.fields.choices import SelectChoice

__all__ = ["OfficeForm", "SelectChoice"]  # a desk gives choices their words; of WTForms it knows no more


class OfficeForm(FlaskForm):
    """A form field named `version` travels hidden with every page that changes a versioned thing."""

    version = HiddenField(default="0")

    def validate_version(self, field: HiddenField) -> None:
        if not (field.data or "").isascii() or not (field.data or "0").isdigit():
            raise ValidationError("version")

    @property
    def seen_version(self) -> int:
        """The version that the page was read at; 0 for a form without one."""
        return int(self.version.data or 0)
