"""Editions on their way: what hinders each step, what the preview says of real cases, and what a published one changes."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.services import preview_edition as preview
from app.services.accept_aftercare import accept_aftercare
from app.services.correct_aftercare import correct_aftercare
from app.services.draft_edition import begin_edition, drop_edition, write_edition
from app.services.edition_at_hand import edition_on, editions
from app.services.errors import Faulty, Forbidden, OutOfTurn, Refusal, Stale
from app.services.job_kinds import WORKS
from app.services.jobs import cancel_job, run_jobs
from app.services.preview_edition import ask_preview
from app.services.propose_edition import propose_edition, take_back_edition
from app.services.publish_edition import publish_edition
from app.services.world import World
from models.rulebook.editions import P1, Paper, Requirement, read
from models.rulebook.oversight import DraftState, ExceptionKind, JobState
from models.rulebook.vocabulary import ApplicantKind, CaseKind, CaseState, Role
from models.tables import Case, Edition, EditionAuthor, EditionDraft, Examination, Job, JournalLine
from models.worklists.rules import drafts_to_publish
from tests.builders import rules
from tests.builders.aftercare import accepted, agreed, drafted, papers, plant_held
from tests.builders.cases import case_now, in_review
from tests.builders.exceptions import granted
from tests.builders.people import actor_of
from tests.builders.road import only

FORM = Requirement(Paper.application_form, copies=3, marked=True)
STRICTER = rules.edition(papers=rules.with_paper(CaseKind.renewal, FORM), medium_fen=95_00)


def told(world: World, draft: EditionDraft) -> dict[str, Any]:
    job: Job = only(world, Job, id=draft.preview_id)
    assert job.state is JobState.done, job.fault
    return dict(job.answer)


def faults(act: Any, *given: Any) -> dict[str, str]:
    with pytest.raises(Faulty) as refused:
        act(*given)
    return dict(refused.value.fields)


def refusal(act: Any, *given: Any) -> str:
    with pytest.raises(Refusal) as refused:
        act(*given)
    return refused.value.code


# What is published judges and charges.


def test_a_published_edition_judges_and_charges_from_its_day_on(world: World) -> None:
    early = rules.edition(day=world.today() + timedelta(days=1), papers=STRICTER.requirements, medium_fen=95_00)
    before = agreed(world, plant_held(world), CaseKind.replacement_lost)
    waiting = accepted(world, plant_held(world), CaseKind.replacement_lost)
    rules.published(world, early)
    bare = papers(application_form=None)
    assert accepted(world, plant_held(world, days=60), CaseKind.renewal, papers=bare).edition == P1.code
    assert agreed(world, plant_held(world), CaseKind.replacement_lost).fee_total_fen == 80_00
    world.clock.move(days=1)  # type: ignore[attr-defined]
    after = agreed(world, plant_held(world), CaseKind.replacement_lost)
    assert (after.edition, after.fee_total_fen) == (early.code, 95_00)
    assert case_now(world, before.id).fee_total_fen == 80_00
    assert case_now(world, waiting.id).details["fee_fen"] == 80_00, "accepted before"
    with pytest.raises(Refusal) as refused:
        accepted(world, plant_held(world, days=60), CaseKind.renewal, papers=bare)
    assert refused.value.code == "not_in_order"


def test_what_was_published_is_kept_to_the_letter_and_never_touched_again(world: World) -> None:
    draft = rules.published(world, STRICTER)
    kept = only(world, Edition, code=STRICTER.code)
    assert kept.content == draft.content
    assert read(kept.content) == STRICTER
    assert kept.published_at == world.now()
    for act in (publish_edition, take_back_edition, drop_edition):
        with pytest.raises(OutOfTurn):
            act(world, rules.second(world), draft.id, draft.version, "再来一次")
    with world.reading() as session:
        assert [one.code for one in editions(session)] == [P1.code, STRICTER.code]
        assert edition_on(session, date(2026, 12, 31)) == P1
        assert edition_on(session, date(2027, 1, 1)) == STRICTER


def test_every_step_leaves_its_line_with_its_reason(world: World) -> None:
    draft = rules.published(world)
    with world.reading() as session:
        lines = session.scalars(
            select(JournalLine).where(JournalLine.subject == "edition_draft", JournalLine.subject_id == draft.id)
        ).all()
    assert [(line.act, line.detail.get("reason", "")) for line in lines] == [
        ("begin", ""),
        ("save", ""),
        ("preview", ""),
        ("propose", "介质涨价"),
        ("publish", "核对无误"),
    ]
    assert {line.detail["number"] for line in lines} == {draft.code}


# Two people.


def test_nobody_publishes_what_he_wrote(world: World) -> None:
    draft = rules.proposed(world)
    assert refusal(publish_edition, world, rules.first(world), draft.id, draft.version, "可") == "edition_needs_second"
    publish_edition(world, rules.colleague(world), draft.id, draft.version, "核对无误")
    assert rules.draft_now(world, draft.id).state is DraftState.published


@pytest.mark.parametrize("role", [Role.clerk, Role.reviewer, Role.auditor, Role.administrator])
def test_only_supervisors_write_and_publish(world: World, role: Role) -> None:
    who, draft = actor_of(world, role), rules.proposed(world)
    for act in (propose_edition, take_back_edition, drop_edition, publish_edition):
        with pytest.raises(Forbidden):
            act(world, who, draft.id, draft.version, "样例")
    with pytest.raises(Forbidden):
        begin_edition(world, who, "P3-2027", date(2027, 2, 1), P1.code)
    with pytest.raises(Forbidden):
        ask_preview(world, who, draft.id, draft.version)


def authors(world: World, draft: EditionDraft) -> set[int]:
    with world.reading() as session:
        return set(session.scalars(select(EditionAuthor.staff_id).where(EditionAuthor.draft_id == draft.id)))


def test_any_supervisor_goes_on_with_a_draft_and_nobody_who_did_publishes_it(world: World) -> None:
    first, second, third = rules.first(world), rules.second(world), rules.colleague(world)
    draft = rules.written(world)
    write_edition(world, second, draft.id, draft.version, STRICTER)
    draft = rules.draft_now(world, draft.id)
    assert (draft.written_by, draft.written_at) == (second.staff_id, world.now())
    ask_preview(world, third, draft.id, draft.version)
    run_jobs(world, WORKS)
    propose_edition(world, second, draft.id, rules.draft_now(world, draft.id).version, "代交")
    draft = rules.draft_now(world, draft.id)
    assert authors(world, draft) == {first.staff_id, second.staff_id}
    for hand in (first, second):
        assert refusal(publish_edition, world, hand, draft.id, draft.version, "可") == "edition_needs_second"
        with world.reading() as session:
            assert session.scalars(drafts_to_publish(hand.staff_id)).all() == []
    with world.reading() as session:
        assert [one.id for one in session.scalars(drafts_to_publish(third.staff_id))] == [draft.id]
    publish_edition(world, third, draft.id, draft.version, "核对无误")


def test_who_proposed_once_is_an_author_for_good(world: World) -> None:
    draft, other = rules.previewed(world), rules.second(world)
    propose_edition(world, other, draft.id, draft.version, "代交")
    take_back_edition(world, other, draft.id, draft.version + 1, "再想想")
    propose_edition(world, rules.first(world), draft.id, draft.version + 2, "涨价")
    assert refusal(publish_edition, world, other, draft.id, draft.version + 3, "可") == "edition_needs_second"


def test_who_saves_what_is_there_already_has_written_nothing(world: World) -> None:
    draft, other = rules.proposed(world), rules.second(world)
    take_back_edition(world, other, draft.id, draft.version, "看一下")
    world.clock.move(minutes=5)  # type: ignore[attr-defined]
    write_edition(world, other, draft.id, draft.version + 1, rules.DEARER)
    kept = rules.draft_now(world, draft.id)
    assert (kept.written_by, kept.written_at) == (draft.written_by, draft.written_at)
    assert authors(world, draft) == {rules.first(world).staff_id}


def test_of_two_who_write_at_once_the_second_is_told_and_is_no_author(world: World) -> None:
    draft = rules.written(world)
    write_edition(world, rules.colleague(world), draft.id, draft.version, STRICTER)
    with pytest.raises(Stale):
        write_edition(world, rules.second(world), draft.id, draft.version, rules.edition(medium_fen=1))
    assert rules.second(world).staff_id not in authors(world, draft)


# What hinders a step.


def test_a_draft_is_proposed_only_after_a_preview_of_what_it_says_now(world: World) -> None:
    draft, writer = rules.written(world), rules.first(world)
    assert refusal(propose_edition, world, writer, draft.id, draft.version, "涨价") == "edition_not_previewed"
    ask_preview(world, writer, draft.id, draft.version)
    draft = rules.draft_now(world, draft.id)
    assert refusal(propose_edition, world, writer, draft.id, draft.version, "涨价") == "edition_not_previewed"
    assert refusal(ask_preview, world, writer, draft.id, draft.version) == "edition_preview_runs"
    run_jobs(world, WORKS)
    write_edition(world, writer, draft.id, draft.version, STRICTER)
    draft = rules.draft_now(world, draft.id)
    assert draft.preview_id is None
    assert refusal(propose_edition, world, writer, draft.id, draft.version, "涨价") == "edition_not_previewed"


def test_saving_the_same_again_keeps_the_preview(world: World) -> None:
    draft = rules.previewed(world)
    write_edition(world, rules.first(world), draft.id, draft.version, rules.DEARER)
    assert rules.draft_now(world, draft.id).preview_id == draft.preview_id


def test_a_preview_that_was_cancelled_does_not_count_and_another_can_be_asked_for(world: World) -> None:
    draft, writer = rules.asked(world), rules.first(world)
    job = only(world, Job, id=draft.preview_id)
    cancel_job(world, writer, job.id, job.version)
    assert refusal(propose_edition, world, writer, draft.id, draft.version, "涨价") == "edition_not_previewed"
    ask_preview(world, writer, draft.id, draft.version)
    assert run_jobs(world, WORKS) == 1


def test_an_edition_that_differs_in_nothing_is_not_proposed(world: World) -> None:
    draft = rules.previewed(world, rules.edition())
    given = (world, rules.first(world), draft.id, draft.version, "没有改")
    assert refusal(propose_edition, *given) == "edition_differs_in_nothing"


def test_its_day_may_come_too_soon(world: World) -> None:
    draft = rules.proposed(world, rules.edition(day=world.today() + timedelta(days=1), medium_fen=95_00))
    world.clock.move(days=1)  # type: ignore[attr-defined]
    given = (world, rules.second(world), draft.id, draft.version, "核对无误")
    assert faults(publish_edition, *given) == {"effective_from": "edition_day_past"}
    assert rules.draft_now(world, draft.id).state is DraftState.proposed
    take_back_edition(world, rules.second(world), draft.id, draft.version, "日子过了")
    draft = rules.draft_now(world, draft.id)
    assert (draft.state, draft.proposed_by) == (DraftState.draft, None)


def test_two_editions_never_begin_on_one_day_nor_have_one_code(world: World) -> None:
    late = rules.proposed(world, rules.edition("P3-2027", medium_fen=70_00))
    rules.published(world)
    given = (world, rules.second(world), late.id, late.version, "核对无误")
    assert faults(publish_edition, *given) == {"effective_from": "edition_day_taken"}
    begun = (world, rules.first(world), "P2-2027", rules.DAY, P1.code)
    assert faults(begin_edition, *begun) == {"code": "edition_code_taken", "effective_from": "edition_day_taken"}
    assert faults(begin_edition, world, rules.first(world), "P3-2027", date(2028, 1, 1), P1.code) == {
        "code": "edition_code_taken"
    }


def test_a_dropped_drafts_code_is_free_again(world: World) -> None:
    draft = rules.written(world)
    drop_edition(world, rules.second(world), draft.id, draft.version, "不用了")
    assert rules.written(world).code == draft.code


def test_what_makes_no_sense_is_refused_place_by_place(world: World) -> None:
    draft = rules.written(world)
    asked = {CaseKind.renewal: (), CaseKind.replacement_lost: (Requirement(Paper.token), Requirement(Paper.licence))}
    fees = dict.fromkeys(P1.fees_fen, 1)
    given = (world, rules.first(world), draft.id, draft.version, rules.edition(papers=asked, fees_fen=fees))
    assert faults(write_edition, *given) == {
        "renewal-token": "token_needed",
        "replacement_lost-token": "token_is_lost",
        "replacement_lost-licence": "neither_original_nor_copy",
        "credentials_reset-fee": "fee_is_never_taken",
    }


def test_a_stale_page_never_wins(world: World) -> None:
    draft, writer = rules.written(world), rules.first(world)
    with pytest.raises(Stale):
        write_edition(world, writer, draft.id, draft.version - 1, STRICTER)
    with pytest.raises(Stale):
        ask_preview(world, writer, draft.id, draft.version - 1)


# The preview.


def test_the_preview_names_every_case_that_would_have_been_judged_differently_and_how(world: World) -> None:
    in_review(world)  # a new application: no edition touches it
    renewal = accepted(world, plant_held(world, days=60), CaseKind.renewal)
    lost = agreed(world, plant_held(world, branch="CY01"), CaseKind.replacement_lost, "CY01")
    accepted(world, plant_held(world), CaseKind.unlock)
    answer = told(world, rules.previewed(world, STRICTER))
    assert (answer["judged"], answer["unreadable"]) == (3, 0)
    found = {case["number"]: case for case in answer["cases"]}
    assert set(found) == {renewal.number, lost.number}
    refused, dearer = found[renewal.number], found[lost.number]
    assert (refused["was"], refused["now"], refused["gone"], refused["fee_now"]) == (True, False, [], 0)
    [key] = refused["appeared"]
    assert "三份" in answer["sentences"][key]["zh"]
    assert "three copies" in answer["sentences"][key]["en"]
    assert (dearer["was"], dearer["now"], dearer["fee_was"], dearer["fee_now"]) == (True, True, 80_00, 95_00)


def test_a_case_that_was_refused_may_have_been_accepted(world: World) -> None:
    held = plant_held(world, days=60)
    case = drafted(world, held, CaseKind.amendment, papers=papers(application_form=None))
    correct_aftercare(world, actor_of(world), case.id, case.version)
    easier = rules.edition(papers={CaseKind.amendment: P1.requirements[CaseKind.renewal]})
    [found] = told(world, rules.previewed(world, easier))["cases"]
    assert (found["number"], found["was"], found["now"], found["appeared"]) == (case.number, False, True, [])


def test_a_damaged_medium_is_charged_by_its_verdict_and_the_other_warranty(world: World) -> None:
    answers = {"damage_visible": "yes", "damage_altered": "no", "damage_read_here": "no"}
    by_holder = accepted(world, plant_held(world), CaseKind.replacement_damaged, **answers)
    accepted(world, plant_held(world), CaseKind.replacement_damaged)  # it failed by itself
    [found] = told(world, rules.previewed(world))["cases"]
    assert (found["number"], found["fee_was"], found["fee_now"]) == (by_holder.number, 80_00, 95_00)


def test_whom_a_supervisor_admitted_is_judged_as_admitted_once_more(world: World) -> None:
    trader = {"kind": ApplicantKind.individual_business, "has_seal": False, "named_after_proprietor": False}
    held = plant_held(world, **trader)
    rows = {name: {"mark": True} for name in ("application_form", "identity_document")}
    case = drafted(world, held, CaseKind.replacement_lost, presenter_role="proprietor", papers=papers(**rows))
    granted(world, ExceptionKind.admission, case=case)
    accept_aftercare(world, actor_of(world), case.id, case_now(world, case.id).version)
    [found] = told(world, rules.previewed(world))["cases"]
    assert (found["was"], found["now"], found["gone"], found["appeared"]) == (True, True, [], [])
    assert (found["fee_was"], found["fee_now"]) == (80_00, 95_00)


def test_what_was_destroyed_is_counted_and_not_guessed(world: World) -> None:
    case = agreed(world, plant_held(world), CaseKind.replacement_lost)
    with world.writing() as session:
        session.execute(update(Examination).where(Examination.case_id == case.id).values(question={}, answer={}))
        session.execute(update(Case).where(Case.id == case.id).values(details={}))
        session.commit()
    answer = told(world, rules.previewed(world))
    assert (answer["judged"], answer["unreadable"], answer["cases"]) == (0, 1, [])


def test_only_the_last_cases_are_judged_the_newest_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "CASES", 3)
    monkeypatch.setattr(preview, "AT_ONCE", 2)
    numbers = [accepted(world, plant_held(world), CaseKind.replacement_lost).number for _ in range(5)]
    draft = rules.previewed(world)
    assert [case["number"] for case in told(world, draft)["cases"]] == numbers[:1:-1]
    job = only(world, Job, id=draft.preview_id)
    assert (job.steps_done, job.steps_all) == (3, 3)


def test_each_case_is_judged_by_its_last_asking(world: World) -> None:
    held = plant_held(world, days=60)
    case = agreed(world, held, CaseKind.renewal)
    assert case.state is CaseState.ready_to_issue
    with world.reading() as session:
        first = session.scalars(select(Examination).where(Examination.case_id == case.id)).one()
    with world.writing() as session:
        question = {**first.question, "sets": [{**first.question["sets"][0], "documents": []}]}
        session.add(Examination(case_id=case.id, at=world.now(), by=first.by, question=question, answer=first.answer))
        session.commit()
    [found] = told(world, rules.previewed(world, STRICTER))["cases"]
    assert "三份" not in str(found)
    assert len(found["appeared"]) == 1


def test_a_preview_changes_nothing_but_itself(world: World) -> None:
    case = agreed(world, plant_held(world), CaseKind.replacement_lost)
    draft = rules.asked(world, replace(STRICTER, medium_fen=1))
    before = case_now(world, case.id).version
    run_jobs(world, WORKS)
    assert case_now(world, case.id).version == before
    assert rules.draft_now(world, draft.id).version == draft.version
    with world.reading() as session:
        assert edition_on(session, date(2099, 1, 1)) == P1
