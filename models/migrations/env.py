"""Alembic's entry: runs the revisions on the connection that `run.py` hands over, all of them in one transaction."""

from alembic import context
from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import dialect as postgresql

from models.tables import Base
from models.tables.base import Instant


def _render(kind: str, thing: object, autogen_context: object) -> str | bool:
    """A revision is history: it must not change its meaning when our own column types do."""
    if kind == "type" and isinstance(thing, Instant):
        return f"sa.{DateTime(timezone=True)!r}"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name != postgresql.name,
    render_item=_render,
    compare_type=True,
    transactional_ddl=True,
    user_module_prefix="sa.",
)
with context.begin_transaction():
    context.run_migrations()
