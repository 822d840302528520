"""Choices whose members and words the desk offers, and the blanks that nobody means to type."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from wtforms import Form, RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget


def stripped(text: str | None) -> str:
    return (text or "").strip()


class Offered:
    """A choice whose members and words the desk offers; nothing chosen yet is no fault."""

    def offer(self, choices: Iterable[tuple[str, Any]], blank: Any = None) -> None:
        nothing = [SelectChoice("", blank)] if blank is not None else []
        self.choices = nothing + [SelectChoice(value, word) for value, word in choices]

    def pre_validate(self, form: Form) -> None:
        if self.data:  # type: ignore[attr-defined]
            super().pre_validate(form)  # type: ignore[misc]


class Pick(Offered, SelectField):
    def __init__(self, label: Any, members: Iterable[StrEnum], **options: Any) -> None:
        super().__init__(label, choices=[], **options)
        self.offer(((member.value, member.value) for member in members), blank="")


class Either(Offered, RadioField):
    def __init__(self, label: Any, *choices: tuple[str, Any], **options: Any) -> None:
        super().__init__(label, choices=[], **options)
        self.offer(choices)


class Ticks(Offered, SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any, members: Iterable[StrEnum] = (), choices: Any = (), **options: Any) -> None:
        offered = list(choices) or [SelectChoice(member.value, member.value) for member in members]
        super().__init__(label, choices=offered, **options)
