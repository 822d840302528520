"""The registry authority answered: the clerk writes it down, and the case is closed."""

from dataclasses import dataclass

from sqlalchemy import select

from app.services.case_at_hand import case_at_hand, must_be_open
from app.services.errors import Faulty
from app.services.road import advance_case, write_line
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseAction, RelayAnswer
from models.tables import Relay

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class AnsweredRelay:
    number: str
    case_number: str
    answer: RelayAnswer


def answer_relay(world: World, actor: Actor, case_id: int, version: int, answer: RelayAnswer, note: str = "") -> AnsweredRelay:
    """`note`: what the authority said, for the holder; needed where it refused. Raises Faulty (`note`: required, too_long),
    Absent for another branch's case, OutOfTurn and Stale."""
    note = note.strip()
    if len(note) > LONGEST_NOTE or (answer is RelayAnswer.refused and not note):
        raise Faulty(fields={"note": "too_long" if note else "required"})
    with world.writing() as session:
        case, at = case_at_hand(session, actor, Permission.work_at_bindings, case_id), world.now()
        must_be_open(case, CaseAction.answer, version)
        changes = {"closed_at": at}
        advance_case(session, at, actor, case, CaseAction.answer, version=version, changes=changes, answer=answer.value)
        relay = session.scalars(select(Relay).where(Relay.case_id == case.id)).one()
        relay.answered_at, relay.answered_by, relay.answer, relay.note = at, actor.staff_id, answer, note
        said = {"number": relay.number, "answer": answer.value}
        write_line(session, at, actor, relay, "answer", case_id=case.id, branch_id=case.branch_id, **said)
        session.commit()
        return AnsweredRelay(relay.number, case.number, answer)
