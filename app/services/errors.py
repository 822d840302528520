"""The closed family of refusals. One table in `app/desks/refusals.py` maps each to a status and a sentence."""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """A use case that may not happen. `code` picks the sentence, `facts` fill it; nothing private is in either."""

    code = "refused"
    status = 422

    def __init__(self, code: str | None = None, **facts: Any) -> None:
        self.code = code or type(self).code
        self.facts: Mapping[str, Any] = facts
        super().__init__(self.code)


class Absent(Refusal):
    """It does not exist, or not in this branch: the two look alike."""

    code = "absent"
    status = 404


class Forbidden(Refusal):
    code = "forbidden"
    status = 403


class Stale(Refusal):
    """Somebody changed it since the page was read; a second click finds the first one's result."""

    code = "stale"
    status = 409


class OutOfTurn(Refusal):
    """The workflow table has no such action in this state."""

    code = "out_of_turn"
    status = 409


class Faulty(Refusal):
    """What was given does not do. `fields` maps form fields to sentence codes."""

    code = "faulty"
    status = 422

    def __init__(self, code: str | None = None, fields: Mapping[str, str] | None = None, **facts: Any) -> None:
        super().__init__(code, **facts)
        self.fields: Mapping[str, str] = fields or {}


class Unavailable(Refusal):
    """A device or a server is in the way: the authority, the disk, the printer."""

    code = "unavailable"
    status = 503
