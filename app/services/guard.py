"""The check that every use case makes before it acts: the permissions page, turned into refusals."""

from app.services.errors import Absent, Forbidden
from models.rulebook.permissions import Actor, Denial, Permission, Subject, denial


def allow(permission: Permission, actor: Actor, subject: Subject | None = None) -> None:
    """Return if the actor may do this to the subject. Raises Absent for another branch's things, Forbidden otherwise."""
    reason = denial(permission, actor, subject)
    if reason is Denial.branch:
        raise Absent()
    if reason is not None:
        raise Forbidden(f"forbidden_{reason.value}")
