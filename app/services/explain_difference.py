"""Book what makes the ledgers agree with a count: pieces that lack or turned up, by serial, and cash that is too much or too little."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app.services.blank_pieces import LONGEST, faulty_serials, move_pieces, pieces_of_branch
from app.services.book_money import book_money
from app.services.errors import Faulty
from models.rulebook.day_sheet import DaySheet, StockLine
from models.rulebook.oversight import MoneyKind, StockKind
from models.rulebook.permissions import Actor
from models.rulebook.serials import BadSerials, read_list, told
from models.rulebook.vocabulary import PaymentMethod, TokenAction
from models.tables import Branch, DayClose
from models.worklists.day import serials_in_stock


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the supervisor found out. `lacking`, `surplus`: serials by kind, as typed; `reason` stands with every entry that is booked
    for it."""

    lacking: Mapping[StockKind, str] = field(default_factory=dict)
    surplus: Mapping[StockKind, str] = field(default_factory=dict)
    cash_reason: str = ""
    reason: str = ""


def explain_difference(
    session: Session, at: datetime, actor: Actor, count: DayClose, sheet: DaySheet, explanation: Explanation
) -> None:
    """Book what makes the ledgers agree with the count. Raises Faulty at each field that does not."""
    faults: dict[str, str] = {}
    named = {line.kind: _named(line, explanation) for line in sheet.stock}
    for line in sheet.stock:
        lacking, surplus = named[line.kind]
        if not line.explained_by(len(lacking), len(surplus)):
            faults[f"{'lacking' if line.difference < 0 else 'surplus'}_{line.kind}"] = "difference_unexplained"
    if sheet.cash.difference and not explanation.cash_reason:
        faults["cash_reason"] = "required"
    if any(lacking or surplus for lacking, surplus in named.values()) and not explanation.reason:
        faults["reason"] = "required"
    if faults:
        raise Faulty(fields=faults)
    branch = session.get_one(Branch, count.branch_id)
    for kind, (lacking, surplus) in named.items():
        for serials, action, field_name in ((lacking, TokenAction.miss, "lacking"), (surplus, TokenAction.recover, "surplus")):
            if not serials:
                continue
            place = f"{field_name}_{kind}"
            pieces = pieces_of_branch(session, kind, branch.id, serials, action, place)
            on_the_way = set(serials) - serials_in_stock(session, branch.id, kind) if action is TokenAction.miss else set()
            if on_the_way:  # to another branch: it lacks there, if it lacks
                raise Faulty(fields={place: "pieces_not_blank"}, serials=told(on_the_way))
            move_pieces(session, at, actor, kind, pieces, action, reason=explanation.reason)
    if sheet.cash.difference:
        why = {"method": PaymentMethod.cash, "reference": count.number, "reason": explanation.cash_reason}
        book_money(session, at, actor, branch, MoneyKind.difference, sheet.cash.difference, **why)


def _named(line: StockLine, explanation: Explanation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The serials that are said to lack, and those said to be there after all."""
    found = []
    for name, typed in (("lacking", explanation.lacking), ("surplus", explanation.surplus)):
        try:
            found.append(read_list(typed.get(line.kind, ""), LONGEST[line.kind]))
        except BadSerials as fault:
            raise faulty_serials(fault, f"{name}_{line.kind}") from None
    return found[0], found[1]
