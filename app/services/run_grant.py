"""A supervisor's leave for an unlock: looked for, used once, and when it is too late for it."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.services.errors import Faulty, OutOfTurn, Stale
from app.services.road import write_line
from models.rulebook import workflow
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import RunKind, RunState
from models.tables import Case, Grant, Run


class GrantLapsed(OutOfTurn):
    """The station had not touched the token when the leave ran out: it begins again with a new one."""

    code = "grant_lapsed"


def use_grant(session: Session, now: datetime, actor: Actor, case: Case, run: Run) -> None:
    """Use up the leave for this very case and token. Raises Faulty("grant_needed"), or Stale where another run was faster."""
    open_to_use = (Grant.case_id == case.id, Grant.token_id == run.token_id, Grant.used_at.is_(None), Grant.expires_at > now)
    grant = session.scalar(select(Grant).where(*open_to_use).order_by(Grant.expires_at.desc()).limit(1))
    if grant is None:
        raise Faulty("grant_needed")
    outcome = session.execute(
        update(Grant)
        .where(Grant.id == grant.id, *open_to_use)
        .values(used_at=now, run_id=run.id, version=Grant.version + 1)
        .execution_options(synchronize_session=False)
    )
    if outcome.rowcount != 1:
        raise Stale()
    session.expire(grant)
    write_line(session, now, actor, grant, "use", case_id=case.id, branch_id=case.branch_id, token=run.token.serial)


def is_lapsed(session: Session, run: Run, now: datetime) -> bool:
    """Whether an unlock that has not touched its token yet is too late: its leave was for minutes."""
    if run.kind is not RunKind.unlock or is_touched(run):
        return False
    until = session.scalar(select(Grant.expires_at).where(Grant.run_id == run.id))
    return until is None or until <= now


def is_touched(run: Run) -> bool:
    """Whether the station got past looking: it reports a step before it takes it."""
    return any(RunState(step["state"]) not in workflow.RUN_UNTOUCHED for step in run.steps)
