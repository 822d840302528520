"""The door of every page: who is here, and what he may do. A route without a declared door is closed to everybody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from app.desks.refusals import sentence
from app.services.errors import Absent, Forbidden
from app.services.prove_again import prove_again
from app.services.recognise import Recognised, recognise
from app.services.sign_in import NotAdmitted
from app.services.world import World
from models.rulebook.permissions import SECOND_FACTOR, Actor, Denial, Permission, denial

FRESH = timedelta(minutes=10)  # how long a password counts as just given
_TOKEN = "login"  # key in the signed cookie  # noqa: S105

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Door:
    """Who may use a route: whoever holds one of the permissions, or everybody."""

    permissions: tuple[Permission, ...]
    fresh: bool = False
    public: bool = False

    def lets_in(self, actor: Actor) -> bool:
        return any(denial(permission, actor) is None for permission in self.permissions)


PUBLIC = Door((), public=True)


def door(*permissions: Permission) -> Callable[[View], View]:
    """Declare who may use a route: the holder of any of these. Goes under `@desk.route`."""

    def declare(view: View) -> View:
        view.__door__ = Door(permissions, getattr(view, "__fresh__", False))  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """Declare a route open to everybody. Goes under `@desk.route`."""
    view.__door__ = PUBLIC  # type: ignore[attr-defined]
    return view


def fresh(view: View) -> View:
    """Ask for the password again if it was given more than ten minutes ago. Goes under `@door`.

    What was posted is kept: the page that asks posts it on.
    """
    view.__fresh__ = True  # type: ignore[attr-defined]
    return view


def world() -> World:
    return current_app.extensions["world"]


def recognised() -> Recognised | None:
    """Who is signed in, looked up once a request; None for a stranger."""
    if "recognised" not in g:
        held = token()
        # A page that looks by itself says so (office.js): nobody need be sitting before it.
        g.recognised = recognise(world(), held, request.headers.get("X-Watching") == "yes") if held else None
    return g.recognised


def someone() -> Recognised:
    """Who is signed in. Only behind a door that is not public."""
    found = recognised()
    if found is None:
        raise Forbidden("not_signed_in")
    return found


def actor() -> Actor:
    """The signed-in member of staff, as rules see him. Only behind a door that is not public."""
    return someone().actor


def token() -> str | None:
    """The token of this browser's login, living or not."""
    return session.get(_TOKEN)


def proof() -> tuple[str, str, str]:
    """Password, code and address as the page that asks again posts them."""
    return request.form.get("again_password", ""), request.form.get("again_code", ""), request.remote_addr or ""


def admit(new_token: str) -> None:
    """Begin the browser's session: nothing of an earlier one is kept but the language."""
    language = session.get("language")
    session.clear()
    session[_TOKEN] = new_token
    if language:
        session["language"] = language
    g.pop("recognised", None)


def dismiss() -> str | None:
    """End the browser's session; returns the token that is to be ended in the database too."""
    held, language = token(), session.get("language")
    session.clear()
    if language:
        session["language"] = language
    g.pop("recognised", None)
    return held


class InBranch(Protocol):
    branch_id: Any


Row = TypeVar("Row", bound=InBranch)


def see(row: Row | None) -> Row:
    """The row, if it exists and belongs to a branch that the actor sees. Raises Absent for both alike."""
    if row is None or not actor().sees_branch(row.branch_id):
        raise Absent()
    return row


def door_of(app: Flask, endpoint: str) -> Door | None:
    """The declared door of an endpoint, None if there is none."""
    declared: dict[str, Door] = app.extensions["doors"]
    return declared.get(endpoint) or getattr(app.view_functions[endpoint], "__door__", None)


def declare(app: Flask, endpoint: str, way: Door) -> None:
    """Declare the door of a route whose view is not ours (static files, Flask-Admin)."""
    app.extensions["doors"][endpoint] = way


def stand_at_the_door() -> Any:
    """Before every request: let through, send to the login, or refuse."""
    if request.endpoint is None:
        return None  # no such page
    way = door_of(current_app, request.endpoint)
    if way is None:
        raise Forbidden("no_door")
    if way.public:
        return None
    here = recognised()
    if here is None:
        return _ask_to_sign_in()
    if not way.lets_in(here.actor):
        raise Forbidden(_shut(way, here.actor))
    errand = errand_of(here)
    if errand and request.endpoint not in {errand, "account.sign_out"}:
        return _elsewhere(url_for(errand))
    return _ask_again(here) if way.fresh else None


def _shut(way: Door, actor: Actor) -> str:
    """Why nothing of this is open to him, as a code."""
    reasons = {denial(permission, actor) for permission in way.permissions}
    return f"forbidden_{(Denial.reset if Denial.reset in reasons else Denial.role).value}"


def errand_of(here: Recognised) -> str | None:
    """What must be done before anything else."""
    if here.must_change_password:
        return "account.password"
    if not here.actor.roles.isdisjoint(SECOND_FACTOR) and not here.has_second_factor:
        return "account.second_factor"
    return None


def _ask_to_sign_in() -> Response:
    back = request.full_path.rstrip("?") if request.method == "GET" and not _by_htmx() and request.path != "/" else None
    if token():
        dismiss()
        flash(_("登录已过期，请重新登录。"), "warning")
    return _elsewhere(url_for("account.sign_in", next=back))


def _ask_again(here: Recognised) -> Any:
    if world().now() - here.proven_at <= FRESH:
        return None
    if request.method == "GET":
        return _elsewhere(url_for("account.again", next=request.full_path.rstrip("?")))
    fault = None
    if "again_password" in request.form:
        try:
            prove_again(world(), here, *proof())
            return None
        except NotAdmitted as refusal:
            fault = sentence(refusal)
    kept = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in {"csrf_token", "again_password", "again_code"}
    ]
    page = render_template("login/again.html", kept=kept, fault=fault, asks_code=here.has_second_factor)
    return page, 422 if fault else 401


def _elsewhere(url: str) -> Response:
    if _by_htmx():
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)  # type: ignore[return-value]


def _by_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def safe_next(url: str | None, default: str) -> str:
    """Where to go on to: a path of this office, never another host."""
    if not url or not url.startswith("/") or url.startswith(("//", "/\\")) or "\\" in url:
        return default
    parts = urlsplit(url)
    return default if parts.scheme or parts.netloc or any(ord(character) < 32 for character in url) else url
