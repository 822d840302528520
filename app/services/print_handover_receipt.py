"""Print the receipt that the collector signs. Equal bytes at every reprint."""

from collections.abc import Iterable

from app.services.case_at_hand import case_at_hand
from app.services.errors import Absent
from app.services.hand_over import COLLECTOR_PLACE
from app.services.paper_words import both
from app.services.print_notice import PrintedPaper, printed
from app.services.world import BEIJING, World
from models.rulebook.identity import mask_identity
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import BindingEnd
from models.tables import Binding, Handover
from models.worklists.bindings import ended_by
from reports import handover_receipt


def print_handover_receipt(world: World, actor: Actor, handover_id: int) -> PrintedPaper:
    """Raises Absent for another branch's."""
    with world.reading() as session:
        row = session.get(Handover, handover_id)
        if row is None:
            raise Absent()
        case = case_at_hand(session, actor, Permission.read_case, row.item.case_id)
        collector_id = world.vault.open(row.collector_id_sealed, COLLECTOR_PLACE.format(number=row.number))
        branch, certificate = case.branch, row.certificate
        ended = ended_by(session, case.id)
        return printed(
            row.number,
            lambda: handover_receipt.render(
                handover_receipt.HandoverReceipt(
                    number=row.number,
                    case_number=case.number,
                    handed_over_on=row.at.astimezone(BEIJING).date(),
                    branch_name_zh=branch.name_zh,
                    branch_name_en=branch.name_en,
                    branch_telephone=branch.telephone,
                    applicant_name=certificate.subject_name,
                    credit_code=certificate.credit_code,
                    token_serial=row.token.serial,
                    certificate_serial=certificate.serial,
                    valid_from=certificate.not_before.astimezone(BEIJING).date(),
                    valid_until=certificate.not_after.astimezone(BEIJING).date(),
                    envelope_number=row.envelope.number if row.envelope is not None else "",
                    new_certificate=certificate.item_id == row.item_id,
                    collector_name=row.collector_name,
                    collector_identity=f"{both(row.collector_id_kind)[0]} {mask_identity(collector_id)}",
                    clerk_name=row.clerk.called,
                    bindings_kept=_names(one for one in ended if one.end is BindingEnd.moved),
                    bindings_anew=_names(one for one in ended if one.end is not BindingEnd.moved),
                )
            ),
        )


MOST_NAMES = 3  # on half a sheet; the handover page lists them all


def _names(bindings: Iterable[Binding]) -> tuple[str, ...]:
    names = [one.platform.name_zh for one in bindings]
    return tuple(names) if len(names) <= MOST_NAMES else (*names[:MOST_NAMES], f"等共 {len(names)} 个平台")
