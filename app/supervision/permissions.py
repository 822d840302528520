"""Who may do what: the permissions table as it is in force, and who at a branch holds each permission; on paper too."""

from typing import Any

from flask import Response, request
from flask_admin import BaseView, expose

from app.desks import door
from app.services.errors import Absent
from app.services.print_permissions import limits, print_permissions
from app.supervision.reviews import as_pdf, in_language
from models.rulebook.permission_words import PERMISSION_GROUPS
from models.rulebook.permissions import EVERY_BRANCH, PERMISSIONS, Permission
from models.rulebook.vocabulary import Role
from models.tables import Branch, Staff, db
from models.worklists.access import able_at


class PermissionDesk(BaseView):
    permission = Permission.read_permissions
    serves = ("index_view", "sheet")

    @expose("/")
    def index_view(self) -> Any:
        branches, chosen = self.branches(), self.chosen()
        staff = able_at(db.session, chosen.id)
        groups = [
            (in_language(title), [_row(permission, in_language(words), staff) for permission, words in group.items()])
            for title, group in PERMISSION_GROUPS
        ]
        roles = [(role, [one for one in staff if role in one.roles]) for role in Role]
        return self.render("admin/permissions.html", groups=groups, roles=roles, branches=branches, chosen=chosen)

    @expose("/sheet.pdf")
    def sheet(self) -> Response:
        printed = print_permissions(door.world(), door.actor(), self.chosen().id)
        return as_pdf(printed.file_name, printed.pdf)

    @staticmethod
    def branches() -> list[Branch]:
        """Those that the reader may choose from: his own, or all."""
        actor, query = door.actor(), db.session.query(Branch).order_by(Branch.code)
        return (query if not actor.roles.isdisjoint(EVERY_BRANCH) else query.filter(Branch.id == actor.branch_id)).all()

    def chosen(self) -> Branch:
        """`?branch=HD01`, or the first one. Raises Absent for one that is not there for him."""
        asked, branches = request.args.get("branch"), self.branches()
        found = [branch for branch in branches if not asked or branch.code == asked]
        if not found:
            raise Absent()
        return found[0]


def _row(permission: Permission, words: str, staff: list[Staff]) -> dict[str, Any]:
    roles = PERMISSIONS[permission].roles
    return {
        "words": words,
        "held": [role in roles for role in Role],
        "limits": in_language(limits(permission)),
        "holders": [one for one in staff if not roles.isdisjoint(one.roles)],
    }
