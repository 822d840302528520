"""The record of an access review: everybody of the branch, what he may do, when he last signed in, and what was decided."""

from dataclasses import dataclass
from datetime import date

from reports.blocks import facts, paragraph, signatures
from reports.facts import Facts
from reports.flow import Head, lay_out, space
from reports.fonts import printable
from reports.paper import MM, alone
from reports.table import Cell, Column, table


@dataclass(frozen=True)
class Reviewed(Facts):
    """One member of staff. `roles`, `decision`: (Chinese, English)."""

    number: str
    name: str
    roles: tuple[str, str]
    last_login: str  # "2026-11-23 09:00", or "—"
    decision: tuple[str, str]


@dataclass(frozen=True)
class AccessReview(Facts):
    number: str
    made_on: date
    next_by: date
    branch_name_zh: str
    branch_name_en: str
    reviewer: str  # number and name
    people: tuple[Reviewed, ...] = ()
    remark: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        printable(self.remark)


_COLUMNS = (
    Column("工号", "Number", 1.3),
    Column("姓名", "Name", 1.3),
    Column("岗位", "Roles", 2),
    Column("最近登录", "Last login", 1.7),
    Column("结论", "Decision", 2.4),
)


@alone
def render(data: AccessReview) -> bytes:
    head = Head(
        "权限核对记录",
        "Access review",
        data.number,
        "",
        f"{data.branch_name_zh}  {data.branch_name_en}",
        note=f"共 {len(data.people)} 人 · {len(data.people)} people",
    )
    blocks = [
        *facts(
            (
                ("编号", "Number", data.number),
                ("核对人", "Reviewed by", data.reviewer),
                ("核对日期", "Reviewed on", data.made_on.isoformat()),
                ("下次最迟", "Next by", data.next_by.isoformat()),
            )
        ),
        *facts((("说明", "Remark", data.remark),), columns=1),
        space(4 * MM),
    ]
    rows = [
        (person.number, person.name, Cell(*person.roles), person.last_login, Cell(*person.decision)) for person in data.people
    ]
    blocks += table(_COLUMNS, rows)
    if not rows:
        blocks += paragraph("没有在岗人员。", "Nobody works here.", size=9.5)
    blocks += paragraph(
        "权限每三个月核对一次。本记录保存在系统中，不可更改；纸面仅供存档。",
        "Who may do what is reviewed every three months. The record is kept in the system and never changed; this paper is for the file.",
        size=8.6,
        small=7,
        after=4 * MM,
    )
    blocks.append(signatures((("核对人", "Reviewed by", ""), ("日期", "Date", ""))))
    return lay_out(head, blocks)
