"""Change put into the drawer, and money taken out of it to be paid in at the bank."""

from app.services.book_money import book_money
from app.services.day_sheet import cash_in_drawer
from app.services.errors import Absent, Faulty, Stale
from app.services.guard import allow
from app.services.world import World
from models.rulebook.oversight import MoneyKind
from models.rulebook.permissions import Actor, Permission, Subject
from models.rulebook.vocabulary import PaymentMethod
from models.tables import Branch
from models.worklists.day import last_drawer_entry


def put_in(world: World, actor: Actor, version: int, amount_fen: int, reason: str) -> str:
    """The number of the entry. `version`: id of the last such entry that the page saw, 0 for none; a second click finds the first
    one's and gets Stale. Raises Faulty for nothing, Absent for whoever has no branch."""
    return _book(world, actor, version, MoneyKind.float_in, amount_fen, "", reason)


def bank(world: World, actor: Actor, version: int, amount_fen: int, reference: str, reason: str) -> str:
    """`reference`: number of the bank's slip. Raises besides Faulty where there is not so much in the drawer by the books."""
    return _book(world, actor, version, MoneyKind.banked, amount_fen, reference, reason)


def _book(world: World, actor: Actor, version: int, kind: MoneyKind, amount_fen: int, reference: str, reason: str) -> str:
    allow(Permission.keep_drawer, actor, Subject(actor.branch_id))
    if amount_fen <= 0:
        raise Faulty(fields={"amount": "amount_needed"})
    with world.writing() as session:
        branch = session.get(Branch, actor.branch_id) if actor.branch_id is not None else None
        if branch is None:
            raise Absent()
        told = {"method": PaymentMethod.cash, "reference": reference, "reason": reason}
        # Its number comes from the branch's counter of entries, which keeps others that take money out waiting.
        entry = book_money(session, world.now(), actor, branch, kind, amount_fen, **told)
        session.flush()
        if last_drawer_entry(session, branch.id, entry.id) != version:
            raise Stale()
        left = cash_in_drawer(session, branch.id)
        if left < 0:
            raise Faulty(fields={"amount": "drawer_too_little"}, yuan=f"{(left + amount_fen) / 100:.2f}")
        session.commit()
        return entry.number
