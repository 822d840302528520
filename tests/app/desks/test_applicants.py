"""The applicant's page: all of it for whoever may see it, and of other branches' cases no more than their number and state."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from app.services.world import World
from models.rulebook.vocabulary import CaseKind, CertificateStatus, PaymentMethod, RevocationReason, Role
from models.tables import Case, CaseItem, Certificate, JournalLine, Receipt
from tests.builders import aftercare
from tests.builders.aftercare import Held
from tests.builders.clients import OfficeClient
from tests.builders.people import actor_of, branch_id_of
from tests.builders.retention import destroyed, long_lapsed

Clients = Callable[..., OfficeClient]


def also_of(world: World, first: Held, second: Held) -> Held:
    """The second certificate, and its case, made the first one's applicant's."""
    with world.writing() as session:
        certificate = session.get_one(Certificate, second.certificate_id)
        certificate.applicant_id = first.applicant_id
        case_of(session, second).applicant_id = first.applicant_id
        session.commit()
    return second


def case_of(session: object, held: Held) -> Case:
    item = session.get_one(CaseItem, session.get_one(Certificate, held.certificate_id).item_id)  # type: ignore[attr-defined]
    return item.case


def paid(world: World, held: Held, branch: str, fen: int) -> str:
    with world.writing() as session:
        case = case_of(session, held)
        number = f"{branch}-R-2026-{held.certificate_id:06d}"
        session.add(
            Receipt(
                number=number,
                case_id=case.id,
                branch_id=branch_id_of(world, branch),
                amount_fen=fen,
                items=[fen],
                method=PaymentMethod.cash,
                by=actor_of(world, Role.clerk, branch).staff_id,
                at=world.now(),
            )
        )
        session.commit()
    return number


def test_everything_about_an_applicant_is_on_one_page(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world, legal_representative="样例丙", address="样例路 9 号")
    receipt = paid(world, held, "HD01", 20000)
    page = client_of().get(f"/applicants/{held.applicant_id}").text
    for told in (
        "北京样例贸易有限公司",
        held.credit_code,
        "样例丙",
        "样例路 9 号",
        held.serial,
        held.token_serial,
        held.envelope_number,
    ):
        assert told in page
    assert receipt in page
    assert "200.00 元" in page


def test_whoever_sees_applicants_sees_it_and_nobody_else(world: World, client_of: Clients, stranger: OfficeClient) -> None:
    url = f"/applicants/{aftercare.plant_held(world).applicant_id}"
    for role in (Role.clerk, Role.reviewer, Role.supervisor, Role.auditor):
        assert client_of(role).get(url).status_code == 200
        assert client_of(role, "CY01").get(url).status_code == 200
    assert client_of(Role.administrator).get(url).status_code == 403
    assert client_of().get("/applicants/999999").status_code == 404
    assert stranger.get(url).status_code == 303


def test_of_another_branchs_case_it_tells_number_kind_and_state_only(world: World, client_of: Clients) -> None:
    ours = aftercare.plant_held(world, "HD01")
    theirs = also_of(world, ours, aftercare.plant_held(world, "CY01"))
    receipt = paid(world, theirs, "CY01", 12300)
    opened = aftercare.accepted(world, theirs, CaseKind.amendment, "CY01")
    with world.writing() as session:
        finished = case_of(session, theirs)
        finished.presenter_name, finished.remark = "样例远方人", "样例远方备注"
        session.commit()
        number, case_id = finished.number, finished.id
    page = client_of().get(f"/applicants/{ours.applicant_id}").text
    for told in (number, opened.number, "样例朝阳网点", "变更", "待复核"):
        assert told in page
    for hidden in (receipt, "123.00", "样例远方人", "样例远方备注", "样例C1-CY01", "北京样例新名贸易有限公司"):
        assert hidden not in page
    for id_ in (case_id, opened.id):
        assert f"/cases/{id_}" not in page
        assert f"/aftercare/{id_}" not in page
    assert f"/cases/{opened.id}" in client_of(Role.clerk, "CY01").get(f"/applicants/{ours.applicant_id}").text


def test_the_auditor_reads_every_branch_and_is_offered_no_act(world: World, client_of: Clients) -> None:
    ours = aftercare.plant_held(world, "HD01")
    receipt = paid(world, also_of(world, ours, aftercare.plant_held(world, "CY01")), "CY01", 12300)
    page = client_of(Role.auditor).get(f"/applicants/{ours.applicant_id}").text
    assert receipt in page
    assert 'name="kind"' not in page


def test_the_journal_is_of_the_own_branchs_cases(world: World, client_of: Clients) -> None:
    ours = aftercare.plant_held(world, "HD01")
    theirs = also_of(world, ours, aftercare.plant_held(world, "CY01"))
    aftercare.accepted(world, ours, CaseKind.unlock)
    aftercare.accepted(world, theirs, CaseKind.unlock, "CY01")
    page = client_of().get(f"/applicants/{ours.applicant_id}").text
    assert "样例C1-HD01" in page[page.index("流水") :]
    assert "样例C1-CY01" not in page


def test_every_act_that_is_open_now_leads_to_the_aftercare_desk(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world, days=60)
    client = client_of()
    page = client.get(f"/applicants/{held.applicant_id}").text
    offered = set(re.findall(r'name="kind" value="(\w+)"', page))
    assert offered == {"renewal", "amendment", "replacement_damaged", "replacement_lost", "unlock", "suspension", "revocation"}
    answer = client.post(f"/aftercare/certificates/{held.serial}/open", data={"kind": "renewal"})
    assert answer.status_code == 303
    after = client.get(f"/applicants/{held.applicant_id}").text
    assert re.findall(r'name="kind" value="(\w+)"', after) == ["unlock"]  # which may run beside it
    assert answer.location in after


def test_a_renewal_that_is_too_early_says_from_when(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world, days=100)
    page = client_of().get(f"/applicants/{held.applicant_id}").text
    assert 'value="renewal"' not in page
    assert "2026-12-03 起可更新" in page


def test_the_time_line_marks_what_happened_and_the_table_says_it_too(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world, status=CertificateStatus.revoked)
    now = world.now()
    with world.writing() as session:
        certificate = session.get_one(Certificate, held.certificate_id)
        certificate.not_before, certificate.revoked_at = now - timedelta(days=100), now - timedelta(days=3)
        certificate.reason = RevocationReason.superseded
        for act, days in (("suspend", 60), ("resume", 50)):
            at = now - timedelta(days=days)
            session.add(JournalLine(at=at, subject="certificate", subject_id=certificate.id, act=act, detail={}))
        session.commit()
    page = client_of().get(f"/applicants/{held.applicant_id}").text
    drawing = page[page.index('<svg class="time-line"') :].split("</svg>")[0]
    assert 'role="img"' in drawing
    assert "style=" not in drawing
    for kind in ("handover", "suspend", "resume", "revoked"):
        assert f'class="mark {kind}"' in drawing
    for told in ("暂停 2026-09-24", "恢复使用 2026-10-04", "吊销 2026-11-20 · 已被替换", "领取 2026-11-23"):
        assert told in page.split("</svg>")[-1]


def test_an_applicant_without_certificates_has_a_calm_page(world: World, client_of: Clients) -> None:
    held = aftercare.plant_held(world)
    other = aftercare.plant_held(world)
    also_of(world, other, held)
    page = client_of().get(f"/applicants/{held.applicant_id}")
    assert page.status_code == 200
    assert "还没有证书。" in page.text
    assert '<svg class="time-line"' not in page.text


@pytest.mark.parametrize("many", [30])
def test_the_number_of_queries_does_not_grow_with_the_certificates(world: World, client_of: Clients, many: int) -> None:
    first, client = aftercare.plant_held(world), client_of()
    asked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        asked.append(statement)

    def queries() -> int:
        asked.clear()
        assert client.get(f"/applicants/{first.applicant_id}").status_code == 200
        return len(asked)

    from models.tables import db

    with client.application.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    few = queries()
    for _ in range(many):
        also_of(world, first, aftercare.plant_held(world))
    assert queries() <= few
    assert few > 5


def test_search_and_casefile_lead_to_it(world: World, client_of: Clients) -> None:
    held, client = aftercare.plant_held(world), client_of()
    link = f'href="/applicants/{held.applicant_id}"'
    also_of(world, held, aftercare.plant_held(world))  # two cases, so the search shows its list
    assert link in client.get("/search", query_string={"q": held.credit_code}).text
    case = aftercare.opened(world, held, CaseKind.unlock)
    assert link in client.get(f"/cases/{case.id}").text


def test_of_whom_no_name_is_left_pages_and_links_say_so(client_of: Clients, world: World) -> None:
    case = long_lapsed(world)
    with world.reading() as session:
        certificate = session.scalars(select(Certificate).where(Certificate.applicant_id == case.applicant_id)).one()
    destroyed(world, case)
    client = client_of(Role.clerk)
    for path in (
        f"/applicants/{case.applicant_id}",
        f"/bindings/applicants/{case.applicant_id}",
        f"/aftercare/certificates/{certificate.serial}",
        f"/journals/applicants/{case.applicant_id}",
        f"/journals/tokens/{certificate.token_id}",
    ):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "资料已销毁" in page.text, path
        assert "<h1></h1>" not in page.text, path
        assert not re.search(r"<a [^>]*></a>", page.text), path
