"""Two supervisors, two counters, two clicks at once about one certificate: one effect. Real threads, either database."""

from typing import Any

import pytest
from sqlalchemy import func, select

from app.services.accept_aftercare import accept_aftercare
from app.services.amend_case import amend_case
from app.services.approve_case import approve_case
from app.services.ask_grant import ask_grant
from app.services.grant_case import grant_case
from app.services.open_aftercare import open_aftercare
from app.services.passwords import hash_password
from app.services.send_back_case import send_back_case
from app.services.settle_fee import settle_fee
from app.services.withdraw_case import withdraw_case
from app.services.world import World
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import (
    CaseAction,
    CaseKind,
    CaseState,
    CertificateAction,
    CertificateStatus,
    PaymentMethod,
    Role,
    TokenState,
)
from models.tables import Case, CaseItem, Grant, JournalLine, Notice, Receipt, Token
from tests.app.services.test_races import at_once, done
from tests.builders.aftercare import accepted, agreed, certificate_now, drafted, plant_held
from tests.builders.cases import case_now
from tests.builders.people import actor_of, add_staff, branch_id_of

ROUNDS = 100
DEAR = 50  # rounds of races that need a new certificate each time


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def world(request: pytest.FixtureRequest, world: World) -> World:
    """Either database: SQLite has one writer at a time, PostgreSQL many."""
    chosen: World = world if request.param == "sqlite" else request.getfixturevalue("postgresql_world")
    return chosen


@pytest.fixture
def supervisors(world: World) -> tuple[Any, Any]:
    """Two of one branch."""
    with world.writing() as session:
        second = add_staff(world, session, "S2-HD01", {Role.supervisor}, branch_id_of(world), hash_password("counter-and-desk"))
        session.commit()
        return actor_of(world, Role.supervisor), second.as_actor()


def count(world: World, kind: type[Any], *conditions: Any) -> int:
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(kind).where(*conditions)) or 0


def test_two_supervisors_give_one_leave(world: World, supervisors: tuple[Any, Any]) -> None:
    case = accepted(world, plant_held(world), CaseKind.unlock)
    for turn in range(1, ROUNDS + 1):
        version = case_now(world, case.id).version
        acts = [lambda who=who, v=version: grant_case(world, who, case.id, v, "核对无误") for who in supervisors]
        assert len(done(at_once(*acts))) == 1
        assert count(world, Grant) == turn
        assert count(world, Grant, Grant.expires_at > world.now()) == 1
        assert count(world, CaseItem, CaseItem.case_id == case.id) == 1
        ask_grant(world, actor_of(world), case.id, case_now(world, case.id).version)
    assert count(world, JournalLine, JournalLine.case_id == case.id, JournalLine.act == CaseAction.grant.value) == ROUNDS


def test_two_supervisors_revoke_a_lost_tokens_certificate_once(world: World, supervisors: tuple[Any, Any]) -> None:
    for _ in range(DEAR):
        held = plant_held(world)
        case = accepted(world, held, CaseKind.replacement_lost)
        acts = [lambda who=who, c=case: grant_case(world, who, c.id, c.version, "核对无误") for who in supervisors]
        assert len(done(at_once(*acts))) == 1
        revoked = JournalLine.subject_id == held.certificate_id, JournalLine.act == CertificateAction.revoke.value
        assert count(world, JournalLine, JournalLine.subject == "certificate", *revoked) == 1
        assert count(world, Grant, Grant.case_id == case.id) == 1
        assert count(world, Token, Token.serial == held.token_serial, Token.state == TokenState.lost) == 1


def test_a_case_accepted_twice_gives_one_slip(world: World) -> None:
    case, clerk = drafted(world, plant_held(world), CaseKind.unlock), actor_of(world)
    for turn in range(1, ROUNDS + 1):
        version = case_now(world, case.id).version
        accept = lambda v=version: accept_aftercare(world, clerk, case.id, v)  # noqa: E731
        assert len(done(at_once(accept, accept))) == 1
        assert count(world, Notice, Notice.case_id == case.id) == turn
        amend_case(world, clerk, case.id, case_now(world, case.id).version)


def test_a_change_of_status_approved_twice_is_carried_out_once(world: World) -> None:
    held = plant_held(world)
    reviewers = actor_of(world, Role.reviewer), actor_of(world, Role.reviewer, which=2)
    for turn in range(1, DEAR + 1):
        kind = CaseKind.suspension if turn % 2 else CaseKind.resumption
        case = accepted(world, held, kind)
        acts = [lambda who=who, c=case: approve_case(world, who, c.id, c.version) for who in reviewers]
        assert len(done(at_once(*acts))) == 1
        assert count(world, Notice, Notice.kind == "status") == turn
        wanted = CertificateStatus.suspended if turn % 2 else CertificateStatus.valid
        assert certificate_now(world, held).status is wanted
        assert case_now(world, case.id).state is CaseState.closed


def test_two_counters_open_one_case_about_a_certificate(world: World) -> None:
    held = plant_held(world)
    clerks = actor_of(world), actor_of(world, Role.clerk, "CY01")
    for _ in range(ROUNDS):
        acts = [lambda who=who: open_aftercare(world, who, held.serial, CaseKind.unlock) for who in clerks]
        won = done(at_once(*acts))
        assert len(won) == 1
        assert count(world, Case, Case.certificate_id == held.certificate_id, Case.state == CaseState.draft) == 1
        case = case_now(world, won[0].id)
        mine = next(who for who in clerks if who.branch_id == case.branch_id)
        withdraw_case(world, mine, case.id, case.version, "再来")


def test_a_leave_and_a_withdrawal_or_a_return_never_both_happen(world: World, supervisors: tuple[Any, Any]) -> None:
    clerk, (boss, other) = actor_of(world), supervisors
    for turn in range(DEAR):
        case = accepted(world, plant_held(world), CaseKind.unlock)
        ids = case.id, case.version
        against = (
            (lambda i=ids: withdraw_case(world, clerk, *i, "不办了"))
            if turn % 2
            else (lambda i=ids: send_back_case(world, other, *i, "再核对", by=Permission.grant_exception))
        )
        assert len(done(at_once(lambda i=ids: grant_case(world, boss, *i, "核对无误"), against))) == 1
        granted = case_now(world, case.id).state is CaseState.ready_to_issue
        assert count(world, Grant, Grant.case_id == case.id) == granted
        assert count(world, CaseItem, CaseItem.case_id == case.id) == granted


def test_a_damaged_medium_is_paid_and_handed_in_once(world: World) -> None:
    clerk = actor_of(world)
    for _ in range(DEAR):
        held = plant_held(world)
        case = agreed(world, held, CaseKind.replacement_damaged, damage_visible="yes")
        pay = lambda c=case: settle_fee(world, clerk, c.id, c.version, PaymentMethod.cash)  # noqa: E731
        assert len(done(at_once(pay, pay))) == 1
        assert count(world, Receipt, Receipt.case_id == case.id) == 1
        assert count(world, JournalLine, JournalLine.case_id == case.id, JournalLine.act == "hand_in") == 1
