"""The delivery slip (入库单): what a supplier's note says, what was counted, which serials are now in the branch's stock."""

from dataclasses import dataclass
from datetime import date

from reports.blocks import facts, heading, paragraph, signatures
from reports.facts import Facts, day_zh
from reports.flow import Head, lay_out, space
from reports.paper import MM, alone
from reports.stock_paper import Ranges, pieces_in, ranges_table


@dataclass(frozen=True)
class DeliverySlip(Facts):
    """`ranges`: what was in the box. `lacking`: what the note names and was not in it."""

    number: str
    received_on: date
    branch_name_zh: str
    branch_name_en: str
    kind_zh: str
    kind_en: str
    supplier: str
    note_number: str
    first_serial: str
    last_serial: str
    ranges: Ranges
    receiver_name: str
    lacking: Ranges = ()
    remark: str = ""


@alone
def render(data: DeliverySlip) -> bytes:
    head = Head(
        "库存入库单",
        "Delivery taken into stock",
        data.number,
        data.number,
        f"{data.branch_name_zh}  {data.branch_name_en}",
        note="网点留存 Branch's copy",
    )
    count, lack = pieces_in(data.ranges), pieces_in(data.lacking)
    blocks = [
        *facts(
            [
                ("种类", "Kind", f"{data.kind_zh} {data.kind_en}"),
                ("入库日期", "Received on", day_zh(data.received_on)),
                ("供应商", "Supplier", data.supplier),
                ("送货单号", "Delivery note", data.note_number),
                ("首号", "First serial", data.first_serial),
                ("末号", "Last serial", data.last_serial),
                ("实点入库", "Counted", f"{count:,}"),
                ("缺号", "Lacking", f"{lack:,}"),
            ]
        ),
        *(facts([("备注", "Remark", data.remark)], columns=1) if data.remark else []),
        space(4 * MM),
        heading("入库号码", "Serials taken into stock"),
        *ranges_table(data.ranges),
    ]
    if data.lacking:
        blocks += [heading("缺号（不在箱内，未入库）", "Lacking: not in the box, not taken in"), *ranges_table(data.lacking)]
        blocks += paragraph(
            "缺号请供应商补送；补到后按补货的送货单另行入库。",
            "Ask the supplier for what is lacking; when it comes, take it in by its own delivery note.",
            size=9,
            small=7.4,
        )
    people = (("收货人", "Received by", data.receiver_name), ("送货人", "Delivered by", ""))
    return lay_out(head, blocks, signatures(people))
