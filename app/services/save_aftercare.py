"""Keep what the clerk has typed about an aftercare case, as typed. Every change has its line, which names the fields only."""

from collections.abc import Mapping
from typing import Any

from app.services.case_at_hand import aftercare_at_hand, must_be_open
from app.services.road import advance_case
from app.services.save_draft import SEALED, changed_fields
from app.services.seal_presenter import sealed_presenter
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CaseAction


def save_aftercare(
    world: World,
    actor: Actor,
    case_id: int,
    version: int,
    draft: Mapping[str, Any],
    id_number: str = "",
    mobile: str = "",
) -> int:
    """The version now; nothing happens if nothing was changed. An empty personal number keeps the one that is there."""
    kept = {field: value for field, value in draft.items() if field not in SEALED}
    with world.writing() as session:
        case = aftercare_at_hand(session, actor, case_id)
        must_be_open(case, CaseAction.save, version)
        sealed = sealed_presenter(world.vault, case, id_number.strip(), mobile.strip())
        fields = changed_fields(case.draft, kept)
        fields += [column.removesuffix("_sealed") for column in sealed if "digest" not in column]
        if fields:
            changes = {"draft": kept, **sealed}
            advance_case(session, world.now(), actor, case, CaseAction.save, version=version, changes=changes, fields=fields)
            session.commit()
        return case.version
