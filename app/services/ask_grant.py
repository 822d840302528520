"""Ask the supervisor once more: the grant lapsed before it was used, or the run that used it was given up."""

from app.services.case_at_hand import aftercare_at_hand, must_be_open
from app.services.errors import OutOfTurn
from app.services.road import advance_case
from app.services.world import World
from models.rulebook.kinds import KINDS
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction, ItemAction, RunKind
from models.rulebook.workflow import ITEM, open_actions
from models.tables import Case


def ask_grant(world: World, actor: Actor, case_id: int, version: int) -> str:
    """The case number. Raises OutOfTurn for a kind whose work needs no grant, or where none waits to be begun; Stale."""
    with world.writing() as session:
        case = aftercare_at_hand(session, actor, case_id)
        must_be_open(case, CaseAction.ask_grant, version)
        if KINDS[case.kind].work is not RunKind.unlock or not _waits(case):
            raise OutOfTurn(state=case.state.value, action=CaseAction.ask_grant.value)
        advance_case(session, world.now(), actor, case, CaseAction.ask_grant, version=version)
        session.commit()
    return case.number


def _waits(case: Case) -> bool:
    """Agreed to, and no run is at it. A draft's work was given up, if there ever was any: its papers are accepted first."""
    return any(ItemAction.begin in open_actions(ITEM, item.state) for item in case.items)
