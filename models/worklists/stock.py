"""How much of everything a branch has, by state."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

CAP = 1001  # a count stops here: the page says "1,000+"


def counts_by_state(session: Session, table: Any, branch_id: int | None) -> Mapping[StrEnum, int]:
    """Rows by state, each counted up to CAP, of one branch or (None) of all."""
    found: dict[StrEnum, int] = {}
    for state in table.state.type.enum_class:
        rows = select(table.id).where(table.state == state)
        if branch_id is not None:
            rows = rows.where(table.branch_id == branch_id)
        count = session.scalar(select(func.count()).select_from(rows.limit(CAP).subquery()))
        if count:
            found[state] = count
    return found
