"""Every route × every role × a stranger × the other branch, generated from the URL map and held against the permissions page."""

import io
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.desks.door import Door, door_of
from app.services.vault import Vault
from app.services.world import World
from card_issuance.authority import Authority
from models.rulebook.permissions import EVERY_BRANCH, PERMISSIONS, Permission, Place, denial
from models.rulebook.vocabulary import Role
from models.tables.engine import make_engine
from tests.builders.clients import OfficeClient
from tests.builders.people import actor_of, number_of, open_login
from tests.builders.road import a_picture, travel
from tests.conftest import VAULT_KEY, SetClock, app_for

# Open to everybody, each for a reason; a new one must be given its reason here.
PUBLIC = {
    "static": "scripts and styles",
    "shell.htmx": "a script",
    "account.sign_in": "nobody is signed in yet",
    "account.language": "the login page has a language too",
    "precheck_api.precheck": "platforms ask the rulebook",
    "ocsp.posted": "platforms ask whether a certificate is good",
    "ocsp.fetched": "the same, by GET",
    "precheck_api.page": "applicants ask before they come",
    "stations.enrol": "a one-time code is the key",
    "stations.poll": "a station's secret is the key",
    "stations.report": "a station's secret is the key",
    "stations.certify": "a station's secret is the key",
    "stations.envelope": "a station's secret is the key",
    "stations.stop": "a station's secret is the key",
    "platform_api.openapi": "programmers of platforms read it",
    "platform_api.problem": "the same",
    "platform_api.keys": "platforms check signatures with it",
    "platform_api.give_token": "a platform's secret is the key",
    "platform_api.certificate": "a platform's access token is the key, as for all that follow",
    "platform_api.examine": "an access token",
    "platform_api.verdict": "an access token",
    "platform_api.bind": "an access token",
    "platform_api.bindings": "an access token",
    "platform_api.binding": "an access token",
    "platform_api.end": "an access token",
    "platform_api.events": "an access token",
    "platform_api.acknowledge": "an access token",
    "revocation.revocation_list": "relying parties fetch it",
    "revocation.authority_certificate": "relying parties fetch it",
}

# What a room may ask for. A route that asks for less than its room must be noticed.
ROOMS: dict[str, set[Permission]] = {
    "shell": {Permission.own_account},
    "account": {Permission.own_account},
    "jobs": {Permission.own_account},
    "rules": {Permission.read_rules, Permission.write_rules, Permission.publish_rules},
    "intake": {Permission.work_at_intake, Permission.read_case},
    "review": {Permission.review_case, Permission.read_case, Permission.read_identity},
    "cashier": {Permission.take_payment, Permission.read_case},
    "issuance": {Permission.issue_token},
    "handover": {Permission.hand_over_token, Permission.read_case},
    "aftercare": {Permission.work_at_aftercare},
    "bindings": {Permission.work_at_bindings},
    "check": {Permission.work_at_aftercare},
    "grants": {Permission.grant_exception},
    "exceptions": {Permission.ask_exception, Permission.take_payment},
    "decisions": {Permission.supervise, Permission.decide_exception},
    "money": {Permission.supervise},
    "renewals": {Permission.read_call_list},
    "shift": {Permission.count_stock, Permission.hand_over_shift},
    "days": {Permission.supervise, Permission.close_day, Permission.keep_drawer},
    "applicants": {Permission.read_applicant},
    "casefile": {Permission.read_case, Permission.read_identity, Permission.read_journal},
    "search": {Permission.find_case},
    "admin": {Permission.supervise, Permission.manage_branches},
    "cases": {Permission.supervise},
    "certificates": {Permission.supervise},
    "directory": {Permission.supervise},
    "leaves": {Permission.supervise},
    "entries": {Permission.supervise},
    "shifts": {Permission.supervise},
    "tasks": {Permission.supervise},
    "tokens": {Permission.supervise},
    "envelopes": {Permission.supervise},
    "receipts": {Permission.supervise},
    "journal": {Permission.supervise},
    "looking": {Permission.supervise, Permission.export_lists},
    "journals": {Permission.read_journal},
    "reports": {Permission.read_reports},
    "retention": {
        Permission.read_retention,
        Permission.hold_records,
        Permission.propose_destruction,
        Permission.approve_destruction,
    },
    "staff": {Permission.manage_staff},
    "places": {Permission.manage_branches},
    "reviews": {Permission.review_access, Permission.read_permissions},
    "permissions": {Permission.read_permissions},
    "stock": {Permission.supervise, Permission.manage_stock},
    "deliveries": {Permission.supervise, Permission.manage_stock},
    "transfers": {Permission.supervise, Permission.manage_stock},
    "movements": {Permission.supervise},
    "telling": {Permission.watch_platforms, Permission.tell_again},
    "register": {Permission.watch_platforms},
    "platforms": {Permission.manage_platforms},
    "signing_keys": {Permission.manage_platforms},
}
# Things of the whole city: found from every branch, and what they tell of others' cases has tests of its own.
OF_THE_CITY = {"applicants.page", "journals.applicant", "bindings.applicant", "bindings.open_"} | {
    # A destruction list takes three supervisors, more than most branches have: others see its numbers, and no names.
    "retention.listed",
    "retention.record",
    "retention.verified",  # the traces are one chain
}
# What a reader does for himself: a name for a question, a list that he takes out of the office. The journal tells of the latter.
OF_HIS_OWN = {"looking.save", "looking.forget", "looking.export", "reports.index_view", "retention.check"}
WRITING = {"POST", "PUT", "PATCH", "DELETE"}
STRANGE = {
    "filename": "office.css",
    "key": "00",
    "which": "root",
    "encoded": "MA==",
    "code": "stale",
    "binding_id": "0" * 32,
    "number": "HD01-C-2026-000000",
    "export_type": "csv",
    "room": "cases",
}


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, template_database: Path, authority: Authority
) -> Iterator[tuple[Flask, World, dict[str, int]]]:
    """One office for all these tests, with one of everything at HD01."""
    folder = tmp_path_factory.mktemp("doors")
    shutil.copyfile(template_database, folder / "office.db")
    engine = make_engine(f"sqlite:///{folder / 'office.db'}")
    world = World(SetClock(), engine, Vault(VAULT_KEY), authority, folder, "http://127.0.0.1:8600")
    app = app_for(settings_in(folder), world)
    yield app, world, travel(world, app).ids
    engine.dispose()


def settings_in(folder: Path) -> Any:
    from app.config import read_settings

    return read_settings({}, folder)


def routes(app: Flask) -> Iterator[tuple[Rule, str, Door | None]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, door_of(app, rule.endpoint)


def address(app: Flask, rule: Rule, ids: dict[str, int]) -> str:
    values = {name: ids.get(name, STRANGE.get(name)) for name in rule.arguments}
    assert None not in values.values(), f"{rule}: the case that travelled has nothing for {values}"
    built = app.url_map.bind("127.0.0.1").build(rule.endpoint, values, force_external=False)
    return re.sub("//+", "/", built)


def ask(app: Flask, world: World, role: Role | None, branch: str, method: str, url: str) -> Any:
    client: OfficeClient = app.test_client()
    if role is not None:
        token = open_login(world, number_of(role, branch))
        with client.session_transaction() as session:
            session["login"] = token
    picture = (io.BytesIO(a_picture()), "papers.png")
    form = {"version": "0", "reason": "样例原因", "set": "1", "document": "application_form", "file": picture}
    return client.open(url, method=method, data=form if method in WRITING else None)


def test_every_route_declares_a_door_of_its_room(house: Any) -> None:
    app, _, _ = house
    wrong = []
    for rule, method, way in routes(app):
        if way is None:
            if not is_flask_admins_own(rule.endpoint):
                wrong.append(f"{method} {rule}: no door")
        elif way.public:
            if rule.endpoint not in PUBLIC:
                wrong.append(f"{method} {rule}: open to everybody")
        elif not set(way.permissions) <= ROOMS[rule.endpoint.split(".")[0]] or not way.permissions:
            wrong.append(f"{method} {rule}: {way.permissions}")
    assert not wrong, "\n".join(wrong)


def is_flask_admins_own(endpoint: str) -> bool:
    """What Flask-Admin brings and this house leaves shut: editing, deleting, exporting, its scripts."""
    return endpoint.split(".")[-1] in {
        "action_view",
        "ajax_lookup",
        "ajax_update",
        "create_view",
        "delete_view",
        "details_view",
        "edit_view",
        "export",
        "static",
    }


def test_strangers_are_sent_to_the_login_everywhere(house: Any) -> None:
    app, world, ids = house
    wrong = []
    for rule, method, way in routes(app):
        answer = ask(app, world, None, "", method, address(app, rule, ids))
        if way is None:
            expected = answer.status_code == 403
        elif way.public:
            expected = answer.status_code < 500 and "/login?next" not in answer.headers.get("Location", "")
        else:
            expected = answer.status_code == 303 and answer.headers["Location"].startswith("/login")
        if not expected:
            wrong.append(f"{method} {rule}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_what_the_permissions_page_gives_it_and_nothing_else(house: Any, role: Role) -> None:
    app, world, ids = house
    person = actor_of(world, role)
    wrong = []
    for rule, method, way in routes(app):
        if way is not None and way.public:
            continue
        may = way is not None and any(denial(permission, person) is None for permission in way.permissions)
        answer = ask(app, world, role, "HD01", method, address(app, rule, ids))
        let_in = answer.status_code not in {401, 403, 500} and not answer.headers.get("Location", "").startswith("/login?")
        if may is not let_in:
            wrong.append(f"{method} {rule}: {answer.status_code}, the page says {'yes' if may else 'no'}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", list(Role))
def test_another_branchs_things_do_not_exist(house: Any, role: Role) -> None:
    app, world, ids = house
    elsewhere = actor_of(world, role, "CY01")
    wrong, asked = [], 0
    for rule, method, way in routes(app):
        if way is None or way.public or not any(name.endswith("_id") for name in rule.arguments):
            continue
        if rule.endpoint in OF_THE_CITY:
            continue
        if not any(denial(permission, elsewhere) is None for permission in way.permissions):
            continue
        if all(PERMISSIONS[permission].place is Place.anywhere for permission in way.permissions):
            continue
        url = address(app, rule, ids)
        there, here = ask(app, world, role, "CY01", method, url), ask(app, world, role, "HD01", method, url)
        asked += 1
        hidden = 404 if role not in EVERY_BRANCH else here.status_code
        if there.status_code != hidden or here.status_code == 404:
            wrong.append(f"{method} {rule}: {there.status_code} from the other branch, {here.status_code} from its own")
    assert not wrong, "\n".join(wrong)
    assert asked or role in EVERY_BRANCH


def test_the_auditor_changes_nothing(house: Any) -> None:
    app, world, _ = house
    auditor = actor_of(world, Role.auditor)
    writing = [
        str(rule)
        for rule, method, way in routes(app)
        if method in WRITING
        and way is not None
        and not way.public
        and way.lets_in(auditor)
        and way.permissions != (Permission.own_account,)
        and rule.endpoint not in OF_HIS_OWN
    ]
    assert not writing, writing


def test_the_administrator_sees_no_case(house: Any) -> None:
    app, world, _ = house
    administrator = actor_of(world, Role.administrator)
    seen = [
        str(rule)
        for rule, _, way in routes(app)
        if way is not None and not way.public and way.lets_in(administrator) and {"case_id", "run_id", "item_id"} & rule.arguments
    ]
    assert seen == []


def test_a_new_route_without_a_door_is_shut(house: Any, client_of: Callable[..., OfficeClient]) -> None:
    app = client_of(Role.clerk).application
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    for role in (None, *Role):
        client = client_of(role) if role else app.test_client()
        answer = client.get("/forgotten")
        assert answer.status_code == 403
        assert "secret" not in answer.text
