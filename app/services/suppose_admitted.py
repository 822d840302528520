"""What would be found about a draft if its applicant were admitted, and whether an admission may be asked for at all."""

from dataclasses import dataclass

from app.services.case_at_hand import case_at_hand
from app.services.errors import Refusal
from app.services.examine_case import Verdict
from app.services.exception_content import admission_wanted, verdict_if_admitted
from app.services.world import World
from models.rulebook.permissions import Actor, Permission


@dataclass(frozen=True, slots=True)
class Supposed:
    """`refusal`: the code of why it may not be asked for; empty where it may."""

    verdict: Verdict
    refusal: str


def suppose_admitted(world: World, actor: Actor, case_id: int) -> Supposed:
    with world.reading() as session:
        case = case_at_hand(session, actor, Permission.read_case, case_id)
        verdict = verdict_if_admitted(session, world, case)
        try:
            admission_wanted(case, verdict)
        except Refusal as refusal:
            return Supposed(verdict, refusal.code)
    return Supposed(verdict, "")
