"""What is tried on every room of supervision, and how it is told what leaked and what changed."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import String, select
from sqlalchemy.engine import Connection
from werkzeug.test import TestResponse

from app.services.world import World
from models.rulebook.permissions import PERMISSIONS, Place
from models.rulebook.vocabulary import Role
from models.tables import Base
from tests.builders.clients import OfficeClient
from tests.builders.people import branch_id_of, number_of, open_login

TABLES = tuple(table.name for table in Base.metadata.sorted_tables)
# Of the whole city: a room that is open to every branch may tell about applicants, what they hold, what platforms were told, and who
# wrote what all branches judge by.
OF_THE_CITY = frozenset(
    {"applicant", "applicant_bigram", "binding", "case_file", "case_item", "certificate", "platform_event", "staff", "token"}
)
# What a room of one's own branch shows of others all the same, each for a reason.
SHARED = {
    "retention": {"destruction_list", "case_file", "staff"},  # a list is approved by two, who may be of other branches
    "directory": {"applicant", "certificate"},  # applicants are the city's, and bear their codes in their certificates
}
SHORT = 6  # what is shorter may stand anywhere by chance


@dataclass(frozen=True)
class Attempt:
    """One request; `closed`: a way that Flask-Admin brings and this house leaves shut."""

    name: str
    method: str
    url: str
    form: dict[str, Any] = field(default_factory=dict)
    closed: bool = True


def ways_in(view: Any, ids: list[int]) -> Iterator[Attempt]:
    """Flask-Admin's paths of a room: details, edit, inline, lookup, delete, action, and export and create besides."""
    url, forged = view.url.rstrip("/"), crowded(view)
    for export in ("csv", "xlsx"):
        yield Attempt("export", "GET", f"{url}/export/{export}/")
    yield Attempt("create", "GET", f"{url}/new/?url=/admin/")
    yield Attempt("create", "POST", f"{url}/new/", forged)
    for id in ids:
        yield Attempt("details", "GET", f"{url}/details/?id={id}&modal=True")
        yield Attempt("edit", "GET", f"{url}/edit/?id={id}&modal=True")
        yield Attempt("edit", "POST", f"{url}/edit/?id={id}", forged | {"id": str(id)})
        yield Attempt("inline", "POST", f"{url}/ajax/update/", {"list_form_pk": str(id)} | forged)
        yield Attempt("delete", "POST", f"{url}/delete/", {"id": str(id), "url": "/admin/"})
        yield Attempt("action", "POST", f"{url}/action/", {"action": "delete", "rowid": [str(id)]})
    for name in ("branch", "__class__"):
        yield Attempt("lookup", "GET", f"{url}/ajax/lookup/?name={name}&query=&limit=100")


def crowded(view: Any) -> dict[str, str]:
    """A form with every column of the room's model, whether anybody asked for it or not."""
    model = getattr(view, "model", None)
    names = [column.key for column in model.__table__.columns] if model is not None else ["id", "branch_id", "state", "version"]
    return dict.fromkeys(names, "1")


def questions_to(view: Any, page: str, marks: list[str]) -> Iterator[Attempt]:
    """Every choice that the list's own form offers, what another branch has typed into its fields, and what no form offers."""
    url = view.url.rstrip("/") + "/"
    form = re.search(r'<form[^>]*method="get".*?</form>', page.split("<main", 1)[-1], re.S)
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[0] if form else "", re.S):
        for value in re.findall(r'<option[^>]*value="([^"]+)"', options)[:4]:
            yield Attempt("list", "GET", f"{url}?{name}={value}", closed=False)
    for name in re.findall(r'<input[^>]*name="([^"]+)"', form[0] if form else ""):
        for mark in (*marks[:2], "%25"):
            yield Attempt("list", "GET", f"{url}?{name}={mark}", closed=False)
    for query in (
        "page=1",
        "sort=0&desc=1",
        "flt0_0=1",
        "flt1_branch_equals=1",
        "page_size=100000",
        "before=1",
        "after=99999",
        "branch=HD01",
    ):
        yield Attempt("list", "GET", f"{url}?{query}", closed=False)


class House:
    """An office with one of everything at HD01, something at CY01, and somebody of each role signed in at both."""

    def __init__(self, world: World, app: Flask, ids: dict[str, Any]) -> None:
        self.world, self.app, self.ids = world, app, ids
        self._clients: dict[str, OfficeClient] = {}
        self._watch = sqlite3.connect(Path(str(world.engine.url.database)), isolation_level=None)
        with world.engine.connect() as connection:
            self.marks = {code: marks_of(connection, branch_id_of(world, code)) for code in ("HD01", "CY01")}
        told = {code: {mark for marks in of_table.values() for mark in marks} for code, of_table in self.marks.items()}
        for code, other in (("HD01", "CY01"), ("CY01", "HD01")):
            self.marks[code] = {table: marks - told[other] for table, marks in self.marks[code].items()}

    @property
    def views(self) -> list[Any]:
        return list(self.app.extensions["supervision"])

    def client(self, number: str) -> OfficeClient:
        """Somebody's browser, signed in when first asked for: "" is a stranger's."""
        if number not in self._clients:
            client: OfficeClient = self.app.test_client()  # type: ignore[assignment]
            if number:
                token = open_login(self.world, number)
                with client.session_transaction() as session:
                    session["login"] = token
            self._clients[number] = client
        return self._clients[number]

    def ask(self, number: str, attempt: Attempt, csrf: bool = True) -> TestResponse:
        form = attempt.form if attempt.method == "POST" else None
        answer: TestResponse = self.client(number).open(attempt.url, method=attempt.method, data=form, csrf=csrf)
        return answer

    def version(self) -> int:
        """Another number whenever anybody committed anything."""
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def rows(self) -> dict[str, list[Any]]:
        return {name: self._watch.execute(f'SELECT * FROM "{name}"').fetchall() for name in TABLES}  # noqa: S608

    def leaked(self, view: Any, branch: str, text: str, asked: str = "") -> list[str]:
        """What of that branch stands in a page, but for what was asked for and is said again."""
        shown = unescape(text)
        spared = OF_THE_CITY if PERMISSIONS[view.permission].place is Place.anywhere else SHARED.get(view.endpoint, set())
        return [
            f"{table}: {mark}"
            for table, marks in self.marks[branch].items()
            if table not in spared
            for mark in marks
            if mark in shown and mark not in asked
        ]

    def ids_of(self, view: Any, branch: str) -> list[int]:
        """The newest row of that branch in the room's table; where it has no branch, any."""
        model = getattr(view, "model", None)
        if model is None or "id" not in model.__table__.columns:
            return [1]
        table = model.__table__
        query = select(table.c.id).order_by(table.c.id.desc()).limit(1)
        if "branch_id" in table.columns:
            query = query.where(table.c.branch_id == branch_id_of(self.world, branch))
        with self.world.engine.connect() as connection:
            return list(connection.scalars(query)) or [1]


def marks_of(connection: Connection, branch_id: int) -> dict[str, set[str]]:
    """By table, the texts by which that branch's rows are known: numbers, serials, names. Codes of closed lists are none."""
    found: dict[str, set[str]] = {}
    cases = Base.metadata.tables["case_file"]
    its_cases = select(cases.c.id).where(cases.c.branch_id == branch_id)
    for table in Base.metadata.sorted_tables:
        if table.name == "journal_line":
            continue  # nothing but codes of closed lists
        if table.name == "applicant":
            where = table.c.id.in_(select(cases.c.applicant_id).where(cases.c.branch_id == branch_id))
        elif "branch_id" in table.columns:
            where = table.c.branch_id == branch_id
        elif "case_id" in table.columns:
            where = table.c.case_id.in_(its_cases)
        else:
            continue
        texts = [column for column in table.columns if type(column.type) is String]
        if texts:
            rows = connection.execute(select(*texts).where(where)).all()
            found[table.name] = {str(value) for row in rows for value in row if value and len(str(value)) >= SHORT}
    return found


def people() -> Iterator[tuple[str, Any, str]]:
    """(staff number, role, branch) of somebody of each role, here and there."""
    for role in Role:
        for branch in ("HD01",) if role in (Role.auditor, Role.administrator) else ("HD01", "CY01"):
            yield number_of(role, branch), role, branch
