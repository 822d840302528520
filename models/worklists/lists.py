"""The lists of supervision: the columns of each and what it can be asked. No personal number is among them."""

from collections.abc import Mapping
from types import MappingProxyType

from models.rulebook.vocabulary import CaseKind, CaseState, EnvelopeState, PaymentMethod, TokenState
from models.tables import Case, Envelope, JournalLine, Receipt, Token
from models.worklists import asking as ask
from models.worklists.looking import Column, Listed, Shape

_CODE = Column("branch", ("branch", "code"))

CASES = Listed(
    room="cases",
    model=Case,
    columns=(
        Column("number"),
        Column("applicant", ("applicant", "name")),
        Column("credit_code", ("applicant", "credit_code")),
        Column("kind", shape=Shape.word),
        Column("state", shape=Shape.word),
        _CODE,
        Column("opener", ("opener", "name")),
        Column("opened_at", shape=Shape.instant),
        Column("state_since", shape=Shape.instant),
    ),
    key=Case.opened_at,
    descending=True,
    keys={  # what an index has in order behind the branch and what is asked
        "number": Case.number,
        "since": Case.opened_at,
        "until": Case.opened_at,
        "state": Case.id,
        "kind": Case.id,
    },
    filters={
        "number": ask.begins(Case.number),
        "applicant": ask.of_applicant,
        "kind": ask.is_word(Case.kind, CaseKind),
        "state": ask.is_word(Case.state, CaseState),
        "opener": ask.opened_by,
        "since": ask.since(Case.opened_at),
        "until": ask.until(Case.opened_at),
    },
    words={"kind": CaseKind, "state": CaseState},
    related=(Case.applicant, Case.branch, Case.opener),
)
TOKENS = Listed(
    room="tokens",
    model=Token,
    columns=(
        Column("serial"),
        Column("state", shape=Shape.word),
        _CODE,
        Column("state_since", shape=Shape.instant),
        Column("note"),
    ),
    key=Token.serial,
    by_state=Token.state,
    descending=False,
    filters={
        "first": ask.from_text(Token.serial),
        "last": ask.to_text(Token.serial),
        "state": ask.is_word(Token.state, TokenState),
    },
    words={"state": TokenState},
    related=(Token.branch,),
)
ENVELOPES = Listed(
    room="envelopes",
    model=Envelope,
    columns=(
        Column("number"),
        Column("state", shape=Shape.word),
        _CODE,
        Column("token", ("token", "serial")),
        Column("state_since", shape=Shape.instant),
        Column("void_reason"),
    ),
    key=Envelope.number,
    by_state=Envelope.state,
    descending=False,
    filters={
        "first": ask.from_text(Envelope.number),
        "last": ask.to_text(Envelope.number),
        "state": ask.is_word(Envelope.state, EnvelopeState),
        "token": ask.of_token(Envelope.token_id),
    },
    words={"state": EnvelopeState},
    related=(Envelope.branch, Envelope.token),
)
RECEIPTS = Listed(
    room="receipts",
    model=Receipt,
    columns=(
        Column("number"),
        Column("case", ("case", "number")),
        Column("amount_fen", shape=Shape.money),
        Column("method", shape=Shape.word),
        Column("reference"),
        _CODE,
        Column("cashier", ("cashier", "name")),
        Column("day", shape=Shape.day),
        Column("at", shape=Shape.instant),
    ),
    key=Receipt.day,
    descending=True,
    keys={"number": Receipt.number},
    filters={
        "number": ask.begins(Receipt.number),
        "case": ask.of_case(Receipt.case_id),
        "method": ask.is_word(Receipt.method, PaymentMethod),
        "cashier": ask.by_staff(Receipt.by),
        "since": ask.on_or_after(Receipt.day),
        "until": ask.on_or_before(Receipt.day),
    },
    words={"method": PaymentMethod},
    related=(Receipt.case, Receipt.branch, Receipt.cashier),
)
JOURNAL = Listed(
    room="journal",
    model=JournalLine,
    columns=(
        Column("at", shape=Shape.instant),
        Column("staff", shape=Shape.by),
        Column("case_id", ("case", "number")),
        Column("act", shape=Shape.act),
        Column("after", shape=Shape.change),
        Column("detail", shape=Shape.detail),
    ),
    key=JournalLine.id,
    descending=True,
    keys={"since": JournalLine.at, "until": JournalLine.at},
    by_branch=False,
    filters={
        "person": ask.journal_of_person,
        "applicant": ask.journal_of_applicant,
        "token": ask.journal_of_token,
        "case": ask.of_case(JournalLine.case_id),
        "act": ask.journal_act,
        "since": ask.in_journal(ask.since(JournalLine.at)),
        "until": ask.in_journal(ask.until(JournalLine.at)),
    },
    related=(JournalLine.staff, JournalLine.station, JournalLine.platform, JournalLine.case),
)

LISTS: Mapping[str, Listed] = MappingProxyType({listed.room: listed for listed in (CASES, TOKENS, ENVELOPES, RECEIPTS, JOURNAL)})
