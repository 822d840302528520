"""What a draft says about who stands at the counter: the same at every desk. Pure; the personal numbers are opened by the caller."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from models.rulebook import identity
from models.rulebook.vocabulary import IdentityKind

Draft = Mapping[str, Any]  # field of the form → text, truth, list of words; "sets" → list of sets, each row → its ticks
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?")
_MOBILE = re.compile(r"(\+?86)?1[3-9]\d{9}")


def day_in(text: str) -> date | None:
    """A calendar date as clerks type it: 20150301, 2015-3-1, 2015.3.1, 2015年3月1日. None if it is none."""
    found = _DAY.fullmatch("".join(text.split()))
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def read_presenter(draft: Draft, id_number: str, mobile: str, on: date, faults: dict[str, str]) -> date | None:
    """The last valid day of the presenter's document, None for 长期 or while it is not known; what is wrong goes into `faults`."""
    for field in ("presenter_role", "presenter_name", "presenter_id_kind"):
        if not str(draft.get(field) or "").strip():
            faults[field] = "required"
    if draft.get("presenter_id_kind"):
        fault = identity.fault_of(IdentityKind(draft["presenter_id_kind"]), id_number, on) if id_number else "required"
        if fault is not None:
            faults["presenter_id_number"] = str(fault)
    elif not id_number:
        faults["presenter_id_number"] = "required"
    if not mobile:
        faults["presenter_mobile"] = "required"
    elif _MOBILE.fullmatch(re.sub(r"[\s-]", "", mobile)) is None:
        faults["presenter_mobile"] = "not_a_mobile"
    if draft.get("presenter_id_long_term"):
        return None
    typed = str(draft.get("presenter_id_until") or "").strip()
    until = day_in(typed) if typed else None
    if until is None:
        faults["presenter_id_until"] = "not_a_date" if typed else "required"
    return until
