"""Numbers of rows as an address names them: one that no row can have is no row's, and no database is asked for it."""

from flask import Flask
from werkzeug.routing import IntegerConverter

MOST = 2**31 - 1  # what the databases count rows to


class RowId(IntegerConverter):
    """`<int:case_id>` in the path; a longer number is not found."""

    def __init__(self, map_: object, *args: object, **options: object) -> None:
        super().__init__(map_, *args, **{"max": MOST, **options})  # type: ignore[arg-type]


def row_id(text: str) -> int:
    """For `request.args.get(name, type=row_id)`: where a page of a list begins. Raises ValueError, which the caller takes for nothing."""
    number = int(text)
    if not 0 < number <= MOST:
        raise ValueError("no row has it")
    return number


def register(app: Flask) -> None:
    """Before any route is."""
    app.url_map.converters["int"] = RowId
