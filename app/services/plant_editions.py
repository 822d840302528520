"""The editions that the program ships with, put into the database at every start; one that is kept already is left as it is."""

from sqlalchemy import select

from app.services.world import World
from models.rulebook.editions import SHIPPED, write
from models.tables import Edition


def plant_editions(world: World) -> int:
    """Keep what is not kept yet. Returns how many editions that were."""
    with world.writing() as session:
        kept = set(session.scalars(select(Edition.code)))
        missing = [edition for edition in SHIPPED if edition.code not in kept]
        for edition in missing:
            session.add(Edition(code=edition.code, effective_from=edition.effective_from, content=write(edition)))
        if missing:
            session.commit()
    return len(missing)
