"""What lay in a branch's drawer and how it adds up: the part that the day sheet and the shift sheet have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.blocks import facts, paragraph
from reports.facts import Facts, day_zh
from reports.flow import Block, Head, space
from reports.money import yuan
from reports.paper import MM
from reports.table import Column, table


@dataclass(frozen=True)
class StockRow(Facts):
    """A line of the equation of the pieces, as it is printed: "+3", "−1", or nothing."""

    zh: str
    en: str
    tokens: str = ""
    envelopes: str = ""


@dataclass(frozen=True)
class CashRow(Facts):
    """A line of an equation of money, as it is printed, yuan."""

    zh: str
    en: str
    yuan: str = ""


@dataclass(frozen=True)
class Span(Facts):
    """Serials that follow one another."""

    kind_zh: str
    kind_en: str
    first: str
    last: str
    pieces: int


@dataclass(frozen=True)
class Moved(Facts):
    """Serials that follow one another and moved alike that day."""

    zh: str
    en: str
    kind_zh: str
    kind_en: str
    first: str
    last: str
    pieces: int


@dataclass(frozen=True)
class Note(Facts):
    """Notes or coins of one kind, fen."""

    each_fen: int
    pieces: int


@dataclass(frozen=True, kw_only=True)
class Drawer(Facts):
    """`remarks`: (Chinese label, English label, text) of what explains a difference."""

    number: str
    day: date
    branch_name_zh: str
    branch_name_en: str
    state_zh: str
    state_en: str
    stock: tuple[StockRow, ...]
    cash: tuple[CashRow, ...]
    spans: tuple[Span, ...] = ()
    moved: tuple[Moved, ...] = ()
    beside: tuple[CashRow, ...] = ()
    notes: tuple[Note, ...] = ()
    remarks: tuple[tuple[str, str, str], ...] = ()
    branch_address: str = ""
    branch_telephone: str = ""

    def head(self, title_zh: str, title_en: str) -> Head:
        return Head(
            title_zh,
            title_en,
            self.number,
            self.number,
            f"{self.branch_name_zh}  {self.branch_name_en}",
            note="网点留存 Branch copy",
            contact=f"{self.branch_address}  {self.branch_telephone}".strip(),
        )


def drawer_blocks(data: Drawer, people: list[tuple[str, str, str]]) -> list[Block]:
    """`people`: who did what when, as facts."""
    about = [("业务日", "Business day", day_zh(data.day)), ("状态", "State", f"{data.state_zh}  {data.state_en}"), *people]
    blocks = [*facts(about, size=9.2), space(2.5 * MM), *_stock(data), *_cash(data)]
    if data.notes:
        counted = "；".join(f"{yuan(note.each_fen)} × {note.pieces} = {yuan(note.each_fen * note.pieces)}" for note in data.notes)
        blocks += paragraph(f"现金清点 Notes and coins：{counted}", size=8.6)
    if data.beside:
        passed = "；".join(f"{row.zh} {row.en} {row.yuan}" for row in data.beside)
        blocks += paragraph(f"不经钱箱 Not through the drawer：{passed}", size=8.6)
    blocks += [*_moved(data), *_spans(data)]
    for zh, en, text in data.remarks:
        blocks += paragraph(f"{zh} {en}：{text}", size=9, after=0.6 * MM)
    return blocks


def _line(row: StockRow | CashRow) -> str:
    """Both languages on one line: the sheet is to stand on one page."""
    return f"{row.zh}  {row.en}"


def _table(columns: tuple[Column, ...], rows: Sequence[tuple[str, ...]]) -> list[Block]:
    return table(columns, rows, size=8.4, after=2 * MM)


def _stock(data: Drawer) -> list[Block]:
    columns = (
        Column("实物", "Pieces", 4),
        Column("介质（只）", "Tokens", 2, "right"),
        Column("密码信封（封）", "PIN envelopes", 2, "right"),
    )
    return _table(columns, [(_line(row), row.tokens, row.envelopes) for row in data.stock])


def _cash(data: Drawer) -> list[Block]:
    columns = (Column("现金", "Cash", 6), Column("元", "Yuan", 2, "right"))
    return _table(columns, [(_line(row), row.yuan) for row in data.cash])


def _moved(data: Drawer) -> list[Block]:
    if not data.moved:
        return []
    columns = (
        Column("当日变动", "Moved that day", 2.4),
        Column("种类", "Kind", 2),
        Column("起号", "From", 2.4),
        Column("止号", "To", 2.4),
        Column("件数", "Pieces", 1.2, "right"),
    )
    rows = [(f"{one.zh}  {one.en}", f"{one.kind_zh}  {one.kind_en}", one.first, one.last, str(one.pieces)) for one in data.moved]
    return _table(columns, rows)


def _spans(data: Drawer) -> list[Block]:
    if not data.spans:
        return paragraph("没有空白介质和信封。", "No blank tokens or envelopes.", size=9)
    columns = (
        Column("结存号段", "Serials at the closing", 2.4),
        Column("起号", "From", 3),
        Column("止号", "To", 3),
        Column("件数", "Pieces", 1.4, "right"),
    )
    return _table(columns, [(f"{one.kind_zh}  {one.kind_en}", one.first, one.last, str(one.pieces)) for one in data.spans])
