"""How many: counted as far as a page says it, and no further. The numbers beside the desks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import Session

from models.rulebook.vocabulary import CaseKind, CaseState
from models.tables import Case

CAP = 1001  # a count stops here: the page says "1,000+"


def capped(session: Session, query: Select[Any], cap: int = CAP) -> int:
    """How many rows a list's own query finds, counted up to `cap`."""
    rows = query.order_by(None).with_only_columns(literal(1).label("one"), maintain_column_froms=True).limit(cap)
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


@dataclass(frozen=True, slots=True)
class Queue:
    """Where cases wait: in these states, as far as they are of these kinds."""

    states: tuple[CaseState, ...] = ()
    kinds: frozenset[CaseKind] = frozenset(CaseKind)


def queue_counts(session: Session, branch_id: int, queues: Sequence[Queue], cap: int) -> list[int]:
    """How many of the branch's cases wait in each of the queues, counted up to `cap`, in one question."""
    asked = [queue for queue in queues if queue.states]
    if not asked:
        return [0] * len(queues)
    row = iter(session.execute(select(*(_count(branch_id, queue, cap) for queue in asked))).one())
    return [next(row) if queue.states else 0 for queue in queues]


def _count(branch_id: int, queue: Queue, cap: int) -> Any:
    """All kinds are no condition: then the index alone answers. Some are asked one by one, for PostgreSQL takes several for rare and
    walks another index."""
    here = select(literal(1).label("one")).select_from(Case).where(Case.branch_id == branch_id)
    if queue.kinds == frozenset(CaseKind):
        rows = here.where(Case.state.in_(queue.states)).limit(cap).subquery()
        return select(func.count()).select_from(rows).scalar_subquery()
    each = [here.where(Case.state == state, Case.kind == kind) for state in queue.states for kind in sorted(queue.kinds)]
    rows = select(union_all(*(select(one.limit(cap).subquery()) for one in each)).subquery()).limit(cap).subquery()
    return select(func.count()).select_from(rows).scalar_subquery()
