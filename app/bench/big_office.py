"""An office after two years, by rows: so many cases of every kind, in every state, with all that belongs to them.

The shares are the same at every size: with a hundred times the cases, a hundred times as many wait at every desk.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.bench.pouring import Row, count_on, pour
from models.rulebook import credit_code
from models.rulebook.vocabulary import CaseKind, CaseState
from models.tables import Base, bigrams

AT = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)  # the office's clock stands still: a Friday, half past three
SPAN = timedelta(days=730)
FIRST_ID = 1_001  # what is planted with the demonstration has lower ids
BRANCHES = ("HD01", "CY01", "DS01")
_WORDS = ("海鑫", "瑞丰", "天成", "永泰", "华夏", "明德", "远航", "博雅", "金鼎", "长青")
_MORE = ("晨光", "致远", "恒通", "嘉禾", "正源", "新程", "安康", "启明", "宏图", "百川")
_TRADES = ("科技", "商贸", "文化", "餐饮", "物流", "咨询", "建材", "医药", "教育", "印务")
_KINDS = (
    (CaseKind.new,) * 11
    + (CaseKind.additional,) * 2
    + (CaseKind.renewal,) * 3
    + (CaseKind.amendment, CaseKind.replacement_damaged, CaseKind.replacement_lost, CaseKind.unlock)
)
_OPEN = (
    CaseState.draft,
    CaseState.in_review,
    CaseState.in_review,
    CaseState.correction,
    CaseState.awaiting_payment,
    CaseState.ready_to_issue,
    CaseState.issuing,
    CaseState.awaiting_handover,
    CaseState.awaiting_handover,
    CaseState.returned,
    CaseState.awaiting_grant,
)
_ROAD = (
    (CaseState.draft, "open", 0),
    (CaseState.in_review, "accept", 3),
    (CaseState.awaiting_payment, "approve", 7),
    (CaseState.ready_to_issue, "settle", 9),
    (CaseState.issuing, "begin_issuance", 11),
    (CaseState.awaiting_handover, "finish_issuance", 14),
    (CaseState.closed, "close", 16),
)
_REACHED = {state: place for place, (state, _, _) in enumerate(_ROAD)}


@dataclass(frozen=True)
class Planted:
    """Ids of what the demonstration plants, by branch in order: branches, clerks, reviewers, supervisors, stations; and platforms."""

    branches: tuple[int, ...]
    clerks: tuple[int, ...]
    reviewers: tuple[int, ...]
    supervisors: tuple[int, ...]
    stations: tuple[int, ...]
    platforms: tuple[int, ...]


class BigOffice:
    """Rows of every table for `cases` cases; everything follows from a case's place in the row, nothing is drawn by lot."""

    def __init__(self, planted: Planted, cases: int) -> None:
        self.planted, self.count = planted, cases
        self.applicants = max(cases // 2, 1)

    def fill(self, connection: Connection) -> int:
        """Returns how many rows were poured in."""
        rows = 0
        for name, made in self.tables():
            rows += pour(connection, Base.metadata.tables[name], made)
        count_on(connection)
        return rows

    def tables(self) -> Iterator[tuple[str, Iterator[Row]]]:
        """Each table's name and its rows."""
        each = range(1, self.count + 1)
        made = [n for n in each if self.is_made(n)]
        yield "applicant", (self.applicant(n) for n in range(1, self.applicants + 1))
        yield "applicant_bigram", (self._pair(n, pair) for n in range(1, self.applicants + 1) for pair in bigrams(_name(n)))
        yield "token", (self.token(n) for n in made)
        yield "envelope", (self.envelope(n) for n in made)
        yield "case_file", (self.case(n) for n in each)
        yield "document_set", ({"id": self.id(n), "case_id": self.id(n), "position": 1} for n in each)
        yield "examination", (self.examination(n) for n in each)
        yield "notice", (self.notice(n) for n in each)
        yield "case_item", (self.item(n) for n in each if self.reached(n) >= _REACHED[CaseState.awaiting_payment])
        yield "run", (self.run(n) for n in made)
        yield "certificate", (self.certificate(n) for n in made)
        yield "handover", (self.handover(n) for n in made if self.state(n) is CaseState.closed)
        yield "receipt", (self.receipt(n) for n in made if n % 3 == 0)
        yield "journal_line", (line for n in each for line in self.journal(n))
        yield "movement", (row for n in made for row in self.movements(n))
        yield "delivery", (self.delivery(n) for n in each if n % 200 == 0)
        yield "transfer", (self.transfer(n) for n in each if n % 200 == 0)
        yield "exception_request", (self.exception(n) for n in each if n % 50 == 0)
        yield "money_entry", (self.money(n) for n in each if n % 100 == 0)
        yield "certificate_check", (self.check(n) for n in made if n % 20 == 0)
        yield "supervisor_grant", (self.grant(n) for n in made if n % 20 == 0)
        yield "binding", (self.binding(n) for n in made if n <= self.applicants and n % 2 == 0)
        yield "platform_event", (self.event(n) for n in made if n <= self.applicants and n % 2 == 0)
        yield "job", (self.job(n) for n in each if n % 200 == 0)

    # What a case is

    def id(self, n: int) -> int:
        return FIRST_ID + n

    def kind(self, n: int) -> CaseKind:
        return _KINDS[n * 7 % len(_KINDS)]

    def state(self, n: int) -> CaseState:
        if n % 9 == 0:
            return _OPEN[n // 9 % len(_OPEN)]
        return {1: CaseState.refused, 2: CaseState.withdrawn}.get(n % 25, CaseState.closed)

    def reached(self, n: int) -> int:
        return _REACHED.get(self.state(n), 0)

    def is_made(self, n: int) -> bool:
        return self.reached(n) >= _REACHED[CaseState.awaiting_handover]

    def opened_at(self, n: int) -> datetime:
        """Evenly over the span, and over the hours of every day from nine to half past three."""
        days = (self.count - n) * SPAN.days / self.count
        return AT - timedelta(days=int(days), hours=6.4 * (days % 1), minutes=20)

    def at(self, n: int, minutes: float) -> datetime:
        return self.opened_at(n) + timedelta(minutes=minutes * (1 + n % 5 / 4))

    def place(self, n: int) -> int:
        return n % len(self.planted.branches)

    def about(self, n: int) -> int | None:
        """The earlier case whose certificate an aftercare case is about: each is the subject of one case only."""
        earlier = n - 1
        if self.kind(n) in (CaseKind.new, CaseKind.additional) or earlier < 1 or not self.is_made(earlier):
            return None
        return earlier

    def _at_branch(self, n: int) -> dict[str, Any]:
        return {"id": self.id(n), "branch_id": self.planted.branches[self.place(n)]}

    def clerk(self, n: int) -> int:
        return self.planted.clerks[self.place(n)]

    # Tables

    def applicant(self, n: int) -> Row:
        facts = {"kind": "enterprise", "has_seal": True, "holds_code_bearing_licence": True, "certificates_promised": 1}
        return facts | {"id": self.id(n), "credit_code": code_of(n), "name": _name(n), "legal_representative": "样例甲"}

    def _pair(self, n: int, pair: str) -> Row:
        return {"bigram": pair, "applicant_id": self.id(n)}

    def token(self, n: int) -> Row:
        state = "handed_over" if self.state(n) is CaseState.closed else "made"
        return self._at_branch(n) | {"serial": self.serial(n), "state": state, "state_since": self.at(n, 14)}

    def envelope(self, n: int) -> Row:
        return self._at_branch(n) | {
            "number": self.envelope_number(n),
            "state": "live",
            "state_since": self.at(n, 14),
            "token_id": self.id(n),
        }

    def case(self, n: int) -> Row:
        state, about = self.state(n), self.about(n)
        final = state in (CaseState.closed, CaseState.refused, CaseState.withdrawn)
        since = self.at(n, _ROAD[self.reached(n)][2] or 5)
        return self._at_branch(n) | {
            "number": self.case_number(n),
            "kind": self.kind(n),
            "state": state,
            "state_since": since,
            "opened_by": self.clerk(n),
            "opened_at": self.opened_at(n),
            "reviewed_by": self.planted.reviewers[self.place(n)] if self.reached(n) > 1 else None,
            "reviewed_at": self.at(n, 7) if self.reached(n) > 1 else None,
            "closed_at": since if final else None,
            "applicant_id": self.applicant_id(n),
            "certificate_id": self.id(about) if about is not None else None,
            "token_id": self.id(about) if about is not None else None,
            "fee_total_fen": 18_000 if self.reached(n) > 1 else None,
            "draft": {"name": self.name(n), "credit_code": self.credit_code(n)},
        }

    def examination(self, n: int) -> Row:
        answer = {"accepted": True, "findings": [], "fee": {"total_fen": 0}}
        return {
            "id": self.id(n),
            "case_id": self.id(n),
            "at": self.at(n, 3),
            "by": self.clerk(n),
            "question": {},
            "answer": answer,
        }

    def notice(self, n: int) -> Row:
        number = f"{BRANCHES[self.place(n)]}-S-2026-{n:06}"
        return {
            "id": self.id(n),
            "number": number,
            "case_id": self.id(n),
            "kind": "acceptance",
            "at": self.at(n, 3),
            "by": self.clerk(n),
        }

    def item(self, n: int) -> Row:
        reached = self.reached(n)
        states = {4: "in_ceremony", 5: "made", 6: "handed_over"}
        facts = {"position": 1, "state": states.get(reached, "ordered"), "state_since": self.at(n, 14), "fee_fen": 18_000}
        return facts | {"id": self.id(n), "case_id": self.id(n)}

    def run(self, n: int) -> Row:
        return {
            "id": self.id(n),
            "key": f"{n:032x}",
            "item_id": self.id(n),
            "attempt": 1,
            "station_id": self.planted.stations[self.place(n)],
            "token_id": self.id(n),
            "envelope_id": self.id(n),
            "state": "confirmed",
            "state_since": self.at(n, 14),
            "lease": 1,
            "profile": "p_256",
            "input_digest": "0" * 64,
            "created_by": self.clerk(n),
            "created_at": self.at(n, 11),
        }

    def certificate(self, n: int) -> Row:
        begins = self.at(n, 12)
        return self._at_branch(n) | {
            "serial": self.certificate_serial(n),
            "run_id": self.id(n),
            "item_id": self.id(n),
            "applicant_id": self.applicant_id(n),
            "token_id": self.id(n),
            "status": "valid" if self.state(n) is CaseState.closed else "on_hold",
            "status_since": begins,
            "subject_name": self.name(n),
            "credit_code": self.credit_code(n),
            "public_key_digest": f"{n:064x}",
            "not_before": begins,
            "not_after": begins + timedelta(days=365),
            "to_be_signed": b"0" * 400,
            "lint": [],
            "der": b"0" * 700,
            "prepared_at": begins,
        }

    def handover(self, n: int) -> Row:
        of = {"item_id": self.id(n), "token_id": self.id(n), "envelope_id": self.id(n), "certificate_id": self.id(n)}
        who = {"collector_name": "样例乙", "collector_id_kind": "resident_card", "collector_id_sealed": b"0" * 60}
        number = f"{BRANCHES[self.place(n)]}-H-2026-{n:06}"
        return {"id": self.id(n), "number": number, "by": self.clerk(n), "at": self.at(n, 16)} | of | who

    def receipt(self, n: int) -> Row:
        at = self.at(n, 9)
        facts = {
            "case_id": self.id(n),
            "amount_fen": 18_000,
            "items": [18_000],
            "method": ("cash", "card", "transfer")[n % 5 % 3],
        }
        number = f"{BRANCHES[self.place(n)]}-R-2026-{n:06}"
        return self._at_branch(n) | facts | {"number": number, "by": self.clerk(n), "at": at, "day": at.date()}

    def journal(self, n: int) -> Iterator[Row]:
        of = {
            "branch_id": self.planted.branches[self.place(n)],
            "case_id": self.id(n),
            "subject": "case_file",
            "subject_id": self.id(n),
        }
        before = None
        for place, (state, act, minutes) in enumerate(_ROAD[: self.reached(n) + 1]):
            id_ = FIRST_ID + n * len(_ROAD) + place
            yield {
                "id": id_,
                "at": self.at(n, minutes),
                "staff_id": self.clerk(n),
                "act": act,
                "before": before,
                "after": state,
            } | of
            before = state

    def movements(self, n: int) -> Iterator[Row]:
        at, id_ = self.at(n, 11), FIRST_ID + 4 * n
        of = {"at": at, "day": at.date(), "branch_id": self.planted.branches[self.place(n)], "by": self.clerk(n)}
        for place, (kind, serial) in enumerate((("token", self.serial(n)), ("envelope", self.envelope_number(n)))):
            yield of | {"id": id_ + 2 * place, "kind": kind, "serial": serial, "what": "received", "amount": 1}
            yield of | {
                "id": id_ + 2 * place + 1,
                "kind": kind,
                "serial": serial,
                "what": "issued",
                "amount": -1,
                "case_id": self.id(n),
            }

    def delivery(self, n: int) -> Row:
        first, last = self.serial(n), self.serial(n + 199)
        facts = {
            "kind": "token",
            "supplier": "样例供应商",
            "note_number": f"N{n}",
            "first_serial": first,
            "last_serial": last,
            "counted": 200,
        }
        return (
            self._at_branch(n)
            | facts
            | {"number": f"HD01-D-2026-{n:06}", "by": self.planted.supervisors[self.place(n)], "at": self.at(n, 0)}
        )

    def transfer(self, n: int) -> Row:
        here, there = self.place(n), (self.place(n) + 1) % len(self.planted.branches)
        state = ("settled", "sent", "settled", "differs")[n // 200 % 4]
        return {
            "id": self.id(n),
            "number": f"HD01-T-2026-{n:06}",
            "kind": "token",
            "state": state,
            "state_since": self.at(n, 0),
            "from_branch_id": self.planted.branches[here],
            "to_branch_id": self.planted.branches[there],
            "serials": [self.serial(n)],
            "sent_by": self.planted.supervisors[here],
            "sent_at": self.at(n, 0),
        }

    def exception(self, n: int) -> Row:
        state = ("asked", "used", "refused", "used", "granted", "lapsed")[n // 50 % 6]
        facts = {
            "kind": "refund",
            "state": state,
            "state_since": self.at(n, 9),
            "case_id": self.id(n),
            "reason": "样例",
            "content": {"amount_fen": 100},
        }
        who = {"asked_by": self.clerk(n), "asked_at": self.at(n, 9), "expires_at": AT + timedelta(days=1)}
        return self._at_branch(n) | {"number": f"HD01-Q-2026-{n:06}"} | facts | who

    def money(self, n: int) -> Row:
        at = self.at(n, 9)
        facts = {
            "kind": "float_in",
            "day": at.date(),
            "amount_fen": 10_000,
            "method": "cash",
            "by": self.planted.supervisors[self.place(n)],
        }
        return self._at_branch(n) | {"number": f"HD01-M-2026-{n:06}", "at": at} | facts

    def check(self, n: int) -> Row:
        facts = {
            "certificate_id": self.id(n),
            "token_serial": self.serial(n),
            "facts": {"told": [{"message_zh": "样例", "message_en": "Sample"}]},
            "findings": [],
        }
        return self._at_branch(n) | {"number": f"HD01-K-2026-{n:06}", "at": self.at(n, 20), "by": self.clerk(n)} | facts

    def grant(self, n: int) -> Row:
        at, by = self.at(n, 8), self.planted.supervisors[self.place(n)]
        when = {"granted_at": at, "expires_at": at + timedelta(minutes=15), "used_at": at + timedelta(minutes=5)}
        of = {"case_id": self.id(n), "token_id": self.id(n), "granted_by": by, "reason": "样例"}
        return self._at_branch(n) | of | when

    def binding(self, n: int) -> Row:
        platform = self.planted.platforms[n // 2 % len(self.planted.platforms)]
        of = {"platform_id": platform, "applicant_id": self.applicant_id(n), "certificate_id": self.id(n)}
        return {"id": self.id(n), "key": f"{n:032x}", "account_reference": f"u-{n}", "since": self.at(n, 60)} | of

    def event(self, n: int) -> Row:
        delivery = "dead" if n % 400 == 0 else "waiting" if n % 100 == 0 else "delivered"
        at = self.at(n, 60)
        of = {"platform_id": self.planted.platforms[n // 2 % len(self.planted.platforms)], "number": n, "binding_id": self.id(n)}
        when = {"at": at, "due_at": at, "delivered_at": at + timedelta(seconds=3) if delivery == "delivered" else None}
        return (
            {"id": self.id(n), "key": f"{n:032x}", "kind": "binding.made", "body": {}, "delivery": delivery, "tries": 1}
            | of
            | when
        )

    def job(self, n: int) -> Row:
        by, at = self.planted.supervisors[self.place(n)], self.at(n, 0)
        state = "failed" if n % 1000 == 0 else "done"
        return self._at_branch(n) | {
            "kind": "list_export",
            "state": state,
            "state_since": at,
            "asked_by": by,
            "asked_at": at,
            "question": {},
        }

    # Names by which things are looked for

    def applicant_id(self, n: int) -> int:
        return FIRST_ID + (n - 1) % self.applicants + 1

    def name(self, n: int) -> str:
        """Of the applicant of a case."""
        return _name((n - 1) % self.applicants + 1)

    def credit_code(self, n: int) -> str:
        """Of the applicant of a case."""
        return code_of((n - 1) % self.applicants + 1)

    def case_number(self, n: int) -> str:
        return f"{BRANCHES[self.place(n)]}-{self.opened_at(n):%Y%m%d}-{n:06}"

    def serial(self, n: int) -> str:
        return f"{BRANCHES[self.place(n)]}-B{n:07}"

    def envelope_number(self, n: int) -> str:
        return f"{BRANCHES[self.place(n)]}-F{n:07}"

    def certificate_serial(self, n: int) -> str:
        return f"7{n:030x}"


def code_of(n: int) -> str:
    """A credit code whose check character agrees."""
    first_17 = f"91110108{n:09d}"
    return first_17 + credit_code.check_character(first_17)


def _name(n: int) -> str:
    first, second, trade = _WORDS[n % 10], _MORE[n // 10 % 10], _TRADES[n // 7 % 10]
    return f"北京样例{first}{second}{trade}有限公司"
