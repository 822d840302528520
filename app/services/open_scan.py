"""The clean picture of a scan, for whoever may read its case."""

from dataclasses import dataclass

from app.services.attach_scan import PLACE
from app.services.case_at_hand import case_at_hand
from app.services.errors import Absent, Unavailable
from app.services.vault import Unsealable
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.tables import Scan


@dataclass(frozen=True, slots=True, repr=False)
class OpenedScan:
    media_type: str
    picture: bytes


def open_scan(world: World, actor: Actor, scan_id: int) -> OpenedScan:
    """Raises Absent for another branch's; Unavailable where the file is gone or was changed."""
    with world.reading() as session:
        scan = session.get(Scan, scan_id)
        if scan is None:
            raise Absent()
        case_at_hand(session, actor, Permission.read_case, scan.case_id)
        try:
            sealed = (world.scans / scan.file_name).read_bytes()
            picture = world.vault.open_bytes(sealed, PLACE.format(name=scan.file_name))
        except (OSError, Unsealable):
            raise Unavailable("scan_unreadable") from None
    return OpenedScan(scan.media_type, picture)
