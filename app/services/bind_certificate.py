"""A platform binds a certificate to its holder's account, at his first login there.

The rules have the word; the database holds that an applicant has one live binding at a platform. Of two that bind at once one
succeeds, and the other is judged anew: it gets the first one's binding, or the refusal.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.services.end_binding import close_binding
from app.services.errors import Faulty, Refusal, Stale
from app.services.platform_at_hand import platform_at_hand
from app.services.road import write_line
from app.services.tell_platform import tell
from app.services.world import World
from models.rulebook.binding_words import VERDICT_WORDS
from models.rulebook.bindings import CLAUSES, BindingCode, Verdict, may_bind
from models.rulebook.vocabulary import BindingEnd, EventKind
from models.tables import Binding, Certificate, IdempotentAnswer, Platform
from models.worklists.binding_facts import asked_of, history_of, lines_of, policy_of, relation_of

LONGEST = 80  # of an account's reference, and of an idempotency key
_ROUNDS = 3
CREATED, THERE = 201, 200  # the statuses that are remembered


@dataclass(frozen=True, slots=True)
class BindOrder:
    """`account_reference`: the platform's own word for the account. `idempotency_key`: sent again with the same order, it gets
    the first one's answer and does nothing, as long as the answer is kept (see `prune_answers`)."""

    serial: str
    account_reference: str
    idempotency_key: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.serial}\n{self.account_reference}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class BoundHere:
    """`outcome`: may_bind (bound now), choose_anew (bound now, and `ended` is the key of the one that counted no longer) or
    already_bound. `replayed`: the answer to an earlier request of the same key, as it was then."""

    outcome: BindingCode
    key: str
    serial: str
    account_reference: str
    since: datetime
    ended: str | None = None
    replayed: bool = False

    @property
    def created(self) -> bool:
        return self.outcome is not BindingCode.already_bound


class BindingRefused(Refusal):
    """The rules say no. `code` is the first reason's; `facts`: zh and en sentences, clause, and all codes."""

    status = 409

    def __init__(self, verdict: Verdict) -> None:
        words = VERDICT_WORDS[verdict.code]
        codes = [code.value for code in verdict.codes]
        super().__init__(verdict.code.value, zh=words.zh, en=words.en, clause=CLAUSES[verdict.code], codes=codes)
        self.verdict = verdict


def bind_certificate(world: World, platform_id: int, order: BindOrder) -> BoundHere:
    """Raises BindingRefused; Faulty (`account_reference`, `idempotency_key`: required, too_long); Refusal
    "idempotency_key_reused" for another order under the same key; Absent or Forbidden for the platform; Stale after lost races."""
    _must_be_whole(order)
    for _ in range(_ROUNDS):
        try:
            return _bind(world, platform_id, order)
        except (IntegrityError, Stale):
            continue  # another was first with this applicant's place, this key or this certificate: judged anew
    raise Stale()


def _must_be_whole(order: BindOrder) -> None:
    given = {"account_reference": order.account_reference, "idempotency_key": order.idempotency_key}
    faults = {
        name: "required" if not text.strip() else "too_long"
        for name, text in given.items()
        if not 0 < len(text.strip()) <= LONGEST
    }
    if faults:
        raise Faulty(fields=faults)


def _bind(world: World, platform_id: int, order: BindOrder) -> BoundHere:
    with world.writing() as session:
        at = world.now()
        platform = platform_at_hand(session, platform_id)
        remembered = _remembered(session, platform, order)
        if remembered is not None:
            return remembered
        certificate = _held(session, order.serial)
        bound = _judge_and_bind(session, at, platform, certificate, order)
        _remember(session, at, platform, order, bound)
        session.commit()
        return bound


def _held(session: Session, serial: str) -> Certificate | None:
    """The certificate, its row held: whoever revokes it waits, and then finds the binding."""
    return session.scalars(
        select(Certificate).where(Certificate.serial == serial).with_for_update(read=True, of=Certificate)
    ).one_or_none()


def _judge_and_bind(
    session: Session, at: datetime, platform: Platform, certificate: Certificate | None, order: BindOrder
) -> BoundHere:
    policy, account = policy_of(platform), order.account_reference.strip()
    if certificate is None:
        raise BindingRefused(Verdict((BindingCode.certificate_unknown,)))
    applicant_id = certificate.applicant_id
    lines, rows = lines_of(session, applicant_id), history_of(session, platform.id, applicant_id)
    relation = relation_of(session, platform.id, applicant_id, lines, at, rows)
    verdict = may_bind(policy, asked_of(certificate, lines), relation, at)
    if not verdict.allowed:
        raise BindingRefused(verdict)
    live = next((row for row in rows if row.until is None), None)
    if verdict.code is BindingCode.already_bound and live is not None:
        if live.account_reference != account:
            raise BindingRefused(Verdict((BindingCode.other_account,)))
        return BoundHere(verdict.code, live.key, certificate.serial, account, live.since)
    if live is not None:
        close_binding(session, at, platform, live, BindingEnd.chosen_anew)
    made = _make(session, at, platform, certificate, account, live)
    return BoundHere(verdict.code, made.key, certificate.serial, account, at, live.key if live is not None else None)


def _make(
    session: Session, at: datetime, platform: Platform, certificate: Certificate, account: str, before: Binding | None
) -> Binding:
    binding = Binding(
        key=secrets.token_hex(16),
        platform=platform,
        applicant_id=certificate.applicant_id,
        certificate=certificate,
        account_reference=account,
        since=at,
        follows_id=before.id if before is not None else None,
    )
    session.add(binding)
    write_line(session, at, platform, binding, "bind", platform=platform.code, certificate=certificate.serial)
    tell(session, at, platform, EventKind.binding_made, binding)
    return binding


def _remembered(session: Session, platform: Platform, order: BindOrder) -> BoundHere | None:
    row = session.scalars(
        select(IdempotentAnswer).where(IdempotentAnswer.platform_id == platform.id, IdempotentAnswer.key == order.idempotency_key)
    ).one_or_none()
    if row is None:
        return None
    if row.request_digest != order.digest:
        raise Refusal("idempotency_key_reused")
    said: dict[str, Any] = row.answer
    return BoundHere(
        outcome=BindingCode(said["outcome"]),
        key=said["key"],
        serial=said["serial"],
        account_reference=said["account_reference"],
        since=datetime.fromisoformat(said["since"]),
        ended=said["ended"],
        replayed=True,
    )


def _remember(session: Session, at: datetime, platform: Platform, order: BindOrder, bound: BoundHere) -> None:
    """With what happened, or not at all. A refusal did nothing and is not remembered: it may be asked again."""
    session.add(
        IdempotentAnswer(
            platform_id=platform.id,
            key=order.idempotency_key,
            request_digest=order.digest,
            status=CREATED if bound.created else THERE,
            answer={
                "outcome": bound.outcome.value,
                "key": bound.key,
                "serial": bound.serial,
                "account_reference": bound.account_reference,
                "since": bound.since.isoformat(),
                "ended": bound.ended,
            },
            at=at,
        )
    )
