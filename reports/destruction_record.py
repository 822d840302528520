"""The destruction list (档案销毁清单) to be agreed to, and once it was carried out the record (档案销毁记录) that is kept for ever."""

from dataclasses import dataclass
from datetime import date

from reports.blocks import facts, heading, panel, paragraph, signatures
from reports.facts import Facts, day_zh
from reports.flow import Block, Head, frame, lay_out, space
from reports.paper import MM, NAVY, RED, WASH, alone
from reports.table import Cell, Column, table


@dataclass(frozen=True, kw_only=True)
class DestroyedRecord(Facts):
    """One case. `trace` 0: it is not destroyed (yet, or it was spared); `digest`: the beginning of the record's."""

    case_number: str
    kind_zh: str
    kind_en: str
    closed_on: date
    kept_until: date | None
    scans: int
    trace: int = 0
    digest: str = ""
    spared: bool = False


@dataclass(frozen=True, kw_only=True)
class DestructionRecord(Facts):
    """`destroyed_on` None: it is still a list. Names are "" where nobody has signed yet. `chain`: of its last trace."""

    number: str
    branch_name_zh: str
    branch_name_en: str
    reason: str
    digest: str
    proposer: str
    proposed_on: date
    first: str = ""
    first_on: date | None = None
    second: str = ""
    second_on: date | None = None
    destroyed_on: date | None = None
    chain: str = ""
    records: tuple[DestroyedRecord, ...] = ()


_COLUMNS = (
    Column("案件号", "Case", 2.6),
    Column("业务类型", "Kind", 2.2),
    Column("办结日", "Closed", 1.5),
    Column("须保存至", "Kept until", 1.5),
    Column("扫描件", "Scans", 0.8, "right"),
    Column("留痕号", "Trace", 1, "right"),
    Column("内容摘要（前 16 位）", "Digest of the record, first 16", 2.6),
)


@alone
def render(data: DestructionRecord) -> bytes:
    done = data.destroyed_on is not None
    title = ("档案销毁记录", "Record of destruction") if done else ("档案销毁清单", "Destruction list")
    head = Head(*title, data.number, data.number, f"{data.branch_name_zh}  {data.branch_name_en}")
    count, spared = len(data.records), sum(record.spared for record in data.records)
    blocks = [
        *facts(
            [
                ("清单编号", "List", data.number),
                ("件数", "Cases", f"{count}"),
                ("提请人", "Proposed by", _signed(data.proposer, data.proposed_on)),
                ("第一批准人", "First approval", _signed(data.first, data.first_on)),
                ("第二批准人", "Second approval", _signed(data.second, data.second_on)),
                ("销毁日期", "Destroyed on", day_zh(data.destroyed_on) if data.destroyed_on else ""),
            ]
        ),
        *facts([("理由", "Reason", data.reason), ("清单摘要", "Digest of the list", data.digest)], columns=1, size=9),
        space(3 * MM),
        _state(data, count, spared),
        heading("案件", "Cases"),
        *table(_COLUMNS, [_row(record) for record in data.records], size=8.6),
        *_how_to_check(data),
    ]
    people = (
        ("提请人", "Proposed by", data.proposer),
        ("批准人", "Approved by", data.first),
        ("批准人", "Approved by", data.second),
    )
    return lay_out(head, blocks, signatures(people))


def _signed(name: str, on: date | None) -> str:
    return f"{name}  {day_zh(on)}" if on is not None else name


def _state(data: DestructionRecord, count: int, spared: int) -> Block:
    if data.destroyed_on is None:
        said = (
            "尚未销毁。提请人和两位批准人必须是三个人。",
            "Not destroyed yet. Who proposed it and the two who approve it must be three people.",
        )
    else:
        said = (
            f"已销毁 {count - spared} 件" + (f"，{spared} 件因被保全或不再到期而留存。" if spared else "。"),
            f"{count - spared} destroyed" + (f", {spared} spared: held, or due no more." if spared else "."),
        )
    words = paragraph(*said, size=12, small=8, indent=5 * MM, measure=frame().measure - 9 * MM, weight=0.018, after=0)
    return panel(words, WASH, bar=NAVY if data.destroyed_on else RED)


def _row(record: DestroyedRecord) -> tuple[Cell | str, ...]:
    spared = Cell("留存", "spared") if record.spared else "—"
    return (
        record.case_number,
        Cell(record.kind_zh, record.kind_en),
        record.closed_on.isoformat(),
        record.kept_until.isoformat() if record.kept_until is not None else "—",
        str(record.scans),
        str(record.trace) if record.trace else spared,
        record.digest or "—",
    )


def _how_to_check(data: DestructionRecord) -> list[Block]:
    if data.destroyed_on is None:
        return []
    return [
        heading("核验", "How to verify"),
        *facts([("最后一条校验链", "Chain of the last trace", data.chain)], columns=1, size=9),
        space(2 * MM),
        *paragraph(
            "主管后台“档案保存”的“核验留痕”重新计算全部校验链；到本清单最后一条留痕时，结果须与上面一致。摘要不含个人资料，"
            "也不能还原资料；如有遗留的副本，用同一摘要可以认出。",
            "“Verify the traces” in the supervisors' retention room computes the whole chain anew; at this list's last trace it must "
            "give the value above. The digests hold no personal data and cannot be turned back; a copy that survived somewhere can be "
            "recognised by them.",
            size=9,
            small=7.4,
        ),
        *paragraph(
            "数据库备份中的副本，按备份的轮换期限另行清除。",
            "Copies in backups go as the backups are rotated.",
            size=9,
            small=7.4,
        ),
    ]
