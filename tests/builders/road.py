"""A case that went the whole road, so that every kind of thing exists once."""

import io
from dataclasses import dataclass
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import select

from app.services.accept_case import accept_case
from app.services.approve_case import approve_case
from app.services.ask_exception import ask_exception
from app.services.attach_scan import attach_scan
from app.services.begin_runs import RunOrder, begin_runs
from app.services.confirm_envelope import confirm_envelope
from app.services.exception_content import Wanted
from app.services.hand_over import Collector, Scanned, hand_over
from app.services.settle_fee import settle_fee
from app.services.world import World
from models.rulebook.oversight import ExceptionKind
from models.rulebook.vocabulary import DocumentKind, IdentityKind, PaymentMethod, Role
from models.tables import Certificate, Handover, Notice, Receipt, Run, Scan
from tests.builders import rules
from tests.builders.cases import case_now, drafted, resident_number, with_certificates
from tests.builders.day import plant_days
from tests.builders.issuance import plant_station, plant_stock
from tests.builders.jobs import plant_job
from tests.builders.people import actor_of
from tests.builders.platforms import plant_binding, plant_event, plant_platform
from tests.builders.retention import held, long_closed, plant_check, proposed_by_another
from tests.builders.reviews import plant_review
from tests.builders.stock import plant_stock_papers


@dataclass(frozen=True)
class Travelled:
    """Ids of one of everything, by the names that routes give them."""

    ids: dict[str, Any]


def a_picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, "PNG")
    return file.getvalue()


def travel(world: World, app: Flask, branch: str = "HD01") -> Travelled:
    """Two certificates: papers scanned, accepted, approved, paid, one made and handed over, one still ordered."""
    clerk, reviewer = actor_of(world, Role.clerk, branch), actor_of(world, Role.reviewer, branch)
    case = drafted(world, branch, **with_certificates(2))
    attach_scan(world, clerk, case.id, 1, DocumentKind.application_form, a_picture())
    accept_case(world, clerk, case.id, case_now(world, case.id).version)
    approve_case(world, reviewer, case.id, case_now(world, case.id).version)
    settle_fee(world, clerk, case.id, case_now(world, case.id).version, PaymentMethod.cash)
    station = plant_station(world, app, branch=branch)
    serial = plant_stock(world, branch=branch)[0]
    station.insert(serial)
    station.poll()
    item = case_now(world, case.id).items[0]
    begun = begin_runs(world, clerk, case.id, [RunOrder(item.id, item.version, serial, station.id)])[0]
    [job] = station.poll()
    number = station.perform(job)
    confirm_envelope(world, clerk, begun.run_id, only(world, Run, id=begun.run_id).version, number)
    collector = Collector("样例乙", IdentityKind.resident_card, resident_number())
    hand_over(world, clerk, case.id, case_now(world, case.id).version, collector, [Scanned(item.id, serial, number)])
    certificate = only(world, Certificate, run_id=begun.run_id)
    platform = plant_platform(world)
    event = plant_event(world, platform, plant_binding(world, platform, certificate.id))
    job = plant_job(world, clerk)
    hold_id, listed = held(world, case), proposed_by_another(world, long_closed(world, branch))
    days, shifts = plant_days(world, clerk, actor_of(world, Role.clerk, branch, 2), actor_of(world, Role.supervisor, branch))
    paid_back = case_now(world, case.id)
    asked = ask_exception(world, clerk, case.id, paid_back.version, ExceptionKind.refund, "样例事由", Wanted(amount_fen=100))
    return Travelled(
        {
            **plant_stock_papers(world, branch),
            "case_id": case.id,
            "applicant_id": case_now(world, case.id).applicant_id,
            "scan_id": only(world, Scan, case_id=case.id).id,
            "item_id": item.id,
            "run_id": begun.run_id,
            "station_id": station.id,
            "branch_id": case.branch_id,
            "review_id": plant_review(world, actor_of(world, Role.supervisor, branch), case.branch_id),
            "staff_id": actor_of(world, Role.clerk, branch, 2).staff_id,
            "reset_of": actor_of(world, Role.supervisor, "DS01").staff_id,
            "handover_id": only(world, Handover, item_id=item.id).id,
            "notice_id": only(world, Notice, case_id=case.id).id,
            "receipt_id": only(world, Receipt, case_id=case.id).id,
            "serial": certificate.serial,
            "certificate_id": certificate.id,
            "token_id": certificate.token_id,
            "platform_id": platform.id,
            "event_id": event.id,
            "exception_id": asked.id,
            "exception_kind": ExceptionKind.correction.value,
            "job_id": job.id,
            "hold_id": hold_id,
            "list_id": listed.id,
            "check_id": plant_check(world, actor_of(world, Role.supervisor, branch)),
            "day_id": days[0],
            "shift_id": shifts[0],
            "draft_id": rules.written(world, by=rules.second(world)).id,
        }
    )


def only(world: World, kind: type[Any], **values: Any) -> Any:
    """The one row with these values."""
    with world.reading() as session:
        return session.scalars(select(kind).filter_by(**values)).one()
