"""Throw away the pictures of scans that no case knows: a crash between the file and its row, or after the row was taken off.

They are personal papers. Nothing else may lie in the folder, so a file is judged by its name in the register alone.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app.services.world import World
from models.tables import Scan

YOUNG = timedelta(hours=1)  # its row may be about to be written
_AT_ONCE = 500  # names asked for in one query


def sweep_scans(world: World) -> int:
    """Returns how many files were thrown away. Files younger than an hour by the machine's clock stay."""
    edge = datetime.now(UTC) - YOUNG  # the file system's clock, not the office's
    old = [file for file in world.scans.iterdir() if datetime.fromtimestamp(file.stat().st_mtime, UTC) < edge]
    swept = 0
    for begin in range(0, len(old), _AT_ONCE):
        some = {file.name: file for file in old[begin : begin + _AT_ONCE]}
        with world.reading() as session:
            known = set(session.scalars(select(Scan.file_name).where(Scan.file_name.in_(some))))
        for name in some.keys() - known:
            some[name].unlink(missing_ok=True)
            swept += 1
    return swept
