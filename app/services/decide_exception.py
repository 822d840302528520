"""The supervisor decides on an exception, with a reason. A waiver and a correction are done in the same breath; a refund is then paid
out, and an admitted applicant accepted, by a clerk."""

from dataclasses import dataclass

from app.services.apply_correction import apply_correction
from app.services.ask_exception import needed_reason
from app.services.errors import Refusal
from app.services.exception_at_hand import exception_to_decide, still_open
from app.services.exception_content import overtaken
from app.services.publish_crl import publish_crl
from app.services.road import advance_exception
from app.services.waive_fee import waive_fee
from app.services.world import World
from models.rulebook.exceptions import UNUSED_FOR
from models.rulebook.kinds import KINDS
from models.rulebook.oversight import ExceptionAction, ExceptionKind, ExceptionState
from models.rulebook.permissions import Actor


@dataclass(frozen=True, slots=True)
class DecidedException:
    number: str
    kind: ExceptionKind
    state: ExceptionState


def grant_exception(world: World, actor: Actor, exception_id: int, version: int, reason: str) -> DecidedException:
    """Raises Faulty, Forbidden to whoever asked or worked on the case, Refusal "exception_overtaken" or "exception_lapsed", OutOfTurn
    and Stale where another was first."""
    reason = needed_reason(reason)
    at = world.now()
    with world.writing() as session:
        exception = exception_to_decide(session, actor, exception_id)
        still_open(exception, ExceptionAction.grant, version, at)
        if overtaken(session, world, exception):
            raise Refusal("exception_overtaken")
        decided = {"decided_by": actor.staff_id, "decided_at": at, "decision": reason, "expires_at": at + UNUSED_FOR}
        advance_exception(session, at, actor, exception, ExceptionAction.grant, version=version, changes=decided, reason=reason)
        if exception.kind is ExceptionKind.fee_waiver:
            waive_fee(session, at, actor, exception)
        elif exception.kind is ExceptionKind.correction:
            apply_correction(session, at, actor, exception)
        session.commit()
    if exception.kind is ExceptionKind.fee_waiver and KINDS[exception.case.kind].status is not None:
        publish_crl(world)
    return DecidedException(exception.number, exception.kind, exception.state)


def refuse_exception(world: World, actor: Actor, exception_id: int, version: int, reason: str) -> DecidedException:
    """Raises as `grant_exception`; what was overtaken may be refused."""
    reason = needed_reason(reason)
    at = world.now()
    with world.writing() as session:
        exception = exception_to_decide(session, actor, exception_id)
        still_open(exception, ExceptionAction.refuse, version, at)
        decided = {"decided_by": actor.staff_id, "decided_at": at, "decision": reason}
        advance_exception(session, at, actor, exception, ExceptionAction.refuse, version=version, changes=decided, reason=reason)
        session.commit()
    return DecidedException(exception.number, exception.kind, exception.state)
