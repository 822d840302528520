"""Print a check report, from what was kept when it was made. Equal bytes at every reprint."""

from datetime import date
from typing import Any

from app.services.errors import Absent
from app.services.guard import allow
from app.services.print_notice import PrintedPaper, printed
from app.services.world import BEIJING, World
from models.rulebook.permissions import Actor, Permission
from models.tables import Staff
from models.worklists.check import check_called
from reports import check_report


def print_check(world: World, actor: Actor, number: str) -> PrintedPaper:
    """Raises Absent for another branch's."""
    allow(Permission.work_at_aftercare, actor)
    with world.reading() as session:
        check = check_called(session, number)
        if check is None or not actor.sees_branch(check.branch_id):
            raise Absent()
        if not check.facts:
            raise Absent("record_destroyed")
        clerk, kept = session.get_one(Staff, check.by).called, check.facts
        known: dict[str, Any] = kept["certificate"] or {}
        day = check.at.astimezone(BEIJING).date()
        return printed(
            number,
            lambda: check_report.render(
                check_report.CheckReport(
                    number=number,
                    checked_on=day,
                    branch_name_zh=kept["branch"]["name_zh"],
                    branch_name_en=kept["branch"]["name_en"],
                    branch_address=kept["branch"]["address"],
                    branch_telephone=kept["branch"]["telephone"],
                    clerk_name=clerk,
                    token_serial=check.token_serial,
                    token_seen=kept["sight"] is not None,
                    findings=tuple(_line(told) for told in kept["told"]),
                    certificate_serial=known.get("serial", ""),
                    applicant_name=known.get("name", ""),
                    credit_code=known.get("credit_code", ""),
                    status_zh=known.get("status_zh", ""),
                    status_en=known.get("status_en", ""),
                    valid_until=date.fromisoformat(known["last_day"]) if known else None,
                )
            ),
        )


def _line(told: dict[str, str]) -> check_report.CheckLine:
    return check_report.CheckLine(
        weight=told["weight"],
        message_zh=told["message_zh"],
        message_en=told["message_en"],
        next_zh=told["next_zh"],
        next_en=told["next_en"],
    )
