"""What the database itself refuses, whoever asks: the ledgers and the journal are never changed, nothing is booked on a day that is
closed, and a published edition of the rules stays as it was published, by somebody who had no hand in it.

The services never try; these triggers are for whatever else finds its way to the tables. `statements` gives them for a revision; with
`create_all` they come by themselves.
"""

from typing import Any

from sqlalchemy import Connection, MetaData, event

from models.tables import answer_guard, journal_guard
from models.tables.base import Base

# What was written down about money taken stays as it was.
_RECEIPT = ("number", "case_id", "branch_id", "amount_fen", "items", "method", "reference", "by", "at", "day")
_LEDGERS = ("movement", "money_entry")
_RECORDS = ("edition", "edition_author", "access_review")
_DATED = ("movement", "money_entry", "receipt")  # nothing is added on a closed day
_GUARDED = frozenset({*_DATED, *_RECORDS, "day_close", "branch", "edition_draft", "journal_line", *answer_guard.TABLES})
_FINAL = "OLD.state IN ('closed', 'recounted')"
_DRAFT_FINAL = "OLD.state IN ('published', 'dropped')"

_CHANGED = "is never changed"
_CLOSED = "is of a day that is closed"
_OWN = "is published by none of its authors"


_AN_AUTHOR = "SELECT 1 FROM edition_author WHERE draft_id = NEW.id AND staff_id = NEW.published_by"
_ITS_PUBLISHER = "SELECT 1 FROM edition_draft WHERE id = NEW.draft_id AND published_by IS NOT NULL"


def statements(dialect: str) -> list[str]:
    """The statements that set the guards up, in order; they may be run again. `dialect`: "sqlite" or "postgresql"."""
    own = _sqlite() if dialect == "sqlite" else _postgresql()
    return [*own, *journal_guard.statements(dialect), *answer_guard.statements(dialect)]


def removals(dialect: str) -> list[str]:
    """What is left to be taken away once the tables are gone."""
    own = ("refuse_change", "refuse_closed_day", "refuse_own_edition")
    functions = (*own, *journal_guard.FUNCTIONS, *answer_guard.FUNCTIONS)
    return [] if dialect == "sqlite" else [f"DROP FUNCTION IF EXISTS {name}()" for name in functions]


def _sqlite() -> list[str]:
    wanted = [
        *((f"{table}_never_{verb.lower()}d", verb, table, "", _CHANGED) for table in _LEDGERS for verb in ("UPDATE", "DELETE")),
        ("receipt_never_updated", f"UPDATE OF {_columns()}", "receipt", "", _CHANGED),
        ("receipt_never_deleted", "DELETE", "receipt", "", _CHANGED),
        ("day_close_final", "UPDATE", "day_close", _FINAL, _CHANGED),
        ("day_close_never_deleted", "DELETE", "day_close", "", _CHANGED),
        ("branch_opens_no_day_again", "UPDATE OF closed_through", "branch", _goes_back(), _CHANGED),
        *((f"{table}_on_an_open_day", "INSERT", table, _on_closed_day(), _CLOSED) for table in _DATED),
        *((f"{table}_never_{verb.lower()}d", verb, table, "", _CHANGED) for table in _RECORDS for verb in ("UPDATE", "DELETE")),
        ("edition_draft_final", "UPDATE", "edition_draft", _DRAFT_FINAL, _CHANGED),
        ("edition_draft_never_deleted", "DELETE", "edition_draft", "", _CHANGED),
        ("edition_draft_by_another", "UPDATE OF published_by", "edition_draft", f"EXISTS ({_AN_AUTHOR})", _OWN),
        ("edition_author_before", "INSERT", "edition_author", f"EXISTS ({_ITS_PUBLISHER})", _OWN),
    ]
    return [
        f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {when} ON {table} FOR EACH ROW{f' WHEN {condition}' if condition else ''} "
        f"BEGIN SELECT RAISE(ABORT, '{table} {sentence}'); END"
        for name, when, table, condition, sentence in wanted
    ]


def _columns() -> str:
    return ", ".join(f'"{name}"' for name in _RECEIPT)


def _goes_back() -> str:
    return "OLD.closed_through IS NOT NULL AND (NEW.closed_through IS NULL OR NEW.closed_through < OLD.closed_through)"


def _on_closed_day() -> str:
    return "EXISTS (SELECT 1 FROM branch WHERE branch.id = NEW.branch_id AND branch.closed_through >= NEW.day)"


def _postgresql() -> list[str]:
    """The branch's row is locked against the close, as `business_day` does, before it is looked at: under a close that is not yet
    committed the old row would let the entry through."""
    refuse = (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' {_CHANGED}', ERRCODE = 'check_violation'; END $$"
    )
    open_day = f"""CREATE OR REPLACE FUNCTION refuse_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE closed date;
        BEGIN
            SELECT closed_through INTO closed FROM branch WHERE id = NEW.branch_id FOR SHARE;
            IF closed >= NEW.day THEN
                RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' {_CLOSED}', ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$"""  # noqa: S608 - nothing in it is anybody's input
    own = f"""CREATE OR REPLACE FUNCTION refuse_own_edition() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE found integer;
        BEGIN
            IF TG_TABLE_NAME = 'edition_draft' THEN
                found := ({_AN_AUTHOR});
            ELSE
                PERFORM 1 FROM edition_draft WHERE id = NEW.draft_id FOR SHARE;
                found := ({_ITS_PUBLISHER});
            END IF;
            IF found IS NOT NULL THEN
                RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' {_OWN}', ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END $$"""
    wanted = [
        *((f"{table}_never_changed", "UPDATE OR DELETE", table, "") for table in (*_LEDGERS, *_RECORDS)),
        ("edition_draft_final", "UPDATE", "edition_draft", _DRAFT_FINAL),
        ("edition_draft_never_deleted", "DELETE", "edition_draft", ""),
        ("receipt_never_updated", f"UPDATE OF {_columns()}", "receipt", ""),
        ("receipt_never_deleted", "DELETE", "receipt", ""),
        ("day_close_final", "UPDATE", "day_close", _FINAL),
        ("day_close_never_deleted", "DELETE", "day_close", ""),
        ("branch_opens_no_day_again", "UPDATE OF closed_through", "branch", _goes_back()),
    ]
    return [
        refuse,
        open_day,
        own,
        *(
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW "
            f"{f'WHEN ({condition}) ' if condition else ''}EXECUTE FUNCTION refuse_change()"
            for name, when, table, condition in wanted
        ),
        *(
            f"CREATE OR REPLACE TRIGGER {table}_on_an_open_day BEFORE INSERT ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION refuse_closed_day()"
            for table in _DATED
        ),
        *(
            f"CREATE OR REPLACE TRIGGER {name} BEFORE {when} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_own_edition()"
            for name, when, table in (
                ("edition_draft_by_another", "UPDATE OF published_by", "edition_draft"),
                ("edition_author_before", "INSERT", "edition_author"),
            )
        ),
    ]


@event.listens_for(Base.metadata, "after_create")
def _guard(target: MetaData, connection: Connection, tables: Any = None, **options: Any) -> None:
    if {table.name for table in tables or ()} >= _GUARDED:
        for statement in statements(connection.dialect.name):
            connection.exec_driver_sql(statement)
