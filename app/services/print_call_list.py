"""The renewal call list on paper, to call by and to tick off. It leaves the screen, so the journal says who printed it."""

from app.services.call_list import MOST_ROWS, Bringing, CallList, CallRow, Window, record_leaving, whole_list
from app.services.paper_words import Both, both
from app.services.print_notice import PrintedPaper, printed
from app.services.world import World
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import CertificateStatus, Mark
from models.tables import Branch
from reports.listing import Listing, render
from reports.table import Column

_TITLES: dict[Window, Both] = {
    Window.week: ("证书到期名单：7 天内", "Certificates that expire within 7 days"),
    Window.month: ("证书到期名单：30 天内", "Certificates that expire within 30 days"),
    Window.quarter: ("证书到期名单：90 天内", "Certificates that expire within 90 days"),
    Window.lapsed: ("证书过期名单：30 天内", "Certificates that lapsed within the last 30 days"),
}
_COLUMNS = (
    Column("最后有效日", "Last valid day", 1.5),
    Column("申请单位", "Applicant", 3.6),
    Column("信用代码", "Credit code", 2.7),
    Column("联系人", "Contact", 1.5),
    Column("手机", "Mobile", 1.7),
    Column("介质号", "Token", 1.9),
    Column("请带", "Bring", 0.7),
    Column("通话记录", "Called", 2.2),
)
_CUT: Both = (f"只列最先到期的 {MOST_ROWS} 条。", f"Only the {MOST_ROWS} that end first are listed.")
_SORTS: dict[Mark | None, Both] = {
    Mark.seal: ("有公章", "with a seal"),
    Mark.signature: ("无公章，经营者签字", "no seal, the proprietor signs"),
    None: ("不在一证通办理范围", "not covered"),
}


def print_call_list(world: World, actor: Actor, window: Window) -> PrintedPaper:
    """Landscape, at most MOST_ROWS rows. Raises Forbidden, Absent for whoever belongs to no branch, Unavailable for a name that no
    font can print."""
    with world.reading() as session:
        branch, listed = whole_list(session, world, actor, window)
        name = f"renewals-{window.value}-{branch.code}-{world.today():%Y%m%d}"
        paper = printed(name, lambda: render(_listing(world, branch, window, listed)))
    record_leaving(world, actor, "print_call_list", window, len(listed.rows))
    return paper


def _listing(world: World, branch: Branch, window: Window, listed: CallList) -> Listing:
    (title_zh, title_en), (cut_zh, cut_en) = _TITLES[window], _CUT if listed.is_cut else ("", "")
    return Listing(
        title_zh=title_zh,
        title_en=title_en,
        printed_on=world.today(),
        branch_name_zh=branch.name_zh,
        branch_name_en=branch.name_en,
        columns=_COLUMNS,
        rows=tuple(_cells(row) for row in listed.rows),
        note_zh=cut_zh,
        note_en=cut_en,
        legend=tuple(_note(sort) for sort in listed.sorts),
        wide=True,
    )


def _cells(row: CallRow) -> tuple[str, ...]:
    certificate = row.certificate
    status = "" if certificate.status is CertificateStatus.valid else f"（{both(certificate.status)[0]}）"
    return (
        row.last_day.isoformat(),
        f"{certificate.subject_name}{status}",
        certificate.credit_code,
        row.contact,
        row.mobile,
        certificate.token.serial,
        row.bringing.letter,
        " ",
    )


def _note(sort: Bringing) -> Both:
    zh, en = _SORTS[sort.mark]
    if sort.code_bearing:
        zh, en = f"{zh}，多证合一", f"{en}, code-bearing licence"
    lines_zh = "".join(f"{number}. {line.zh}" for number, line in enumerate(sort.lines, 1))
    lines_en = " ".join(f"{number}. {line.en}" for number, line in enumerate(sort.lines, 1))
    return f"请带 {sort.letter}（{zh}）：{lines_zh}", f"To bring {sort.letter} ({en}): {lines_en}"
