"""Which roles go together is held by the database itself: whoever audits or administers holds no other role.

The rule is `models/rulebook/permissions.role_conflict`; here it stands once more for whatever writes past the services.
"""

from typing import Any

from sqlalchemy import Connection, Table, event

from models.rulebook.permissions import role_conflict
from models.rulebook.vocabulary import Role
from models.tables.people import StaffRole

REFUSED = "role_conflict"  # what the database's refusal says

_ALONE = ", ".join(
    f"'{role.value}'" for role in Role if all(role_conflict(frozenset({role, other})) for other in set(Role) - {role})
)

# Another role of the same person, where one of the two stands alone. An UPDATE does not meet the row that it replaces.
_OTHERS = f"""SELECT 1 FROM staff_role AS held
  WHERE held.staff_id = NEW.staff_id AND held.role <> NEW.role AND (held.role IN ({_ALONE}) OR NEW.role IN ({_ALONE}))"""  # noqa: S608
_BUT_THE_OLD = "AND NOT (held.staff_id = OLD.staff_id AND held.role = OLD.role)"

_SQLITE = tuple(
    f"""CREATE TRIGGER IF NOT EXISTS staff_role_{name} BEFORE {act} ON staff_role
WHEN EXISTS ({_OTHERS} {but})
BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"""
    for name, act, but in (("given", "INSERT", ""), ("changed", "UPDATE", _BUT_THE_OLD))
)
# With many writers two transactions could each give a role that the other does not see yet. The member of staff's row is held
# first: the second waits for the first one's commit, and each statement of the function reads what was committed until then.
_POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION staff_role_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM staff WHERE id = NEW.staff_id FOR NO KEY UPDATE;
  IF TG_OP = 'UPDATE' THEN
    IF EXISTS ({_OTHERS} {_BUT_THE_OLD}) THEN
      RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'check_violation';
    END IF;
  ELSIF EXISTS ({_OTHERS}) THEN
    RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$""",
    """CREATE OR REPLACE TRIGGER staff_role_alone BEFORE INSERT OR UPDATE ON staff_role
FOR EACH ROW EXECUTE FUNCTION staff_role_alone()""",
)


def statements(dialect: str) -> list[str]:
    """What hangs the guard on a database whose tables exist; may be run again. `dialect`: "sqlite" or "postgresql"."""
    return list(_SQLITE if dialect == "sqlite" else _POSTGRESQL)


def removals(dialect: str) -> list[str]:
    """What takes the guard down, before its table goes or after."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS staff_role_{name}" for name in ("given", "changed")]
    return ["DROP FUNCTION IF EXISTS staff_role_alone() CASCADE"]


@event.listens_for(StaffRole.__table__, "after_create")
def _hang(target: Table, connection: Connection, **options: Any) -> None:
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


@event.listens_for(StaffRole.__table__, "after_drop")
def _take_down(target: Table, connection: Connection, **options: Any) -> None:
    for statement in removals(connection.dialect.name):
        connection.exec_driver_sql(statement)
