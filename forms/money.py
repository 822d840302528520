"""Amounts as they are typed: yuan with at most two places, kept as whole fen."""

import re
from typing import Any

from wtforms import Form, StringField, ValidationError

_AMOUNT = re.compile(r"(\d{1,7})(?:\.(\d{1,2}))?")


def fen_of(text: str) -> int | None:
    """ "180" → 18000, "0.5" → 50; commas between digits and full-width forms do not count. None for what is no amount."""
    typed = text.strip().translate(str.maketrans("０１２３４５６７８９．", "0123456789.", ",，"))
    found = _AMOUNT.fullmatch(typed) if typed.isascii() else None
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None


class YuanField(StringField):
    """Typed in yuan; `fen` is what it means. An empty one is no fault of its own: give it a validator that says so."""

    def __init__(self, label: Any, validators: Any, wrong: Any, **options: Any) -> None:
        super().__init__(label, validators, **options)
        self._wrong = wrong

    @property
    def fen(self) -> int | None:
        return fen_of(self.data or "")

    def pre_validate(self, form: Form) -> None:
        if self.data and self.fen is None:
            raise ValidationError(self._wrong)
