"""One set supports one certificate, for ever, over all branches."""

import pytest
from sqlalchemy import select

from app.services.accept_case import accept_case
from app.services.errors import Refusal
from app.services.examine_case import examine_case
from app.services.withdraw_case import withdraw_case
from app.services.world import World
from models.rulebook.vocabulary import CaseState
from models.tables import Case, SetClaim
from tests.builders import cases
from tests.builders.people import actor_of


def codes(verdict) -> list[tuple[str, int | None]]:
    return sorted((finding.code.value, finding.set) for finding in verdict.findings)


def test_a_set_used_at_another_branch_is_refused(world: World) -> None:
    first = cases.in_review(world, "CY01", sets=[cases.papers("材料 a-001")])
    case = cases.drafted(world, sets=[cases.papers("材料Ａ-001")])  # full width, no blank: the same label
    verdict = examine_case(world, actor_of(world), case.id)
    assert ("sets.reused", 1) in codes(verdict)
    assert [used.case_number for used in verdict.used_up] == [first.number]
    with pytest.raises(Refusal):
        accept_case(world, actor_of(world), case.id, case.version)


def test_one_label_on_two_sets_of_a_case_is_refused(world: World) -> None:
    case = cases.drafted(world, certificates="2", sets=[cases.papers("A"), cases.papers("A")])
    assert codes(examine_case(world, actor_of(world), case.id)) == [("sets.reused", 2)]


def test_a_withdrawn_case_gives_its_sets_back(world: World) -> None:
    first = cases.in_review(world, sets=[cases.papers("A-1")])
    withdraw_case(world, actor_of(world), first.id, first.version, "单位不办了")
    with world.reading() as session:
        assert session.scalars(select(SetClaim)).all() == []
    assert cases.in_review(world, sets=[cases.papers("A-1")]).state is CaseState.in_review


def test_a_set_without_a_label_gets_one_that_is_refused_at_the_next_counter(world: World) -> None:
    first = cases.in_review(world, sets=[cases.papers("")])
    with world.reading() as session:
        label = session.get_one(Case, first.id).sets[0].reference
    assert label == f"{first.number}-1"
    again = cases.drafted(world, "CY01", sets=[cases.papers(label)])
    assert ("sets.reused", 1) in codes(examine_case(world, actor_of(world, branch="CY01"), again.id))
