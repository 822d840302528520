"""The journal is only ever added to: no line is taken out, none is changed, but for what the destruction of its case blanks.

Held by the database, whoever writes to it: a program's fault, or somebody at the database's own console.
"""

# What people typed (`detail`) goes with the record that it is about; who, when, what and from which state to which stay for ever.
_FOR_EVER = (
    "id",
    "at",
    "staff_id",
    "station_id",
    "platform_id",
    "branch_id",
    "case_id",
    "subject",
    "subject_id",
    "act",
    "before",
    "after",
)
_DESTROYED = "SELECT 1 FROM case_file WHERE case_file.id = OLD.case_id AND case_file.destroyed_at IS NOT NULL"
_SENTENCE = "journal_line is never changed"
FUNCTIONS = ("refuse_journal_change",)  # of PostgreSQL


def statements(dialect: str) -> list[str]:
    """What hangs the guard on a database whose tables exist; may be run again. `dialect`: "sqlite" or "postgresql"."""
    columns = ", ".join(f'"{name}"' for name in _FOR_EVER)
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS journal_line_{name} BEFORE {when} ON journal_line FOR EACH ROW {condition}"
            f"BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END"
            for name, when, condition in (
                ("never_deleted", "DELETE", ""),
                ("never_updated", f"UPDATE OF {columns}", ""),
                ("detail_kept", "UPDATE OF detail", f"WHEN NOT EXISTS ({_DESTROYED}) "),
            )
        ]
    refuse = f"""CREATE OR REPLACE FUNCTION refuse_journal_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_ARGV[0] = 'detail' AND EXISTS ({_DESTROYED}) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION '{_SENTENCE}' USING ERRCODE = 'check_violation';
        END $$"""
    return [
        refuse,
        *(
            f"CREATE OR REPLACE TRIGGER journal_line_{name} BEFORE {when} ON journal_line FOR EACH {each} "
            f"EXECUTE FUNCTION refuse_journal_change('{what}')"
            for name, when, each, what in (
                ("never_deleted", "DELETE", "ROW", "whole"),
                ("never_truncated", "TRUNCATE", "STATEMENT", "whole"),
                ("never_updated", f"UPDATE OF {columns}", "ROW", "whole"),
                ("detail_kept", "UPDATE OF detail", "ROW", "detail"),
            )
        ),
    ]
