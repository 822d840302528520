"""SQLite's planner knows the tables once it was told, and a second time changes nothing that anybody sees."""

from app.services.keep_statistics import keep_statistics
from app.services.world import World
from tests.builders.cases import in_review


def test_the_planner_is_told_of_what_is_there(world: World) -> None:
    in_review(world)
    for _ in range(2):
        keep_statistics(world)
        with world.engine.connect() as connection:
            told = set(connection.exec_driver_sql("SELECT tbl FROM sqlite_stat1").scalars())
        assert {"case_file", "staff", "journal_line"} <= told


def test_postgresql_sees_to_it_by_itself(postgresql_world: World) -> None:
    keep_statistics(postgresql_world)
