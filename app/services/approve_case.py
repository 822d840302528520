"""A second person approves: the fee is frozen, the certificates are ordered, and a fee of nothing is settled at once."""

from dataclasses import dataclass

from app.services.case_at_hand import case_for_review, must_be_open
from app.services.promise_certificates import lock_applicant, order_items, promise_certificates, settle_if_free
from app.services.road import advance_case
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction


@dataclass(frozen=True, slots=True)
class ApprovedCase:
    number: str
    items_fen: tuple[int, ...]
    total_fen: int
    settled: bool


def approve_case(world: World, actor: Actor, case_id: int, version: int) -> ApprovedCase:
    """Raises Forbidden to whoever opened, typed or accepted the case; OutOfTurn and Stale where another was first."""
    at = world.now()
    with world.writing() as session:
        case = case_for_review(session, actor, case_id)
        must_be_open(case, CaseAction.approve, version)
        fee = promise_certificates(session, lock_applicant(session, case), case.certificates_asked)
        frozen = {"reviewed_by": actor.staff_id, "reviewed_at": at, "fee_total_fen": fee.total_fen}
        advance_case(session, at, actor, case, CaseAction.approve, version=version, changes=frozen, fee_fen=fee.total_fen)
        order_items(session, at, case, fee)
        settled = settle_if_free(session, at, actor, case)
        session.commit()
    return ApprovedCase(case.number, fee.items_fen, fee.total_fen, settled)
