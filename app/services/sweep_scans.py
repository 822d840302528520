"""Throw away the pictures of scans that no case knows: a crash between the file and its row, or after the row was taken off.

They are personal papers. Nothing else may lie in the folder, so a file is judged by its name in the register alone. A crash leaves a
few; where many are unknown the register is of another day, say an older database put back, and nothing is thrown away.
"""

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app.services.world import World
from models.tables import Scan

YOUNG = timedelta(hours=1)  # its row may be about to be written
MOST = 50  # that crashes may have left; more are no crash's
_AT_ONCE = 500  # names asked for in one query

_log = logging.getLogger("office.sweep_scans")


def sweep_scans(world: World) -> int:
    """Returns how many files were thrown away. Files younger than an hour by the machine's clock stay; all do if they are too many."""
    edge = datetime.now(UTC) - YOUNG  # the file system's clock, not the office's
    old = [file for file in world.scans.iterdir() if datetime.fromtimestamp(file.stat().st_mtime, UTC) < edge]
    unknown = []
    for begin in range(0, len(old), _AT_ONCE):
        some = {file.name: file for file in old[begin : begin + _AT_ONCE]}
        with world.reading() as session:
            known = set(session.scalars(select(Scan.file_name).where(Scan.file_name.in_(some))))
        unknown += [some[name] for name in some.keys() - known]
    if len(unknown) > MOST:
        _log.error("%d pictures of scans are unknown to this database: is it the right one? None was thrown away", len(unknown))
        return 0
    for file in unknown:
        file.unlink(missing_ok=True)
    return len(unknown)
