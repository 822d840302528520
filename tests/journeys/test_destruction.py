"""Records whose time is over: proposed by one supervisor, agreed to by two others, one of them held meanwhile, the rest destroyed; the
traces are checked, and no page, paper or file tells of whom they were.

By the keyboard alone, in a real browser, three people at three branches.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from app.services.accept_case import accept_case
from app.services.attach_scan import attach_scan
from app.services.demonstration_staff import demonstration_staff
from app.services.open_case import open_case
from app.services.refuse_case import refuse_case
from app.services.save_draft import save_draft
from models.rulebook.oversight import DestructionState
from models.rulebook.vocabulary import DocumentKind
from models.tables import Case, DestructionList, DestructionTrace
from tests.builders.cases import MOBILE, case_now, draft, resident_number
from tests.builders.retention import age
from tests.builders.road import only
from tests.journeys.aftercare_clerk import AftercareClerk
from tests.journeys.returning import CLERK, SUPERVISOR, ReturningWalk
from tests.journeys.running import RunningHouse, wait_for
from tests.journeys.walked import scan_of
from tests.reports.reading import ink_of

pytestmark = pytest.mark.browser

RETENTION = '.desks a[href="/admin/retention/"]'
LISTS = 'a[href="/admin/retention/lists"]'
FIRST, SECOND, HELD = "北京期满甲样例有限公司", "北京期满乙样例有限公司", "北京期满丙样例有限公司"


@dataclass(frozen=True)
class Record:
    case: Case
    words: tuple[str, ...]  # what only this record tells


@pytest.fixture
def walk(browser: Browser, tmp_path: Path) -> Iterator[ReturningWalk]:
    house = RunningHouse(tmp_path / "instance")
    house.instance.mkdir(parents=True, exist_ok=True)
    try:
        house.start_office()
        walk = ReturningWalk(house, browser, tmp_path)
        yield walk
        walk.close()
    finally:
        house.close()


def refused_long_ago(walk: ReturningWalk, name: str, folder: Path) -> Record:
    """With papers and a scan, at the first branch, six years ago."""
    desk, mark = walk.desk, name[4]
    words = (name, f"样例经办{mark}", f"样例备注{mark}", f"样例事由{mark}", f"样例路 {ord(mark)} 号")
    case_id = open_case(desk.world, desk.clerk).id
    facts = {"name": name, "presenter_name": words[1], "remark": words[2], "address": f"北京市样例区{words[4]}"}
    save_draft(desk.world, desk.clerk, case_id, 1, draft(**facts), resident_number(), MOBILE)
    picture = scan_of(f"scan {ord(mark)}", folder).read_bytes()
    attach_scan(desk.world, desk.clerk, case_id, case_now(desk.world, case_id).version, DocumentKind.application_form, picture)
    accept_case(desk.world, desk.clerk, case_id, case_now(desk.world, case_id).version)
    refuse_case(desk.world, desk.reviewer, case_id, case_now(desk.world, case_id).version, words[3], "改日再来")
    age(desk.world, case_id)
    return Record(case_now(desk.world, case_id), words)


def give_reason(person: AftercareClerk, reason: str, to: str) -> None:
    person.wait_for_focus("reason")
    person.write(reason)
    person.follow("F9", to=re.compile(to))


def told_in_files(walk: ReturningWalk, record: Record) -> list[str]:
    """In any file of the office: its database, what that writes aside, its logs, the scans."""
    found = b"".join(
        file.read_bytes() for root in (walk.house.instance, walk.house.temporary) for file in root.rglob("*") if file.is_file()
    )
    written = {word: {word.encode(), word.encode("unicode_escape")} for word in record.words}
    return [word for word, forms in written.items() if any(form in found for form in forms)]


def pages_about(record: Record) -> list[str]:
    """Wherever its name would be looked for, by a clerk or a supervisor of its branch."""
    case, asked = record.case, record.words[0][2:7]
    return [
        f"/search?q={asked}",
        f"/search?q={record.words[0]}",
        f"/cases/{case.id}",
        f"/applicants/{case.applicant_id}",
        f"/journals/applicants/{case.applicant_id}",
        f"/admin/cases/?applicant={asked}",
        f"/admin/cases/?number={case.number}",
        f"/admin/journal/?case={case.number}",
        f"/admin/retention/case/{case.id}",
    ]


def tells(person: AftercareClerk, path: str, record: Record) -> list[str]:
    """Words of the record on a page; what was asked for is not counted where the page says it back."""
    person.go(path)
    said = person.page.content()
    asked = re.search(r"q=(.+)", path)
    return [word for word in record.words if word in said and not (asked and asked[1] == word)]


def test_three_people_destroy_what_is_due_and_nobody_is_named_any_more(walk: ReturningWalk, tmp_path: Path) -> None:
    first, second, held = (refused_long_ago(walk, name, tmp_path) for name in (FIRST, SECOND, HELD))
    numbers = sorted(person.number for person in demonstration_staff(walk.desk.world).people if person.number.endswith("009"))
    proposer, approver, last = (walk.staff(number) for number in numbers[:3])
    assert numbers[0] == SUPERVISOR
    scans = walk.desk.world.scans
    assert len(list(scans.iterdir())) == 3
    for record in (first, second, held):
        assert record.words[0] in tells(proposer, f"/search?q={record.words[0][2:7]}", record)
        assert set(told_in_files(walk, record)) == set(record.words), "or this journey would look for nothing"

    proposer.reach(RETENTION)
    proposer.follow("Enter")
    proposer.follow("F9", to=re.compile("/propose$"))
    assert proposer.page.locator("[name=cases]:checked").count() == 3
    give_reason(proposer, "保存期满五年", r"/lists/\d+$")
    listed = only(walk.desk.world, DestructionList)
    assert "须由另外的主管批准" in proposer.says()

    approver.reach(RETENTION)
    approver.follow("Enter")
    approver.reach(LISTS)
    approver.follow("Enter")
    approver.reach(f'a[href="/admin/retention/lists/{listed.id}"]')
    approver.follow("Enter")
    assert first.case.number in approver.says()
    assert not [record for record in (first, second, held) if record.words[0] in approver.page.content()]
    approver.follow("F9", to=re.compile("/approve$"))
    give_reason(approver, "逐件核对无误", r"/lists$")
    assert "还须第二位主管批准" in approver.message()

    proposer.reach(RETENTION)
    proposer.follow("Enter")
    proposer.reach("case-number")
    proposer.write(held.case.number)
    proposer.follow("Enter", to=re.compile(r"/case/\d+$"))
    proposer.follow("F9", to=re.compile("/hold$"))
    proposer.fill("authority", "样例人民法院", by="Enter")
    proposer.fill("reference", "样例字第 7 号", by="Enter")
    proposer.fill("reason", "案件在审", by="Enter")
    proposer.follow("F9", to=re.compile(r"/case/\d+$"))
    assert "已保全" in proposer.message()

    last.go(f"/admin/retention/lists/{listed.id}")
    last.follow("F9", to=re.compile("/approve$"))
    give_reason(last, "同意销毁", r"/jobs/\d+$")
    last.page.wait_for_selector("#job-ways a[data-key=F9]")
    last.follow("F9", to=re.compile(r"/lists/\d+$"))
    assert "有 1 件因被保全或不再到期而留存" in last.says()
    assert only(walk.desk.world, DestructionList).state is DestructionState.destroyed

    proposer.reach(RETENTION)
    proposer.follow("Enter")
    proposer.reach('a[href="/admin/retention/traces"]')
    proposer.follow("Enter")
    proposer.follow("F9", to=re.compile("/verify$"))
    proposer.follow("F9", to=re.compile(r"/jobs/\d+$"))
    proposer.page.wait_for_selector("#job-ways a[data-key=F9]")
    proposer.follow("F9", to=re.compile(r"/verify/\d+$"))
    checked = proposer.says()
    assert "全部留痕连续、未被改动" in checked
    record = proposer.context.request.get(f"{proposer.home}/admin/retention/lists/{listed.id}/record.pdf").body()
    paper = re.sub(r"\s", "", ink_of(record))
    assert only(walk.desk.world, DestructionTrace, case_id=second.case.id).chain in checked
    for told in ("已销毁2件", "1件因被保全", first.case.number, held.case.number, *numbers[:3]):
        assert told in paper, told
    assert only(walk.desk.world, DestructionTrace, case_id=second.case.id).chain in paper

    clerk = walk.staff(CLERK)
    for gone in (first, second):
        for path in pages_about(gone):
            for person in (clerk, proposer) if not path.startswith("/admin") else (proposer,):
                assert tells(person, path, gone) == [], path
        assert not [word for word in gone.words if word in ink_of(record)]
        wait_for("the files to forget", lambda gone=gone: not told_in_files(walk, gone))
    assert len(list(scans.iterdir())) == 1

    assert HELD in tells(clerk, f"/search?q={HELD[2:7]}", held)
    assert held.words[1] in tells(proposer, f"/cases/{held.case.id}", held)
    assert set(told_in_files(walk, held)) == set(held.words)
    walk.judge_books()
