"""The day sheet (日结单): the day's equations for tokens, PIN envelopes and cash, by serial; counted by one, countersigned by another."""

from dataclasses import dataclass

from reports.blocks import signatures
from reports.drawer import Drawer, drawer_blocks
from reports.flow import lay_out
from reports.paper import alone


@dataclass(frozen=True, kw_only=True)
class DaySheet(Drawer):
    """`is_closed`: without the countersignature it is a count and nothing more, and says so. Times as they are printed."""

    counted_by: str
    counted_at: str
    is_closed: bool = False
    countersigned_by: str = ""
    countersigned_at: str = ""


@alone
def render(data: DaySheet) -> bytes:
    title = ("日结单", "Day sheet") if data.is_closed else ("盘点单（未日结）", "Count, day not closed")
    people = [("盘点人", "Counted by", data.counted_by), ("盘点时间", "Counted at", data.counted_at)]
    if data.countersigned_by:
        people += [("主管", "Countersigned by", data.countersigned_by), ("签字时间", "Countersigned at", data.countersigned_at)]
    signed = signatures(
        (("盘点人", "Counted by", data.counted_by), ("主管签字", "Countersigned by", data.countersigned_by)),
    )
    return lay_out(data.head(*title), drawer_blocks(data, people), signed)
