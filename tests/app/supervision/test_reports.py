"""The page of period reports: who may ask, for what, and where it leads."""

from collections.abc import Callable

from sqlalchemy import select

from app.services.job_kinds import WORKS
from app.services.jobs import run_jobs
from app.services.world import World
from models.rulebook.vocabulary import Role
from models.tables import Job
from tests.builders.clients import OfficeClient

Clients = Callable[..., OfficeClient]
FORM = {"first": "2026-11", "last": "2026-11", "form": "pdf", "version": "0"}


def test_a_report_is_asked_for_made_and_fetched(client_of: Clients, world: World) -> None:
    supervisor = client_of(Role.supervisor)
    page = supervisor.get("/admin/reports/").text
    assert "全部网点" not in page
    answer = supervisor.post("/admin/reports/", data=FORM)
    with world.reading() as session:
        job = session.scalars(select(Job)).one()
    assert answer.location == f"/jobs/{job.id}"
    run_jobs(world, WORKS)
    assert supervisor.get(f"/jobs/{job.id}/file").data.startswith(b"%PDF")
    assert client_of(Role.supervisor, "CY01").get(f"/jobs/{job.id}/file").status_code == 404


def test_the_auditor_chooses_a_branch_or_all(client_of: Clients, world: World) -> None:
    auditor = client_of(Role.auditor)
    assert "全部网点" in auditor.get("/admin/reports/").text
    assert auditor.post("/admin/reports/", data={**FORM, "form": "xlsx"}).status_code == 303


def test_what_is_wrong_is_said_at_the_field_and_the_rest_stays(client_of: Clients, world: World) -> None:
    answer = client_of(Role.supervisor).post(
        "/admin/reports/", data={**FORM, "first": "2026-11", "last": "2026-10", "form": "xlsx"}
    )
    assert answer.status_code == 422
    assert "截止月份早于开始月份" in answer.text
    assert '<option selected value="2026-10">' in answer.text
    answer = client_of(Role.supervisor).post("/admin/reports/", data={**FORM, "first": "1066-10"})
    assert answer.status_code == 422


def test_nobody_else_finds_the_page(client_of: Clients) -> None:
    for role in (Role.clerk, Role.reviewer, Role.administrator):
        assert client_of(role).get("/admin/reports/").status_code == 403
