"""The one file that knows Flask-SQLAlchemy. Desks read through `db.session`; services write through sessions of their own."""

from flask_sqlalchemy import SQLAlchemy

from models.tables.base import Base

db = SQLAlchemy(model_class=Base)
