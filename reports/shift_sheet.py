"""The shift sheet (交接单): what one clerk handed to another, counted by both."""

from dataclasses import dataclass

from reports.blocks import signatures
from reports.drawer import Drawer, drawer_blocks
from reports.flow import lay_out
from reports.paper import alone


@dataclass(frozen=True, kw_only=True)
class ShiftSheet(Drawer):
    """`taken_at`: empty while the other has not taken it. Times as they are printed."""

    given_by: str
    given_at: str
    taken_by: str
    taken_at: str = ""


@alone
def render(data: ShiftSheet) -> bytes:
    people = [
        ("交班人", "Handed over by", data.given_by),
        ("交班时间", "Handed over at", data.given_at),
        ("接班人", "Taken over by", data.taken_by),
        ("接班时间", "Taken over at", data.taken_at),
    ]
    signed = signatures((("交班人", "Handed over by", data.given_by), ("接班人", "Taken over by", data.taken_by)))
    return lay_out(data.head("交接单", "Shift handover"), drawer_blocks(data, people), signed)
