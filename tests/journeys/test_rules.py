"""An edition of the rules on its way: written, tried on past cases, proposed, published by another; then it judges and charges.

By the keyboard alone, in a real browser. The office's clock is two days behind while the edition is made, and right afterwards.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from app.services.world import SystemClock
from models.rulebook.editions import P1
from models.rulebook.vocabulary import CaseKind, CaseState
from models.tables import Edition, EditionDraft, Examination
from tests.builders.aftercare import Held, plant_held
from tests.journeys.earlier import EarlierClock
from tests.journeys.returning import CLERK, SUPERVISOR, EarlierHouse, ReturningWalk
from tests.reports.reading import ink_of

pytestmark = pytest.mark.browser

BEHIND = 2  # days
OTHER_SUPERVISOR = "2009"
RULES = '.desks a[href="/admin/rules/"]'


@pytest.fixture
def walk(browser: Browser, tmp_path: Path) -> Iterator[ReturningWalk]:
    house = EarlierHouse(tmp_path / "instance")
    house.days_ago = BEHIND
    house.instance.mkdir(parents=True, exist_ok=True)
    try:
        house.start_office()
        walk = ReturningWalk(house, browser, tmp_path)
        walk.desk.world = replace(walk.desk.world, clock=EarlierClock(BEHIND))
        yield walk
        walk.close()
    finally:
        house.close()


def let_two_days_pass(walk: ReturningWalk) -> None:
    """The office starts anew with the true time; everybody has long been signed out."""
    walk.judge_books()
    walk.house.kill_office()
    for person in walk._staff.values():
        person.close()
    walk._staff.clear()
    walk._people.clear()
    walk.house.days_ago = 0
    walk.desk.world = replace(walk.desk.world, clock=SystemClock())
    walk.house.start_office()


def lose(walk: ReturningWalk, held: Held) -> int:
    """A holder without his token comes to the counter; all papers that are asked for are there, his case is accepted."""
    clerk = walk.staff(CLERK)
    case_id = clerk.take_in(held.serial, CaseKind.replacement_lost)
    clerk.file()
    return case_id


def papers_shown(walk: ReturningWalk, case_id: int) -> set[str]:
    """Kinds of the documents that the case was judged by."""
    with walk.house.reading() as session:
        judged = session.scalars(
            select(Examination).where(Examination.case_id == case_id).order_by(Examination.id.desc())
        ).first()
        assert judged is not None
        return {document["kind"] for document in judged.question["sets"][0]["documents"]}


def charge(walk: ReturningWalk, case_id: int) -> str:
    """A supervisor gives leave, the clerk takes the fee; what the receipt says."""
    walk.staff(SUPERVISOR).grant(case_id, "遗失声明已收，身份核对无误")
    assert walk.case(case_id).state is CaseState.awaiting_payment
    return ink_of(walk.staff(CLERK).settle(case_id, "cash"))


def test_an_edition_is_published_by_a_second_supervisor_and_the_next_case_is_judged_and_charged_by_it(
    walk: ReturningWalk,
) -> None:
    before, after = (plant_held(walk.desk.world, by=walk.desk.clerk) for _ in range(2))
    old_case = lose(walk, before)
    assert walk.case(old_case).edition == P1.code
    begins = walk.desk.world.today() + timedelta(days=1)

    writer = walk.staff(SUPERVISOR)
    writer.reach(RULES)
    writer.follow("Enter")
    writer.follow("F9", to=re.compile("/new$"))
    writer.wait_for_focus("code")
    writer.write("p2-2027")
    writer.fill("effective_from", begins.strftime("%Y%m%d"), by="Enter")
    writer.follow("F9", to=re.compile("/edit$"))
    for tick in ("original", "photocopy", "marked"):
        writer.reach(f"replacement_lost-licence_{tick}", most=300)
        writer.press("Space")
    writer.fill("medium", "95")
    writer.follow("F9", to=re.compile(r"/draft/\d+$"))
    assert "95.00 元" in writer.says()

    writer.follow("F9", to=re.compile(r"/jobs/\d+$"))
    writer.page.wait_for_selector("#job-ways a[data-key=F9]")
    writer.follow("F9", to=re.compile("/preview$"))
    found = writer.page.inner_text("main table")
    assert walk.case(old_case).number in found
    assert "80.00 → 95.00" in found
    writer.follow("F9", to=re.compile(r"/draft/\d+$"))
    writer.follow("F9", to=re.compile("/propose$"))
    writer.wait_for_focus("reason")
    writer.write("介质进价上涨")
    writer.follow("F9", to=re.compile(r"/draft/\d+$"))
    assert "等另一位主管发布" in writer.message()
    assert "发布…" not in writer.says()

    other = walk.staff(OTHER_SUPERVISOR)
    other.reach(RULES)
    other.follow("Enter")
    other.reach('a[href*="/admin/rules/draft/"]')
    other.follow("Enter", to=re.compile(r"/draft/\d+$"))
    other.follow("F9", to=re.compile("/publish$"))
    other.wait_for_focus("reason")
    other.write("已逐项核对")
    other.follow("F9", to=re.compile(r"/draft/\d+$"))
    assert "已发布，从执行日起生效。" in other.message()
    with walk.house.reading() as session:
        assert session.scalars(select(Edition).where(Edition.effective_from == begins)).one().code == "P2-2027"
        draft = session.scalars(select(EditionDraft)).one()
        assert draft.published_by != draft.proposed_by == draft.written_by

    let_two_days_pass(walk)
    assert "80.00" in charge(walk, old_case), "it was accepted by the earlier rules and keeps their fee"
    new_case = lose(walk, after)
    assert walk.case(new_case).edition == "P2-2027"
    assert papers_shown(walk, new_case) - papers_shown(walk, old_case) == {"code_bearing_licence"}
    assert "95.00" in charge(walk, new_case)
    walk.judge_books()
