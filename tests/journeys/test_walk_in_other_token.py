"""The same walk-in on a token of another maker's module, which a station is told by its settings alone."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from card_issuance.pin import Pin
from card_issuance.station_settings import FILE_NAME, TOKENS
from models.rulebook.vocabulary import CaseState
from tests.builders.cases import unified_code
from tests.builders.tokens import Medium, openssl
from tests.journeys.clerk import Applicant, code128_of
from tests.journeys.desk import Made
from tests.journeys.running import RunningHouse
from tests.journeys.walked import Walk
from tests.opencryptoki import FACTORY_OFFICER_PIN, LIBRARY, SLOT, SoftwareToken, software_token

pytestmark = [pytest.mark.browser, pytest.mark.opencryptoki]

SERIAL = "HD01-T00001"  # the first of the stock; this token knows no serial of its own
CHALLENGE = b"signed by another program"


class OtherWalk(Walk):
    def __init__(self, house: RunningHouse, browser: Browser, folder: Path, token: SoftwareToken) -> None:
        super().__init__(house, browser, folder)
        self.token = token

    def medium(self, pin: str) -> Medium:
        return Medium(self.token.settings, SERIAL, Pin(FACTORY_OFFICER_PIN), Pin(pin), self.token.inside)


@pytest.fixture
def walk(browser: Browser, tmp_path: Path) -> Iterator[OtherWalk]:
    house = RunningHouse(tmp_path / "instance")
    house.instance.mkdir(exist_ok=True)
    with software_token(house.settings.station_home / TOKENS, SERIAL) as token:
        try:
            house.start_office()
            (house.settings.station_home / FILE_NAME).write_text(settings_for(house, token), "utf-8")
            house.start_station()
            walk = OtherWalk(house, browser, tmp_path, token)
            yield walk
            walk.close()
        finally:
            house.close()


def settings_for(house: RunningHouse, token: SoftwareToken) -> str:
    lines = [
        f"office_url = {json.dumps(house.wire.url)}",
        "demonstration = true",
        "[token]",
        'kind = "fixed"',
        f"module = {json.dumps(LIBRARY)}",
        f"launcher = {json.dumps(list(token.inside))}",
        f"factory_officer_pin = {json.dumps(FACTORY_OFFICER_PIN)}",
        "officer_pin_length = 8",
        "pin_max = 8",
        "[token.serials]",
        f"{SLOT} = {json.dumps(SERIAL)}",
    ]
    return "\n".join(lines) + "\n"


def test_the_same_ceremony_on_a_token_of_another_module(walk: OtherWalk) -> None:
    clerk = walk.clerk("1001")
    code = unified_code("91")
    one = Applicant(code)
    case_id = clerk.open_case(code)
    clerk.take_down(one)
    clerk.tick(1, one.sets[0])
    slip = clerk.accept()
    walk.clerk("1003").approve(case_id)

    walk.hand.go("/")
    assert SERIAL in walk.hand.says()
    assert "演示" not in walk.hand.page.inner_text("header"), "this token is not simulated"
    clerk.begin(case_id, [SERIAL])
    [run_id] = clerk.await_envelopes(1)
    made = walk.finish(clerk, run_id)
    walk.judge_certificate(made, on_hold=True)
    clerk.look_up_stub(code128_of(slip))
    clerk.hand_over(one.presenter, [made])
    assert walk.case(case_id).state is CaseState.closed

    walk.judge_certificate(made, on_hold=False)
    walk.judge_by_own_child(made)
    judge_other(walk.medium(made.pin), made, walk.folder)
    walk.judge_books()


def judge_other(medium: Medium, made: Made, folder: Path) -> None:
    """pkcs11-tool opens it with the PIN from the paper, finds a key that stays, and lets it sign; openssl verifies."""
    listed = medium.logged_in_tool("--list-objects", "--type", "privkey").decode()
    access = next(line for line in listed.splitlines() if "Access:" in line)
    assert "sensitive" in access
    assert "local" in access
    assert "extractable" not in access.replace("never extractable", "")
    assert medium.logged_in_tool("--read-object", "--type", "cert", "--id", made.key) == made.certificate
    (folder / "challenge").write_bytes(CHALLENGE)
    info = bytes.fromhex("3031300d060960864801650304020105000420") + openssl("dgst", "-sha256", "-binary", stdin=CHALLENGE)
    (folder / "signature").write_bytes(medium.logged_in_tool("--sign", "--mechanism", "RSA-PKCS", "--id", made.key, stdin=info))
    (folder / "public.pem").write_bytes(openssl("x509", "-inform", "DER", "-pubkey", "-noout", stdin=made.certificate))
    verify = ("dgst", "-sha256", "-verify", str(folder / "public.pem"), "-signature", str(folder / "signature"))
    assert openssl(*verify, str(folder / "challenge")).strip() == b"Verified OK"
