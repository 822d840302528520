"""What is held, proposed, approved by two others and destroyed: nothing personal stays behind, and the traces say so for ever."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from app.services import carry_out_destruction as carrying_out
from app.services import verify_traces as traces
from app.services.accept_case import accept_case
from app.services.approve_destruction import approve_destruction, drop_destruction, resume_destruction
from app.services.carry_out_destruction import destroy_record
from app.services.errors import Absent, Faulty, Forbidden, OutOfTurn, Refusal, Stale
from app.services.job_kinds import WORKS
from app.services.jobs import LEASE, cancel_job, run_jobs
from app.services.lift_hold import lift_hold
from app.services.open_scan import open_scan
from app.services.print_destruction import print_destruction
from app.services.print_handover_receipt import print_handover_receipt
from app.services.print_notice import print_notice
from app.services.propose_destruction import propose_destruction
from app.services.record_digest import record_digest
from app.services.reveal_identity import reveal_identity
from app.services.set_hold import HoldOrder, set_hold
from app.services.verify_traces import TraceFault, Verified, verify_traces
from app.services.world import World
from models.rulebook.oversight import DestructionState, HoldState, JobKind, JobState
from models.rulebook.retention import ClockState
from models.rulebook.vocabulary import CertificateStatus, Role
from models.tables import (
    Applicant,
    ApplicantBigram,
    Case,
    Certificate,
    Counter,
    DestructionList,
    DestructionTrace,
    Examination,
    Handover,
    Job,
    JournalLine,
    LegalHold,
    Notice,
    Scan,
)
from models.worklists.retention import clocks_of, due_page
from tests.builders.cases import case_now, drafted, in_review, resident_number, unified_code
from tests.builders.people import actor_of, branch_id_of
from tests.builders.retention import approved, destroyed, list_now, long_closed, long_lapsed, proposed
from tests.invariants import violations
from tests.journeys.test_commit_kills import PowerCut, power_cut_at

ORDER = HoldOrder("样例人民法院", "样例字第 1 号", "案件在审")
OTHERS = ("CY01", "DS01")


def supervisor(world: World, branch: str = "HD01"):
    return actor_of(world, Role.supervisor, branch)


def hold(world: World, case: Case, whole: bool = False, reference: str = "样例字第 1 号") -> LegalHold:
    order = HoldOrder(ORDER.authority, reference, ORDER.reason, whole)
    hold_id = set_hold(world, supervisor(world, case.branch.code), case.id, order)
    with world.reading() as session:
        return session.get_one(LegalHold, hold_id)


def state_of(world: World, case: Case) -> ClockState:
    with world.reading() as session:
        found = session.get_one(Case, case.id)
        return clocks_of(session, [found], world.today())[case.id].state


def due(world: World, branch: str = "HD01") -> list[int]:
    with world.reading() as session:
        return [row.case.id for row in due_page(session, branch_id_of(world, branch), world.today()).rows]


def verified(world: World) -> Verified:
    with world.reading() as session:
        return verify_traces(session)


def rows(world: World, kind: type, **values: object) -> list:
    with world.reading() as session:
        return list(session.scalars(select(kind).filter_by(**values)))


def test_only_what_is_closed_old_and_free_is_due(world: World) -> None:
    old, _young, held = long_closed(world), in_review(world), long_closed(world)
    hold(world, held)
    elsewhere = long_closed(world, "CY01")
    assert due(world) == [old.id]
    assert due(world, "CY01") == [elsewhere.id]


def test_pages_of_what_is_due_follow_each_other_without_gap_or_twin(world: World) -> None:
    wanted = [long_closed(world, scans=0).id for _ in range(5)]
    found, after = [], ""
    for _ in range(5):
        with world.reading() as session:
            page = due_page(session, branch_id_of(world), world.today(), after, size=2)
        found += [row.case.id for row in page.rows]
        after = page.after
        if not after:
            break
    assert found == wanted


def test_a_hold_stops_the_clock_until_it_is_lifted(world: World) -> None:
    case = long_closed(world)
    held = hold(world, case)
    assert state_of(world, case) is ClockState.held
    lift_hold(world, supervisor(world), held.id, held.version, "法院已解除")
    assert state_of(world, case) is ClockState.due
    with pytest.raises(OutOfTurn):
        lift_hold(world, supervisor(world), held.id, held.version + 1, "再解除一次")


def test_a_hold_on_the_applicant_holds_his_cases_at_every_branch(world: World) -> None:
    code = unified_code()
    here, there = long_closed(world, credit_code=code), long_closed(world, "CY01", credit_code=code)
    held = hold(world, here, whole=True)
    assert due(world) == due(world, "CY01") == []
    with pytest.raises(Absent):
        lift_hold(world, supervisor(world, "CY01"), held.id, held.version, "不归这里管")
    assert state_of(world, there) is ClockState.held


def test_a_hold_needs_who_asks_and_why_and_is_set_once(world: World) -> None:
    case = long_closed(world)
    with pytest.raises(Faulty) as fault:
        set_hold(world, supervisor(world), case.id, HoldOrder("", "字" * 81, " "))
    assert fault.value.fields == {"authority": "required", "reference": "too_long", "reason": "required"}
    hold(world, case)
    with pytest.raises(Faulty) as fault:
        hold(world, case)
    assert fault.value.fields == {"reference": "hold_stands"}
    hold(world, case, reference="另一份来函")
    with pytest.raises(Absent):
        set_hold(world, supervisor(world, "CY01"), case.id, ORDER)
    with pytest.raises(Forbidden):
        set_hold(world, actor_of(world, Role.clerk), case.id, ORDER)


def test_a_draft_that_names_no_applicant_can_be_held_alone(world: World) -> None:
    case = drafted(world)
    with pytest.raises(Faulty) as fault:
        hold(world, case, whole=True)
    assert fault.value.fields == {"scope": "hold_no_applicant"}
    assert hold(world, case).state is HoldState.standing


def test_what_is_held_young_listed_or_another_branchs_is_not_proposed(world: World) -> None:
    good, held, listed, young = long_closed(world), long_closed(world), long_closed(world), in_review(world)
    hold(world, held)
    proposed(world, listed)
    for bad in (held, listed, young, long_closed(world, "CY01")):
        with pytest.raises(Faulty) as fault:
            proposed(world, good, bad)
        assert fault.value.fields == {"cases": "destruction_not_due"}
        assert fault.value.facts == {"count": 1}
    with pytest.raises(Faulty):
        propose_destruction(world, supervisor(world), [], "")
    for role in (Role.clerk, Role.reviewer, Role.auditor, Role.administrator):
        with pytest.raises(Forbidden):
            proposed(world, good, by=actor_of(world, role))


def test_three_people_sign_and_none_twice(world: World) -> None:
    case = long_closed(world)
    listed = proposed(world, case)
    with pytest.raises(Forbidden):
        approve_destruction(world, supervisor(world), listed.id, listed.version, "自己批准")
    assert approve_destruction(world, supervisor(world, "CY01"), listed.id, listed.version, "核对无误") is None
    with pytest.raises(Stale):
        approve_destruction(world, supervisor(world, "DS01"), listed.id, listed.version, "页面旧了")
    now = list_now(world, listed.id)
    for branch in ("HD01", "CY01"):
        with pytest.raises(Forbidden) as refusal:
            approve_destruction(world, supervisor(world, branch), now.id, now.version, "再签一次")
        assert refusal.value.code == "destruction_three_people"
    assert case_now(world, case.id).destroyed_at is None
    assert approve_destruction(world, supervisor(world, "DS01"), now.id, now.version, "核对无误")
    assert list_now(world, listed.id).state is DestructionState.approved
    assert run_jobs(world, WORKS) == 1
    done = list_now(world, listed.id)
    assert (done.state, done.spared_ids) == (DestructionState.destroyed, [])
    assert case_now(world, case.id).destroyed_at is not None


def test_a_dropped_list_destroys_nothing_and_its_cases_are_free_again(world: World) -> None:
    case = long_closed(world)
    listed = proposed(world, case)
    assert due(world) == []
    drop_destruction(world, supervisor(world, "CY01"), listed.id, listed.version, "先等审计")
    assert due(world) == [case.id]
    with pytest.raises(OutOfTurn):
        approve_destruction(world, supervisor(world, "DS01"), listed.id, listed.version + 1, "晚了")
    assert proposed(world, case).number.endswith("000002")


def personal(case: Case, name: str) -> list[bytes]:
    """What must not be found in any file of the office any more, in every form in which it may be written there."""
    words = [
        name,
        "样例路 888 号",
        "样例法人张三",
        "样例经办李四",
        "样例备注王五",
        "样例乙已知",
        resident_number(),
        "13800138000",
    ]
    forms = [word.encode() for word in words]
    forms += [word.encode("unicode_escape") for word in words if not word.isascii()]
    return forms


def files_of(world: World) -> bytes:
    file = str(world.engine.url.database)
    found = b""
    for name in (file, f"{file}-wal"):
        try:
            with open(name, "rb") as opened:
                found += opened.read()
        except FileNotFoundError:
            continue
    return found


def test_nothing_personal_is_left_in_the_databases_files_or_among_the_scans(world: World) -> None:
    name = "北京样例销毁核验有限公司"
    case = long_closed(
        world,
        scans=3,
        name=name,
        address="北京市样例区样例路 888 号",
        legal_representative="样例法人张三",
        presenter_name="样例经办李四",
        remark="样例备注王五",
    )
    sealed = case_now(world, case.id).presenter_id_sealed
    before = files_of(world)
    assert sealed is not None
    assert sealed in before
    there = [word for word in personal(case, name) if word in before]
    assert len(there) >= 6, "or this test would look for nothing"
    assert len(list(world.scans.iterdir())) == 3

    destroyed(world, case)

    after = files_of(world)
    assert [word.decode("utf-8", "replace") for word in there if word in after] == []
    assert sealed not in after
    assert list(world.scans.iterdir()) == []
    assert rows(world, Scan, case_id=case.id) == []
    assert {tuple(one.question) + tuple(one.answer) for one in rows(world, Examination, case_id=case.id)} == {()}
    assert {tuple(one.content) for one in rows(world, Notice, case_id=case.id)} == {()}
    assert rows(world, ApplicantBigram, applicant_id=case.applicant_id) == []
    [applicant] = rows(world, Applicant, id=case.applicant_id)
    assert (applicant.name, applicant.address, applicant.legal_representative) == ("", "", "")


def test_a_certificates_own_end_is_what_its_record_waits_for(world: World) -> None:
    case = long_lapsed(world)
    with world.writing() as session:
        certificate = session.scalars(select(Certificate).where(Certificate.applicant_id == case.applicant_id)).one()
        certificate.not_after = world.now() - timedelta(days=5 * 365)
        session.commit()
    assert state_of(world, case) is ClockState.running
    assert due(world) == []
    with world.writing() as session:
        row = session.get_one(Certificate, certificate.id)
        row.status, row.revoked_at = CertificateStatus.revoked, world.now() - timedelta(days=6 * 366)
        session.commit()
    assert state_of(world, case) is ClockState.due, "it was revoked long before"
    assert due(world) == [case.id]


def test_a_certificate_loses_its_holders_name_and_keeps_its_number(world: World) -> None:
    """So that every certificate that was ever signed is still accounted for."""
    case = long_lapsed(world)
    [before], [handover] = rows(world, Certificate), rows(world, Handover)
    destroyed(world, case)
    [after], [receipt] = rows(world, Certificate), rows(world, Handover)
    assert (after.serial, after.status, after.not_after) == (before.serial, before.status, before.not_after)
    assert (after.subject_name, after.credit_code, after.der, after.to_be_signed) == ("", "", None, b"")
    assert (receipt.number, receipt.collector_name, receipt.collector_id_sealed) == (handover.number, "", b"")
    with pytest.raises(Absent):
        print_handover_receipt(world, actor_of(world), handover.id)
    with world.reading() as session:
        assert violations(session) == []


@pytest.mark.postgresql
def test_the_database_with_many_writers_destroys_alike(postgresql_world: World) -> None:
    world = postgresql_world
    case, kept = long_closed(world, scans=2), long_closed(world)
    assert due(world) == [case.id, kept.id]
    listed = approved(world, case, kept)
    hold(world, kept)
    run_jobs(world, WORKS)
    assert list_now(world, listed.id).spared_ids == [kept.id]
    assert case_now(world, case.id).presenter_name == ""
    assert len(list(world.scans.iterdir())) == 1
    assert verified(world).sound


def test_the_work_itself_stays_told(world: World) -> None:
    case = long_closed(world)
    acts = [line.act for line in rows(world, JournalLine, case_id=case.id)]
    destroyed(world, case)
    now, lines = case_now(world, case.id), rows(world, JournalLine, case_id=case.id)
    assert (now.number, now.kind, now.state, now.closed_at) == (case.number, case.kind, case.state, case.closed_at)
    assert [line.act for line in lines] == [*acts, "destroy"]
    assert all("样例" not in str(line.detail) for line in lines)


def test_a_destroyed_record_can_not_be_opened_printed_or_held(world: World) -> None:
    case = long_closed(world)
    [scan], [notice, *_] = rows(world, Scan, case_id=case.id), rows(world, Notice, case_id=case.id)
    destroyed(world, case)
    for act in (
        lambda: print_notice(world, actor_of(world), notice.id),
        lambda: open_scan(world, actor_of(world), scan.id),
        lambda: reveal_identity(world, actor_of(world), case.id, "看看还在不在"),
        lambda: hold(world, case_now(world, case.id)),
    ):
        with pytest.raises(Absent):
            act()


def test_an_applicant_with_another_record_keeps_his_name(world: World) -> None:
    code = unified_code()
    first, second = long_closed(world, credit_code=code), long_closed(world, "CY01", credit_code=code)
    destroyed(world, first)
    [applicant] = rows(world, Applicant, credit_code=code)
    assert applicant.name == "北京样例科技有限公司"
    listed = proposed(world, second, by=supervisor(world, "CY01"))
    for branch in ("HD01", "DS01"):
        now = list_now(world, listed.id)
        approve_destruction(world, supervisor(world, branch), now.id, now.version, "核对无误")
    run_jobs(world, WORKS)
    assert rows(world, Applicant, credit_code=code)[0].name == ""


def test_who_comes_back_after_all_was_destroyed_is_entered_anew(world: World) -> None:
    """Under whatever name he bears now; how many certificates he ever had is known still."""
    code = unified_code()
    destroyed(world, long_closed(world, credit_code=code))
    with world.writing() as session:
        session.execute(update(Applicant).where(Applicant.credit_code == code).values(certificates_promised=1))
        session.commit()
    case = drafted(world, credit_code=code, name="北京样例新名有限公司")
    accept_case(world, actor_of(world), case.id, case.version)
    [applicant] = rows(world, Applicant, credit_code=code)
    assert (applicant.name, applicant.certificates_promised) == ("北京样例新名有限公司", 1)
    assert case_now(world, case.id).kind.value == "additional"


def test_what_is_held_after_the_approvals_is_spared(world: World) -> None:
    gone, kept = long_closed(world), long_closed(world)
    listed = approved(world, gone, kept)
    hold(world, kept)
    run_jobs(world, WORKS)
    done = list_now(world, listed.id)
    assert (done.state, done.spared_ids) == (DestructionState.destroyed, [kept.id])
    assert case_now(world, kept.id).presenter_name == "样例乙"
    [job] = rows(world, Job)
    assert (job.state, job.answer) == (JobState.done, {"list_id": listed.id, "destroyed": 1, "spared": 1})


def test_a_list_that_two_have_not_agreed_to_is_never_carried_out(world: World) -> None:
    case = long_closed(world)
    listed = proposed(world, case)
    with pytest.raises(OutOfTurn):
        WORKS[JobKind.destruction](world, supervisor(world), {"list_id": listed.id}, None)  # type: ignore[arg-type]
    assert case_now(world, case.id).destroyed_at is None


def test_a_cancelled_job_can_be_taken_up_again(world: World) -> None:
    cases = [long_closed(world) for _ in range(2)]
    listed = approved(world, *cases)
    [job] = rows(world, Job)
    with pytest.raises(Refusal) as refusal:
        resume_destruction(world, supervisor(world), listed.id, listed.version, "机器停过电")
    assert refusal.value.code == "destruction_under_way"
    destroy_record(world, supervisor(world), listed.id, cases[0].id)  # so far it came
    cancel_job(world, supervisor(world, "DS01"), job.id, job.version)
    resume_destruction(world, supervisor(world), listed.id, list_now(world, listed.id).version, "机器停过电")
    run_jobs(world, WORKS)
    assert list_now(world, listed.id).state is DestructionState.destroyed
    assert [trace.case_id for trace in rows(world, DestructionTrace)] == [case.id for case in cases]
    assert verified(world).sound


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_power_cut_at_any_commit_of_the_destruction_leaves_a_way_to_its_end(world: World, when: str) -> None:
    for commit in range(1, 30):
        cases = [long_closed(world, scans=2) for _ in range(2)]
        listed = approved(world, *cases)
        try:
            with power_cut_at(commit, when):
                run_jobs(world, WORKS)
        except PowerCut:
            failed = True
        else:
            failed = False
        found = verified(world)
        assert found.sound, found.faults
        world.clock.move(LEASE + timedelta(seconds=1))  # type: ignore[attr-defined]
        run_jobs(world, WORKS)
        assert list_now(world, listed.id).state is DestructionState.destroyed
        assert list(world.scans.iterdir()) == []
        found = verified(world)
        assert (found.sound, found.unfinished) == (True, 0), found.faults
        assert len(rows(world, DestructionTrace, list_id=listed.id)) == 2
        if not failed:
            assert commit > 6, "it commits hardly anything"
            break
    else:
        raise AssertionError("a cut at every commit, and none of them the last")


def test_files_that_outlived_a_kill_between_row_and_disk_go_with_the_next_try(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = long_closed(world, scans=2)
    listed = approved(world, case)
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.unlink", _killed)
        with pytest.raises(PowerCut):
            destroy_record(world, supervisor(world), listed.id, case.id)
    assert len(list(world.scans.iterdir())) == 2
    assert verified(world).unfinished == 1
    assert destroy_record(world, supervisor(world), listed.id, case.id)
    assert list(world.scans.iterdir()) == []
    assert verified(world) == Verified(1, rows(world, DestructionTrace)[0].chain, 0, ())


def test_old_pages_are_cleared_also_where_the_power_went_just_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "北京样例销毁核验有限公司"
    approved(world, long_closed(world, name=name))
    with monkeypatch.context() as patch:
        patch.setattr("app.services.carry_out_destruction.forget_old_pages", _killed)
        with pytest.raises(PowerCut):
            run_jobs(world, WORKS)
    assert name.encode() in files_of(world), "or there is nothing to clear"
    world.clock.move(LEASE + timedelta(seconds=1))  # type: ignore[attr-defined]
    run_jobs(world, WORKS)
    assert name.encode() not in files_of(world)


def _killed(*args: object, **kwargs: object) -> None:
    raise PowerCut()


def test_a_copy_that_survived_is_recognised_by_its_digest(world: World) -> None:
    case, other = long_closed(world), long_closed(world)
    with world.reading() as session:
        survived = record_digest(session, world.vault, session.get_one(Case, case.id))
        different = record_digest(session, world.vault, session.get_one(Case, other.id))
    destroyed(world, case)
    assert rows(world, DestructionTrace)[0].record_digest == survived != different


def _change(world: World, number: int, **values: object) -> None:
    with world.writing() as session:
        session.execute(update(DestructionTrace).where(DestructionTrace.number == number).values(**values))
        session.commit()


def _take_away(world: World, number: int) -> None:
    with world.writing() as session:
        session.execute(delete(DestructionTrace).where(DestructionTrace.number == number))
        session.commit()


def _unsign(world: World) -> None:
    with world.writing() as session:
        session.execute(update(DestructionList).values(second_by=None))
        session.commit()


def _put_back(world: World, **values: object) -> None:
    with world.writing() as session:
        first = session.scalars(select(DestructionTrace.case_id).where(DestructionTrace.number == 1)).one()
        session.execute(update(Case).where(Case.id == first).values(**values))
        session.commit()


@pytest.mark.parametrize(
    ("tamper", "codes"),
    [
        (lambda world: _change(world, 2, scans=7), {"chain"}),
        (lambda world: _change(world, 3, record_digest="0" * 64), {"chain"}),
        (lambda world: _change(world, 1, case_number="HD01-X"), {"chain"}),
        (lambda world: _take_away(world, 2), {"gap", "chain", "untraced"}),
        (lambda world: _take_away(world, 3), {"cut_off", "untraced"}),
        (_unsign, {"approvals"}),
        (lambda world: _put_back(world, destroyed_at=None), {"not_destroyed"}),
        (lambda world: _put_back(world, presenter_name="样例乙"), {"still_told"}),
    ],
)
def test_whoever_tampers_with_the_traces_is_found_out(world: World, tamper: Callable[[World], None], codes: set[str]) -> None:
    destroyed(world, *[long_closed(world, scans=0) for _ in range(3)])
    assert verified(world).sound
    assert verified(world).traces == 3
    tamper(world)
    assert {fault.code for fault in verified(world).faults} == codes


def test_a_check_says_how_far_it_is_and_bears_a_destruction_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "TOLD_EVERY", 2)
    monkeypatch.setattr(carrying_out, "forget_old_pages", lambda world: None)  # it would wait for the reader
    destroyed(world, *[long_closed(world, scans=0) for _ in range(5)])
    late, told = long_closed(world, scans=0), []

    def tell(done: int, of: int) -> None:
        if not told:
            destroyed(world, late)
        told.append((done, of))

    with world.reading() as session:
        found = verify_traces(session, tell)
    assert (found.traces, found.faults) == (5, ())
    assert told == [(0, 9), (2, 9), (4, 9), *((5 + step, 9) for step in range(1, 5))]
    assert verified(world).traces == 6


def test_an_untouched_office_has_nothing_to_verify(world: World) -> None:
    assert verified(world) == Verified(0, "", 0, ())
    with world.writing() as session:
        session.add(Counter(series="destruction-trace", value=1))
        session.commit()
    assert verified(world).faults == (TraceFault("cut_off"),)


def test_the_record_on_paper_bears_the_chain_and_the_same_bytes_each_time(world: World) -> None:
    listed = destroyed(world, long_closed(world), long_closed(world))
    first = print_destruction(world, supervisor(world), listed.id)
    assert first == print_destruction(world, actor_of(world, Role.auditor), listed.id)
    assert first.file_name == f"{listed.number}.pdf"
    with pytest.raises(Forbidden):
        print_destruction(world, actor_of(world, Role.clerk), listed.id)
