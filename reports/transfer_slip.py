"""The transfer slip (调拨单) that goes with the box: from where to where, which serials, and lines to sign on at both ends."""

from dataclasses import dataclass
from datetime import date

from reports.blocks import facts, heading, paragraph, signatures
from reports.facts import Facts, day_zh
from reports.flow import Head, lay_out, space
from reports.paper import MM, alone
from reports.stock_paper import Ranges, pieces_in, ranges_table


@dataclass(frozen=True)
class TransferSlip(Facts):
    """As it was when the box left: what arrived is in the books, not on this paper."""

    number: str
    sent_on: date
    from_zh: str
    from_en: str
    from_code: str
    to_zh: str
    to_en: str
    to_code: str
    to_address: str
    kind_zh: str
    kind_en: str
    ranges: Ranges
    sender_name: str


@alone
def render(data: TransferSlip) -> bytes:
    head = Head(
        "库存调拨单",
        "Stock transfer",
        data.number,
        data.number,
        f"{data.from_zh}  {data.from_en}",
        note="随箱单 Goes with the box",
    )
    blocks = [
        *facts(
            [
                ("调出网点", "From", f"{data.from_code} {data.from_zh} {data.from_en}"),
                ("调往网点", "To", f"{data.to_code} {data.to_zh} {data.to_en}"),
                ("种类", "Kind", f"{data.kind_zh} {data.kind_en}"),
                ("件数", "Pieces", f"{pieces_in(data.ranges):,}"),
                ("发出日期", "Sent on", day_zh(data.sent_on)),
                ("发出人", "Sent by", data.sender_name),
            ]
        ),
        *facts([("调往地址", "Address", data.to_address)], columns=1),
        space(4 * MM),
        heading("号码", "Serials"),
        *ranges_table(data.ranges),
        *paragraph(
            "收到后请当面开箱，逐件核对号码，再在系统中确认。有缺少的，当日说明情况；确认以前这些介质、信封不能使用。",
            "Open the box at once, check every serial and confirm in the system. Say the same day what is missing; until it is "
            "confirmed nothing of it can be used.",
            size=9.5,
            small=7.4,
        ),
    ]
    people = (("发出人", "Sent by", ""), ("押运人", "Carried by", ""), ("收到人", "Received by", ""))
    return lay_out(head, blocks, signatures(people))
