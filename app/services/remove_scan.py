"""Take a wrongly attached scan off again, while the case is a draft: the row and the file, with a line that says so."""

from app.services.case_at_hand import case_at_hand, must_be_open
from app.services.errors import Absent
from app.services.road import claim, write_line
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseAction
from models.tables import Scan


def remove_scan(world: World, actor: Actor, case_id: int, scan_id: int) -> None:
    """Raises Absent for a scan of another case, OutOfTurn outside a draft."""
    with world.writing() as session:
        case = case_at_hand(session, actor, Permission.work_at_intake, case_id)
        scan = session.get(Scan, scan_id, with_for_update=True)
        if scan is None or scan.case_id != case.id:
            raise Absent()
        must_be_open(case, CaseAction.save, case.version)
        name = scan.file_name
        detail = {"document": scan.document_kind.value, "page": scan.page, "digest": scan.original_digest}
        session.delete(scan)
        claim(session, case, case.version)
        write_line(session, world.now(), actor, case, "remove_scan", case_id=case.id, branch_id=case.branch_id, **detail)
        session.commit()
    (world.scans / name).unlink(missing_ok=True)
