from app.services import station_pace
from app.services.station_pace import IDLE, WATCHED, Pace


def test_a_station_that_nobody_watches_asks_slowly():
    assert Pace().poll_after(1) == IDLE


def test_a_watched_station_asks_quickly_and_its_neighbour_does_not():
    pace = Pace()
    pace.watch([1])
    assert (pace.poll_after(1), pace.poll_after(2)) == (WATCHED, IDLE)


def test_a_look_lasts_for_a_while_only(monkeypatch):
    pace = Pace()
    pace.watch([1])
    later = station_pace.time.monotonic() + station_pace.REMEMBERED + 0.1
    monkeypatch.setattr(station_pace.time, "monotonic", lambda: later)
    assert pace.poll_after(1) == IDLE


def test_a_look_at_the_issuance_desk_quickens_the_stations_of_that_branch(client_of, app, world):
    from models.rulebook.vocabulary import Role
    from tests.builders.issuance import plant_station

    here, there = plant_station(world, app), plant_station(world, app, branch="CY01")
    client_of(Role.clerk, "HD01").get("/issuance/")
    pace = app.extensions["pace"]
    assert (pace.poll_after(here.id), pace.poll_after(there.id)) == (WATCHED, IDLE)
