"""What the filters of the lists ask: each turns what was typed into conditions that an index answers."""

from collections.abc import Callable, Collection
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.rulebook.oversight import BindingState, GrantUse
from models.rulebook.vocabulary import BindingEnd, RevocationReason, Role
from models.tables import (
    Applicant,
    ApplicantBigram,
    Binding,
    Case,
    CaseItem,
    Certificate,
    Delivery,
    Envelope,
    Grant,
    JournalLine,
    Platform,
    PlatformEvent,
    Run,
    Staff,
    StaffRole,
    Token,
    bigrams,
    folded,
)
from models.tables.base import BEIJING
from models.worklists.looking import Narrow, Parts, Unclear
from models.worklists.search import MOST_CANDIDATES, pairs_by_rarity

MOST_APPLICANTS = 50  # whose journals are put together
LAST = "\U0010ffff"  # behind every text that begins like the one before it

Ask = Callable[[Session, str], Parts]
NOTHING = Narrow([[false()]])  # what was asked for does not exist


def midnight(day: str) -> datetime:
    """At which a day of Beijing begins."""
    return datetime.combine(date.fromisoformat(day), time.min, BEIJING)


def in_journal(ask: Ask) -> Ask:
    """By time, which the journal's index of instants answers for all branches."""
    return lambda session, value: Narrow(ask(session, value))


def is_word(column: Any, words: type[StrEnum]) -> Ask:
    return lambda session, value: [[column == words(value)]]


def begins(column: Any, fold: Callable[[str], str] = str.upper) -> Ask:
    """Numbers of the office are written in capitals, those of certificates in small letters."""
    return lambda session, value: Narrow([[column >= fold(value), column < fold(value) + LAST]])


def since(column: Any) -> Ask:
    return lambda session, value: [[column >= midnight(value)]]


def until(column: Any) -> Ask:
    return lambda session, value: [[column < midnight(value) + timedelta(days=1)]]


def _staff(session: Session, number: str) -> int | None:
    return session.scalar(select(Staff.id).where(Staff.number.in_((number, number.upper()))).limit(1))


def by_staff(column: Any) -> Ask:
    def ask(session: Session, number: str) -> Parts:
        staff_id = _staff(session, number)
        return [[column == staff_id]] if staff_id is not None else NOTHING

    return ask


def opened_by(session: Session, number: str) -> Parts:
    """Who opened few cases is found by them; of one who opened many, the newest soon come by."""
    parts = by_staff(Case.opened_by)(session, number)
    [[his]] = parts
    many = session.scalar(select(func.count()).select_from(select(Case.id).where(his).limit(MOST_CANDIDATES).subquery())) or 0
    return parts if many >= MOST_CANDIDATES else Narrow(parts)


def of_case(column: Any) -> Ask:
    def ask(session: Session, number: str) -> Parts:
        case_id = session.scalar(select(Case.id).where(Case.number == number.upper()))
        return Narrow([[column == case_id]]) if case_id is not None else NOTHING

    return ask


def applicant_ids(session: Session, text: str) -> Collection[int] | None:
    """Whose code it is, or whose names have it in them; None for a text that more than MOST_CANDIDATES names may have.

    Raises Unclear for a single character.
    """
    exact = session.scalars(select(Applicant.id).where(Applicant.credit_code == text.upper())).all()
    if exact:
        return exact
    pairs = pairs_by_rarity(session, text)
    if not pairs:
        raise Unclear("applicant", "applicant_too_short")
    many, pair = pairs[0]
    if many >= MOST_CANDIDATES:
        return None
    with_pair = select(ApplicantBigram.applicant_id).where(ApplicantBigram.bigram == pair)
    names = session.execute(select(Applicant.id, Applicant.name).where(Applicant.id.in_(with_pair)))
    return [id_ for id_, name in names if folded(text) in folded(name)]


def of_applicant(column: Any) -> Ask:
    """Names that many have are looked at row by row, the newest first: then most of the rows are of one of them."""

    def ask(session: Session, text: str) -> Parts:
        ids = applicant_ids(session, text)
        if ids is not None:
            return Narrow([[column.in_(ids)]])
        whole, pairs = aliased(Applicant), sorted(bigrams(text))
        shared = [
            select(pair_of.applicant_id).where(pair_of.applicant_id == column, pair_of.bigram == pair)
            for pair, pair_of in ((pair, aliased(ApplicantBigram)) for pair in pairs)
        ]
        if len(pairs) > 1:  # of a single pair whoever has it is meant
            named = func.replace(func.lower(whole.name), " ", "").contains(folded(text), autoescape=True)
            shared.append(select(whole.id).where(whole.id == column, named))
        # Asked of each row by itself: PostgreSQL would begin with all names, and sort all their cases.
        return [[one.scalar_subquery().is_not(None) for one in shared]]

    return ask


def told_of_applicant(session: Session, text: str) -> Parts:
    """What platforms were told about his bindings."""
    his = select(Binding.id).where(Binding.applicant_id.in_(few_applicants(session, text)))
    return Narrow([[PlatformEvent.binding_id.in_(his)]])


def journal_of_applicant(session: Session, text: str) -> Parts:
    return about_applicants(session, few_applicants(session, text))


def few_applicants(session: Session, text: str) -> Collection[int]:
    """Raises Unclear for a text that more than MOST_APPLICANTS names have in them."""
    ids = applicant_ids(session, text)
    if ids is None or len(ids) > MOST_APPLICANTS:
        raise Unclear("applicant", "applicant_too_many")
    return ids


def about_applicants(session: Session, ids: Collection[int]) -> Parts:
    """Lines of their cases, and lines about themselves."""
    cases = session.scalars(select(Case.id).where(Case.applicant_id.in_(ids))).all()
    return Narrow(
        [
            [JournalLine.case_id.in_(cases)],
            [JournalLine.subject == Applicant.__tablename__, JournalLine.subject_id.in_(ids)],
        ]
    )


def journal_of_token(session: Session, serial: str) -> Parts:
    token_id = session.scalar(select(Token.id).where(Token.serial.in_((serial, serial.upper()))))
    return about_token(session, token_id) if token_id is not None else NOTHING


def about_token(session: Session, token_id: int) -> Parts:
    """Lines about the token, its runs, its envelopes and its certificates."""
    parts = Narrow([[JournalLine.subject == Token.__tablename__, JournalLine.subject_id == token_id]])
    for table in (Run, Envelope, Certificate):
        ids = session.scalars(select(table.id).where(table.token_id == token_id)).all()
        if ids:
            parts.append([JournalLine.subject == table.__tablename__, JournalLine.subject_id.in_(ids)])
    return parts


def journal_of_person(session: Session, number: str) -> Parts:
    """What he did, and what was done about his account."""
    staff_id = _staff(session, number)
    if staff_id is None:
        return NOTHING
    return Narrow(
        [
            [JournalLine.staff_id == staff_id],
            [JournalLine.subject == Staff.__tablename__, JournalLine.subject_id == staff_id],
        ]
    )


def journal_act(session: Session, value: str) -> Parts:
    subject, _, act = value.partition(":")
    return Narrow([[JournalLine.subject == subject, JournalLine.act == act]])


def from_text(column: Any) -> Ask:
    return lambda session, text: [[column >= text]]


def to_text(column: Any) -> Ask:
    """Up to the text, and all that begins like it."""
    return lambda session, text: [[column < text + LAST]]


def on_or_after(column: Any) -> Ask:
    return lambda session, day: [[column >= date.fromisoformat(day)]]


def on_or_before(column: Any) -> Ask:
    return lambda session, day: [[column <= date.fromisoformat(day)]]


def of_token(column: Any) -> Ask:
    def ask(session: Session, serial: str) -> Parts:
        token_id = session.scalar(select(Token.id).where(Token.serial.in_((serial, serial.upper()))).limit(1))
        return Narrow([[column == token_id]]) if token_id is not None else NOTHING

    return ask


def of_certificate(session: Session, serial: str) -> Parts:
    """Bindings of it."""
    certificate_id = session.scalar(select(Certificate.id).where(Certificate.serial == serial.lower()))
    return Narrow([[Binding.certificate_id == certificate_id]]) if certificate_id is not None else NOTHING


def made_in_case(session: Session, number: str) -> Parts:
    """Certificates that a case made."""
    items = session.scalars(
        select(CaseItem.id).join(Case, CaseItem.case_id == Case.id).where(Case.number == number.upper())
    ).all()
    return Narrow([[Certificate.item_id.in_(items)]])


def revoked_for(session: Session, value: str) -> Parts:
    """One on hold bears a reason, too."""
    return [[Certificate.reason == RevocationReason(value), Certificate.revoked_at.is_not(None)]]


def at_platform(column: Any) -> Ask:
    def ask(session: Session, code: str) -> Parts:
        platform_id = session.scalar(select(Platform.id).where(Platform.code == code))
        return [[column == platform_id]] if platform_id is not None else NOTHING

    return ask


def bound(session: Session, value: str) -> Parts:
    """Live, or ended by whatever."""
    if BindingState(value) is BindingState.live:
        return [[Binding.until.is_(None)]]
    return [[Binding.end == end] for end in BindingEnd]


def grant_used(session: Session, value: str) -> Parts:
    return [[Grant.used_at.is_not(None) if GrantUse(value) is GrantUse.used else Grant.used_at.is_(None)]]


def has_role(session: Session, value: str) -> Parts:
    return [[exists().where(StaffRole.staff_id == Staff.id, StaffRole.role == Role(value))]]


def has_text(column: Any) -> Ask:
    """Somewhere in it: of few rows."""
    return lambda session, text: [[column.contains(text, autoescape=True)]]


def in_box(session: Session, serial: str) -> Parts:
    """Deliveries in whose range a serial lies: serials of one length are in order."""
    serial = serial.upper()
    first, last = Delivery.first_serial, Delivery.last_serial
    return [[func.length(first) == len(serial), first <= serial, last >= serial]]


def by_any(*columns: Any) -> Ask:
    """Whichever of them he was."""

    def ask(session: Session, number: str) -> Parts:
        staff_id = _staff(session, number)
        return [[or_(*(column == staff_id for column in columns))]] if staff_id is not None else NOTHING

    return ask
