"""Cases whose time is over, and lists of them: made old in the database, since no clock goes back six years."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.services.approve_destruction import approve_destruction
from app.services.attach_scan import PLACE
from app.services.job_kinds import WORKS
from app.services.jobs import run_jobs
from app.services.propose_destruction import propose_destruction
from app.services.refuse_case import refuse_case
from app.services.set_hold import HoldOrder, set_hold
from app.services.verify_traces import verify_traces
from app.services.world import World
from models.rulebook.oversight import JobKind, JobState
from models.rulebook.permissions import Actor
from models.rulebook.vocabulary import DocumentKind, Role
from models.tables import Branch, Case, CaseItem, Certificate, DestructionList, DocumentSet, Job, Scan
from tests.builders.aftercare import plant_held
from tests.builders.cases import case_now, in_review
from tests.builders.people import actor_of

LONG_AGO = timedelta(days=6 * 366)
BRANCHES = ("HD01", "CY01", "DS01")


def long_closed(world: World, branch: str = "HD01", scans: int = 1, by: Actor | None = None, **changes: object) -> Case:
    """A case with papers and scans that was refused six years ago."""
    case = in_review(world, branch, **changes)
    for each in range(scans):
        add_scan(world, case.id, each)
    refuse_case(
        world,
        by or actor_of(world, Role.reviewer, branch),
        case.id,
        case_now(world, case.id).version,
        "材料不符，样例乙已知",
        "改日再来",
    )
    age(world, case.id)
    return case_now(world, case.id)


def long_lapsed(world: World, **options: Any) -> Case:
    """A case whose certificate was handed over seven years ago, and lapsed a year later."""
    held = plant_held(world, days=365, **options)
    with world.reading() as session:
        made = select(CaseItem.case_id).join(Certificate, Certificate.item_id == CaseItem.id)
        case_id = session.scalars(made.where(Certificate.id == held.certificate_id)).one()
    age(world, case_id, timedelta(days=7 * 366))
    return case_now(world, case_id)


def add_scan(world: World, case_id: int, number: int = 0) -> None:
    """Straight into the case, whatever its state: a sealed file and its row."""
    name = f"{case_id:08x}{number:040x}"
    (world.scans / name).write_bytes(world.vault.seal_bytes(b"a picture", PLACE.format(name=name)))
    with world.writing() as session:
        papers = session.scalars(select(DocumentSet).where(DocumentSet.case_id == case_id)).first()
        session.add(
            Scan(
                case_id=case_id,
                set_id=papers.id if papers else None,
                document_kind=DocumentKind.application_form,
                file_name=name,
                original_digest=f"{case_id:032x}{number:032x}",
                media_type="image/png",
                size=1,
                added_by=actor_of(world).staff_id,
                added_at=world.now(),
            )
        )
        session.commit()


def age(world: World, case_id: int, by: timedelta = LONG_AGO) -> None:
    """Everything of the case happened so much earlier, its certificates included."""
    with world.writing() as session:
        case = session.get_one(Case, case_id)
        for name in ("opened_at", "reviewed_at", "closed_at"):
            value = getattr(case, name)
            if value is not None:
                setattr(case, name, value - by)
        made = select(Certificate.id).join(CaseItem, Certificate.item_id == CaseItem.id).where(CaseItem.case_id == case_id)
        for certificate in session.scalars(select(Certificate).where(Certificate.id.in_(made))):
            certificate.not_before -= by
            certificate.not_after -= by
        session.commit()


def proposed(world: World, *cases: Case, by: Actor | None = None) -> DestructionList:
    made = propose_destruction(world, by or actor_of(world, Role.supervisor), [case.id for case in cases], "保存期满")
    return list_now(world, made.id)


def approved(world: World, *cases: Case, by: Actor | None = None) -> DestructionList:
    """By the supervisors of two other branches; the job waits."""
    by = by or actor_of(world, Role.supervisor)
    listed = proposed(world, *cases, by=by)
    others = [one for one in (actor_of(world, Role.supervisor, branch) for branch in BRANCHES) if one != by]
    for other in others[-2:]:
        found = list_now(world, listed.id)
        approve_destruction(world, other, found.id, found.version, "逐件核对无误")
    return list_now(world, listed.id)


def destroyed(world: World, *cases: Case, by: Actor | None = None) -> DestructionList:
    listed = approved(world, *cases, by=by)
    run_jobs(world, WORKS)
    return list_now(world, listed.id)


def list_now(world: World, list_id: int) -> DestructionList:
    with world.reading() as session:
        return session.get_one(DestructionList, list_id)


def held(world: World, case: Case) -> int:
    """The id of a hold on that case alone."""
    with world.reading() as session:
        code = session.get_one(Branch, case.branch_id).code
    order = HoldOrder("样例人民法院", f"样例字第 {case.id} 号", "案件在审")
    return set_hold(world, actor_of(world, Role.supervisor, code), case.id, order)


def plant_check(world: World, by: Actor) -> int:
    """A check of the traces that is done, with what it finds now."""
    with world.writing() as session:
        job = Job(kind=JobKind.trace_check, state=JobState.done, state_since=world.now(), branch_id=by.branch_id, question={})
        job.asked_by, job.asked_at, job.answer = by.staff_id, world.now(), asdict(verify_traces(session))
        session.add(job)
        session.flush()
        job.question = {"check_id": job.id}
        session.commit()
        return job.id


def proposed_by_another(world: World, case: Case) -> DestructionList:
    """By somebody who works at another branch by now: the case's own supervisor may approve it."""
    with world.reading() as session:
        code = session.get_one(Branch, case.branch_id).code
    listed = proposed(world, case, by=actor_of(world, Role.supervisor, code))
    elsewhere = next(branch for branch in BRANCHES if branch != code)
    with world.writing() as session:
        session.get_one(DestructionList, listed.id).proposed_by = actor_of(world, Role.supervisor, elsewhere).staff_id
        session.commit()
    return list_now(world, listed.id)
