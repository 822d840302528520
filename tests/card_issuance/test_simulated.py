"""Simulated media: put in and pulled out as by hands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_issuance.faults import NoToken, WrongToken
from card_issuance.simulated import Cabinet, checked_serial
from card_issuance.slots import ModuleKind, ModuleSettings, SlotReader


@pytest.fixture
def cabinet(tmp_path):
    return Cabinet(tmp_path)


def test_a_medium_goes_from_the_drawer_into_a_slot_and_back(cabinet):
    cabinet.make_blank("A1")
    assert (cabinet.drawer(), cabinet.inserted(), cabinet.place_of("A1")) == (["A1"], [], "drawer")
    cabinet.insert("A1")
    cabinet.insert("A1")
    assert (cabinet.drawer(), cabinet.inserted(), cabinet.place_of("A1")) == ([], ["A1"], "inserted")
    cabinet.remove("A1")
    cabinet.remove("A1")
    assert (cabinet.drawer(), cabinet.inserted()) == (["A1"], [])


def test_no_serial_is_made_twice(cabinet):
    cabinet.make_blank("A1")
    with pytest.raises(FileExistsError):
        cabinet.make_blank("A1")
    cabinet.insert("A1")
    with pytest.raises(FileExistsError):
        cabinet.make_blank("A1")


def test_what_does_not_exist_cannot_be_moved(cabinet):
    for move in (cabinet.insert, cabinet.remove):
        with pytest.raises(NoToken, match="A9"):
            move("A9")


def test_an_empty_slot_and_another_medium_are_told_apart(cabinet):
    cabinet.make_blank("A1")
    with pytest.raises(NoToken):
        cabinet.home("A1")
    cabinet.make_blank("A2")
    cabinet.insert("A2")
    with pytest.raises(WrongToken, match="A2"):
        cabinet.home("A1")


def test_a_cabinet_that_moved_is_still_in_order(cabinet, tmp_path):
    cabinet.make_blank("A1")
    cabinet.insert("A1")
    cabinet.home("A1")
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for part in ("inserted", "drawer"):
        (tmp_path / part).rename(moved / part)
    home = Cabinet(moved).home("A1")
    assert f"directories.tokendir = {moved}/inserted/A1/store/current\n" in (home / "softhsm2.conf").read_text()


@given(st.text(max_size=40))
def test_a_serial_is_never_a_path(text):
    try:
        checked_serial(text)
    except ValueError:
        return
    assert text.isascii()
    assert not set("/\\.\0 \n") & set(text)
    assert 1 <= len(text) <= 32


@pytest.mark.parametrize("serial", ["", ".", "..", "../A1", "A/1", "A1\n", "-A", "A" * 33, "令牌"])
def test_a_serial_that_is_a_path_is_refused_everywhere(cabinet, serial):
    for act in (cabinet.make_blank, cabinet.insert, cabinet.remove, cabinet.home, cabinet.lock, cabinet.place_of):
        with pytest.raises(ValueError, match="serial"):
            act(serial)


def test_the_slots_are_listed_as_they_change(cabinet):
    reader = SlotReader(ModuleSettings.simulated(cabinet.root))
    for serial in ("A2", "A1", "A3"):
        cabinet.make_blank(serial)
    assert reader.list() == []
    cabinet.insert("A2")
    cabinet.insert("A1")
    assert [(view.slot, view.serial, view.state) for view in reader.list()] == [(1, "A1", "blank"), (2, "A2", "blank")]
    cabinet.remove("A1")
    assert [(view.slot, view.serial) for view in reader.list()] == [(1, "A2")]


def test_a_medium_that_cannot_be_read_is_shown_as_that(cabinet):
    cabinet.make_blank("A1")
    cabinet.insert("A1")
    (cabinet.root / "inserted" / "A1" / "medium").unlink()
    (view,) = SlotReader(ModuleSettings.simulated(cabinet.root)).list()
    assert (view.serial, view.state) == ("A1", "unreadable")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"kind": "magic"}, "kind"),
        ({"kind": "pkcs11"}, "module"),
        ({"kind": "fixed", "module": "/x.so"}, "serials"),
        ({"kind": "fixed", "module": "/x.so", "serials": {"3": "A1", "4": "A1"}}, "serials"),
        ({"serials": {"3": "A1"}}, "serials"),
        ({"kind": "fixed", "module": "/x.so", "serials": {"3": "../x"}}, "serial"),
        ({"pin_min": 2}, "pin_length"),
        ({"pin_max": 6}, "pin_length"),
        ({"officer_pin_length": 64}, "officer_pin_length"),
        ({"deadline": 0}, "deadline"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_nonsense_setting_is_named(tmp_path, options, named):
    with pytest.raises(ValueError, match=named):
        ModuleSettings.read(options, tmp_path)


def test_settings_are_read_from_a_configuration(tmp_path):
    settings = ModuleSettings.read(
        {
            "kind": "fixed",
            "module": "/usr/lib/x.so",
            "serials": {"3": "OCK0001"},
            "factory_officer_pin": "87654321",
            "pin_max": 8,
            "officer_pin_length": 8,
        },
        tmp_path,
    )
    assert (settings.kind, settings.serials, settings.pin_max) == (ModuleKind.fixed, {3: "OCK0001"}, 8)
    assert "87654321" not in repr(settings)
    assert ModuleSettings.read({}, tmp_path) == ModuleSettings.simulated(tmp_path)
    with pytest.raises(ValueError, match="simulated"):
        _ = settings.cabinet
