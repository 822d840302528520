"""What the database says otherwise than the picture."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from app.services.world import World
from models.tables import Applicant, Case, CaseItem, Certificate, Envelope, Grant, Receipt, Run, Token
from tests.builders.whole_life.picture import Holder, Life

AGREED = ("awaiting_payment", "ready_to_issue", "issuing", "awaiting_handover", "closed")
# Asked after every step, so built once. Of each row the first words are what it is known by, the last what is compared.
_CASES = select(Case.id, Case.state, Case.kind, Case.fee_total_fen)
_ITEMS = select(CaseItem.case_id, CaseItem.position, CaseItem.state, CaseItem.work, CaseItem.fee_fen)
_CERTIFICATES = select(Certificate.run_id, Certificate.status, Certificate.reason)
_TOKENS = select(Token.serial, Token.state)
_ENVELOPES = select(Envelope.number, Envelope.state)
_RUNS = select(Run.id, Run.state, Run.fault)
_APPLICANTS = select(Applicant.credit_code, Applicant.name, Applicant.certificates_promised)
_RECEIPTS = select(Receipt.case_id, Receipt.amount_fen)
_LEAVES = select(Grant.case_id, Grant.expires_at).where(Grant.used_at.is_(None), Grant.expires_at > bindparam("now"))


def differences(world: World, life: Life) -> list[str]:
    """As sentences; none where office and picture agree."""
    found: list[str] = []

    def compare(name: str, said: Mapping[Any, Any], meant: Mapping[Any, Any]) -> None:
        if said != meant:
            odd = sorted((key for key in said.keys() | meant.keys() if said.get(key) != meant.get(key)), key=str)
            found.extend(f"{name} {key}: {said.get(key)}, not {meant.get(key)}" for key in odd)

    owned = {affair.id: affair for affair in life.affairs.values()}
    with world.engine.connect() as connection:
        rows = connection.execute(_CASES).all()
        compare(
            "case",
            {id_: (state, kind, fee if state in AGREED else None) for id_, state, kind, fee in rows},
            {a.id: (a.state, a.kind, a.fee if a.state in AGREED else None) for a in owned.values()},
        )
        compare(
            "item",
            {(case, at): (state, work, fee) for case, at, state, work, fee in connection.execute(_ITEMS)},
            {(a.id, at): (p.state, p.work, p.fee) for a in owned.values() for at, p in a.pieces.items()},
        )
        compare(
            "certificate of run",
            {run: (status, reason) for run, status, reason in connection.execute(_CERTIFICATES)},
            {paper.run: (paper.status, paper.reason) for paper in life.papers.values()},
        )
        compare("token", _pairs(connection.execute(_TOKENS)), life.tokens)
        compare("envelope", _pairs(connection.execute(_ENVELOPES)), life.envelopes)
        compare(
            "run",
            {id_: (state, fault) for id_, state, fault in connection.execute(_RUNS)},
            {run.id: (run.state, run.fault) for run in life.runs.values()},
        )
        compare(
            "applicant",
            {code: (name, promised) for code, name, promised in connection.execute(_APPLICANTS)},
            {holder.code: (holder.name, holder.promised) for holder in entered(life)},
        )
        paid = {affair.id: affair.paid for affair in owned.values() if affair.paid is not None}
        compare("receipt of case", _pairs(connection.execute(_RECEIPTS)), paid)
        compare(
            "leave of case",
            _pairs(connection.execute(_LEAVES, {"now": life.now})),
            {a.id: a.leave_ends for a in owned.values() if a.leave_ends is not None and a.leave_ends > life.now},
        )
    return found


def _pairs(rows: Any) -> dict[Any, Any]:
    return dict(rows.all())


def entered(life: Life) -> list[Holder]:
    """An applicant is on record from the first acceptance of one of his cases."""
    known = {affair.holder for affair in life.affairs.values() if affair.entered}
    return [holder for at, holder in enumerate(life.holders) if at in known]
