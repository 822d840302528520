"""How often a station looks into a token that tells its serial itself; the answers of its module are made up here."""

import pytest

from card_issuance import slots
from card_issuance.faults import DriverHung
from card_issuance.slots import ModuleSettings, SlotContents, SlotKey, SlotReader

SERIAL = "BJ26000001"
KEYS = [{"id": "5a", "digest": "0" * 64}]


class Driver:
    """What `slots.act` would bring from a child."""

    def __init__(self) -> None:
        self.listed = {
            "slot": 7,
            "serial": SERIAL,
            "label": SERIAL,
            "initialised": True,
            "model": "M",
            "location": "L",
            "user_pin": "ok",
        }
        self.glances, self.fault, self.busy, self.there = 0, None, False, True

    def act(self, settings, name, serial, arguments, deadline=0):
        if name == "slots":
            return {"slots": [dict(self.listed)] if self.there else []}
        assert (name, serial) == ("glance", self.listed["serial"])
        self.glances += 1
        if self.fault:
            raise self.fault
        return {"busy": True} if self.busy else self.listed | {"keys": KEYS, "certificates": ["c" * 64]}


@pytest.fixture
def driver(monkeypatch):
    one = Driver()
    monkeypatch.setattr(slots, "act", one.act)
    return one


@pytest.fixture
def reader(tmp_path, driver):
    return SlotReader(ModuleSettings.real("/nowhere.so", tmp_path))


def test_a_token_is_looked_into_once_and_again_when_it_tells_another_tale_of_its_pin(reader, driver):
    for _ in range(5):
        (view,) = reader.list()
        assert view.contents == SlotContents((SlotKey("5a", "0" * 64),), ("c" * 64,))
    assert driver.glances == 1
    driver.listed["user_pin"] = "low"
    reader.list()
    reader.list()
    assert driver.glances == 2


def test_a_token_that_was_away_is_looked_into_again(reader, driver):
    reader.list()
    driver.there = False
    assert list(reader.list()) == []
    driver.there = True
    assert reader.list()[0].contents is not None
    assert driver.glances == 2


def test_after_an_act_on_the_token_it_is_looked_into_again(reader, driver):
    reader.list()
    slots._changes[str(reader.settings.lock(SERIAL))] = 1  # as `slots.act` counts
    reader.list()
    assert driver.glances == 2


def test_while_an_act_is_under_way_what_was_known_stays_known(reader, driver):
    driver.busy = True
    assert reader.list()[0].contents is None
    driver.busy = False
    known = reader.list()[0].contents
    assert known is not None
    driver.busy, driver.listed["user_pin"] = True, "low"
    assert reader.list()[0].contents == known
    assert reader.list()[0].user_pin == "low"


def test_a_token_that_cannot_be_read_is_listed_all_the_same_and_does_not_hold_up_every_poll(reader, driver):
    driver.fault = DriverHung("no answer")
    for _ in range(4):
        (view,) = reader.list()
        assert (view.serial, view.contents) == (SERIAL, None)
    assert driver.glances == 1


@pytest.mark.parametrize("serial", [None, "", "../etc", "with space", "x" * 40])
def test_a_token_whose_serial_is_no_serial_is_never_looked_into(reader, driver, serial):
    driver.listed["serial"] = serial
    assert reader.list()[0].contents is None
    assert driver.glances == 0
