"""A list over all branches from which one platform can be picked: ?platform=…"""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import get_locale
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Query

from app.services.errors import Absent
from app.supervision.base import ReadOnlyView
from models.rulebook.permissions import Permission
from models.tables import Platform, db


class ByPlatformView(ReadOnlyView):
    """What platforms are told and what is bound there belongs to no branch: whoever may watch platforms sees all of it."""

    permission = Permission.watch_platforms
    list_template = "admin/by_platform.html"

    def platforms(self) -> Sequence[Platform]:
        return db.session.scalars(select(Platform).order_by(Platform.code)).all()

    def chosen_platform(self) -> Platform | None:
        """The platform asked for. Raises Absent for one that does not exist."""
        code = request.args.get("platform")
        if not code:
            return None
        found = db.session.scalars(select(Platform).where(Platform.code == code)).one_or_none()
        if found is None:
            raise Absent()
        return found

    def get_query(self) -> Query[Any]:
        return super().get_query().filter(self._at_platform())

    def _at_platform(self) -> ColumnElement[bool]:
        chosen = self.chosen_platform()
        return true() if chosen is None else self.model.platform_id == chosen.id

    def _in_branch(self) -> ColumnElement[bool]:
        return true()

    def _sees(self, found: Any) -> bool:
        return True


def name_of(platform: Platform) -> str:
    """In the reader's language."""
    return platform.name_en if str(get_locale()).startswith("en") else platform.name_zh


def as_platform(view: Any, context: Any, model: Any, name: str) -> str:
    return name_of(model.platform)
