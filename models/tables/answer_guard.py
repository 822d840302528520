"""What was answered stays as it was answered: a shift taken over or declined, a request decided and over, a supervisor's leave.

None of them is ever deleted; who asked whom for what never changes, nor anything else once it is final. Destruction of their case
blanks what people wrote, and nothing but that. Held by the database, whoever writes to it.
"""

_SENTENCE = "is never changed"
FUNCTIONS = ("refuse_other_answer",)  # of PostgreSQL

_SHIFT_FINAL = "OLD.state IN ('accepted', 'declined')"
_REQUEST_FINAL = "OLD.state IN ('refused', 'withdrawn', 'lapsed', 'used')"
_USED = "OLD.used_at IS NOT NULL"
_REVIVED = "NEW.expires_at > OLD.expires_at OR (OLD.used_at IS NULL AND NEW.used_at > OLD.expires_at)"
_DESTROYED = "EXISTS (SELECT 1 FROM case_file WHERE case_file.id = OLD.case_id AND case_file.destroyed_at IS NOT NULL)"

_ASKED = ("id", "number", "kind", "case_id", "branch_id", "asked_by", "asked_at")
_DECIDED = ("state", "state_since", "expires_at", "decided_by", "decided_at", "used_at", "version")
_GIVEN = ("id", "branch_id", "case_id", "token_id", "granted_by", "granted_at")

# Name, what is done to which columns of which table, and when that is refused ("" for always).
_GUARDS = (
    ("shift_handover_final", "UPDATE", "shift_handover", _SHIFT_FINAL),
    ("exception_request_asked", f"UPDATE OF {', '.join(_ASKED)}", "exception_request", ""),
    ("exception_request_final", f"UPDATE OF {', '.join(_DECIDED)}", "exception_request", _REQUEST_FINAL),
    ("supervisor_grant_given", f"UPDATE OF {', '.join(_GIVEN)}", "supervisor_grant", ""),
    ("supervisor_grant_used", "UPDATE OF expires_at, used_at, run_id, version", "supervisor_grant", _USED),
    ("supervisor_grant_not_revived", "UPDATE OF expires_at, used_at", "supervisor_grant", _REVIVED),
)
# What people wrote: kept once it is final (a leave's reason from the beginning), blanked where the case was destroyed.
_WRITTEN = (
    ("exception_request", ("reason", "decision", "content"), _REQUEST_FINAL),
    ("supervisor_grant", ("reason",), "1 = 1"),
)
TABLES = ("shift_handover", "exception_request", "supervisor_grant")


def statements(dialect: str) -> list[str]:
    """What hangs the guards on a database whose tables exist; may be run again. `dialect`: "sqlite" or "postgresql"."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def _blanked(columns: tuple[str, ...]) -> str:
    return " AND ".join(f"CAST(NEW.{name} AS TEXT) IN ('', '{{}}')" for name in columns)


def _sqlite() -> list[str]:
    written = (
        (f"{table}_written", f"UPDATE OF {', '.join(columns)}", table, f"{final} AND NOT ({_DESTROYED} AND {_blanked(columns)})")
        for table, columns, final in _WRITTEN
    )
    gone = ((f"{table}_never_deleted", "DELETE", table, "") for table in TABLES)
    return [
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {when} ON {table} FOR EACH ROW {f'WHEN {condition} ' if condition else ''}"
        f"BEGIN SELECT RAISE(ABORT, '{table} {_SENTENCE}'); END"
        for name, when, table, condition in (*_GUARDS, *written, *gone)
    ]


def _postgresql() -> list[str]:
    """A condition there asks no other table: the case is looked up in the function, by those guards whose table names one."""
    refuse = f"""CREATE OR REPLACE FUNCTION refuse_other_answer() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_ARGV[0] = 'blanked' THEN
                IF {_DESTROYED} THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' {_SENTENCE}', ERRCODE = 'check_violation';
        END $$"""
    guards = [
        *((name, when, table, condition, "whole") for name, when, table, condition in _GUARDS),
        *((f"{table}_never_deleted", "DELETE", table, "", "whole") for table in TABLES),
    ]
    for table, columns, final in _WRITTEN:
        when = f"UPDATE OF {', '.join(columns)}"
        guards += [
            (f"{table}_written", when, table, f"({final}) AND NOT ({_blanked(columns)})", "whole"),
            (f"{table}_blanked", when, table, f"({final}) AND {_blanked(columns)}", "blanked"),
        ]
    return [
        refuse,
        *(
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW "
            f"{f'WHEN ({condition}) ' if condition else ''}EXECUTE FUNCTION refuse_other_answer('{what}')"
            for name, when, table, condition, what in guards
        ),
        *(
            f"CREATE OR REPLACE TRIGGER {table}_never_truncated BEFORE TRUNCATE ON {table} FOR EACH STATEMENT "
            "EXECUTE FUNCTION refuse_other_answer('whole')"
            for table in TABLES
        ),
    ]
