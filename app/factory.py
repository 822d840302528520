"""The web application, put together once: doors, desks, words, error pages, headers."""

from urllib.parse import urlsplit

from flask import Flask, session
from flask_babel import Babel
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app import headers
from app.api import ocsp, platforms, precheck, revocation, stations
from app.api.platforms.meter import Meter
from app.config import Settings
from app.desks import (
    account,
    aftercare,
    applicants,
    bindings,
    casefile,
    cashier,
    check,
    door,
    exceptions,
    grants,
    handover,
    intake,
    issuance,
    jobs,
    journals,
    refusals,
    renewals,
    review,
    row_ids,
    search,
    shell,
    shift,
)
from app.services.station_pace import Pace
from app.services.world import World
from app.supervision.admin import open_supervision
from app.wiring import build_world
from app.words.catalogue import Words, english
from models.tables import db

DESKS = (
    intake,
    review,
    cashier,
    issuance,
    handover,
    aftercare,
    bindings,
    check,
    grants,
    exceptions,
    renewals,
    shift,
    applicants,
    casefile,
    search,
    jobs,
    journals,
    account,
)
# Programs that call carry no cookie, so there is no session of theirs that a foreign page could misuse.
OPEN_TO_PROGRAMS = (precheck, stations, revocation, ocsp)
LARGEST_REQUEST = 12 * 1024 * 1024  # a scan of 10 MB, and its form


def create_app(settings: Settings, world: World | None = None) -> Flask:
    """The office as a WSGI application. Without `world`, the one that the settings describe."""
    app = Flask("app")
    app.extensions["world"] = world or build_world(settings)
    app.extensions["doors"] = {}
    app.extensions["pace"] = Pace()
    app.extensions["platform_meter"] = Meter(settings.instance / "calls")
    app.config.from_mapping(
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME="office",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=settings.speaks_https,
        TRUSTED_HOSTS=[urlsplit(settings.public_url).hostname, "localhost", "127.0.0.1", "[::1]"],
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_PARTS=2000,
        SEND_FILE_MAX_AGE_DEFAULT=86400,
        SQLALCHEMY_DATABASE_URI=settings.database,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a page left open over lunch still works
        DEMONSTRATION=settings.is_demonstration,
        STATION_PORT=settings.station_port,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, settings.proxies, 0, 0, 0)  # type: ignore[method-assign]
    row_ids.register(app)
    db.init_app(app)
    _speak(app)
    csrf = CSRFProtect(app)
    app.before_request(door.stand_at_the_door)
    headers.register(app)
    refusals.register(app)
    _open_rooms(app, csrf)
    return app


def _speak(app: Flask) -> None:
    babel = Babel()
    babel.init_app(app, default_locale="zh_Hans_CN", default_timezone="Asia/Shanghai", locale_selector=_locale)
    babel.domain_instance = Words()
    english()  # compiled now: the first page is as quick as the second


def _locale() -> str:
    """What the reader chose: at the login page for this browser, later for himself."""
    someone = door.recognised()
    language = someone.language if someone else session.get("language", "zh")
    return "en" if language == "en" else "zh_Hans_CN"


def _open_rooms(app: Flask, csrf: CSRFProtect) -> None:
    door.declare(app, "static", door.PUBLIC)
    shell.furnish(app)
    for room in DESKS:
        app.register_blueprint(room.desk)
    for room in OPEN_TO_PROGRAMS:
        csrf.exempt(room.desk)
        app.register_blueprint(room.desk)
    platforms.open_room(app, csrf, otherwise=refusals.answer_http)
    open_supervision(app)
