"""Every POST about what only a supervisor can allow: asked for, decided, withdrawn, paid out."""

from functools import partial
from typing import Any

from models.rulebook.oversight import ExceptionKind
from models.tables import ExceptionRequest
from tests.app.doubles.stage import CLERKS, SUPERVISORS, Post, Scene, Stage
from tests.builders.exceptions import ADDRESS, asked, case_for, granted

TYPED: dict[ExceptionKind, dict[str, str]] = {
    ExceptionKind.refund: {"amount": "180"},
    ExceptionKind.correction: {"field": "address", "now": ADDRESS},
}


def asking(stage: Stage, kind: ExceptionKind) -> Post:
    case = case_for(stage.world, kind)
    form = {"version": case.version, "reason": "样例事由", **TYPED.get(kind, {})}
    return Post(f"/exceptions/cases/{case.id}/{kind.value}", form)


def deciding(stage: Stage, kind: ExceptionKind, step: str) -> Post:
    return _decision(asked(stage.world, kind), step)


def grant_or_refuse(stage: Stage) -> tuple[Post, ...]:
    one = asked(stage.world, ExceptionKind.fee_waiver)
    return _decision(one, "grant"), _decision(one, "refuse")


def waived_or_paid(stage: Stage) -> tuple[Post, ...]:
    """The supervisor waives the fee in the moment in which it is taken."""
    one = asked(stage.world, ExceptionKind.fee_waiver)
    return _decision(one, "grant"), Post(f"/fee/{one.case_id}/settle", {"version": one.case.version, "method": "cash"})


def paying(stage: Stage) -> Post:
    return _paid(granted(stage.world, ExceptionKind.refund))


def paid_or_withdrawn(stage: Stage) -> tuple[Post, ...]:
    one = granted(stage.world, ExceptionKind.refund)
    return _paid(one), _at(one, "withdraw")


def withdrawing(stage: Stage) -> Post:
    return _at(asked(stage.world, ExceptionKind.refund), "withdraw")


def _decision(one: ExceptionRequest, step: str) -> Post:
    return Post(f"/admin/decisions/{one.id}/{step}", {"version": str(one.version), "reason": "核对无误"})


def _paid(one: ExceptionRequest) -> Post:
    return _at(one, "pay", method="card", reference="0042")


def _at(one: ExceptionRequest, step: str, **more: Any) -> Post:
    return Post(f"/exceptions/{one.id}/{step}", {"version": str(one.version), **more})


WAIVER, REFUND = ExceptionKind.fee_waiver, ExceptionKind.refund
SCENES = (
    Scene("exceptions.ask", "a refund", partial(asking, kind=REFUND), CLERKS, important=True),
    Scene("exceptions.ask", "a waiver", partial(asking, kind=WAIVER), CLERKS),
    Scene("exceptions.ask", "an admission", partial(asking, kind=ExceptionKind.admission), CLERKS),
    Scene("exceptions.ask", "a correction", partial(asking, kind=ExceptionKind.correction), CLERKS),
    Scene("decisions.grant", "a waiver", partial(deciding, kind=WAIVER, step="grant"), SUPERVISORS),
    Scene("decisions.grant", "a correction", partial(deciding, kind=ExceptionKind.correction, step="grant"), SUPERVISORS),
    Scene("decisions.grant", "a refund", partial(deciding, kind=REFUND, step="grant"), SUPERVISORS),
    Scene("decisions.grant", "or refused", grant_or_refuse, SUPERVISORS),
    Scene("decisions.grant", "or paid", waived_or_paid, (SUPERVISORS[0], CLERKS[0]), important=True),
    Scene("decisions.refuse", "", partial(deciding, kind=REFUND, step="refuse"), SUPERVISORS),
    Scene("decisions.withdraw", "", partial(deciding, kind=REFUND, step="withdraw"), SUPERVISORS),
    Scene("exceptions.withdraw", "", withdrawing, CLERKS[:1]),
    Scene("exceptions.pay", "", paying, CLERKS, important=True),
    Scene("exceptions.pay", "or withdrawn", paid_or_withdrawn, (CLERKS[1], CLERKS[0])),
)
