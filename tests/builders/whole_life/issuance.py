"""Issuance and handover in the office under the picture: runs begin, end and go wrong, and what they made is given out."""

from app.services.begin_runs import RunOrder, begin_runs
from app.services.cancel_run import cancel_run
from app.services.confirm_envelope import confirm_envelope
from app.services.give_up_item import give_up_item
from app.services.hand_over import Collector, Scanned, hand_over
from app.services.resume_run import resume_run
from app.services.spoil_envelope import spoil_envelope
from models.rulebook.vocabulary import IdentityKind
from models.tables import Case, Run
from tests.builders import cases
from tests.builders.whole_life.acting import REASON
from tests.builders.whole_life.picture import BEIJING, KEEPS_END, TAKES_OVER, Affair, Ceremony, Person, Piece
from tests.builders.whole_life.station import Stations


class Issuance(Stations):
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
        if not fresh:
            return "Stale"
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
        if old is not None and affair.kind in TAKES_OVER and old.status in ("valid", "suspended"):
            old.status, old.reason = "revoked", TAKES_OVER[affair.kind]
        if affair.kind == "amendment":
            holder = self.life.holders[affair.holder]  # type: ignore[index]
            holder.name = affair.words["new_name"] or holder.name
            holder.code = affair.words.get("new_credit_code") or holder.code
