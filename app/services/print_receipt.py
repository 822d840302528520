"""Print a fee receipt. Equal bytes at every reprint."""

from itertools import groupby

from app.services.case_at_hand import case_at_hand
from app.services.errors import Absent
from app.services.paper_words import CERTIFICATE, CERTIFICATE_WORK, FIRST_FREE, MEDIUM, both
from app.services.print_notice import PrintedPaper, printed
from app.services.world import BEIJING, World
from models.rulebook.editions import MEDIUM_KINDS
from models.rulebook.fees import FIRST_FEN
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseKind
from models.tables import Receipt
from reports import fee_receipt


def print_receipt(world: World, actor: Actor, receipt_id: int) -> PrintedPaper:
    """Raises Absent for another branch's."""
    with world.reading() as session:
        receipt = session.get(Receipt, receipt_id)
        if receipt is None:
            raise Absent()
        case = case_at_hand(session, actor, Permission.read_case, receipt.case_id)
        applicant, branch = case.applicant, case.branch
        assert applicant is not None  # nothing is charged before the applicant is filed  # noqa: S101
        method_zh, method_en = both(receipt.method)
        facts = {
            "number": receipt.number,
            "case_number": case.number,
            "paid_on": receipt.at.astimezone(BEIJING).date(),
            "branch_name_zh": branch.name_zh,
            "branch_name_en": branch.name_en,
            "branch_address": branch.address,
            "branch_telephone": branch.telephone,
            "applicant_name": applicant.name,
            "credit_code": applicant.credit_code,
            "items": _items(case.kind, receipt.items),
            "total_fen": receipt.amount_fen,
            "method_zh": method_zh,
            "method_en": method_en,
            "cashier_name": receipt.cashier.called,
            "reference": receipt.reference,
        }
        number = receipt.number
    # A character that cannot be printed is refused when the facts are put together, so that belongs inside.
    return printed(number, lambda: fee_receipt.render(fee_receipt.FeeReceipt(**facts)))


def _items(kind: CaseKind, items_fen: list[int]) -> tuple[fee_receipt.FeeItem, ...]:
    if kind not in FIRST_KINDS:
        (zh, en), (what_zh, what_en) = both(kind), MEDIUM if kind in MEDIUM_KINDS else CERTIFICATE_WORK
        return tuple(fee_receipt.FeeItem(f"{what_zh}（{zh}）", f"{what_en}: {en}", 1, fen) for fen in items_fen)
    lines = []
    for each, equal in groupby(items_fen):
        free = FIRST_FREE if each == FIRST_FEN else ("", "")
        lines.append(fee_receipt.FeeItem(CERTIFICATE[0] + free[0], CERTIFICATE[1] + free[1], len(list(equal)), each))
    return tuple(lines)
