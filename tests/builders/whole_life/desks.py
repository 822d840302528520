"""The desks of the office under the picture: from a first draft to what was agreed and paid."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

from app.services.accept_aftercare import accept_aftercare
from app.services.accept_case import accept_case
from app.services.amend_case import amend_case
from app.services.approve_case import approve_case
from app.services.ask_grant import ask_grant
from app.services.grant_case import grant_case
from app.services.open_aftercare import open_aftercare
from app.services.open_case import open_case
from app.services.refuse_case import refuse_case
from app.services.reopen_case import reopen_case
from app.services.save_aftercare import save_aftercare
from app.services.save_draft import save_draft
from app.services.send_back_case import send_back_case
from app.services.settle_fee import settle_fee
from app.services.withdraw_case import withdraw_case
from models.rulebook.permissions import Permission
from models.rulebook.vocabulary import CaseKind, KeyProfile, PaymentMethod
from models.tables import Case, Certificate
from tests.builders import aftercare, cases
from tests.builders.whole_life.acting import REASON, Acting
from tests.builders.whole_life.picture import APPLICATIONS, BY_SUPERVISOR, LEAVE, Affair, Holder, Person


class Desks(Acting):
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
        expected, beside = life.refusal_of_coming_back(kind, about), bool(life.open_about(about))
        with self.world.reading() as session:
            serial = session.scalars(select(Certificate.serial).where(Certificate.run_id == about)).one()
        opened = self.attempt(expected, lambda: open_aftercare(self.world, self.people[who], serial, CaseKind(kind)))
        if opened is None:
            return None
        affair = Affair(
            opened.id, who.branch, kind, who, holder=life.papers[about].holder, about=about, beside=beside, words=words
        )
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
        waits = any(piece.state == "ordered" for piece in affair.pieces.values())
        if expected is None and (affair.kind != "unlock" or not waits):
            expected = "OutOfTurn"
        version = self.version(Case, affair.id, fresh)
        if self.attempt(expected, lambda: ask_grant(self.world, self.people[who], affair.id, version)) is not None:
            affair.state = "awaiting_grant"
            affair.hands.add(who)
