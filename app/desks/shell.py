"""What every page shares: the bar, the list of desks with their counts, icons, words, times. No desk of its own."""

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, g, redirect, request, send_file, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from app.desks import door
from app.services.recognise import Reset
from app.services.world import BEIJING
from app.words.terms import term, tone
from models.rulebook.findings import Sentence
from models.rulebook.identity import mask_account
from models.rulebook.kinds import AFTERCARE_KINDS, FIRST_KINDS, KINDS, PLATFORM_KINDS
from models.rulebook.permissions import Actor, Permission, denial
from models.rulebook.vocabulary import CaseKind, CaseState
from models.tables import Branch, Platform, db
from models.worklists.counts import Queue, queue_counts

desk = Blueprint("shell", __name__)

MOST_SHOWN = 99  # beside a desk; it says "99+" beyond

# Where a case state stands on the five-step road that pages show; 6 is past the end.
_ROAD = {
    CaseState.draft: 1,
    CaseState.correction: 1,
    CaseState.returned: 1,
    CaseState.refused: 2,
    CaseState.withdrawn: 1,
    CaseState.in_review: 2,
    CaseState.awaiting_grant: 2,
    CaseState.awaiting_payment: 3,
    CaseState.ready_to_issue: 4,
    CaseState.issuing: 4,
    CaseState.awaiting_handover: 5,
    CaseState.awaiting_acknowledgement: 5,
    CaseState.awaiting_answer: 5,
    CaseState.closed: 6,
}


@dataclass(frozen=True)
class Step:
    """One of the steps of a case's road, as pages show them."""

    title: str
    here: bool
    done: bool


@dataclass(frozen=True)
class Desk:
    title: str
    url: str
    icon: str
    here: bool
    count: str


@dataclass(frozen=True)
class Group:
    title: str
    desks: list[Desk]

    @property
    def here(self) -> bool:
        """Whether the page that is shown belongs to one of them."""
        return any(desk.here for desk in self.desks)


@dataclass(frozen=True)
class Signpost:
    """`states`: whose cases wait there, as far as they are of these `kinds`."""

    title: str
    endpoint: str
    icon: str
    permission: Permission
    states: tuple[CaseState, ...] = ()
    kinds: frozenset[CaseKind] = frozenset(CaseKind)


# Where a case about a platform waits for the desk's clerk, or for somebody he may have to ask.
_AT_PLATFORMS = (CaseState.returned, CaseState.awaiting_acknowledgement, CaseState.awaiting_answer)


def _signposts() -> list[Signpost]:
    at_station, may = (CaseState.ready_to_issue, CaseState.issuing), Permission
    return [
        Signpost(_("受理台"), "intake.desk_page", "inbox", may.work_at_intake, (CaseState.returned,), FIRST_KINDS),
        Signpost(_("复核台"), "review.queue", "clipboard-check", may.review_case, (CaseState.in_review,)),
        Signpost(_("收费台"), "cashier.queue", "cash-coin", may.take_payment, (CaseState.awaiting_payment,)),
        Signpost(_("制证台"), "issuance.queue", "usb-drive", may.issue_token, at_station),
        Signpost(_("发放台"), "handover.queue", "box-seam", may.hand_over_token, (CaseState.awaiting_handover,)),
        Signpost(_("证书服务台"), "aftercare.desk_page", "tools", may.work_at_aftercare, (CaseState.returned,), AFTERCARE_KINDS),
        Signpost(_("到期名单"), "renewals.page", "telephone", may.read_call_list),
        Signpost(_("绑定台"), "bindings.desk_page", "link-45deg", may.work_at_bindings, _AT_PLATFORMS, PLATFORM_KINDS),
        Signpost(_("证书检测"), "check.desk_page", "search-heart", may.work_at_aftercare),
        Signpost(_("批准台"), "grants.queue", "shield-check", may.grant_exception, (CaseState.awaiting_grant,)),
        Signpost(_("特批申请"), "exceptions.desk_page", "patch-question", may.ask_exception),
        Signpost(_("盘点交接"), "shift.page", "calculator", may.count_stock),
    ]


class Shell:
    """The functions that templates see as `shell`."""

    term = staticmethod(term)
    mask_account = staticmethod(mask_account)
    tone = staticmethod(tone)

    @staticmethod
    def signed_in() -> bool:
        return door.recognised() is not None

    @staticmethod
    def actor() -> Actor:
        return door.actor()

    @staticmethod
    def reset() -> Reset | None:
        """Who gave the reader new access, as long as he has not said that he knows."""
        someone = door.recognised()
        return someone.reset if someone else None

    @staticmethod
    def busy() -> bool:
        """Whether something must be done first: no other page is open until then."""
        return door.errand_of(door.someone()) is not None

    @staticmethod
    def may(permission: str) -> bool:
        return denial(Permission(permission), door.actor()) is None

    @staticmethod
    def desks() -> list[Group]:
        """The desks and rooms that the actor may enter, in their groups."""
        groups = [Group("", _counters()), *_supervision()]
        return [group for group in groups if group.desks]

    @staticmethod
    def branch_name() -> str:
        branch_id = door.actor().branch_id
        branch = db.session.get(Branch, branch_id) if branch_id is not None else None
        if branch is None:
            return ""
        return branch.name_en if Shell.html_language() == "en" else branch.name_zh

    @staticmethod
    def demonstration() -> bool:
        return bool(current_app.config.get("DEMONSTRATION"))

    @staticmethod
    def html_language() -> str:
        return "en" if str(get_locale()).startswith("en") else "zh-CN"

    @staticmethod
    def bilingual(thing: Branch | Platform) -> str:
        """A thing's name in the reader's language."""
        return thing.name_en if Shell.html_language() == "en" else thing.name_zh

    @staticmethod
    def called(name: str) -> str:
        """An applicant's name; of one whose records were all destroyed none is left, and a heading or link of no words leads nobody."""
        return name or _("资料已销毁")

    @staticmethod
    def road(state: CaseState, kind: CaseKind) -> list[Step]:
        """The steps of a case's kind, and where it is."""
        titles, here = _road(kind), _ROAD[state]
        if kind in PLATFORM_KINDS:  # shorter: nothing is made, nothing collected
            here = len(titles) + 1 if state is CaseState.closed else min(here, len(titles))
        return [Step(title, n == here, n < here) for n, title in enumerate(titles, start=1)]

    @staticmethod
    def local(instant: datetime) -> str:
        """Beijing wall-clock time, to the minute."""
        return instant.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")

    @staticmethod
    def ago(instant: datetime) -> str:
        minutes = int((door.world().now() - instant).total_seconds() // 60)
        if minutes < 1:
            return _("刚刚")
        if minutes < 60:
            return _("%(n)s 分钟", n=minutes)
        if minutes < 60 * 24:
            return _("%(n)s 小时", n=minutes // 60)
        return _("%(n)s 天", n=minutes // (60 * 24))

    @staticmethod
    def icon(name: str) -> Markup:
        """An icon of the Bootstrap set, inlined: decoration, hidden from screen readers."""
        return icon_markup(name)

    @staticmethod
    def asset(name: str) -> str:
        return url_for("static", filename=name, v=asset_digest(name))


def _counters() -> list[Desk]:
    actor = door.actor()
    posts = [post for post in _signposts() if denial(post.permission, actor) is None]
    queues = [Queue(post.states, post.kinds) for post in posts]
    counts = [0] * len(posts) if actor.branch_id is None else queue_counts(db.session, actor.branch_id, queues, MOST_SHOWN + 1)
    return [
        Desk(
            title=post.title,
            url=url_for(post.endpoint),
            icon=post.icon,
            here=(g.get("desk") or request.blueprint or "") == post.endpoint.split(".")[0],
            count=shown_count(count),
        )
        for post, count in zip(posts, counts, strict=True)
    ]


def _supervision() -> list[Group]:
    """The rooms of supervision by their wings, in the order in which they hang there."""
    actor = door.actor()
    home = current_app.extensions["admin"][0].index_view
    rooms = [(home, "index", Permission.supervise)]
    rooms += [(room, "index_view", room.permission) for room in current_app.extensions["supervision"]]
    groups: dict[str, Group] = {}
    for room, first_page, permission in rooms:
        if denial(permission, actor) is not None:
            continue
        title = str(getattr(room, "wing", _("管理")))
        desk = Desk(
            title=str(room.name),
            url=url_for(f"{room.endpoint}.{first_page}"),
            icon=room.menu_icon_value,
            here=request.blueprint == room.endpoint,
            count="",
        )
        groups.setdefault(title, Group(title, [])).desks.append(desk)
    return list(groups.values())


def _road(kind: CaseKind) -> list[str]:
    """By desk; the desks' names without the word desk."""
    if kind not in PLATFORM_KINDS:
        stops = [_("受理台"), _("复核台"), _("收费台"), _("制证台"), _("发放台")]
    elif KINDS[kind].ends_binding is not None:
        stops = [_("受理台"), _("批准台"), _("平台确认")]
    else:
        stops = [_("受理台"), _("登记机关答复")]
    return [stop.removesuffix("台") for stop in stops]


def said(sentence: Sentence) -> str:
    """A sentence of the rulebook in the reader's language."""
    return sentence.en if Shell.html_language() == "en" else sentence.zh


def shown_count(count: int) -> str:
    return "" if not count else str(count) if count <= MOST_SHOWN else f"{MOST_SHOWN}+"


@cache
def _icon_sheet() -> dict[str, tuple[str, str]]:
    sheet = (files("flask_bootstrap") / "static/bootstrap5/icons/bootstrap-icons.svg").read_text("utf-8")
    found = re.finditer(r'<symbol class="[^"]*" viewBox="([^"]+)" id="([^"]+)">(.*?)</symbol>', sheet)
    return {name: (box, shapes) for box, name, shapes in (match.groups() for match in found)}


@cache
def icon_markup(name: str) -> Markup:
    box, shapes = _icon_sheet()[name]
    # The sheet is a file of an installed library, not anybody's input.
    return Markup(f'<svg class="icon" viewBox="{box}" aria-hidden="true" focusable="false">{shapes}</svg>')  # noqa: S704


@cache
def asset_digest(name: str) -> str:
    return sha256((Path(__file__).parents[1] / "static" / name).read_bytes()).hexdigest()[:12]


@desk.get("/lib/htmx.js")
@door.public
def htmx() -> Response:
    """The one library script, from its installed package."""
    return send_file(
        str(files("js_lib_htmx") / "static/htmx/htmx.min.js"),
        mimetype="text/javascript",
        max_age=86400,
        conditional=True,
    )


@desk.get("/")
@door.door(Permission.own_account)
def home() -> BaseResponse:
    """The first desk that the signed-in person works at."""
    groups = Shell.desks()
    return redirect(groups[0].desks[0].url if groups else url_for("account.page"))


def furnish(app: Flask) -> None:
    """Give every template the shell."""
    app.register_blueprint(desk)
    app.jinja_env.globals["shell"] = Shell
    _icon_sheet()
