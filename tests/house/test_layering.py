"""Who may know whom. The table here is the house's law; a file that breaks it is named with its line."""

import ast
import re
from dataclasses import dataclass

import pytest

from models.rulebook.vocabulary import CaseState, ItemState, RunState
from tests.house.source import HOUSE, ROOMS, imports, is_ours, is_pythons, kept_files, python_files, tree, within

FLASK = frozenset({"flask", "flask_babel", "flask_login", "flask_wtf", "flask_smorest", "werkzeug", "markupsafe"})
EVERYTHING = frozenset({"*"})


@dataclass(frozen=True)
class Room:
    """A place in the house: what it may import of the house besides itself, and of others' libraries."""

    place: str
    ours: tuple[str, ...]
    theirs: frozenset[str]


# The innermost place counts. Libraries of ONE_FILE are granted there.
TABLE = (
    Room("models/rulebook", (), frozenset()),
    Room("models", ("models",), frozenset({"sqlalchemy", "alembic"})),
    Room("card_issuance", (), frozenset({"cryptography"})),
    Room("reports", (), frozenset({"reportlab"})),
    Room("forms", ("models.rulebook",), frozenset({"wtforms", "flask_wtf", "flask_babel"})),
    Room("app/services", ("models", "card_issuance", "reports"), frozenset({"sqlalchemy"})),
    Room("app/words", ("models",), frozenset({"babel", "flask_babel"})),
    Room("app/desks", ("app.services", "app.words", "forms", "models"), FLASK),
    Room("app/api", ("app.services", "app.words", "app.desks.door", "forms", "models"), FLASK),
    Room(
        "app/api/platforms",
        ("app.services", "app.words", "app.desks.door", "models"),
        FLASK | {"marshmallow"},
    ),
    Room(
        "app/supervision",
        ("app.services", "app.words", "app.desks", "forms", "models"),
        FLASK | {"flask_admin", "wtforms", "sqlalchemy"},
    ),
    # The example for platforms outside: it knows the office by its published interfaces only.
    Room("app/example_platform", (), frozenset({"flask", "werkzeug", "cryptography"})),
    # Where the world is put together and started.
    Room("app", ROOMS, EVERYTHING),
)

# Each of these is touched by one file, which translates its errors into ours.
ONE_FILE = {
    "flask_sqlalchemy": {"models/tables/database.py"},
    "pkcs11": {"card_issuance/pkcs11_module.py"},
    "pkilint": {"card_issuance/lint.py"},
    "argon2": {"app/services/passwords.py"},
    "pyotp": {"app/services/second_factor.py"},
    "PIL": {"app/services/scan_examiner_child.py"},
    "pypdfium2": {"app/services/scan_examiner_child.py"},
    "waitress": {"app/commands/serve.py", "app/commands/platform.py"},
    "authlib": {"app/api/platforms/oauth.py"},
    "webargs": {"app/api/platforms/fields.py"},
    "xlsxwriter": {"app/services/spreadsheet.py"},
    "http_message_signatures": {"app/services/sign_webhook.py", "app/example_platform/webhook.py"},
}
GRANTED = {
    ("models/tables/database.py", "flask"): "Flask-SQLAlchemy's own signatures",
    ("app/services/vault.py", "cryptography"): "the cipher that seals personal numbers",
    ("app/services/office_key.py", "cryptography"): "the key that signs what platforms are told",
}


def room_of(path: str) -> Room:
    return next(room for room in sorted(TABLE, key=lambda room: -len(room.place)) if within(path, room.place))


def offences(path: str) -> list[str]:
    room = room_of(path)
    found = []
    for module in imports(path):
        if is_pythons(module) or module.top == "__future__":
            continue
        if is_ours(module):
            allowed = within(module.module, room.place, *room.ours)
        elif module.top in ONE_FILE:
            allowed = path in ONE_FILE[module.top]
        else:
            allowed = module.top in room.theirs or room.theirs is EVERYTHING or (path, module.top) in GRANTED
        if not allowed:
            found.append(f"{path}:{module.line} imports {module.module}")
    return found


@pytest.mark.parametrize("room", TABLE, ids=lambda room: room.place)
def test_a_room_imports_only_what_the_table_grants(room):
    files = [path for path in python_files() if room_of(path) is room]
    assert files, f"{room.place} is empty"
    assert [offence for path in files for offence in offences(path)] == []


def test_the_program_never_imports_its_tests():
    assert [f"{path}:{module.line}" for path in python_files() for module in imports(path) if module.top == "tests"] == []


def test_the_tables_of_exceptions_name_files_that_use_them():
    """An exception that nobody needs any more goes."""
    used = {(path, module.top) for path in python_files() for module in imports(path)}
    assert [pair for pair in GRANTED if pair not in used] == []
    assert [name for name, files in ONE_FILE.items() if not any((path, name) in used for path in files)] == []


def calls(path: str, name: str):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
            yield node


def test_only_services_commit():
    """A migration's transaction is Alembic's; the stand-alone authority keeps a record of its own in SQLite."""
    elsewhere = [path for path in python_files() if not within(path, "app/services", "models/migrations", "card_issuance")]
    found = [f"{path}:{call.lineno}" for path in elsewhere for call in calls(path, "commit")]
    assert found == []


WORKFLOW_STATES = {"CaseState", "RunState", "ItemState"}


def compared_states(path: str):
    """Comparisons of a thing's state with a literal, `run.state is RunState.queued`.

    Sets with a name, from the table, are fine; so are conditions of a query, `Run.state == …`.
    """
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Compare):
            continue
        parts = [node.left, *node.comparators]
        of_a_thing = any(
            isinstance(part, ast.Attribute)
            and part.attr == "state"
            and not (isinstance(part.value, ast.Name) and part.value.id[0].isupper())
            for part in parts
        )
        literal = any(
            isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name) and inner.value.id in WORKFLOW_STATES
            for part in parts
            for inner in ast.walk(part)
        )
        if of_a_thing and literal:
            yield node.lineno


def test_nobody_but_the_workflow_table_compares_states():
    found = [f"{path}:{line}" for path in python_files("app", "forms") for line in sorted(set(compared_states(path)))]
    assert found == []


def test_no_template_compares_states():
    states = "|".join(state.value for kind in (CaseState, RunState, ItemState) for state in kind)
    compared = re.compile(rf"\bstate(\.value)? *(==|!=|in|not in) *[(\[{{]? *['\"]({states})['\"]")
    found = [
        f"{path}:{number}"
        for path in kept_files()
        if path.startswith("app/templates/")
        for number, line in enumerate((HOUSE / path).read_text(encoding="utf-8").splitlines(), start=1)
        if compared.search(line)
    ]
    assert found == []


def test_text_of_papers_is_drawn_never_parsed_as_markup():
    """reportlab's Paragraph obeys markup in an organisation's name, and embeds local files."""
    names = {"Paragraph", "platypus", "XPreformatted", "paraparser"}
    found = [
        f"{path}:{node.lineno}"
        for path in python_files()
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Name) and node.id in names)
        or (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.ImportFrom) and names & {*(node.module or "").split("."), *(alias.name for alias in node.names)})
        or (isinstance(node, ast.Import) and any(names & set(alias.name.split(".")) for alias in node.names))
    ]
    assert found == []


VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}


def words_of(name: str) -> set[str]:
    """The words of a name, whether snake_case or CamelCase."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return set(spaced.replace("_", " ").split())


def test_no_name_is_vague():
    paths = [path for path in kept_files() if VAGUE & {word for part in path.split("/") for word in words_of(part.split(".")[0])}]
    definitions = [
        f"{path}:{node.lineno} {node.name}"
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and VAGUE & words_of(node.name)
    ]
    assert paths + definitions == []


TOP = {
    *ROOMS,
    "tests",
    "instance",
    "README.md",
    "pyproject.toml",
    "office",
    ".ci",
    ".gitignore",
    "requirements.lock",
    "requirements-test.lock",
}


def test_the_top_of_the_house_is_as_the_house_says():
    assert {path.split("/")[0] for path in kept_files()} - TOP == set()


def test_nothing_kept_names_a_download_host():
    for name in ("requirements.lock", "requirements-test.lock", "pyproject.toml"):
        text = (HOUSE / name).read_text(encoding="utf-8")
        assert "://" not in text, name
        assert "index-url" not in text, name


def test_every_package_says_what_the_room_is_for():
    rooms = [path for path in python_files() if path.endswith("__init__.py")]
    assert [path for path in rooms if not ast.get_docstring(tree(path)) and (HOUSE / path).stat().st_size > 0] == []
