"""The permissions table on paper, with who holds the roles at a branch."""

from app.services.errors import Absent
from app.services.guard import allow
from app.services.print_notice import PrintedPaper, printed
from app.services.world import World
from models.rulebook.permission_words import NOT_ONES_OWN, PERMISSION_GROUPS, PLACE_WORDS, ROLE_WORDS, Both
from models.rulebook.permissions import PERMISSIONS, Actor, Permission
from models.rulebook.vocabulary import Role
from models.tables import Branch
from models.worklists.access import able_at
from reports.permission_sheet import Granted, PermissionSheet, render


def print_permissions(world: World, actor: Actor, branch_id: int) -> PrintedPaper:
    """Raises Forbidden; Absent for another branch; Unavailable for a name that no font can print."""
    allow(Permission.read_permissions, actor)
    with world.reading() as session:
        branch = session.get(Branch, branch_id)
        if branch is None or not actor.sees_branch(branch.id):
            raise Absent()
        staff = able_at(session, branch.id)
        data = PermissionSheet(
            printed_on=world.today(),
            branch_name_zh=branch.name_zh,
            branch_name_en=branch.name_en,
            roles=tuple(ROLE_WORDS[role] for role in Role),
            groups=tuple(
                (title, tuple(_granted(permission, words) for permission, words in group.items()))
                for title, group in PERMISSION_GROUPS
            ),
            people=tuple("、".join(one.called for one in staff if role in one.roles) for role in Role),
        )
        name = f"permissions-{branch.code}-{world.today():%Y%m%d}"
    return printed(name, lambda: render(data))


def _granted(permission: Permission, words: Both) -> Granted:
    return Granted(words, tuple(role in PERMISSIONS[permission].roles for role in Role), limits(permission))


def limits(permission: Permission) -> Both:
    """Where it may be done, and what not."""
    condition = PERMISSIONS[permission]
    zh, en = PLACE_WORDS[condition.place]
    return (f"{zh}；{NOT_ONES_OWN[0]}", f"{en}; {NOT_ONES_OWN[1].lower()}") if condition.not_the_opener else (zh, en)
