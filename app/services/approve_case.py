"""A second person approves: the fee is frozen, the work is ordered, and a fee of nothing is settled at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.services.agree import agree
from app.services.case_at_hand import case_to_decide, must_be_open
from app.services.promise_certificates import lock_applicant, order_items, promise_certificates, settle_if_free
from app.services.publish_crl import publish_crl
from app.services.road import advance_case
from app.services.world import World
from models.rulebook.fees import Fee
from models.rulebook.kinds import FIRST_KINDS, KINDS
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction, CaseState
from models.rulebook.workflow import CASE, CASE_FINAL, open_actions
from models.tables import Case


@dataclass(frozen=True, slots=True)
class ApprovedCase:
    number: str
    items_fen: tuple[int, ...]
    total_fen: int
    state: CaseState
    published: bool  # False: a certificate's status changed, and the list that says so could not be signed yet

    @property
    def settled(self) -> bool:
        return CaseAction.settle not in open_actions(CASE, self.state)

    @property
    def carried_out(self) -> bool:
        """A change of status: done, with its receipt."""
        return self.state in CASE_FINAL


def approve_case(world: World, actor: Actor, case_id: int, version: int) -> ApprovedCase:
    """Raises Forbidden to whoever opened, typed or accepted the case; Refusal "kind_not_open" where the certificate has changed
    meanwhile; OutOfTurn and Stale where another was first."""
    at = world.now()
    with world.writing() as session:
        case = case_to_decide(session, actor, case_id)
        must_be_open(case, CaseAction.approve, version)
        if case.kind in FIRST_KINDS:
            fee = _promise(session, at, actor, case, version)
        else:
            fee = agree(session, world, at, actor, case, CaseAction.approve, version)
        settle_if_free(session, at, actor, case)
        session.commit()
    published = publish_crl(world) if KINDS[case.kind].status is not None else True
    return ApprovedCase(case.number, fee.items_fen, fee.total_fen, case.state, published)


def _promise(session: Session, at: datetime, actor: Actor, case: Case, version: int) -> Fee:
    fee = promise_certificates(session, lock_applicant(session, case), case.certificates_asked)
    frozen = {"reviewed_by": actor.staff_id, "reviewed_at": at, "fee_total_fen": fee.total_fen}
    advance_case(session, at, actor, case, CaseAction.approve, version=version, changes=frozen, fee_fen=fee.total_fen)
    order_items(session, at, case, fee)
    return fee
