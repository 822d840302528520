"""The platform's pages. What a page does is in the other files; here it is only asked and shown."""

import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.exceptions import HTTPException

from app.example_platform import accounts, binding, inspection, obey, sign_in, webhook, words
from app.example_platform.office import Office, OfficeAway, Refused
from app.example_platform.proof import NotProven
from app.example_platform.settings import Settings
from app.example_platform.store import Store

log = logging.getLogger(__name__)
VISIT, ATTEMPT, LANGUAGE = "platform_visit", "platform_attempt", "platform_language"
_REBIND = frozenset({"bound_to_other", "other_chosen"})
Page = Callable[..., Any]


class Platform:
    """What the pages need, in one place."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store(settings.home / "platform.sqlite")
        self.office = Office(settings.office, settings.client_id, settings.client_secret)
        self.listener = obey.Listener(self.store, self.office, settings.poll_every)
        if settings.demonstration:
            accounts.plant_demonstration(self.store)


def create_platform(settings: Settings) -> Flask:
    """The web program; `app.extensions["platform"]` is its Platform, whose listener the caller starts."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = webhook.LARGEST
    app.config["MAX_FORM_MEMORY_SIZE"] = webhook.LARGEST
    app.extensions["platform"] = Platform(settings)
    app.before_request(_who)
    app.after_request(_headers)
    app.context_processor(_furniture)
    app.register_error_handler(HTTPException, _error)
    for rule, page, methods in _ROUTES:
        app.add_url_rule(rule, page.__name__, page, methods=methods)
    return app


def _platform() -> Platform:
    found: Platform = current_app.extensions["platform"]
    return found


def _who() -> None:
    asked = request.args.get("lang") or request.cookies.get(LANGUAGE, "")
    g.language = asked if asked in words.LANGUAGES else "zh"
    cookie = request.cookies.get(VISIT)
    g.visit = binding.visit_with(_platform().store, cookie) if cookie else None


def _headers(answer: Response) -> Response:
    settings = _platform().settings
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {settings.station}"  # a form may lead on to the station, by a redirect
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "static":
        answer.headers["Cache-Control"] = "no-store"
    if request.args.get("lang") in words.LANGUAGES:
        _set(answer, LANGUAGE, g.language, 365 * 24 * 3600)
    return answer


def _set(answer: Any, name: str, value: str, lasts: int) -> None:
    # Lax: the answer comes by a form from the station's page, another site, and finds no cookie; the redirect after it does.
    answer.set_cookie(name, value, max_age=lasts, httponly=True, samesite="Lax", secure=_platform().settings.is_secure)


def _furniture() -> dict[str, Any]:
    def t(key: str, table: str = "texts", **facts: object) -> str:
        return words.text(g.language, key, table, **facts)

    other = words.LANGUAGES[1 - words.LANGUAGES.index(g.language)]
    kept = {name: value for name, value in request.args.items() if name != "lang"}
    said = request.args.get("said", "")
    return {
        "t": t,
        "language": g.language,
        "other_language": other,
        "in_other_language": f"{request.path}?{urlencode(kept | {'lang': other})}"
        if request.method == "GET"
        else f"/?lang={other}",
        "visit": g.visit,
        "said": said if words.has("said", said) else "",
        "settings": _platform().settings,
        "accounts": accounts,
        "day": lambda seconds: datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
    }


def _error(fault: HTTPException) -> Any:
    return render_template("message.html", title=words.text(g.language, "not_found"), told=f"{fault.code}"), fault.code or 500


def _to(page: str, said: str = "", **parts: Any) -> Any:
    """After a POST: what the next page says is a word in its address."""
    return redirect(url_for(page, **parts, **({"said": said} if said else {})), 303)


def visitors_only(page: Page) -> Page:
    @wraps(page)
    def guarded(**parts: Any) -> Any:
        if g.visit is None:
            return _to("login", "session")
        if request.method == "POST" and not secrets.compare_digest(request.form.get("csrf", ""), g.visit.csrf):
            abort(403)
        return page(**parts)

    return guarded


# --- signing in -----------------------------------------------------------------------------------------------------


def login() -> Any:
    return _to("home") if g.visit else render_template("login.html")


def begin_login() -> Any:
    """A form of our own page leads here; it changes nothing but this browser's next few minutes."""
    platform = _platform()
    return _on_to_station(sign_in.begin(platform.store, platform.settings, url_for("take_answer"), g.language))


def _on_to_station(begun: sign_in.Begun) -> Any:
    answer = redirect(begun.station_address, 303)
    _set(answer, ATTEMPT, begun.cookie, int(sign_in.TICKET_LASTS))
    return answer


def take_answer() -> Any:
    """The station's page sends the holder's browser here, with the answer."""
    platform = _platform()
    try:
        _, ticket, _ = sign_in.take_answer(platform.store, platform.settings, sign_in.SIGN_IN, request.form)
    except NotProven as fault:
        return _to("login", fault.code)
    return _to("finish_login", ticket=ticket)


def turned_back() -> Any:
    return _to("login", "no_certificate" if request.args.get("refused") == "no_certificate" else "cancelled")


def _person(ticket: str) -> sign_in.Person | None:
    return sign_in.person_with(_platform().store, request.cookies.get(ATTEMPT, ""), ticket)


def finish_login() -> Any:
    """With the cookie of the login page's browser and the ticket of the answer's: in, to the first login, or told why not."""
    platform, ticket = _platform(), request.args.get("ticket", "")
    person = _person(ticket)
    if person is None:
        return _to("login", "other_browser")
    try:
        stand = binding.stand(platform.store, platform.office, person)
    except (OfficeAway, Refused) as fault:
        log.warning("the office was not able to say how a certificate stands: %s", fault)
        return render_template(
            "message.html", title=words.text(g.language, "login"), told=words.text(g.language, "away", "said")
        ), 503
    if isinstance(stand, binding.FirstLogin):
        return render_template("bind.html", person=person, ticket=ticket, stand=stand, fault="", user_name="")
    if isinstance(stand, binding.NotHere):
        return _not_here(person, stand)
    return _enter(person, stand.binding)


def bind_certificate() -> Any:
    platform, ticket = _platform(), request.form.get("ticket", "")
    person = _person(ticket)
    if person is None:
        return _to("login", "other_browser")
    user_name = request.form.get("user_name", "").strip()
    try:
        account = accounts.open_account(platform.store, user_name, request.form.get("password", ""), person.credit_code)
        return _enter(person, binding.bind(platform.store, platform.office, person, account))
    except Refused as refusal:
        return _not_here(person, binding.NotHere(refusal.code, refusal.words))
    except OfficeAway:
        code = "away"
    except accounts.NotOpened as fault:
        code = fault.code
    stand = binding.FirstLogin("", ())
    return render_template("bind.html", person=person, ticket=ticket, stand=stand, fault=code, user_name=user_name), 422


def _enter(person: sign_in.Person, bound: str) -> Any:
    store = _platform().store
    cookie = binding.open_visit(store, bound, person.organisation) if sign_in.finish(store, person) else None
    if cookie is None:
        return _to("login", "session")
    answer = _to("home")
    _set(answer, VISIT, cookie, 12 * 3600)
    answer.delete_cookie(ATTEMPT)
    return answer


def _not_here(person: sign_in.Person, stand: binding.NotHere) -> Any:
    code = "bound_to_other" if stand.code in _REBIND else stand.code
    guide = code if words.has("guide", code) else "other"
    return render_template("refused.html", person=person, stand=stand, guide=guide), 403


@visitors_only
def leave() -> Any:
    binding.close_visit(_platform().store, g.visit)
    answer = _to("login", "left")
    answer.delete_cookie(VISIT)
    return answer


# --- the business ---------------------------------------------------------------------------------------------------


@visitors_only
def home() -> Any:
    return render_template("home.html", reports=inspection.reports_of(_platform().store, g.visit.account))


@visitors_only
def report() -> Any:
    form = {"year": str(datetime.now(UTC).year - 1)}
    if request.method == "GET":
        return render_template("report.html", form=form, faulty=())
    try:
        made = inspection.draft(_platform().store, g.visit, request.form)
    except inspection.NotComplete as fault:
        return render_template("report.html", form=request.form, faulty=fault.fields), 422
    return _to("check_report", report_id=made)


@visitors_only
def check_report(report_id: int) -> Any:
    found = inspection.report_of(_platform().store, g.visit.account, report_id)
    return render_template("check_report.html", report=found) if found else abort(404)


@visitors_only
def sign_report(report_id: int) -> Any:
    platform = _platform()
    found = inspection.report_of(platform.store, g.visit.account, report_id)
    if found is None:
        abort(404)
    if found.submitted is not None:
        return _to("check_report", report_id=report_id)
    back = url_for("take_report", report_id=report_id)
    return _on_to_station(sign_in.begin(platform.store, platform.settings, back, g.language, found.digest, report_id))


def take_report(report_id: int) -> Any:
    """The station's page sends the holder's browser here, with the signature or, by a link, without."""
    if request.method == "GET":
        no_certificate = request.args.get("refused") == "no_certificate"
        return _to("check_report", "submission_no_certificate" if no_certificate else "submission_cancelled", report_id=report_id)
    platform = _platform()
    try:
        proven, _, about = sign_in.take_answer(platform.store, platform.settings, sign_in.SUBMISSION, request.form)
    except NotProven:
        return _to("check_report", "submission_failed", report_id=report_id)
    done = about == report_id and inspection.submit(platform.store, report_id, proven)
    return _to("check_report", "submitted" if done else "submission_other", report_id=report_id)


# --- what the office tells ------------------------------------------------------------------------------------------


def office_events() -> Any:
    """204 only when the event is on the disk: what is not, the office sends again."""
    platform, body = _platform(), request.get_data(cache=False)
    try:
        event = webhook.believe(platform.settings.webhook, request.headers, body, platform.office.key, platform.settings.code)
    except webhook.NotTheOffices as why:
        log.warning("a webhook was not believed: %s", why)
        return Response("", 401)
    except OfficeAway:
        return Response("", 503)  # its keys could not be fetched
    obey.hear(platform.store, event)
    obey.obey_all(platform.store)
    platform.listener.wake()
    return Response("", 204)


_ROUTES: tuple[tuple[str, Page, list[str]], ...] = (
    ("/", home, ["GET"]),
    ("/login", login, ["GET"]),
    ("/login", begin_login, ["POST"]),
    ("/login/answer", take_answer, ["POST"]),
    ("/login/answer", turned_back, ["GET"]),
    ("/login/finish", finish_login, ["GET"]),
    ("/login/bind", bind_certificate, ["POST"]),
    ("/leave", leave, ["POST"]),
    ("/inspection", report, ["GET", "POST"]),
    ("/inspection/<int:report_id>", check_report, ["GET"]),
    ("/inspection/<int:report_id>/sign", sign_report, ["POST"]),
    ("/inspection/<int:report_id>/answer", take_report, ["GET", "POST"]),
    ("/office-events", office_events, ["POST"]),
)
