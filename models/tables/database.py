"""The one file that knows Flask-SQLAlchemy. Desks read through `db.session`; services write through sessions of their own."""

from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Engine, event

from models.tables.base import Base


class ReadersSession(Session):
    """The desks' session. Only services commit, so it refuses to write at all."""


class Database(SQLAlchemy):
    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        """The very engine of the use cases: one pool, one set of pragmas."""
        return app.extensions["world"].engine


db = Database(model_class=Base, session_options={"class_": ReadersSession})


@event.listens_for(ReadersSession, "before_flush")
def _refuse_to_write(session: Session, context: Any, instances: Any) -> None:
    raise RuntimeError("desks read; only services write")
