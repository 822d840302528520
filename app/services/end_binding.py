"""A live binding ends: by the counter, by its platform, or because its certificate is no more."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.services.errors import Absent, Faulty
from app.services.platform_at_hand import platform_at_hand
from app.services.road import Who, claim, write_line
from app.services.tell_platform import tell
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import BindingEnd, EventKind
from models.tables import Binding, Case
from models.worklists.bindings import binding_called

LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class EndedBinding:
    key: str
    until: datetime
    end: BindingEnd
    already: bool  # it had ended before: nothing happened now


def end_by_platform(world: World, platform_id: int, key: str, note: str = "") -> EndedBinding:
    """Its platform ends a binding; ended already, it stays as it ended. Raises Absent for another platform's, Faulty for a note
    that is too long, Forbidden "platform_disabled", Stale where somebody else was first."""
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise Faulty(fields={"note": "too_long"})
    with world.writing() as session:
        platform = platform_at_hand(session, platform_id)
        binding = binding_called(session, key)
        if binding is None or binding.platform_id != platform.id:
            raise Absent()
        session.refresh(binding, with_for_update={"of": Binding})
        if binding.until is not None and binding.end is not None:
            return EndedBinding(binding.key, binding.until, binding.end, already=True)
        now = world.now()
        close_binding(session, now, platform, binding, BindingEnd.by_platform, note=note)
        session.commit()
        return EndedBinding(binding.key, now, BindingEnd.by_platform, already=False)


def close_binding(
    session: Session,
    at: datetime,
    who: Who,
    binding: Binding,
    end: BindingEnd,
    *,
    case: Case | None = None,
    note: str = "",
    awaited: bool = False,
) -> None:
    """End it once, with its line, and tell its platform. `case`: by which it ended; `awaited`: the case is closed only by the
    platform's acknowledgement. Raises Stale where somebody else was first. A binding that moves on is told of by who moves it."""
    by = who.staff_id if isinstance(who, Actor) else None
    case_id = case.id if case is not None else None
    claim(session, binding, binding.version, until=at, end=end, end_note=note, ended_by=by, case_id=case_id)
    write_line(
        session,
        at,
        who,
        binding,
        "end",
        case_id=case_id,
        branch_id=case.branch_id if case is not None else None,
        platform=binding.platform.code,
        certificate=binding.certificate.serial,
        end=end.value,
        **({"note": note} if note else {}),
    )
    if end is not BindingEnd.moved:
        tell(session, at, binding.platform, EventKind.binding_ended, binding, case=case if awaited else None)
