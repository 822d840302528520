"""The holder of another maker's token has locked it by wrong PINs, really; office and station open it again."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from card_issuance.pin import Pin
from card_issuance.station_settings import FILE_NAME, TOKENS
from models.rulebook.vocabulary import CaseKind, KeyProfile, TokenState
from tests.builders.tokens import Medium
from tests.journeys.desk import Made
from tests.journeys.returning import CLERK, SUPERVISOR, ReturningWalk
from tests.journeys.running import RunningHouse
from tests.journeys.test_walk_in_other_token import SERIAL, judge_other, settings_for
from tests.opencryptoki import FACTORY_OFFICER_PIN, SoftwareToken, software_token

pytestmark = [pytest.mark.browser, pytest.mark.opencryptoki]

WRONG = "11223344"
TRIES = 3  # what the station is told for this module


class LockedWalk(ReturningWalk):
    def __init__(self, house: RunningHouse, browser: Browser, folder: Path, token: SoftwareToken) -> None:
        super().__init__(house, browser, folder)
        self.other = token

    def medium(self, made: Made) -> Medium:
        return Medium(self.other.settings, SERIAL, Pin(FACTORY_OFFICER_PIN), Pin(made.pin), self.other.inside)

    def read_off(self, made: Made) -> tuple[bytes, bytes]:
        """Public key and certificate, by another program."""
        public, certificate = (
            self.medium(made).logged_in_tool("--read-object", "--type", kind, "--id", made.key) for kind in ("pubkey", "cert")
        )
        return public, certificate

    def try_pin(self, pin: str) -> str:
        """The holder at the station's page for trying a PIN; what it says."""
        self.hand.go(f"/pin/{SERIAL}/try")
        self.hand.wait_for_focus("[type=password]")
        self.hand.write(pin)
        self.hand.follow("Enter")
        return self.hand.says()


@pytest.fixture
def walk(browser: Browser, tmp_path: Path) -> Iterator[LockedWalk]:
    house = RunningHouse(tmp_path / "instance")
    house.instance.mkdir(parents=True, exist_ok=True)
    with software_token(house.settings.station_home / TOKENS, SERIAL) as token:
        try:
            house.start_office()
            told = settings_for(house, token).replace("pin_max = 8\n", f"pin_max = 8\npin_tries = {TRIES}\n")
            (house.settings.station_home / FILE_NAME).write_text(told, "utf-8")
            house.start_station()
            walk = LockedWalk(house, browser, tmp_path, token)
            yield walk
            walk.close()
        finally:
            house.close()


def test_a_token_really_locked_by_wrong_pins_is_opened_again_with_its_key_unharmed(walk: LockedWalk) -> None:
    made = walk.issue(KeyProfile.rsa_2048, SERIAL)
    walk.judge_good(made)
    judge_other(walk.medium(made), made, walk.folder)
    before = walk.read_off(made)

    said = [walk.try_pin(WRONG) for _ in range(TRIES)]
    assert ["还可以试 2 次" in said[0], "还可以试 1 次" in said[1], "密码已锁定" in said[2]] == [True, True, True], said
    with pytest.raises(subprocess.CalledProcessError) as refused:
        walk.medium(made).logged_in_tool("--list-objects")  # the right PIN comes too late
    assert b"CKR_PIN_LOCKED" in refused.value.stderr, refused.value.stderr

    clerk, supervisor = walk.staff(CLERK), walk.staff(SUPERVISOR)
    case_id = clerk.take_in(SERIAL, CaseKind.unlock, SERIAL)
    clerk.file()
    supervisor.grant(case_id, "本人到场，介质已锁死")
    clerk.begin(case_id, [SERIAL])
    [run_id] = clerk.await_envelopes(1)
    after = walk.unlocked(clerk, run_id, made)
    clerk.give_back(case_id, SERIAL, after.envelope)
    walk.closed(case_id)

    assert walk.read_off(after) == before
    judge_other(walk.medium(after), after, walk.folder)
    walk.judge_by_own_child(after)
    assert f"还可以试 {TRIES - 1} 次" in walk.try_pin(made.pin), "the old PIN still opens, or the count did not begin anew"
    assert "密码正确" in walk.try_pin(after.pin)
    walk.judge_good(after)
    assert walk.token(after).state is TokenState.handed_over
    walk.judge_books()
