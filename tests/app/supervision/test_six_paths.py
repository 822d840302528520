"""Flask-Admin's six paths – list, details, edit, inline, delete, action – and export and create, on every room, as every role, from
here and from another branch: nothing leaks, nothing changes that no service changed, forged posts are refused.

The rooms are those that the office registers: a new one is tried without a word here.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import true

from app.desks.door import Door, declare, door_of
from app.services.vault import Vault
from app.services.world import World
from app.supervision.base import ReadOnlyView
from card_issuance.authority import Authority
from models.rulebook.permissions import PERMISSIONS, Permission, Place, denial
from models.rulebook.vocabulary import Role
from models.tables import Staff
from tests.app.supervision.six_paths import Attempt, House, crowded, people, questions_to, ways_in
from tests.app.test_every_door import STRANGE, address, is_flask_admins_own, settings_in
from tests.builders.cases import awaiting_payment
from tests.builders.issuance import plant_stock
from tests.builders.people import actor_of, number_of, open_login
from tests.builders.road import travel
from tests.conftest import VAULT_KEY, SetClock, app_for, engine_of

NOWHERE = 987654
REFUSED = {308, 400, 403, 404, 405}
WHO = list(people())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, template_database: Path, authority: Authority) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("six-paths")
    shutil.copyfile(template_database, folder / "office.db")
    engine = engine_of(f"sqlite:///{folder / 'office.db'}")
    yield World(SetClock(), engine, Vault(VAULT_KEY), authority, folder, "http://127.0.0.1:8600")
    engine.dispose()


def furnished(world: World) -> House:
    app = app_for(settings_in(world.scans), world)
    ids = travel(world, app).ids
    awaiting_payment(world, "CY01")
    plant_stock(world, branch="CY01")
    return House(world, app, ids)


@pytest.fixture(scope="module")
def house(world: World) -> House:
    made = furnished(world)
    for number, _, _ in WHO:
        made.client(number)
    return made


@pytest.fixture
def unchanged(house: House) -> Iterator[None]:
    """Whatever a test tries: every row of every table is as it was."""
    before, version = house.rows(), house.version()
    yield
    if house.version() != version:
        after = house.rows()
        assert {name for name in before if before[name] != after[name]} == set()


def front(view: Any) -> str:
    return f"{view.url.rstrip('/')}/"


def may(view: Any, endpoint: str, app: Flask, person: Any) -> bool:
    way = door_of(app, f"{view.endpoint}.{endpoint}")
    return way is not None and any(denial(permission, person) is None for permission in way.permissions)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("number", "role", "branch"), WHO, ids=[number for number, _, _ in WHO])
def test_only_the_list_is_open_and_only_to_whom_it_is_for(house: House, number: str, role: Role, branch: str) -> None:
    person, wrong = actor_of(house.world, role, branch), []
    for view in house.views:
        answer = house.ask(number, Attempt("list", "GET", front(view)))
        if may(view, "index_view", house.app, person) is not (answer.status_code == 200):
            wrong.append(f"{view.endpoint}: list: {answer.status_code}")
        for attempt in ways_in(view, house.ids_of(view, "HD01")):
            answer = house.ask(number, attempt)
            stranger = not person.sees_branch(house.ids["branch_id"])
            if answer.status_code not in REFUSED or (stranger and house.leaked(view, "HD01", answer.text)):
                wrong.append(f"{attempt.method} {attempt.url}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("unchanged")
def test_a_stranger_is_sent_to_the_door_or_refused(house: House) -> None:
    for view in house.views:
        for attempt in (Attempt("list", "GET", front(view)), *ways_in(view, house.ids_of(view, "HD01"))):
            answer = house.ask("", attempt)
            assert answer.status_code in REFUSED | {303}, attempt
            assert answer.status_code != 303 or answer.headers["Location"].startswith("/login"), attempt


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("number", "other"), [(number_of(Role.supervisor), "CY01"), (number_of(Role.supervisor, "CY01"), "HD01")]
)
def test_no_list_tells_of_another_branch_whatever_it_is_asked(house: House, number: str, other: str) -> None:
    """Every choice that its form offers, other branches' numbers typed into its fields, and questions that no form offers."""
    marks = sorted({mark for table in ("case_file", "token") for mark in house.marks[other][table]})
    wrong, told = [], 0
    own = {"HD01": "CY01", "CY01": "HD01"}[other]
    for view in house.views:
        first = house.ask(number, Attempt("list", "GET", front(view)))
        if first.status_code != 200:
            continue
        told += any(mark in first.text for of_table in house.marks[own].values() for mark in of_table)
        for attempt in (Attempt("list", "GET", front(view)), *questions_to(view, first.text, marks)):
            answer = house.ask(number, attempt)
            if answer.status_code not in {200, 303, 404, 422}:
                wrong.append(f"{attempt.url}: {answer.status_code}")
            wrong += [f"{attempt.url}: {leak}" for leak in house.leaked(view, other, answer.text, attempt.url)]
    assert not wrong, "\n".join(wrong)
    assert told >= 5, "the lists show what is one's own, else their silence would prove nothing"


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("number", "role", "branch"), WHO, ids=[number for number, _, _ in WHO])
def test_no_page_of_a_room_tells_of_another_branch_and_looking_changes_nothing(
    house: House, number: str, role: Role, branch: str
) -> None:
    """The rooms' own pages, asked for with what is HD01's."""
    person, wrong = actor_of(house.world, role, branch), []
    for view in house.views:
        for rule in house.app.url_map.iter_rules():
            if rule.endpoint.split(".")[0] != view.endpoint or "GET" not in (rule.methods or ()):
                continue
            if is_flask_admins_own(rule.endpoint):
                continue
            answer = house.ask(number, Attempt("page", "GET", at(house, rule)))
            if answer.status_code >= 500:
                wrong.append(f"{rule}: {answer.status_code}")
            if not person.sees_branch(house.ids["branch_id"]) and not answer.mimetype.startswith("application"):
                wrong += [f"{rule}: {leak}" for leak in house.leaked(view, "HD01", answer.text)]
    assert not wrong, "\n".join(wrong)


def at(house: House, rule: Any, nowhere: bool = False) -> str:
    """The rule's address about what is HD01's, or about what does not exist."""
    ids = {name: NOWHERE if nowhere and isinstance(value, int) else value for name, value in house.ids.items()}
    return address(house.app, rule, {name: NOWHERE for name in rule.arguments if name not in STRANGE} | ids)


def posts(house: House) -> Iterator[tuple[Any, Any]]:
    for view in house.views:
        for rule in house.app.url_map.iter_rules():
            its_own = rule.endpoint.split(".")[0] == view.endpoint and door_of(house.app, rule.endpoint) is not None
            if its_own and "POST" in (rule.methods or ()):
                yield view, rule


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("number", "role", "branch"), WHO, ids=[number for number, _, _ in WHO])
def test_a_forged_post_changes_nothing(house: House, number: str, role: Role, branch: str) -> None:
    """Without the page's token; and with it, but about what is not there: in another branch, or nowhere."""
    person, wrong = actor_of(house.world, role, branch), []
    for view, rule in posts(house):
        form = crowded(view) | {"reason": "样例原因", "version": "1", "remark": "样例"}
        attempt = Attempt("forged", "POST", at(house, rule), form)
        answer = house.ask(number, attempt, csrf=False)
        if answer.status_code not in {400, 403, 404}:
            wrong.append(f"{attempt.url} without a token: {answer.status_code}")
        if not any(isinstance(house.ids.get(name), int) for name in rule.arguments):
            continue  # about no thing that somebody could own
        answer = house.ask(number, Attempt("forged", "POST", at(house, rule, nowhere=True), form))
        if answer.status_code not in {403, 404}:
            wrong.append(f"{attempt.url} about nothing: {answer.status_code}")
        if not person.sees_branch(house.ids["branch_id"]) and not of_the_city(house, rule):
            answer = house.ask(number, attempt)
            if answer.status_code not in {403, 404}:
                wrong.append(f"{attempt.url} from another branch: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def of_the_city(house: House, rule: Any) -> bool:
    way = door_of(house.app, rule.endpoint)
    return way is None or all(PERMISSIONS[permission].place is Place.anywhere for permission in way.permissions)


def test_the_watch_does_notice(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else all this silence would prove nothing: a list that forgets its branch tells, a path that writes changes rows."""
    number, lists = number_of(Role.supervisor, "CY01"), [view for view in house.views if isinstance(view, ReadOnlyView)]
    monkeypatch.setattr(ReadOnlyView, "_sees", lambda self, found: True)
    for view in lists:
        monkeypatch.setattr(type(view), "_in_branch", lambda self: true())
    monkeypatch.setattr("app.supervision.lists.branch_of", lambda actor: None)
    found = {
        view.endpoint: house.leaked(view, "HD01", house.ask(number, Attempt("list", "GET", front(view))).text) for view in lists
    }
    assert {"staff", "reviews", "certificates", "days", "movements", "shifts"} <= {
        endpoint for endpoint, leaks in found.items() if leaks
    }
    before, version = house.rows(), house.version()
    open_login(house.world, number)
    assert house.version() != version
    after = house.rows()
    assert {name for name in before if before[name] != after[name]} == {"staff_session"}


def test_fields_that_no_form_has_change_nothing(house: House) -> None:
    """A post that would be taken, with every column of its table beside it: only what the form asks for changes."""
    number, clerk_id = number_of(Role.supervisor), house.ids["staff_id"]
    with house.world.reading() as session:
        before = session.get_one(Staff, clerk_id)
        was = {column.key: getattr(before, column.key) for column in Staff.__table__.columns}
    staff = next(view for view in house.views if view.endpoint == "staff")
    form = crowded(staff) | {
        "version": str(was["version"]),
        "name": "样例改名",
        "branch_id": str(was["branch_id"]),
        "roles": ["clerk"],
    }
    assert house.ask(number, Attempt("edit", "POST", f"/admin/staff/{clerk_id}", form)).status_code == 303
    with house.world.reading() as session:
        after = session.get_one(Staff, clerk_id)
        now = {column.key: getattr(after, column.key) for column in Staff.__table__.columns}
    assert {key for key in was if was[key] != now[key]} == {"name", "version"}


def test_even_behind_an_open_door_nothing_is_edited_deleted_or_carried_out(world: World) -> None:
    """The doors are one lock; the rooms' own base is the second. Here every door of Flask-Admin stands open, by mistake."""
    app = app_for(settings_in(world.scans), world)
    made = House(world, app, {})
    for rule in app.url_map.iter_rules():
        if is_flask_admins_own(rule.endpoint) and door_of(app, rule.endpoint) is None:
            declare(app, rule.endpoint, Door((Permission.own_account,)))
    number, wrong, tried = number_of(Role.supervisor, "CY01"), [], 0
    made.client(number)
    before, version = made.rows(), made.version()
    for view in made.views:
        for attempt in ways_in(view, made.ids_of(view, "HD01")):
            answer = made.ask(number, attempt)
            tried += answer.status_code not in {403, 404, 405}
            carried = "attachment" in answer.headers.get("Content-Disposition", "")
            if answer.status_code == 200 or answer.status_code >= 500 or carried or made.leaked(view, "HD01", answer.text):
                wrong.append(f"{attempt.method} {attempt.url}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert tried > len(made.views), "the doors did stand open"
    assert made.version() == version or made.rows() == before
