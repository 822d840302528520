"""`./office migrate`: bring the database to this version's tables."""

import argparse

from app.config import read_settings
from models.migrations import run
from models.tables.engine import make_engine


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./office migrate", description="Bring the database to this version's tables.")
    parser.add_argument("--to", metavar="REVISION", help="go back to an older revision instead; `base` is the empty database")
    parser.add_argument("--write", metavar="MESSAGE", help="developers: write the next revision from what the models changed")
    given = parser.parse_args(arguments)
    settings = read_settings()
    settings.instance.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.database)
    before = run.current_revision(engine)
    if given.write:
        run.write_revision(engine, given.write, f"{int(run.newest_revision()) + 1:04}")
    elif given.to:
        run.downgrade(engine, given.to)
    else:
        run.upgrade(engine)
    print(f"database: {before or 'empty'} → {run.current_revision(engine) or 'empty'}")
    return 0
