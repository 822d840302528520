"""The tables of the period report, in both languages: figures in, rows out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.services.paper_words import Both, both
from models.rulebook.oversight import MovementKind, StockKind
from models.rulebook.service_times import PROMISES, sum_up
from models.rulebook.vocabulary import CaseKind
from models.worklists.overview import MEASURED, Measured
from models.worklists.period import OLDEST, Reason, Uncollected, Worked

Value = int | str | Both | None
Head = tuple[Both, float, bool]  # words, share of the width, whether it is a number
ByMonth = tuple[date, str]  # a month, and a branch by its code

_MONTH: Head = (("月份", "Month"), 1.1, False)
_BRANCH: Head = (("网点", "Branch"), 0.9, False)
_KIND: Head = (("业务类型", "Case kind"), 2.4, False)
_ALL: Both = ("合计", "Total")


@dataclass(frozen=True, slots=True)
class Section:
    title: Both
    columns: tuple[Head, ...]
    rows: tuple[tuple[Value, ...], ...]
    note: Both = ("", "")


def works_section(works: Mapping[ByMonth, Mapping[CaseKind, Worked]]) -> Section:
    """Each month, branch and kind of which there was any; the last row is the sum."""
    rows: list[tuple[Value, ...]] = []
    total = [0, 0, 0, 0]
    for month, branch in sorted(works):
        for kind, count in works[month, branch].items():
            figures = (count.opened, count.closed, count.refused, count.withdrawn)
            rows.append((f"{month:%Y-%m}", branch, both(kind), *figures))
            total = [one + other for one, other in zip(total, figures, strict=True)]
    if rows:
        rows.append((_ALL, "", "", *total))
    counts = (("受理", "Opened"), ("办结", "Completed"), ("不予受理", "Refused"), ("撤回", "Withdrawn"))
    return Section(("业务量", "Cases"), (_MONTH, _BRANCH, _KIND, *((head, 0.9, True) for head in counts)), tuple(rows))


def times_section(times: Mapping[ByMonth, Sequence[Measured]]) -> Section:
    """Minutes, whole, of half the cases and of nine in ten; how many took no longer than was promised."""
    rows: list[tuple[Value, ...]] = []
    for month, branch in sorted(times):
        for kind in CaseKind:
            promise = PROMISES.get(kind)
            found = sum_up([one.time for one in times[month, branch] if one.kind is kind], promise)
            if found is None:
                continue
            promised = f"{promise.least}–{promise.most}" if promise else None
            figures = (found.cases, _minutes(found.usual), _minutes(found.waited), _minutes(found.slow))
            rows.append((f"{month:%Y-%m}", branch, both(kind), *figures, promised, found.kept))
    heads: tuple[Both, ...] = (
        ("件数", "Cases"),
        ("半数不超过", "Half within"),
        ("其中等候", "of it waiting"),
        ("九成不超过", "9 in 10 within"),
        ("承诺", "Promise"),
        ("达到承诺", "Kept"),
    )
    note = (
        f"单位：分钟。按每个网点每月最近办结的最多 {MEASURED} 件计；只计在窗口等候和办理的时间。",
        f"Minutes. Taken from the newest {MEASURED} cases at most of each branch and month; only waiting and serving at the "
        "counter count.",
    )
    return Section(
        ("办理时间", "Service times"), (_MONTH, _BRANCH, _KIND, *((head, 1, True) for head in heads)), tuple(rows), note
    )


def reasons_section(told: Mapping[str, Mapping[Reason, int]]) -> Section:
    """The most frequent first. What somebody typed is not repeated: it may name people."""
    rows: list[tuple[Value, ...]] = []
    for branch in sorted(told):
        in_order = sorted(
            told[branch].items(), key=lambda pair: (pair[0].notice != "refusal", -pair[1], pair[0].code, pair[0].zh)
        )
        for reason, count in in_order:
            said = (
                (reason.zh, reason.en)
                if reason.code
                else ("人工写明的理由（见各案件）", "Reason typed by a person (see the cases)")
            )
            rows.append((branch, _NOTICES[reason.notice], said, count))
    heads = (_BRANCH, (("结果", "Outcome"), 1.2, False), (("理由", "Reason"), 5.2, False), (("告知单数", "Notices"), 0.9, True))
    note = ("同一张告知单上同一理由只计一次。", "A reason counts once for each notice that gives it.")
    return Section(("不予受理和补正的理由", "Refusals and corrections by reason"), heads, tuple(rows), note)


def stock_section(stock: Mapping[ByMonth, Mapping[StockKind, Mapping[MovementKind, int]]]) -> Section:
    rows: list[tuple[Value, ...]] = []
    for month, branch in sorted(stock):
        for kind, moves in stock[month, branch].items():
            if moves:
                figures = [moves.get(what, 0) for what in MovementKind]
                rows.append((f"{month:%Y-%m}", branch, _STOCK[kind], *figures, sum(figures)))
    heads = (*(_MOVES[what] for what in MovementKind), ("净变动", "Net"))
    columns = (_MONTH, _BRANCH, (("种类", "Kind"), 1.1, False), *((head, 0.85, True) for head in heads))
    note = ("按业务日计；入库为正，出库为负。", "By business days; what came is positive, what went is negative.")
    return Section(("库存变动", "Stock movement"), columns, tuple(rows), note)


def uncollected_section(lying: Mapping[str, Sequence[Uncollected]]) -> Section:
    """The longest first, OLDEST of them by name and the others as one number."""
    rows: list[tuple[Value, ...]] = []
    for branch in sorted(lying):
        pieces = lying[branch]
        rows += [(branch, piece.case_number, piece.serial, piece.days) for piece in pieces[:OLDEST]]
        if len(pieces) > OLDEST:
            more = len(pieces) - OLDEST
            rows.append((branch, (f"另有 {more} 只", f"{more} more"), "", None))
    heads = (_BRANCH, (("案件号", "Case"), 2.4, False), (("介质号", "Token"), 2.4, False), (("已放天数", "Days"), 1, True))
    note = (
        "制好未领的介质，制表时的情况，放得最久的在前。",
        "Tokens made and not collected when this was drawn up, the longest first.",
    )
    return Section(("未领介质", "Uncollected tokens"), heads, tuple(rows), note)


def _minutes(time: timedelta) -> int:
    return round(time.total_seconds() / 60)


_NOTICES: Mapping[str, Both] = {"refusal": ("不予受理", "Refused"), "correction": ("补正", "Correction")}
_STOCK: Mapping[StockKind, Both] = {StockKind.token: ("介质", "Token"), StockKind.envelope: ("密码信封", "PIN envelope")}
_MOVES: Mapping[MovementKind, Both] = {
    MovementKind.received: ("到货", "Received"),
    MovementKind.arrived: ("调入", "Arrived"),
    MovementKind.sent: ("调出", "Sent"),
    MovementKind.issued: ("领用", "Issued"),
    MovementKind.spoiled: ("作废", "Spoiled"),
    MovementKind.returned: ("退回", "Returned"),
    MovementKind.lost: ("盘亏", "Missing"),
    MovementKind.found: ("找回", "Found"),
}
