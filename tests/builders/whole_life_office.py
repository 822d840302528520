"""The office under the picture: every act goes through the real use cases, and must end as the picture says it does."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from app.services.accept_aftercare import accept_aftercare
from app.services.accept_case import accept_case
from app.services.allot_envelope import allot_envelope
from app.services.amend_case import amend_case
from app.services.approve_case import approve_case
from app.services.ask_grant import ask_grant
from app.services.begin_runs import RunOrder, begin_runs
from app.services.cancel_run import cancel_run
from app.services.certify_run import certify_run
from app.services.confirm_envelope import confirm_envelope
from app.services.errors import Refusal
from app.services.give_up_item import give_up_item
from app.services.grant_case import grant_case
from app.services.hand_over import Collector, Scanned, hand_over
from app.services.open_aftercare import open_aftercare
from app.services.open_case import open_case
from app.services.reconcile import reconcile
from app.services.refuse_case import refuse_case
from app.services.reopen_case import reopen_case
from app.services.report_step import report_step
from app.services.resume_run import resume_run
from app.services.save_aftercare import save_aftercare
from app.services.save_draft import save_draft
from app.services.send_back_case import send_back_case
from app.services.settle_fee import settle_fee
from app.services.spoil_envelope import spoil_envelope
from app.services.stop_run import stop_run
from app.services.take_jobs import Poll, take_jobs
from app.services.withdraw_case import withdraw_case
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import CaseKind, Fault, IdentityKind, KeyProfile, PaymentMethod, RunState
from models.tables import Case, CaseItem, Certificate, Run
from tests.builders import aftercare, cases
from tests.builders.issuance import new_key, request_for
from tests.builders.whole_life import (
    APPLICATIONS,
    BEIJING,
    BY_SUPERVISOR,
    FINAL,
    KEEPS_END,
    LEAVE,
    ONLY_LOOKED,
    REKEYED,
    SILENT,
    STEPS,
    TAKES_OVER,
    Affair,
    Ceremony,
    Holder,
    Life,
    Paper,
    Person,
    Piece,
)

REASON = "样例原因"


class Bench:
    """A branch's station, acted: its keys are in memory. `working`: run key → lease, as it would tell the office."""

    def __init__(self, station_id: int) -> None:
        self.id = station_id
        self.boot = secrets.token_hex(8)
        self.working: dict[str, int] = {}
        self.slots: list[dict[str, Any]] = []
        self.keys: dict[str, Any] = {}

    def restart(self) -> None:
        self.boot, self.working = secrets.token_hex(8), {}


class Office:
    def __init__(self, world: World, life: Life, benches: dict[str, Bench], people: dict[Person, Actor]) -> None:
        self.world, self.life, self.benches, self.people = world, life, benches, people

    def attempt(self, expected: str | None, act: Callable[[], Any]) -> Any:
        """Do it, and be answered as expected: with a result (None expected), or with the refusal of that name."""
        try:
            result, answered = act(), None
        except Refusal as refusal:
            result, answered = None, refusal.code if type(refusal) is Refusal else type(refusal).__name__
        assert answered == expected, f"answered {answered}, expected {expected}"
        return result

    def version(self, kind: type[Any], id_: int, fresh: bool = True) -> int:
        with self.world.reading() as session:
            found = session.scalar(select(kind.version).where(kind.id == id_))
        assert found is not None
        return int(found) - (0 if fresh else 1)

    def item(self, affair: Affair, position: int) -> tuple[int, int]:
        """Id and version."""
        chosen = select(CaseItem.id, CaseItem.version).where(CaseItem.case_id == affair.id, CaseItem.position == position)
        with self.world.reading() as session:
            return tuple(session.execute(chosen).one())  # type: ignore[return-value]

    # Desks

    def apply(self, who: Person, holder: int | None, asked: int) -> Affair:
        """An application, as far as a kept draft. No `holder`: somebody who was never here."""
        if holder is None:
            number = len(self.life.holders) + 1
            self.life.holders.append(Holder(cases.unified_code(number=700_000 + number), f"北京样例{number}号科技有限公司"))
            holder = number - 1
        opened = self.attempt(None, lambda: open_case(self.world, self.people[who]))
        with self.world.writing() as session:  # the quicker keys; cases about the certificate inherit it
            session.execute(update(Case).where(Case.id == opened.id).values(key_profile=KeyProfile.p_256.value))
            session.commit()
        affair = Affair(opened.id, who.branch, "new", who, asked=asked, holder=holder)
        self.life.affairs[affair.id] = affair
        self._type(affair, who)
        return affair

    def come_back(self, who: Person, about: int, kind: str, words: dict[str, str]) -> Affair | None:
        life = self.life
        expected = life.refusal_of_kind(kind, about)
        if any(affair.about == about for affair in life.unfinished()):
            expected = "case_is_open"
        with self.world.reading() as session:
            serial = session.scalars(select(Certificate.serial).where(Certificate.run_id == about)).one()
        opened = self.attempt(expected, lambda: open_aftercare(self.world, self.people[who], serial, CaseKind(kind)))
        if opened is None:
            return None
        affair = Affair(opened.id, who.branch, kind, who, holder=life.papers[about].holder, about=about, words=words)
        life.affairs[affair.id] = affair
        self._type(affair, who)
        return affair

    def _type(self, affair: Affair, who: Person) -> None:
        """Everything that the case's page asks for."""
        world, actor, version = self.world, self.people[who], self.version(Case, affair.id)
        if affair.kind in APPLICATIONS:
            holder = self.life.holders[affair.holder]  # type: ignore[index]
            sets = [cases.papers(f"{affair.id}/{n}") for n in range(affair.asked)]
            draft = cases.draft(credit_code=holder.code, name=holder.name, certificates=str(affair.asked), sets=sets)
            save_draft(world, actor, affair.id, version, draft, cases.resident_number(), cases.MOBILE)
        else:
            token = self.life.papers[affair.about].token  # type: ignore[index]
            held = aftercare.Held(0, "", token, "", 0, "")
            draft = aftercare.draft(held, CaseKind(affair.kind)) | affair.words
            save_aftercare(world, actor, affair.id, version, draft, cases.resident_number(), cases.MOBILE)
        affair.hands.add(who)

    def accept(self, affair: Affair, who: Person, fresh: bool = True) -> None:
        life, world = self.life, self.world
        expected = life.refusal_at_desk(affair, "accept", who, fresh)
        if expected is None:
            self._type(affair, who)
            if affair.kind not in APPLICATIONS and life.refusal_of_kind(affair.kind, affair.about):  # type: ignore[arg-type]
                expected = "not_in_order"
        accept = accept_case if affair.kind in APPLICATIONS else accept_aftercare
        version = self.version(Case, affair.id, fresh)
        if self.attempt(expected, lambda: accept(world, self.people[who], affair.id, version)) is None:
            return
        affair.hands.add(who)
        affair.state = "awaiting_grant" if affair.kind in BY_SUPERVISOR else "in_review"
        affair.entered = True
        if affair.kind in APPLICATIONS:
            affair.kind = "additional" if life.holders[affair.holder].promised else "new"  # type: ignore[index]
        else:
            affair.quoted = life.fee_of(affair)

    def approve(self, affair: Affair, who: Person, fresh: bool = True) -> None:
        expected = self.life.refusal_at_desk(affair, "approve", who, fresh)
        if expected is None and affair.about is not None:
            expected = self.life.refusal_of_kind(affair.kind, affair.about)
        version = self.version(Case, affair.id, fresh)
        if self.attempt(expected, lambda: approve_case(self.world, self.people[who], affair.id, version)) is not None:
            self.life.agree(affair)
            if not affair.fee:
                self.life.settle(affair)

    def grant(self, affair: Affair, who: Person, fresh: bool = True) -> None:
        life = self.life
        expected = life.refusal_at_desk(affair, "grant", who, fresh)
        if expected is None:
            expected = life.refusal_of_kind(affair.kind, affair.about)  # type: ignore[arg-type]
        version = self.version(Case, affair.id, fresh)
        if self.attempt(expected, lambda: grant_case(self.world, self.people[who], affair.id, version, REASON)) is None:
            return
        life.agree(affair)
        affair.leave_ends = life.now + LEAVE
        if affair.kind == "replacement_lost":
            paper = life.papers[affair.about]  # type: ignore[index]
            paper.status, paper.reason, affair.leave_ends = "revoked", "key_compromise", None
            life.gone(paper.token, "lost")
        if not affair.fee:
            life.settle(affair)

    def send_back(self, affair: Affair, who: Person, fresh: bool = True) -> None:
        self._turn(affair, who, fresh, "send_back", "returned", send_back_case)

    def refuse(self, affair: Affair, who: Person, fresh: bool = True) -> None:
        self._turn(affair, who, fresh, "refuse", "refused", refuse_case)

    def _turn(self, affair: Affair, who: Person, fresh: bool, act: str, after: str, do: Callable[..., Any]) -> None:
        """By who decides, against the applicant."""
        by = Permission.grant_exception if affair.kind in BY_SUPERVISOR else Permission.review_case
        expected = self.life.refusal_at_desk(affair, act, who, fresh)
        version = self.version(Case, affair.id, fresh)
        if self.attempt(expected, lambda: do(self.world, self.people[who], affair.id, version, REASON, by=by)) is not None:
            self.life.take_back(affair)
            affair.state = after

    def withdraw(self, affair: Affair, who: Person, fresh: bool = True) -> None:
        expected = self.life.refusal_at_desk(affair, "withdraw", who, fresh)
        version = self.version(Case, affair.id, fresh)
        if self.attempt(expected, lambda: withdraw_case(self.world, self.people[who], affair.id, version, REASON)) is not None:
            affair.state = "withdrawn"  # first, or it would inherit from itself
            self.life.take_back(affair)

    def amend(self, affair: Affair, who: Person, fresh: bool = True) -> None:
        expected = self.life.refusal_at_desk(affair, "amend", who, fresh)
        if expected is None and affair.kind == "replacement_lost" and affair.pieces:
            expected = "loss_is_booked"
        version = self.version(Case, affair.id, fresh)
        if self.attempt(expected, lambda: amend_case(self.world, self.people[who], affair.id, version)) is not None:
            affair.state = "draft"
            affair.hands.add(who)
            self.life.take_back(affair)

    def reopen(self, affair: Affair, who: Person, fresh: bool = True) -> None:
        expected = self.life.refusal_at_desk(affair, "reopen", who, fresh)
        version = self.version(Case, affair.id, fresh)
        if self.attempt(expected, lambda: reopen_case(self.world, self.people[who], affair.id, version)) is not None:
            affair.state = "draft"

    def settle(self, affair: Affair, who: Person, fresh: bool = True) -> None:
        life = self.life
        expected = life.refusal_at_desk(affair, "settle", who, fresh)
        if expected is None and affair.kind == "replacement_damaged":
            held = life.tokens[life.papers[affair.about].token]  # type: ignore[index]
            expected = None if held in ("handed_over", "returned") else "OutOfTurn"
        version, cash = self.version(Case, affair.id, fresh), PaymentMethod.cash
        if self.attempt(expected, lambda: settle_fee(self.world, self.people[who], affair.id, version, cash)) is not None:
            affair.paid = affair.fee
            life.settle(affair)

    def ask_grant(self, affair: Affair, who: Person, fresh: bool = True) -> None:
        expected = self.life.refusal_at_desk(affair, "ask_grant", who, fresh)
        at_work = any(piece.state == "in_ceremony" for piece in affair.pieces.values())
        if expected is None and (affair.kind != "unlock" or at_work):
            expected = "OutOfTurn"
        version = self.version(Case, affair.id, fresh)
        if self.attempt(expected, lambda: ask_grant(self.world, self.people[who], affair.id, version)) is not None:
            affair.state = "awaiting_grant"
            affair.hands.add(who)

    # Issuance desk

    def begin(self, affair: Affair, who: Person, position: int, fresh: bool = True, other_token: bool = False) -> None:
        life = self.life
        piece, own = affair.pieces[position], life.papers[affair.about].token if affair.about is not None else None
        serial = life.blank(affair.branch) if piece.work == "issue" or other_token else own
        if serial is None:
            return
        bench = self.benches[affair.branch]
        bench.slots = [{"slot": "0", "serial": serial, "label": "", "state": "blank", "model": "demo"}]
        self.poll(affair.branch)
        expected = self._refusal_to_begin(affair, who, piece, serial, fresh)
        id_, version = self.item(affair, position)
        order = RunOrder(id_, version - (0 if fresh else 1), serial)
        begun = self.attempt(expected, lambda: begin_runs(self.world, self.people[who], affair.id, [order]))
        if begun is None:
            return
        affair.state, piece.state, piece.tried = "issuing", "in_ceremony", True
        life.tokens[serial] = "in_ceremony"
        run = Ceremony(begun[0].run_id, begun[0].key, affair.id, position, piece.work, serial, affair.branch)
        if piece.work == "unlock":
            run.leave_ends, affair.leave_ends = affair.leave_ends, None
        life.runs[run.id] = run

    def _refusal_to_begin(self, affair: Affair, who: Person, piece: Piece, serial: str, fresh: bool) -> str | None:
        life = self.life
        if who.branch != affair.branch:
            return "Absent"
        if affair.state not in ("ready_to_issue", "issuing"):
            return "OutOfTurn"
        if affair.about is not None:
            paper = life.papers[affair.about]
            if affair.kind in KEEPS_END and paper.ends <= life.now:
                return "Faulty"
            wanted = ("valid",) if piece.work == "rekey" else ("valid", "suspended", "on_hold")
            if piece.work != "issue" and (
                serial != paper.token or life.tokens[serial] != "handed_over" or paper.status not in wanted
            ):
                return "Faulty"
        if piece.state != "ordered":
            return "OutOfTurn"
        if not fresh:
            return "Stale"
        if piece.work == "unlock" and (affair.leave_ends is None or affair.leave_ends <= life.now):
            return "Faulty"
        return None

    def confirm(self, run: Ceremony, who: Person, fresh: bool = True, right: bool = True) -> None:
        life, affair = self.life, self.life.affairs[run.affair]
        number = (run.envelope if run.work != "rekey" else run.token) if right else "HD01E999999"
        expected = "Absent" if who.branch != affair.branch else "OutOfTurn" if run.state != "awaiting_confirmation" else None
        expected = expected or (None if fresh else "Stale") or (None if right else "Faulty")
        version = self.version(Run, run.id, fresh)
        self.attempt(expected, lambda: confirm_envelope(self.world, self.people[who], run.id, version, number or "0"))
        if expected is None:
            run.state, affair.pieces[run.position].state, life.tokens[run.token] = "confirmed", "made", "made"
            if run.envelope is not None:
                life.envelopes[run.envelope] = "live"
            life.rest(affair)

    def spoil(self, run: Ceremony, who: Person, fresh: bool = True) -> None:
        life, affair = self.life, self.life.affairs[run.affair]
        piece = affair.pieces[run.position]
        open_ = run.work != "rekey" and run.state in ("awaiting_confirmation", "confirmed") and piece.state != "handed_over"
        expected = "Absent" if who.branch != affair.branch else "OutOfTurn" if not open_ else None if fresh else "Stale"
        version = self.version(Run, run.id, fresh)
        self.attempt(expected, lambda: spoil_envelope(self.world, self.people[who], run.id, version, REASON))
        if expected is None:
            life.envelopes[run.envelope] = "void"  # type: ignore[index]
            if piece.state == "made":
                piece.state, affair.state = "in_ceremony", "issuing"
                life.tokens[run.token] = "in_ceremony"
            run.state, run.envelope = "queued", None

    def cancel(self, run: Ceremony, who: Person, fresh: bool = True) -> None:
        affair = self.life.affairs[run.affair]
        open_ = "cancel" in self.life.ways_out(run) and affair.pieces[run.position].state in ("in_ceremony", "made")
        expected = "Absent" if who.branch != affair.branch else "OutOfTurn" if not open_ else None if fresh else "Stale"
        version = self.version(Run, run.id, fresh)
        self.attempt(expected, lambda: cancel_run(self.world, self.people[who], run.id, version, REASON))
        if expected is None:
            self.life.undo(run)

    def resume(self, run: Ceremony, who: Person, fresh: bool = True) -> None:
        open_ = "resume" in self.life.ways_out(run)
        expected = "Absent" if who.branch != run.branch else None if open_ else "OutOfTurn"
        expected = expected or ("GrantLapsed" if self.life.too_late(run) else None if fresh else "Stale")
        version = self.version(Run, run.id, fresh)
        self.attempt(expected, lambda: resume_run(self.world, self.people[who], run.id, version))
        if expected is None:
            run.state, run.fault = "queued", None

    def give_up(self, affair: Affair, who: Person, position: int, fresh: bool = True) -> None:
        piece = affair.pieces[position]
        open_ = piece.state == "ordered" and affair.state in ("ready_to_issue", "issuing")
        expected = "Absent" if who.branch != affair.branch else "OutOfTurn" if not open_ else None if fresh else "Stale"
        id_, version = self.item(affair, position)
        version -= 0 if fresh else 1
        self.attempt(expected, lambda: give_up_item(self.world, self.people[who], id_, version, REASON))
        if expected is None:
            piece.state, affair.state = "given_up", "issuing"
            self.life.rest(affair)

    # Handover desk

    def hand_over(self, affair: Affair, who: Person, fresh: bool = True, right: bool = True) -> None:
        """Everything that is made."""
        life = self.life
        made = [(n, life.working_on(affair, n)) for n, piece in affair.pieces.items() if piece.state == "made"]
        expected = "Absent" if who.branch != affair.branch else None if fresh else "Stale"
        expected = expected or (None if made and right else "Faulty")
        scanned = [
            Scanned(self.item(affair, n)[0], run.token if right else "HD01T999999", run.envelope or "") for n, run in made if run
        ]
        collector = Collector("样例乙", IdentityKind.resident_card, cases.resident_number())
        version = self.version(Case, affair.id, fresh)
        self.attempt(expected, lambda: hand_over(self.world, self.people[who], affair.id, version, collector, scanned))
        if expected is None:
            for n, run in made:
                self._given(affair, n, run)  # type: ignore[arg-type]
            self._taken_over(affair)
            life.rest(affair)

    def _given(self, affair: Affair, position: int, run: Ceremony) -> None:
        life = self.life
        affair.pieces[position].state, life.tokens[run.token] = "handed_over", "handed_over"
        life.first_given.setdefault(run.token, life.now.astimezone(BEIJING).date())
        if run.id in life.papers:
            life.papers[run.id].status = "valid"

    def _taken_over(self, affair: Affair) -> None:
        old = self.life.papers.get(affair.about or 0)
        if old is not None and affair.kind in TAKES_OVER and old.ends > self.life.now and old.status in ("valid", "suspended"):
            old.status, old.reason = "revoked", TAKES_OVER[affair.kind]
        if affair.kind == "amendment":
            holder = self.life.holders[affair.holder]  # type: ignore[index]
            holder.name = affair.words["new_name"] or holder.name
            holder.code = affair.words.get("new_credit_code") or holder.code

    # Station

    def poll(self, branch: str) -> None:
        bench, life = self.benches[branch], self.life
        waiting = [run for run in life.runs.values() if run.branch == branch and self._is_due(run, bench)]
        report = {"page": "http://127.0.0.1:8601/", "slots": bench.slots, "printer": {"kind": "page", "state": "ready"}}
        jobs = take_jobs(self.world, bench.id, Poll(bench.boot, report, dict(bench.working)))
        life.seen[branch] = life.now
        taken = {}
        for run in waiting:
            if life.too_late(run):
                if run.state not in ("queued", "stopped"):
                    run.state, run.fault = "stopped", "station_gone"
                continue
            run.state, run.fault, run.lease = "inspecting", None, run.lease + 1
            taken[run.key] = (run.lease, run.work, run.token)
        assert {job.key: (job.lease, job.kind, job.token_serial) for job in jobs} == taken
        bench.working |= {job.key: job.lease for job in jobs}

    def _is_due(self, run: Ceremony, bench: Bench) -> bool:
        if run.state == "queued" or (run.state == "stopped" and run.fault == "station_gone"):
            return True
        return run.state in STEPS[run.work][:-1] and run.key not in bench.working

    def hands_on(self, run: Ceremony) -> bool:
        """Whether its station is at it."""
        return self.benches[run.branch].working.get(run.key) == run.lease and run.state in STEPS[run.work][:-1]

    def work(self, run: Ceremony, steps: int) -> None:
        """So many steps further."""
        for state in STEPS[run.work][STEPS[run.work].index(run.state) + 1 :][:steps]:
            if state == "printing" and not self._take_envelope(run):
                self.stop(run, "no_envelope")
                return
            bench, envelope = self.benches[run.branch], run.envelope or ""
            number = envelope if state == "awaiting_confirmation" and run.work != "rekey" else ""
            report_step(self.world, bench.id, run.key, run.lease, RunState(state), number)
            run.state, run.touched = state, run.touched or state not in ONLY_LOOKED
            if state == "certifying" and not self._certify(run):
                self.stop(run, "authority_refused")
                return
        if run.state == "awaiting_confirmation":
            self.benches[run.branch].working.pop(run.key)

    def _certify(self, run: Ceremony) -> bool:
        life, bench, affair = self.life, self.benches[run.branch], self.life.affairs[run.affair]
        old = life.papers.get(affair.about or 0)
        ends = life.now.replace(year=life.now.year + 1)
        if old is not None and affair.kind in KEEPS_END:
            ends = old.ends
        too_late = run.id not in life.papers and ends <= life.now
        key = bench.keys.setdefault(run.key, None) or new_key("p_256")
        bench.keys[run.key] = key
        csr = request_for(key).encode()
        self.attempt("Faulty" if too_late else None, lambda: certify_run(self.world, bench.id, run.key, run.lease, csr))
        if too_late:
            return False
        life.papers.setdefault(run.id, Paper(run.id, affair.holder or 0, run.token, ends))
        return True

    def _take_envelope(self, run: Ceremony) -> bool:
        """The next of the drawer, unless it is empty; the one before speaks no more. A PIN is set once in a lease."""
        life, bench = self.life, self.benches[run.branch]
        number, pin = life.drawer(run.branch), f"{run.key}/{run.lease}"
        expected = None if number else "NoEnvelope"
        allotted = self.attempt(expected, lambda: allot_envelope(self.world, bench.id, run.key, run.lease, pin))
        if number is None:
            return False
        assert allotted.number == number
        life.silence(run.token)
        life.envelopes[number], life.speaks_of[number], run.envelope = "allotted", run.token, number
        return True

    def stop(self, run: Ceremony, fault: str) -> None:
        bench = self.benches[run.branch]
        stop_run(self.world, bench.id, run.key, run.lease, Fault(fault), "")
        bench.working.pop(run.key)
        run.state, run.fault = "stopped", fault

    # Time

    def move(self, **parts: int) -> None:
        self.world.clock.move(**parts)  # type: ignore[attr-defined]
        self.life.now += timedelta(**parts)

    def reconcile(self) -> None:
        life = self.life
        reconcile(self.world, life.now - timedelta(days=9999))
        for run in list(life.runs.values()):
            if life.too_late(run) and run.state in ("queued", "stopped"):
                life.undo(run)
            elif run.state in ("queued", *STEPS[run.work][:-1]) and life.now - life.seen[run.branch] > SILENT:
                run.state, run.fault = "stopped", "station_gone"
                self.benches[run.branch].working.pop(run.key, None)


__all__ = ["FINAL", "REKEYED", "Bench", "Office"]
