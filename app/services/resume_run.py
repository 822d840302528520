"""Send a stopped run to its station again: same token, same certificate if one was signed."""

from app.services.errors import OutOfTurn
from app.services.guard import allow
from app.services.pick_run import pick_run
from app.services.road import advance_run
from app.services.run_grant import GrantLapsed, is_lapsed, is_touched
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import RunAction


def resume_run(world: World, actor: Actor, run_id: int, version: int) -> None:
    """Raises OutOfTurn where the run has no such way out, GrantLapsed for an unlock that comes too late."""
    with world.writing() as session:
        run = pick_run(session, run_id)
        case = run.item.case
        allow(Permission.issue_token, actor, Subject(case.branch_id, case.opened_by))
        if RunAction.resume not in workflow.ways_out(run.kind, run.state, run.fault, is_touched(run)):
            raise OutOfTurn(state=run.state.value, action=RunAction.resume.value)
        if is_lapsed(session, run, world.now()):
            raise GrantLapsed()
        was = run.fault.value if run.fault else None
        advance_run(
            session,
            world.now(),
            actor,
            run,
            RunAction.resume,
            version=version,
            changes={"fault": None, "fault_detail": "", "stopped_at_step": None},
            fault=was,
        )
        session.commit()
