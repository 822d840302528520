"""Applicants, papers and cases for tests, with sensible defaults; every state is reached through the use cases themselves."""

from itertools import count
from typing import Any

from app.services.accept_case import accept_case
from app.services.approve_case import approve_case
from app.services.open_case import open_case
from app.services.request_correction import request_correction
from app.services.save_draft import save_draft
from app.services.settle_fee import settle_fee
from app.services.world import World
from models.rulebook import credit_code, identity
from models.rulebook.checklist import ROWS
from models.rulebook.vocabulary import PaymentMethod, Role
from models.tables import Case
from tests.builders.people import actor_of

MOBILE = "13800138000"
_codes = count(1)


def resident_number(first_17: str = "11010119900307001") -> str:
    """A citizen's number whose check character agrees."""
    return first_17 + identity.check_character(first_17)


def unified_code(department: str = "91", number: int | None = None) -> str:
    """A credit code whose check character agrees; a new one at every call."""
    first_17 = f"{department}110108{number or next(_codes):09d}"
    return first_17 + credit_code.check_character(first_17)


def ticked(name: str, **changes: bool) -> dict[str, bool]:
    """A row of the checklist, everything in order but the changes."""
    return {tick.value: True for tick in ROWS[name].ticks} | changes


def papers(reference: str = "", **rows: Any) -> dict[str, Any]:
    """A set of an applicant with a seal and a code-bearing licence, everything in order; `row=None` leaves that paper out."""
    rows = {"application_form": {}, "code_bearing_licence": {}, "identity_document": {}} | rows
    filled = {name: ticked(name, **changes) for name, changes in rows.items() if changes is not None}
    return {"reference": reference, "seal_at_counter": False} | filled


def draft(**changes: Any) -> dict[str, Any]:
    """An enterprise with a seal, an agent at the counter, one certificate, papers in order."""
    return {
        "credit_code": unified_code(),
        "kind": "enterprise",
        "name": "北京样例科技有限公司",
        "has_seal": "yes",
        "named_after_proprietor": False,
        "holds_code_bearing_licence": "yes",
        "established_on": "2015-03-01",
        "legal_representative": "样例甲",
        "address": "北京市样例区样例路 1 号",
        "presenter_role": "agent",
        "presenter_name": "样例乙",
        "presenter_id_kind": "resident_card",
        "presenter_id_until": "2030-01-01",
        "presenter_id_long_term": False,
        "certificates": "1",
        "uses": ["annual_inspection"],
        "computer_code": "",
        "tax_numbers_differ": False,
        "remark": "",
        "sets": [papers()],
    } | changes


def sealless_draft(**changes: Any) -> dict[str, Any]:
    """A sole proprietor without a seal, his business named after him, himself at the counter."""
    return draft(
        **{
            "credit_code": unified_code("92"),
            "kind": "individual_business",
            "name": "样例丙",
            "has_seal": "no",
            "named_after_proprietor": True,
            "presenter_role": "proprietor",
            "presenter_name": "样例丙",
        }
        | changes
    )


def drafted(world: World, branch: str = "HD01", **changes: Any) -> Case:
    """A case at the intake desk with a kept draft; `changes` go into the draft."""
    clerk = actor_of(world, Role.clerk, branch)
    opened = open_case(world, clerk)
    save_draft(world, clerk, opened.id, 1, draft(**changes), resident_number(), MOBILE)
    return case_now(world, opened.id)


def in_review(world: World, branch: str = "HD01", **changes: Any) -> Case:
    case = drafted(world, branch, **changes)
    accept_case(world, actor_of(world, Role.clerk, branch), case.id, case.version)
    return case_now(world, case.id)


def noticed(world: World, branch: str = "HD01", **changes: Any) -> Case:
    """A case in correction; by default its licence's photocopy bears no seal."""
    changes = {"sets": [papers(code_bearing_licence={"mark": False})]} | changes
    case = drafted(world, branch, **changes)
    request_correction(world, actor_of(world, Role.clerk, branch), case.id, case.version)
    return case_now(world, case.id)


def approved(world: World, branch: str = "HD01", **changes: Any) -> Case:
    """Awaiting payment, or ready to issue where the fee is nothing."""
    case = in_review(world, branch, **changes)
    approve_case(world, actor_of(world, Role.reviewer, branch), case.id, case.version)
    return case_now(world, case.id)


def with_certificates(count: int) -> dict[str, Any]:
    """Changes of a draft that asks for so many certificates, with a labelled set for each."""
    code = unified_code()
    return {
        "credit_code": code,
        "certificates": str(count),
        "sets": [papers(f"{code}-{number}") for number in range(1, count + 1)],
    }


def awaiting_payment(world: World, branch: str = "HD01", certificates: int = 2) -> Case:
    return approved(world, branch, **with_certificates(certificates))


def ready_to_issue(world: World, branch: str = "HD01", certificates: int = 1) -> Case:
    """Approved and paid; the first certificate is free, so one alone is ready at once."""
    case = approved(world, branch, **with_certificates(certificates))
    if certificates > 1:
        settle_fee(world, actor_of(world, Role.clerk, branch), case.id, case.version, PaymentMethod.cash)
    return case_now(world, case.id)


def case_now(world: World, case_id: int) -> Case:
    """The case as it is now, detached, with its items, applicant and branch loaded."""
    with world.reading() as session:
        case = session.get(Case, case_id)
        assert case is not None
        _ = (case.items, case.applicant, case.branch, [papers.documents for papers in case.sets])
        session.expunge_all()
        return case
