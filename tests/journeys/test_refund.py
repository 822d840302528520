"""A fee that is paid back: asked for at the case, allowed beside its papers, paid out and signed, by the keyboard alone."""

import re

import pytest
from sqlalchemy import select

from app.services.demonstration_staff import DEMO_PASSWORD, demonstration_staff
from models.rulebook.oversight import ExceptionState, MoneyKind
from models.tables import ExceptionRequest, MoneyEntry
from tests.journeys.clerk import Clerk
from tests.journeys.walked import Walk
from tests.reports.reading import ink_of

pytestmark = pytest.mark.browser

CLERK, SUPERVISOR = "1001", "1009"


def test_a_refund_is_asked_for_allowed_and_paid_out(walk: Walk) -> None:
    case = walk.desk.order(2)
    clerk, supervisor = walk.clerk(CLERK), supervising(walk)

    clerk.go(f"/cases/{case.id}")
    clerk.reach(f'a[href$="/exceptions/cases/{case.id}/refund"]')
    clerk.follow("Enter", to=re.compile(r"/refund$"))
    clerk.wait_for_focus("amount")
    clerk.press("Control+a")
    clerk.write("200")
    clerk.fill("reason", "只领一张证书", by="Enter")
    clerk.follow("F9", to=re.compile(r"/refund$"))
    assert "超过了可退的余额 180.00 元" in clerk.says()
    clerk.fill("amount", "180")
    assert clerk.page.input_value("#reason") == "只领一张证书"
    clerk.follow("F9", to=re.compile(r"/exceptions/\d+$"))
    number = re.search(r"HD01-Q-\d{4}-\d{6}", clerk.message())[0]  # type: ignore[index]

    supervisor.go("/admin/decisions/?state=asked")
    supervisor.reach(link_to(walk, number))
    supervisor.follow("Enter", to=re.compile(r"/decisions/\d+$"))
    assert "只领一张证书" in supervisor.says()
    supervisor.follow("F9", to=re.compile(r"/grant$"))
    assert "批准人以外的人员付出" in supervisor.says()
    supervisor.wait_for_focus("reason")
    supervisor.write("收据和案件核对无误")
    supervisor.follow("F9", to=re.compile(r"/decisions/\d+$"))
    assert "已批准" in supervisor.message()

    clerk.turn_to("特批申请")
    clerk.reach(f'a[href$="/exceptions/{asked(walk, number).id}"]')
    clerk.follow("Enter", to=re.compile(r"/exceptions/\d+$"))
    assert "收据和案件核对无误" in clerk.says()
    clerk.follow("F9", to=re.compile(r"/pay$"))
    clerk.choose("method", "transfer")
    clerk.fill("reference", "T-0042", by="Enter")
    clerk.follow("F9", to=re.compile(r"/exceptions/\d+$"))
    slip = ink_of(clerk.print("F6"))
    for told in ("180.00", "T-0042", number, "人民币壹佰捌拾元整"):
        assert told in slip

    assert asked(walk, number).state is ExceptionState.used
    with walk.house.reading() as session:
        entry = session.scalars(select(MoneyEntry).where(MoneyEntry.case_id == case.id)).one()
    assert (entry.kind, entry.amount_fen) == (MoneyKind.refund, 18000)
    supervisor.go("/admin/money/")
    assert entry.number in supervisor.says()
    walk.judge_books()


def supervising(walk: Walk) -> Clerk:
    """The branch's supervisor, signed in with his one-time code at a browser of his own."""
    if SUPERVISOR not in walk._people:
        walk._people[SUPERVISOR] = Clerk(walk.browser, walk.house.url, walk.witness)
        code = next(one.code for one in demonstration_staff(walk.desk.world).people if one.number == SUPERVISOR)
        walk._people[SUPERVISOR].sign_in(SUPERVISOR, DEMO_PASSWORD, code)
    return walk._people[SUPERVISOR]


def asked(walk: Walk, number: str) -> ExceptionRequest:
    with walk.house.reading() as session:
        return session.scalars(select(ExceptionRequest).where(ExceptionRequest.number == number)).one()


def link_to(walk: Walk, number: str) -> str:
    return f'a[href$="/admin/decisions/{asked(walk, number).id}"]'
