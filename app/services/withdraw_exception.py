"""What was asked for is not wanted any more, or nothing is left to allow: the request ends."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from app.services.errors import Faulty, Forbidden, OutOfTurn, Stale
from app.services.exception_at_hand import exception_at_hand
from app.services.road import Who, advance_exception
from app.services.world import World
from models.rulebook.oversight import ExceptionAction, ExceptionKind
from models.rulebook.oversight_workflow import EXCEPTION
from models.rulebook.permissions import Actor, Permission, denial
from models.rulebook.workflow import open_actions
from models.tables import Case
from models.worklists.exceptions import open_exceptions_of


def withdraw_exception(world: World, actor: Actor, exception_id: int, version: int, reason: str = "") -> str:
    """Its number. By whoever asked, or with a reason by a supervisor of the branch; also after it was allowed and until it is used.

    Raises Forbidden for anybody else, Faulty where the reason is wanting, OutOfTurn and Stale.
    """
    decides = denial(Permission.decide_exception, actor) is None
    with world.writing() as session:
        door = Permission.decide_exception if decides else Permission.ask_exception
        exception = exception_at_hand(session, actor, door, exception_id)
        if exception.asked_by != actor.staff_id and not decides:
            raise Forbidden("forbidden_not_the_asker")
        if exception.asked_by != actor.staff_id and not reason:
            raise Faulty(fields={"reason": "required"})
        if ExceptionAction.withdraw not in open_actions(EXCEPTION, exception.state):
            raise OutOfTurn("exception_out_of_turn", state=exception.state.value, action=ExceptionAction.withdraw.value)
        if exception.version != version:
            raise Stale()
        given = {"reason": reason} if reason else {}
        advance_exception(session, world.now(), actor, exception, ExceptionAction.withdraw, version=version, **given)
        session.commit()
    return exception.number


def end_exceptions(session: Session, at: datetime, who: Who, case: Case, kinds: Collection[ExceptionKind]) -> None:
    """The case went another way: open requests of these kinds have nothing left to ask for."""
    for exception in open_exceptions_of(session, case.id, kinds):
        advance_exception(session, at, who, exception, ExceptionAction.withdraw, reason="exception_overtaken")
