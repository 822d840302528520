"""A second person agrees to an aftercare case: the certificate is looked at once more, the fee is frozen, the work is ordered."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.services.errors import Refusal
from app.services.examine_aftercare import is_still_open
from app.services.order_work import order_work
from app.services.road import advance_case
from app.services.world import World
from models.rulebook.fees import Fee
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction
from models.tables import Case


def agree(
    session: Session, world: World, at: datetime, actor: Actor, case: Case, action: CaseAction, version: int, **detail: str
) -> Fee:
    """`action`: approve or grant. The fee is the one of the examination that the case was accepted by.

    Raises Refusal "kind_not_open" where the certificate has changed since; Stale.
    """
    if not is_still_open(session, world, case):
        raise Refusal("kind_not_open")
    fee = Fee((case.details["fee_fen"],))
    frozen = {"reviewed_by": actor.staff_id, "reviewed_at": at, "fee_total_fen": fee.total_fen}
    advance_case(session, at, actor, case, action, version=version, changes=frozen, fee_fen=fee.total_fen, **detail)
    order_work(session, at, case, fee.total_fen)
    return fee
