"""schemathesis reads the OpenAPI document and tries to prove the office wrong: every operation, well-formed and malformed, all checks."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from werkzeug.serving import WSGIRequestHandler, make_server

from app.services.world import World
from models.tables import Certificate
from tests.app.test_every_door import settings_in
from tests.builders.aftercare import plant_held
from tests.builders.issuance import plant_scene, row
from tests.builders.platform_calls import API, Caller, plant_caller
from tests.conftest import app_for
from tests.house.source import HOUSE

CERTIFICATES = 12  # that the platform may bind, and does


class Silent(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """A thousand calls are no news."""


@pytest.fixture
def caller(tmp_path: Path, world: World) -> Caller:
    app = app_for(settings_in(tmp_path), world)
    app.testing = False  # an error inside must come out as the document says
    scene = plant_scene(world, app)
    scene.make(scene.begin()[0])
    der = row(world, Certificate).der
    assert der is not None
    (tmp_path / "certificate.der").write_bytes(der)
    (tmp_path / "certificate.pem").write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    return plant_caller(app, world, calls_a_minute=1_000_000, wanted_use=None)


@pytest.fixture
def address(caller: Caller) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, caller.app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def configuration(caller: Caller, serials: list[str], bindings: list[str], events: list[str]) -> str:
    """Keys to every door, and names of things that exist besides those that are made up."""
    secret = base64.b64encode(f"{caller.platform.client_id}:{caller.secret}".encode()).decode()
    return f"""
        workers = 1
        hooks = "tests.app.api.platforms.well_formed"
        headers = {{ Authorization = "Bearer {caller.token}" }}
        [dictionaries]
        serials = {{ values = {json.dumps(serials)} }}
        bindings = {{ values = {json.dumps(bindings)} }}
        events = {{ values = {json.dumps(events)} }}
        [parameters]
        "path.serial" = {{ dictionary = "serials", probability = 0.7 }}
        "path.binding_id" = {{ dictionary = "bindings", probability = 0.7 }}
        "query.certificate" = {{ dictionary = "serials", probability = 0.5 }}
        "body.certificate" = {{ dictionary = "serials", probability = 0.7 }}
        "body.ids[*]" = {{ dictionary = "events", probability = 0.7 }}
        [generation]
        deterministic = true
        database = "none"
        max-examples = 25
        [phases.stateful.generation]
        max-examples = 10
        [[operations]]
        include-operation-id = "giveToken"
        headers = {{ Authorization = "Basic {secret}" }}
    """


def test_every_operation_does_as_the_document_says(caller: Caller, address: str, world: World, tmp_path: Path) -> None:
    serials = [plant_held(world).serial for _ in range(CERTIFICATES)]
    bindings = [caller.bind(serial, f"u-{which}").json["id"] for which, serial in enumerate(serials[: CERTIFICATES // 2])]
    events = [event["id"] for event in caller.ask("/events").json["events"]]
    (tmp_path / "schemathesis.toml").write_text(configuration(caller, serials, bindings, events), encoding="utf-8")
    run = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--no-color", "run", f"{address}{API}/openapi.json", "--url", address),
            *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"),
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(HOUSE), "CERTIFICATE_BODIES": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout[-12_000:] + run.stderr[-2000:]
    assert "12 selected / 12 total" in run.stdout
    assert "Tested: 12" in run.stdout
    assert "errored" not in run.stdout
