"""Branches, as the administrator sets them up."""

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.services.errors import Faulty
from app.services.guard import allow
from app.services.road import write_line
from app.services.world import World
from models.rulebook.permissions import Actor, Permission
from models.tables import Branch


@dataclass(frozen=True, slots=True)
class BranchFacts:
    code: str  # two letters and two digits: begins every number of the branch
    name_zh: str
    name_en: str
    address: str
    telephone: str
    is_local_tax: bool


def open_branch(world: World, actor: Actor, facts: BranchFacts) -> int:
    """Raises Faulty at `code` and the names. A branch's code is for ever: numbers on paper begin with it."""
    allow(Permission.manage_branches, actor)
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}", facts.code):
        raise Faulty(fields={"code": "branch_code_form"})
    missing = {name: "required" for name in ("name_zh", "name_en") if not getattr(facts, name).strip()}
    if missing:
        raise Faulty(fields=missing)
    with world.writing() as session:
        if session.scalar(select(Branch.id).where(Branch.code == facts.code)) is not None:
            raise Faulty(fields={"code": "branch_code_taken"})
        branch = Branch(
            code=facts.code,
            name_zh=facts.name_zh.strip(),
            name_en=facts.name_en.strip(),
            address=facts.address.strip(),
            telephone=facts.telephone.strip(),
            is_local_tax=facts.is_local_tax,
        )
        session.add(branch)
        try:
            session.flush()
        except IntegrityError:  # another administrator was faster by a blink
            raise Faulty(fields={"code": "branch_code_taken"}) from None
        write_line(session, world.now(), actor, branch, "open_branch", branch_id=branch.id, place=facts.code)
        session.commit()
        return branch.id
