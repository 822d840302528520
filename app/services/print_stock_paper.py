"""Print the paper of a delivery, and the one that goes with a transfer's box. Equal bytes at every reprint."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from app.services.errors import Absent
from app.services.guard import allow
from app.services.paper_words import Both
from app.services.print_notice import PrintedPaper, printed
from app.services.world import BEIJING, World
from models.rulebook.oversight import StockKind
from models.rulebook.permissions import Actor, Permission
from models.rulebook.serials import read_range, spans
from models.tables import Branch, Delivery, Staff, Transfer
from reports import delivery_slip, transfer_slip
from reports.stock_paper import Ranges

_KINDS: Mapping[StockKind, Both] = MappingProxyType(
    {StockKind.token: ("空白介质", "Blank tokens"), StockKind.envelope: ("空白密码信封", "Blank PIN envelopes")}
)


def print_delivery(world: World, actor: Actor, delivery_id: int) -> PrintedPaper:
    """Raises Absent for another branch's."""
    allow(Permission.supervise, actor)
    with world.reading() as session:
        delivery = session.get(Delivery, delivery_id)
        if delivery is None or not actor.sees_branch(delivery.branch_id):
            raise Absent()
        lacking = set(delivery.lacking)
        inside = [one for one in read_range(delivery.first_serial, delivery.last_serial) if one not in lacking]
        kind_zh, kind_en = _KINDS[delivery.kind]
        facts = delivery_slip.DeliverySlip(
            number=delivery.number,
            received_on=delivery.at.astimezone(BEIJING).date(),
            branch_name_zh=delivery.branch.name_zh,
            branch_name_en=delivery.branch.name_en,
            kind_zh=kind_zh,
            kind_en=kind_en,
            supplier=delivery.supplier,
            note_number=delivery.note_number,
            first_serial=delivery.first_serial,
            last_serial=delivery.last_serial,
            ranges=_ranges(inside),
            lacking=_ranges(lacking),
            receiver_name=session.get_one(Staff, delivery.by).called,
            remark=delivery.remark,
        )
        return printed(delivery.number, lambda: delivery_slip.render(facts))


def print_transfer(world: World, actor: Actor, transfer_id: int) -> PrintedPaper:
    """For either branch. Raises Absent for a third one."""
    allow(Permission.supervise, actor)
    with world.reading() as session:
        transfer = session.get(Transfer, transfer_id)
        if transfer is None or not (actor.sees_branch(transfer.from_branch_id) or actor.sees_branch(transfer.to_branch_id)):
            raise Absent()
        origin, goal = (session.get_one(Branch, one) for one in (transfer.from_branch_id, transfer.to_branch_id))
        kind_zh, kind_en = _KINDS[transfer.kind]
        facts = transfer_slip.TransferSlip(
            number=transfer.number,
            sent_on=transfer.sent_at.astimezone(BEIJING).date(),
            from_zh=origin.name_zh,
            from_en=origin.name_en,
            from_code=origin.code,
            to_zh=goal.name_zh,
            to_en=goal.name_en,
            to_code=goal.code,
            to_address=goal.address,
            kind_zh=kind_zh,
            kind_en=kind_en,
            ranges=_ranges(transfer.serials),
            sender_name=session.get_one(Staff, transfer.sent_by).called,
        )
        return printed(transfer.number, lambda: transfer_slip.render(facts))


def _ranges(serials: Iterable[str]) -> Ranges:
    return tuple((span.first, span.last, span.size) for span in spans(serials))
