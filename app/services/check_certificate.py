"""The certificate check: put together what the office keeps and what the station sees, let the rulebook judge, keep the report."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from app.services.certificate_facts import certificate_facts
from app.services.check_platform import check_platform, platform_named
from app.services.edition_at_hand import edition_on
from app.services.errors import Faulty, Forbidden
from app.services.guard import allow
from app.services.numbering import next_number
from app.services.paper_words import both
from app.services.road import write_line
from app.services.same_page import made_already
from app.services.world import BEIJING, World
from models.rulebook.check import CheckedCertificate, CheckFacts, CheckFinding, TokenSight, examine_check
from models.rulebook.permissions import Actor, Permission
from models.rulebook.vocabulary import Use
from models.tables import Branch, Certificate, CertificateCheck, Platform
from models.worklists.check import (
    LiveSlot,
    certificate_by_keys,
    certificate_meant,
    holds_certificate,
    holds_key,
    is_replaced,
    live_slots,
)

_LONGEST_LINE = 20  # certificates that took over from one another


@dataclass(frozen=True)
class CheckRequest:
    """What is to be checked, a serial or a slot or both, and what the holder complains of."""

    serial: str = ""  # of the medium or of the certificate, as typed
    slot: str = ""  # a LiveSlot's key
    asks_tax: bool = False
    asks_platform: bool = False
    name_not_shown: bool = False
    mark: str = ""  # of the page that asks: a second click on it gets the first one's report
    platform_id: int | None = None  # which platform turns him away


def check_certificate(world: World, actor: Actor, asked: CheckRequest) -> str:
    """The number of the report, which is kept with everything that it says.

    Raises Faulty: fields["serial"] "check_nothing_named" where nothing is named, fields["slot"] "check_slot_empty" where the medium was taken out.
    """
    allow(Permission.work_at_aftercare, actor)
    if actor.branch_id is None:
        raise Forbidden()
    with world.writing() as session:
        now, today = world.now(), world.today()
        there = made_already(session, world, actor, CertificateCheck, "check", asked.mark)
        if there is not None:
            return session.get_one(CertificateCheck, there).number
        slots = live_slots(session, actor.branch_id, now)
        slot = _picked(slots, asked.slot)
        typed = asked.serial.strip()
        if not typed and slot is None:
            raise Faulty(fields={"serial": "check_nothing_named"})
        certificate = _meant(session, typed, slot)
        if slot is None and certificate is not None:
            slot = next((one for one in slots if one.serial == certificate.token.serial), None)
        elif slot is None:
            slot = next((one for one in slots if one.serial == typed), None)
        platform = platform_named(session, asked.platform_id)
        there_too = check_platform(session, platform, certificate, now) if platform is not None else None
        facts = replace(_facts(session, today, asked, certificate, slot), platform=there_too)
        findings = examine_check(facts, edition_on(session, today))
        branch = session.get_one(Branch, actor.branch_id)
        series = f"{branch.code}-C-{now.astimezone(BEIJING).year}"
        check = CertificateCheck(
            number=f"{series}-{next_number(session, series):06d}",
            branch_id=branch.id,
            certificate_id=certificate.id if certificate is not None else None,
            token_serial=_serial(typed, certificate, slot),
            at=now,
            by=actor.staff_id,
            facts=_kept(actor, branch, asked, facts, certificate, slot, findings) | {"platform": _named(platform)},
            findings=[finding.code.value for finding in findings],
        )
        session.add(check)
        _journal(session, now, actor, check, certificate, asked.mark)
        session.commit()
        return check.number


def _picked(slots: list[LiveSlot], key: str) -> LiveSlot | None:
    if not key:
        return None
    slot = next((one for one in slots if one.key == key), None)
    if slot is None:
        raise Faulty(fields={"slot": "check_slot_empty"})
    return slot


def _meant(session: Session, typed: str, slot: LiveSlot | None) -> Certificate | None:
    """What was typed names the certificate; otherwise the medium does, by its serial or else by the keys it holds."""
    if typed or slot is None:
        return certificate_meant(session, typed)
    named = certificate_meant(session, slot.serial) if slot.serial else None
    return named or certificate_by_keys(session, slot)


def _facts(
    session: Session, today: date, asked: CheckRequest, certificate: Certificate | None, slot: LiveSlot | None
) -> CheckFacts:
    return CheckFacts(
        on=today,
        certificate=_checked(session, certificate) if certificate is not None else None,
        sight=_sight(slot, certificate) if slot is not None else None,
        other_issuer=certificate is None and slot is not None and bool(slot.told.get("certificates")),
        asks_tax=asked.asks_tax,
        asks_platform=asked.asks_platform,
        name_not_shown=asked.name_not_shown,
    )


def _checked(session: Session, certificate: Certificate) -> CheckedCertificate:
    known = certificate_facts(session, certificate)
    return CheckedCertificate(
        status=known.status,
        reason=certificate.reason,
        first_day=certificate.not_before.astimezone(BEIJING).date(),
        last_day=known.last_day,
        token=known.token,
        has_tax=_has_tax(certificate),
        replaced=is_replaced(session, certificate),
        other_cases=known.other_cases,
    )


def _has_tax(certificate: Certificate) -> bool:
    """Uses are asked for with the first certificate; whatever takes over from it keeps them."""
    line: Certificate | None = certificate
    for _ in range(_LONGEST_LINE):
        if line is None:
            break
        if Use.tax.value in line.item.case.uses:
            return True
        line = line.replaces
    return False


def _sight(slot: LiveSlot, certificate: Certificate | None) -> TokenSight:
    return TokenSight(
        readable=slot.readable,
        initialised=slot.initialised,
        key=holds_key(slot, certificate) if certificate is not None else None,
        certificate=holds_certificate(slot, certificate) if certificate is not None else None,
        pin_locked=slot.told.get("locked"),
        tries_left=slot.told.get("tries_left"),
    )


def _serial(typed: str, certificate: Certificate | None, slot: LiveSlot | None) -> str:
    """The medium's; where no medium is known, what was typed."""
    if certificate is not None:
        return certificate.token.serial
    return ((slot.serial if slot is not None else None) or typed)[:40]


def _kept(
    actor: Actor,
    branch: Branch,
    asked: CheckRequest,
    facts: CheckFacts,
    certificate: Certificate | None,
    slot: LiveSlot | None,
    findings: tuple[CheckFinding, ...],
) -> dict[str, Any]:
    """Everything the page and the paper say, as it was said: both are the same for ever."""
    return {
        "typed": asked.serial.strip(),
        "slot": {"station": slot.station, "slot": slot.slot, "serial": slot.serial or ""} if slot is not None else None,
        "asked": {"tax": asked.asks_tax, "platform": asked.asks_platform, "name_not_shown": asked.name_not_shown},
        "sight": asdict(facts.sight) if facts.sight is not None else None,
        "certificate": _of_certificate(certificate, facts) if certificate is not None else None,
        "branch": {name: getattr(branch, name) for name in ("name_zh", "name_en", "address", "telephone")},
        "told": [
            {name: value if value is None else str(value) for name, value in asdict(finding).items()} for finding in findings
        ],
    }


def _named(platform: Platform | None) -> dict[str, Any] | None:
    return {"id": platform.id, "name_zh": platform.name_zh, "name_en": platform.name_en} if platform is not None else None


def _of_certificate(certificate: Certificate, facts: CheckFacts) -> Mapping[str, Any]:
    known = facts.certificate
    assert known is not None  # it is what these facts were made of  # noqa: S101
    status_zh, status_en = both(known.status)
    return {
        "serial": certificate.serial,
        "name": certificate.subject_name,
        "credit_code": certificate.credit_code,
        "status": known.status.value,
        "status_zh": status_zh,
        "status_en": status_en,
        "first_day": known.first_day.isoformat(),
        "last_day": known.last_day.isoformat(),
        "has_tax": known.has_tax,
    }


def _journal(
    session: Session, at: datetime, actor: Actor, check: CertificateCheck, certificate: Certificate | None, mark: str
) -> None:
    write_line(
        session,
        at,
        actor,
        check,
        "check",
        number=check.number,
        serial=certificate.serial if certificate is not None else "",
        findings=check.findings,
        **({"page": mark} if mark else {}),
    )
