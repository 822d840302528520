"""Keep the language that a member of staff reads."""

from sqlalchemy import update

from app.services.world import World
from models.rulebook.permissions import Actor
from models.tables import Staff

LANGUAGES = ("zh", "en")


def set_language(world: World, actor: Actor, language: str) -> None:
    """Kept with the staff row, so that it is there at the next login. A taste, not an act: it leaves no line in the journal."""
    if language not in LANGUAGES:
        raise ValueError(language)
    with world.writing() as session:
        session.execute(update(Staff).where(Staff.id == actor.staff_id).values(language=language))
        session.commit()
