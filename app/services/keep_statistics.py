"""What the planner of queries knows of the tables: PostgreSQL sees to it by itself, SQLite has to be told.

Without it SQLite takes the first index that begins with the right column, say all cases of a branch where five of them are meant.
"""

from app.services.world import World

_ROWS = 1_000  # looked at in each index: a fraction of a second, however large the database


def keep_statistics(world: World) -> None:
    """Connections that are opened from now on plan by them; those that are open are let go."""
    if world.engine.dialect.name != "sqlite":
        return
    with world.engine.connect().execution_options(writer=True) as connection:
        connection.exec_driver_sql(f"PRAGMA analysis_limit={_ROWS}")
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    world.engine.dispose()
