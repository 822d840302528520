"""Give a run its envelope number: one PIN, one number. A new PIN voids the number before and takes the next lowest.

The call says that the new PIN is proven: from then on no other envelope of the token speaks the truth.
"""

from dataclasses import dataclass
from datetime import date

from app.services.errors import OutOfTurn, Stale
from app.services.pick_run import pick_leased_run
from app.services.road import claim
from app.services.stock import lowest_envelope, move_envelope, void_envelopes
from app.services.world import World
from models.rulebook import workflow
from models.rulebook.vocabulary import EnvelopeAction, RunState
from models.tables import Run, Station


class NoEnvelope(OutOfTurn):
    """The branch's drawer is empty."""

    code = "no_envelope"


@dataclass(frozen=True)
class Allotted:
    number: str
    branch_name_zh: str
    branch_name_en: str
    on: date


def allot_envelope(world: World, station_id: int, key: str, lease: int, pin_id: str) -> Allotted:
    """`pin_id` names the PIN without telling it: asked again with the same, the same number comes back.

    Raises NoEnvelope, Stale, and OutOfTurn before the station has reported that it proves the token: set, prove, print.
    """
    with world.writing() as session:
        now = world.now()
        run = pick_leased_run(session, station_id, key, lease)
        _must_be_proven(run)
        station = session.get_one(Station, station_id)
        case, envelope = run.item.case, run.envelope
        if envelope is None or envelope.pin_id != pin_id:
            void_envelopes(session, now, station, run.token, case, "overtaken")  # this run's, or the one that was handed over
            envelope = lowest_envelope(session, case.branch_id)
            if envelope is None:
                raise NoEnvelope()
            move_envelope(session, now, station, envelope, EnvelopeAction.allot, case, token_id=run.token_id, pin_id=pin_id)
            claim(session, run, run.version, envelope_id=envelope.id)
            session.commit()
        elif workflow.ENVELOPE.get((envelope.state, EnvelopeAction.confirm)) is None:
            raise Stale()
        return Allotted(envelope.number, case.branch.name_zh, case.branch.name_en, world.today())


def _must_be_proven(run: Run) -> None:
    sets_pin = run.kind in workflow.RUN_SETS_PIN
    if not sets_pin or workflow.RUN_STEPS.index(run.state) < workflow.RUN_STEPS.index(RunState.proving):
        raise OutOfTurn(state=run.state.value, action="allot")
