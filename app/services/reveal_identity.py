"""Show a masked number in clear: for a reason, and with a line in the journal that says who looked and why."""

from dataclasses import dataclass

from app.services.case_at_hand import case_at_hand
from app.services.errors import Faulty
from app.services.road import write_line
from app.services.seal_presenter import ID_PLACE, MOBILE_PLACE
from app.services.world import World
from models.rulebook.permissions import Actor, Permission


@dataclass(frozen=True, slots=True, repr=False)
class RevealedIdentity:
    """In clear: to be shown once, never stored or logged."""

    id_number: str
    mobile: str


def reveal_identity(world: World, actor: Actor, case_id: int, reason: str) -> RevealedIdentity:
    """The presenter's numbers. The line is committed before anything is shown; it needs a reason of at least two characters."""
    reason = reason.strip()
    if len(reason) < 2:
        raise Faulty(fields={"reason": "required"})
    with world.writing() as session:
        case = case_at_hand(session, actor, Permission.read_identity, case_id)
        write_line(session, world.now(), actor, case, "reveal_identity", case_id=case.id, branch_id=case.branch_id, reason=reason)
        session.commit()
        opened = [
            world.vault.open(sealed, place.format(number=case.number)) if sealed is not None else ""
            for sealed, place in (
                (case.presenter_id_sealed, ID_PLACE),
                (case.presenter_mobile_sealed, MOBILE_PLACE),
            )
        ]
    return RevealedIdentity(*opened)
