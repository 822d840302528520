"""The casefile: everything about a case on one page, for whoever may read it, and only the acts that are open."""

from collections.abc import Callable

import pytest
from cryptography import x509
from flask import Flask
from sqlalchemy import func, select

from app.services.cancel_run import cancel_run
from app.services.world import World
from app.words.journal import ACTS, act_in_words
from models.rulebook.vocabulary import CaseState, Role
from models.tables import Certificate, JournalLine
from tests.builders.clients import OfficeClient
from tests.builders.issuance import PRESENTER_ID, Scene, hand_all_over, plant_case, plant_scene, row, see_all

ClientOf = Callable[..., OfficeClient]


@pytest.fixture
def scene(world: World, app: Flask) -> Scene:
    return plant_scene(world, app)


def test_every_reader_of_the_branch_sees_it_and_nobody_else(scene: Scene, client_of: ClientOf, stranger: OfficeClient) -> None:
    url = f"/cases/{scene.case_id}"
    for role in (Role.clerk, Role.reviewer, Role.supervisor, Role.auditor):
        assert client_of(role).get(url).status_code == 200
    assert client_of(Role.clerk, "CY01").get(url).status_code == 404
    assert client_of(Role.administrator).get(url).status_code == 403
    assert stranger.get(url).status_code in (302, 303)


@pytest.mark.parametrize(
    ("state", "role", "link"),
    [
        (CaseState.ready_to_issue, Role.clerk, "/issuance/"),
        (CaseState.issuing, Role.reviewer, "/issuance/"),
        (CaseState.awaiting_handover, Role.clerk, "/handover/"),
        (CaseState.awaiting_payment, Role.clerk, "/fee/"),
        (CaseState.in_review, Role.reviewer, "/review/"),
        (CaseState.draft, Role.clerk, "/intake/"),
        (CaseState.correction, Role.clerk, "/intake/"),
        (CaseState.returned, Role.clerk, "/intake/"),
    ],
)
def test_what_is_open_now_leads_to_its_desk(scene: Scene, client_of: ClientOf, state: CaseState, role: Role, link: str) -> None:
    case_id = plant_case(scene.world, state=state)
    assert f'href="{link}{case_id}"' in client_of(role).get(f"/cases/{case_id}").text


@pytest.mark.parametrize("state", [CaseState.closed, CaseState.refused, CaseState.withdrawn])
def test_nothing_is_open_on_a_finished_case(scene: Scene, client_of: ClientOf, state: CaseState) -> None:
    case_id = plant_case(scene.world, state=state)
    assert "没有您可以办的事" in client_of(Role.clerk).get(f"/cases/{case_id}").text


def test_a_reader_is_offered_nothing_to_do(scene: Scene, client_of: ClientOf) -> None:
    for role in (Role.auditor, Role.supervisor):
        assert "没有您可以办的事" in client_of(role).get(f"/cases/{scene.case_id}").text


def test_revoked_certificates_stay_in_the_file(scene: Scene, client_of: ClientOf) -> None:
    job = scene.begin()[0]
    scene.station.perform(job)
    run = scene.run(job)
    cancel_run(scene.world, scene.clerk, run.id, run.version, "介质损坏")
    first = row(scene.world, Certificate).serial
    scene.make(scene.begin(scene.serials[1])[0])
    page = client_of(Role.clerk).get(f"/cases/{scene.case_id}").text
    serials = see_all(scene.world, lambda session: session.scalars(select(Certificate.serial)).all())
    assert len(serials) == 2
    assert first in serials
    assert all(serial in page for serial in serials)
    assert "已吊销" in page


def test_a_certificate_is_downloaded_as_it_was_signed(scene: Scene, client_of: ClientOf) -> None:
    scene.make(scene.begin()[0])
    kept = row(scene.world, Certificate)
    answer = client_of(Role.clerk).get(f"/cases/certificates/{kept.id}.cer")
    assert answer.data == kept.der
    assert f"{x509.load_der_x509_certificate(answer.data).serial_number:x}" == kept.serial
    assert client_of(Role.clerk, "CY01").get(f"/cases/certificates/{kept.id}.cer").status_code == 404


def test_the_journal_tells_the_whole_road_in_words(scene: Scene, client_of: ClientOf) -> None:
    number = scene.make(scene.begin()[0])
    hand_all_over(scene, [(scene.serials[0], number)])
    page = client_of(Role.clerk).get(f"/cases/{scene.case_id}").text
    for words in ("开始制证", "出库制作", "签发，暂不启用", "号码核对无误", "启用", "交给领取人", "办结"):
        assert words in page
    lines = see_all(scene.world, lambda s: s.scalars(select(JournalLine).where(JournalLine.case_id == scene.case_id)).all())
    for line in lines:
        assert line.act not in act_in_words(line).split("：")[1:], f"{line.subject}.{line.act} has no words"
    assert {line.subject for line in lines} >= {subject for subject, _ in ACTS if subject in {"run", "token", "envelope"}}


def test_a_number_is_shown_in_clear_only_for_a_reason_and_once(scene: Scene, client_of: ClientOf) -> None:
    clerk, url = client_of(Role.clerk), f"/cases/{scene.case_id}"
    assert PRESENTER_ID not in clerk.get(url).text
    refused = clerk.post(f"{url}/identity", data={"reason": ""})
    assert refused.status_code == 422
    assert PRESENTER_ID not in refused.text
    shown = clerk.post(f"{url}/identity", data={"reason": "核对身份"})
    assert PRESENTER_ID in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert PRESENTER_ID not in clerk.get(url).text
    looks = select(func.count()).select_from(JournalLine).where(JournalLine.act == "reveal_identity")
    assert see_all(scene.world, lambda session: session.scalar(looks)) == 1
    assert client_of(Role.auditor).post(f"{url}/identity", data={"reason": "核对身份"}).status_code == 403
