"""The fee desk's pages: what is due, how it is paid, one receipt however often one clicks."""

import re

import pytest
from sqlalchemy import select

from app.services.world import World
from models.rulebook.vocabulary import CaseState, Role
from models.tables import Receipt
from tests.builders import cases


def test_the_queue_shows_what_is_due_at_this_branch(world: World, client_of) -> None:
    case = cases.awaiting_payment(world, certificates=3)
    other = cases.awaiting_payment(world, "CY01")
    page = client_of().get("/fee/").text
    assert case.number in page
    assert "360.00" in page
    assert other.number not in page


def test_cash_is_taken_and_a_receipt_printed(world: World, client_of) -> None:
    case, client = cases.awaiting_payment(world), client_of()
    answer = client.post(f"/fee/{case.id}/settle", data={"version": case.version, "method": "cash"})
    page = client.get(answer.location).text
    assert "HD01-R-2026-000001" in page
    paper = client.get(re.search(r'href="(/cases/receipts/\d+\.pdf)"', page).group(1))
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")
    assert client_of(branch="CY01").get(re.search(r"/cases/receipts/\d+\.pdf", page).group(0)).status_code == 404


def test_a_second_click_is_shown_the_first_ones_receipt(world: World, client_of) -> None:
    case, client = cases.awaiting_payment(world), client_of()
    sent = {"version": case.version, "method": "card", "reference": "0001"}
    first, second = (client.post(f"/fee/{case.id}/settle", data=sent) for _ in range(2))
    assert first.location == second.location
    with world.reading() as session:
        assert len(session.scalars(select(Receipt)).all()) == 1


@pytest.mark.parametrize("sent", [{}, {"method": "gold"}, {"method": "card"}, {"method": "transfer", "reference": " "}])
def test_a_payment_without_method_or_reference_is_refused(world: World, client_of, sent: dict[str, str]) -> None:
    case = cases.awaiting_payment(world)
    answer = client_of().post(f"/fee/{case.id}/settle", data={"version": case.version} | sent)
    assert answer.status_code == 422
    assert cases.case_now(world, case.id).state is CaseState.awaiting_payment


def test_what_was_typed_is_kept_after_a_mistake(world: World, client_of) -> None:
    case = cases.awaiting_payment(world)
    answer = client_of().post(f"/fee/{case.id}/settle", data={"version": case.version, "reference": "T-77"})
    assert 'value="T-77"' in answer.text


def test_the_auditor_takes_no_money(world: World, client_of) -> None:
    case = cases.awaiting_payment(world)
    answer = client_of(Role.auditor).post(f"/fee/{case.id}/settle", data={"version": case.version, "method": "cash"})
    assert answer.status_code == 403
