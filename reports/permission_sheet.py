"""Who may do what, on paper: the permissions table with a mark for every role that holds one, and who holds the roles here."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from reports.blocks import heading, paragraph
from reports.facts import Facts, day_en, day_zh
from reports.flow import Block, Head, lay_out, space
from reports.fonts import printable
from reports.paper import MM, alone
from reports.table import Cell, Column, table

HELD = "●"

Both = tuple[str, str]


@dataclass(frozen=True)
class Granted(Facts):
    """One permission. `holders`: for each role of the sheet, whether it holds it; `limits`: where, and what not, (Chinese, English)."""

    words: Both
    holders: tuple[bool, ...]
    limits: Both


@dataclass(frozen=True)
class PermissionSheet(Facts):
    """`groups`: heading and permissions; `people`: for each role, who holds it at this branch (names, one text)."""

    printed_on: date
    branch_name_zh: str
    branch_name_en: str
    roles: tuple[Both, ...]
    groups: tuple[tuple[Both, tuple[Granted, ...]], ...]
    people: tuple[str, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.people) != len(self.roles) or any(
            len(granted.holders) != len(self.roles) for _, rows in self.groups for granted in rows
        ):
            self.refuse("roles", "do not match the columns")
        for text in chain(self.people, *self.roles):
            printable(text)


@alone
def render(data: PermissionSheet) -> bytes:
    head = Head(
        "岗位权限表",
        "Who may do what",
        "",
        "",
        f"{data.branch_name_zh}  {data.branch_name_en}",
        note=f"{day_zh(data.printed_on)}  {day_en(data.printed_on)}",
    )
    rows: list[tuple[Cell | str, ...]] = []
    titles = []
    for (zh, en), group in data.groups:
        titles.append(len(rows) + 1)  # after the column heads
        rows.append((Cell(f"■ {zh}", en), *(" " for _ in data.roles), " "))
        rows += [_row(granted) for granted in group]
    blocks: list[Block] = table(_columns(data.roles), rows, size=8.8, after=3 * MM)
    for place in titles:
        blocks[place] = replace(blocks[place], keep=True)
    blocks.append(heading("本网点在岗人员", "Who holds the roles here"))
    holders = [(Cell(*role), names or "—") for role, names in zip(data.roles, data.people, strict=True)]
    blocks += table((Column("岗位", "Role", 1), Column("人员", "People", 5)), holders, size=8.8)
    blocks.append(space(2 * MM))
    blocks += paragraph(
        "表中没有的，一律不许。审计员查阅各网点。审计员、系统管理员不得兼任其他岗位，由数据库把关。",
        "What is not in the table is not allowed. The auditor reads every branch. The auditor and the administrator hold no other "
        "role; the database sees to it.",
        size=8.6,
        small=7,
    )
    return lay_out(head, blocks)


def _columns(roles: tuple[Both, ...]) -> tuple[Column, ...]:
    return (Column("权限", "Permission", 4.2), *(Column(zh, en, 1.4) for zh, en in roles), Column("范围", "Where", 2.6))


def _row(granted: Granted) -> tuple[Cell | str, ...]:
    return (Cell(*granted.words), *(HELD if held else " " for held in granted.holders), Cell(*granted.limits))
