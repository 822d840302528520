"""A delivery of blank pieces: what the note says against what was counted, and every serial into the branch's stock."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.blank_pieces import LONGEST, bring_in, faulty_serials, known_serials, shelve
from app.services.book_movement import book_movements
from app.services.errors import Absent, Faulty
from app.services.guard import allow
from app.services.numbering import next_number
from app.services.road import write_line
from app.services.world import BEIJING, World
from models.rulebook.oversight import MovementKind, StockKind
from models.rulebook.permissions import Actor, Permission
from models.rulebook.serials import BadSerials, Box, Contents, told, unpack
from models.tables import Branch, Delivery


@dataclass(frozen=True, slots=True)
class DeliveryFacts:
    """`lacking`: serials and ranges as typed."""

    kind: StockKind
    note_number: str
    supplier: str
    first: str
    last: str
    counted: int
    lacking: str = ""
    remark: str = ""


def receive_delivery(world: World, actor: Actor, facts: DeliveryFacts) -> int:
    """The id of the delivery. A second click finds the note taken in already.

    Raises Faulty at the fields of the facts, naming serials that are in the books already; Absent for whoever belongs to no branch.
    """
    allow(Permission.manage_stock, actor)
    contents = unpacked(facts)
    with world.writing() as session:
        branch = session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
        if branch is None:
            raise Absent()
        refuse_known(session, branch.id, facts, contents)
        try:
            delivery = book_delivery(session, world.now(), actor, branch, facts, contents)
            session.commit()
        except IntegrityError:  # somebody else took one of them in by a blink
            raise Faulty(fields={"first": "serials_known_now"}) from None
        return delivery.id


def unpacked(facts: DeliveryFacts) -> Contents:
    """Raises Faulty at the fields."""
    try:
        return unpack(Box(facts.first, facts.last, facts.counted, facts.lacking), LONGEST[facts.kind])
    except BadSerials as fault:
        raise faulty_serials(fault, "last" if fault.code.startswith("range") else "first") from None


def refuse_known(session: Session, branch_id: int, facts: DeliveryFacts, contents: Contents) -> None:
    """Raises Faulty: note_known for a range of a note that was taken in, serials_known for what came in otherwise."""
    refuse_noted(session, branch_id, facts, contents.first)
    known = known_serials(session, facts.kind, contents.inside)
    if known:
        raise Faulty(fields={"first": "serials_known"}, serials=told(known))


def refuse_noted(session: Session, branch_id: int, facts: DeliveryFacts, first: str) -> None:
    """Raises Faulty: note_known for a range of a note that was taken in."""
    number = session.scalar(
        select(Delivery.number).where(
            Delivery.branch_id == branch_id,
            Delivery.kind == facts.kind,
            Delivery.note_number == facts.note_number,
            Delivery.first_serial == first,
        )
    )
    if number is not None:
        raise Faulty(fields={"note_number": "note_known"}, number=number)


def book_delivery(
    session: Session,
    at: datetime,
    actor: Actor,
    branch: Branch,
    facts: DeliveryFacts,
    contents: Contents,
    import_id: int | None = None,
) -> Delivery:
    """The delivery, its pieces and their movements, in the caller's transaction. Pieces of an import are announced already. Raises
    IntegrityError where a serial came in just now."""
    series = f"{branch.code}-D-{at.astimezone(BEIJING).year}"
    delivery = Delivery(
        number=f"{series}-{next_number(session, series):06d}",
        branch_id=branch.id,
        kind=facts.kind,
        supplier=facts.supplier,
        note_number=facts.note_number,
        first_serial=contents.first,
        last_serial=contents.last,
        counted=facts.counted,
        lacking=list(contents.lacking),
        remark=facts.remark,
        import_id=import_id,
        by=actor.staff_id,
        at=at,
    )
    session.add(delivery)
    session.flush()
    (bring_in if import_id is None else shelve)(session, at, facts.kind, contents.inside, branch.id)
    received = ((MovementKind.received, 1),)
    book_movements(session, at, actor, facts.kind, contents.inside, branch.id, received, delivery_id=delivery.id)
    said = told(contents.inside)
    write_line(session, at, actor, delivery, "receive", branch_id=branch.id, number=delivery.number, serials=said)
    return delivery
