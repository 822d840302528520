"""Both pages as a browser has them, in both languages: nothing for axe, nothing on the console, nothing wider than the screen."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import ConsoleMessage
from sqlalchemy import select
from werkzeug.serving import make_server

from app.services.world import World
from models.rulebook.vocabulary import CaseKind, CertificateStatus, RevocationReason, Role
from models.tables import Certificate, Staff
from tests.builders import aftercare
from tests.builders.people import number_of, open_login
from tests.journeys.browser import COUNTER_SCREEN, chromium

pytestmark = pytest.mark.browser


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def plant(world: World) -> list[str]:
    held = [aftercare.plant_held(world, days=days) for days in (5, -3, 60)]
    revoked = aftercare.plant_held(world, status=CertificateStatus.revoked)
    aftercare.opened(world, held[2], CaseKind.unlock)
    with world.writing() as session:
        for one in (*held, revoked):
            session.get_one(Certificate, one.certificate_id).applicant_id = held[0].applicant_id
        certificate = session.get_one(Certificate, revoked.certificate_id)
        certificate.revoked_at, certificate.reason = world.now() - timedelta(days=9), RevocationReason.superseded
        session.commit()
    return [f"/applicants/{held[0].applicant_id}", "/renewals/?window=90", "/renewals/?window=lapsed"]


def note(faults: list[str], said: ConsoleMessage) -> None:
    faults.append(f"console: {said.text}")


def test_both_pages_have_nothing_wrong(world: World, app: Flask, served: str) -> None:
    paths = plant(world)
    faults: list[str] = []
    token = open_login(world, number_of(Role.clerk))
    client = app.test_client()
    with client.session_transaction(base_url=served) as session:
        session["login"] = token
    cookie = client.get_cookie("office", domain="127.0.0.1")
    assert cookie is not None
    with chromium() as browser:
        for language in ("zh", "en"):
            with world.writing() as session:
                session.scalars(select(Staff).where(Staff.number == number_of(Role.clerk))).one().language = language
                session.commit()
            context = browser.new_context(viewport=COUNTER_SCREEN)  # type: ignore[arg-type]
            context.add_cookies([{"name": "office", "value": cookie.value, "url": served}])
            page = context.new_page()
            page.on("console", partial(note, faults))
            for path in paths:
                answer = page.goto(served + path)
                assert answer is not None
                assert answer.status == 200
                assert page.get_attribute("html", "lang") == {"zh": "zh-CN", "en": "en"}[language]
                assert page.evaluate("document.documentElement.scrollWidth") <= COUNTER_SCREEN["width"]
                faults += [f"{path}: {one['id']}" for one in Axe().run(page).response["violations"]]
            context.close()
    assert not faults, "\n".join(faults)
