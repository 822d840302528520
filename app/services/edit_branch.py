"""Change what a branch is called and where it is. Its code stays: numbers on paper begin with it."""

from zlib import crc32

from app.services.errors import Absent, Faulty, Stale
from app.services.guard import allow
from app.services.open_branch import BranchFacts
from app.services.road import write_line
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.tables import Branch

_KEPT = ("name_zh", "name_en", "address", "telephone", "is_local_tax")


def version_of(branch: Branch) -> int:
    """What a page was read at: a branch counts no versions, so its words are summed up, in the nine digits that a version has."""
    return crc32(repr([getattr(branch, name) for name in _KEPT]).encode()) % 10**9


def edit_branch(world: World, actor: Actor, branch_id: int, version: int, facts: BranchFacts) -> None:
    """Raises Faulty at the names, Absent, Stale where it was changed meanwhile."""
    allow(Permission.manage_branches, actor)
    missing = {name: "required" for name in ("name_zh", "name_en") if not getattr(facts, name).strip()}
    if missing:
        raise Faulty(fields=missing)
    with world.writing() as session:
        branch = session.get(Branch, branch_id, with_for_update=True)
        if branch is None:
            raise Absent()
        if version_of(branch) != version:
            raise Stale()
        was = {name: getattr(branch, name) for name in _KEPT}
        now = {name: value.strip() if isinstance(value := getattr(facts, name), str) else value for name in _KEPT}
        for name in _KEPT:
            setattr(branch, name, now[name])
        write_line(session, world.now(), actor, branch, "edit_branch", branch_id=branch.id, place=branch.code, was=was, now=now)
        session.commit()
