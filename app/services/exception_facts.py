"""What the slips of exceptions say, put down when they are numbered: a reprint says the same, whatever changed since."""

from typing import Any

from sqlalchemy.orm import Session

from app.services.paper_facts import head_of
from app.services.paper_words import FIELDS, both
from models.rulebook.exceptions import Correctable
from models.rulebook.permissions import Actor
from models.tables import ExceptionRequest, MoneyEntry
from models.worklists.exceptions import left_of


def waiver_facts(session: Session, granter: Actor, exception: ExceptionRequest) -> dict[str, Any]:
    zh, en = both(exception.case.kind)
    return _head(session, exception, granter.called) | {
        "kind_zh": zh,
        "kind_en": en,
        "amount_fen": exception.content["amount_fen"],
    }


def refund_facts(session: Session, cashier: Actor, exception: ExceptionRequest, entry: MoneyEntry) -> dict[str, Any]:
    receipt = entry.receipt
    assert receipt is not None  # of a receipt, or there were nothing to pay back  # noqa: S101
    assert entry.method is not None  # noqa: S101
    assert exception.decider is not None  # noqa: S101
    zh, en = both(entry.method)
    return _head(session, exception, exception.decider.called) | {
        "entry_number": entry.number,
        "receipt_number": receipt.number,
        "receipt_fen": receipt.amount_fen,
        "amount_fen": entry.amount_fen,
        "left_fen": left_of(session, receipt),
        "method_zh": zh,
        "method_en": en,
        "reference": entry.reference,
        "cashier_name": cashier.called,
    }


def correction_facts(session: Session, granter: Actor, exception: ExceptionRequest) -> dict[str, Any]:
    zh, en = FIELDS[Correctable(exception.content["field"])]
    return _head(session, exception, granter.called) | {
        "field_zh": zh,
        "field_en": en,
        "was": exception.content["was"],
        "now": exception.content["now"],
    }


def _head(session: Session, exception: ExceptionRequest, granter_name: str) -> dict[str, Any]:
    return head_of(session, exception.case, {}) | {
        "exception_number": exception.number,
        "reason": exception.reason,
        "granter_name": granter_name,
    }
