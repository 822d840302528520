"""A small picture of what an office must be doing: plain dictionaries, and the trade's rules written down a second time.

It knows nothing of the rulebook's tables, of the database or of the services, so that a mistake there is not repeated here. Words are
plain strings; what `refusal_…` gives is the name of the refusal that a use case must answer with, or None where it must go through.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
FREE, FURTHER, MEDIUM = 0, 18_000, 8_000
WARRANTY = timedelta(days=365)
RENEWAL_OPENS = timedelta(days=90)
LEAVE = timedelta(minutes=15)
SILENT = timedelta(seconds=20)

APPLICATIONS = ("new", "additional")
STATUS_ACTS = {"suspension": "suspended", "resumption": "valid", "revocation": "revoked"}
REKEYED = ("renewal", "amendment")
REPLACED = ("replacement_damaged", "replacement_lost")
BY_SUPERVISOR = ("unlock", "replacement_lost")
KINDS = ("renewal", "amendment", *REPLACED, "unlock", *STATUS_ACTS)
WORK = {"renewal": "rekey", "amendment": "rekey", "unlock": "unlock"} | dict.fromkeys((*APPLICATIONS, *REPLACED), "issue")
BESIDE = {"unlock": REKEYED} | dict.fromkeys(REKEYED, ("unlock",))  # of two open cases about one certificate
KEEPS_END = ("amendment", *REPLACED)
TAKES_OVER = {"renewal": "superseded", "amendment": "affiliation_changed", "replacement_damaged": "superseded"}

STEPS = {
    "issue": (
        "inspecting",
        "initialising",
        "generating",
        "certifying",
        "writing",
        "proving",
        "printing",
        "awaiting_confirmation",
    ),
    "rekey": ("inspecting", "awaiting_pin", "generating", "certifying", "writing", "proving", "awaiting_confirmation"),
    "unlock": ("inspecting", "initialising", "proving", "printing", "awaiting_confirmation"),
}
ONLY_LOOKED = ("queued", "inspecting", "awaiting_pin")
MEDIUM_FAILS = ("driver_failed", "driver_hung", "proof_failed", "wrong_key", "key_lost")
NO_WAY_BACK = ("token_not_blank", "key_lost", "wrong_key")

FINAL = ("refused", "withdrawn", "closed")
# act → states in which it is open; what each leads to is said where it is done
OPEN_IN = {
    "accept": ("draft",),
    "approve": ("in_review",),
    "grant": ("awaiting_grant",),
    "send_back": ("in_review", "awaiting_grant"),
    "refuse": ("in_review", "awaiting_grant"),
    "amend": ("in_review", "awaiting_grant", "awaiting_payment"),
    "withdraw": ("draft", "returned", "in_review", "awaiting_grant", "awaiting_payment"),
    "reopen": ("returned",),
    "settle": ("awaiting_payment",),
    "ask_grant": ("draft", "ready_to_issue", "issuing"),
}


@dataclass(frozen=True)
class Person:
    """`letter`: C a clerk, R a reviewer, S a supervisor who works at the counter, too; `which` of them at the branch."""

    letter: str
    branch: str
    which: int = 1


@dataclass
class Holder:
    code: str
    name: str
    promised: int = 0


@dataclass
class Paper:
    """A certificate, known by the run that made it."""

    run: int
    holder: int
    token: str
    ends: datetime
    status: str = "on_hold"
    reason: str | None = None


@dataclass
class Piece:
    """One item of a case. `tried`: a run was begun on it once."""

    work: str
    fee: int
    state: str = "ordered"
    tried: bool = False


@dataclass
class Ceremony:
    id: int
    key: str
    affair: int
    position: int
    work: str
    token: str
    branch: str
    leave_ends: datetime | None = None
    state: str = "queued"
    lease: int = 0
    fault: str | None = None
    touched: bool = False
    envelope: str | None = None


@dataclass
class Affair:
    """A case. `about`: the certificate's run. `quoted`: the fee that the examination found."""

    id: int
    branch: str
    kind: str
    opened_by: Person
    asked: int = 1
    holder: int | None = None
    about: int | None = None
    state: str = "draft"
    hands: set[Person] = field(default_factory=set)
    quoted: int = 0
    fee: int | None = None
    paid: int | None = None
    entered: bool = False  # accepted once: its applicant is on record
    agreed_at: datetime | None = None
    pieces: dict[int, Piece] = field(default_factory=dict)
    leave_ends: datetime | None = None  # of a leave that was not used
    beside: bool = False  # opened while another about the certificate was open
    words: dict[str, str] = field(default_factory=dict)  # what was typed: new_name, new_credit_code, reason, damage_visible


@dataclass
class Life:
    """Everything that is known. `tokens`: serial → state; `envelopes`: number → state, in the order of the drawer."""

    now: datetime
    holders: list[Holder] = field(default_factory=list)
    papers: dict[int, Paper] = field(default_factory=dict)
    affairs: dict[int, Affair] = field(default_factory=dict)
    runs: dict[int, Ceremony] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    first_given: dict[str, date] = field(default_factory=dict)
    envelopes: dict[str, str] = field(default_factory=dict)
    speaks_of: dict[str, str] = field(default_factory=dict)  # envelope → token
    seen: dict[str, datetime] = field(default_factory=dict)  # branch → its station was heard

    # who may

    def refusal_at_desk(self, affair: Affair, act: str, who: Person, fresh: bool) -> str | None:
        """Of a case's own acts, as far as person, place, state and version decide."""
        decides = act in ("approve", "grant", "send_back", "refuse")
        supervisors = act == "grant" or (act in ("send_back", "refuse") and affair.kind in BY_SUPERVISOR)
        if who.letter not in (("S" if supervisors else "R") if decides else "CRS"):
            return "Forbidden"
        if who.branch != affair.branch:
            return "Absent"
        if decides and who in affair.hands | {affair.opened_by}:
            return "Forbidden"
        if decides and affair.state != ("awaiting_grant" if supervisors else "in_review"):
            return "OutOfTurn"
        if affair.state not in OPEN_IN[act] or (act == "ask_grant" and affair.kind in APPLICATIONS):
            return "OutOfTurn"
        return None if fresh else "Stale"

    def refusal_of_kind(self, kind: str, about: int) -> str | None:
        """Whether a case of the kind can be about the certificate today."""
        paper, today = self.papers[about], self.now.astimezone(BEIJING).date()
        last = paper.ends.astimezone(BEIJING).date()
        fitting = {"resumption": ("suspended",), "revocation": ("valid", "suspended"), "replacement_lost": ("valid", "suspended")}
        if paper.status not in fitting.get(kind, ("valid",)):
            return "kind_not_open"
        if kind in (*KEEPS_END, "suspension", "revocation") and last < today:
            return "kind_not_open"
        if kind not in STATUS_ACTS and self.tokens[paper.token] != "handed_over":
            return "kind_not_open"
        if kind == "renewal" and today < last - RENEWAL_OPENS:
            return "kind_not_open"
        return None

    def refusal_of_coming_back(self, kind: str, about: int) -> str | None:
        """Whether a case of the kind can be opened: there may be another that it does not go with."""
        if any(affair.kind not in BESIDE.get(kind, ()) for affair in self.open_about(about)):
            return "case_is_open"
        return self.refusal_of_kind(kind, about)

    def open_about(self, about: int) -> list[Affair]:
        return [affair for affair in self.unfinished() if affair.about == about]

    def fee_of(self, affair: Affair) -> int:
        if affair.kind == "replacement_lost":
            return MEDIUM
        if affair.kind != "replacement_damaged":
            return 0
        given = self.first_given[self.papers[affair.about].token]  # type: ignore[index]
        in_warranty = self.now.astimezone(BEIJING).date() - given <= WARRANTY
        return 0 if in_warranty and affair.words["damage_visible"] == "no" else MEDIUM

    def decider(self, affair: Affair) -> Person:
        """Who decides about the case, with clean hands if there is one."""
        both = [Person("S" if affair.kind in BY_SUPERVISOR else "R", affair.branch, which) for which in (1, 2)]
        return next((who for who in both if who not in affair.hands | {affair.opened_by}), both[0])

    def unfinished(self) -> list[Affair]:
        return [affair for affair in self.affairs.values() if affair.state not in FINAL]

    # what follows an agreement

    def agree(self, affair: Affair) -> None:
        """Fee frozen, work ordered; a fee of nothing is settled at once, and a fee that was paid before is not asked for again."""
        affair.agreed_at, affair.state = self.now, "awaiting_payment"
        if affair.kind in APPLICATIONS:
            holder = self.holders[affair.holder]  # type: ignore[index]
            fees = [FURTHER if holder.promised + n else FREE for n in range(affair.asked)]
            holder.promised += affair.asked
            affair.pieces = {n: Piece("issue", fee) for n, fee in enumerate(fees, 1)}
            affair.fee = sum(fees)
        else:
            affair.fee = affair.quoted
            waits = any(piece.state == "ordered" for piece in affair.pieces.values())
            if affair.kind in WORK and not waits:
                affair.pieces[1 + max(affair.pieces, default=0)] = Piece(WORK[affair.kind], affair.fee)

    def settle(self, affair: Affair) -> None:
        affair.state = "ready_to_issue"
        if affair.kind == "replacement_damaged":
            self.gone(self.papers[affair.about].token, "returned")  # type: ignore[index]
        if affair.kind in STATUS_ACTS:
            paper = self.papers[affair.about]  # type: ignore[index]
            paper.status = STATUS_ACTS[affair.kind]
            paper.reason = affair.words["reason"] if affair.kind == "revocation" else paper.reason
            affair.state = "closed"

    def take_back(self, affair: Affair) -> None:
        """An agreement is undone: nothing of it stays, and the free certificate goes to the applicant's next unpaid case."""
        affair.leave_ends = None
        if affair.kind not in APPLICATIONS:
            affair.pieces = {at: piece for at, piece in affair.pieces.items() if piece.tried}
            for piece in affair.pieces.values():
                piece.state = "given_up" if piece.state == "ordered" else piece.state
            return
        if not affair.pieces:
            return
        had_the_free_one = any(piece.fee == FREE for piece in affair.pieces.values())
        self.holders[affair.holder].promised -= len(affair.pieces)  # type: ignore[index]
        affair.pieces = {}
        heirs = [
            other
            for other in self.affairs.values()
            if other is not affair
            and other.state == "awaiting_payment"
            and other.holder == affair.holder
            and other.kind in APPLICATIONS
        ]
        if had_the_free_one and heirs:
            heir = min(heirs, key=lambda other: (other.agreed_at, other.id))
            heir.fee = (heir.fee or 0) - heir.pieces[1].fee
            heir.pieces[1].fee = FREE
            if not heir.fee:
                self.settle(heir)

    # tokens and envelopes

    def gone(self, token: str, state: str) -> None:
        self.tokens[token] = state
        self.silence(token)

    def silence(self, token: str) -> None:
        """Whatever envelope spoke of the token's PIN speaks no more."""
        for number, of in self.speaks_of.items():
            if of == token:
                self.envelopes[number] = "void"

    def blank(self, branch: str) -> str | None:
        return next((t for t, state in self.tokens.items() if t.startswith(branch) and state == "in_stock"), None)

    def drawer(self, branch: str) -> str | None:
        return next((e for e, state in self.envelopes.items() if e.startswith(branch) and state == "in_stock"), None)

    def left(self, branch: str) -> tuple[int, int]:
        """Blank tokens and envelopes in stock."""
        tokens, envelopes = (
            sum(number.startswith(branch) and state == "in_stock" for number, state in stock.items())
            for stock in (self.tokens, self.envelopes)
        )
        return tokens, envelopes

    # runs

    def working_on(self, affair: Affair, position: int) -> Ceremony | None:
        """The run that made the item or is at it."""
        found = [run for run in self.runs.values() if (run.affair, run.position) == (affair.id, position)]
        return next((run for run in found if run.state != "cancelled"), None)

    def too_late(self, run: Ceremony) -> bool:
        """A leave is for minutes, and the token was not touched in them."""
        return run.work == "unlock" and not run.touched and (run.leave_ends is None or run.leave_ends <= self.now)

    def ways_out(self, run: Ceremony) -> set[str]:
        """Of resume and cancel."""
        stopped = run.state == "stopped"
        may_cancel = run.state in ("stopped", "queued", "awaiting_confirmation", "confirmed")
        if run.work == "unlock" and run.touched and run.fault not in MEDIUM_FAILS:
            return {"resume"} if stopped else set()
        hopeless = run.fault in NO_WAY_BACK or (run.work == "rekey" and run.fault == "pin_locked")
        return ({"resume"} if stopped and not hopeless else set()) | ({"cancel"} if may_cancel else set())

    def undo(self, run: Ceremony) -> None:
        """The run is given up; what it made is worth nothing."""
        spent = run.touched or (run.work == "issue" and run.fault == "token_not_blank")
        if run.envelope is not None and self.envelopes[run.envelope] != "void":
            self.envelopes[run.envelope] = "void"
        if run.work == "issue" and spent:
            self.gone(run.token, "spoiled")
        elif run.work == "unlock" and spent:
            self.gone(run.token, "returned")
        else:
            self.tokens[run.token] = "in_stock" if run.work == "issue" else "handed_over"
        paper = self.papers.get(run.id)
        if paper is not None and paper.status != "revoked":
            paper.status, paper.reason = "revoked", "cessation_of_operation"
        run.state = "cancelled"
        affair = self.affairs[run.affair]
        affair.pieces[run.position].state = "ordered"
        if affair.state == "awaiting_handover":
            affair.state = "issuing"

    def rest(self, affair: Affair) -> None:
        """One of its items came to rest."""
        states = [piece.state for piece in affair.pieces.values()]
        if affair.state == "issuing" and not {"ordered", "in_ceremony"} & set(states):
            affair.state = "awaiting_handover"
        if affair.state == "awaiting_handover" and "made" not in states:
            affair.state = "closed"
