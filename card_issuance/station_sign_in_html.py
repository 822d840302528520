"""The page on which a holder lets a platform in: who asks, for what, with which certificate; and the way back with the answer."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from card_issuance.statement import Grant
from card_issuance.station_html import BEIJING, WORDS, Tongue, frame
from card_issuance.station_sign_in import Answer, Candidate, SignInRequest, Unanswerable
from card_issuance.station_view import StationView

SAID = frozenset(WORDS["sign_in_said"])
_SHOWN = 16  # digits of a digest: enough to compare by eye with what the platform's page shows


def address(request: SignInRequest, **more: str) -> str:
    return f"/sign-in?{urlencode([*request.given, *more.items()])}"


def sign_in_page(
    view: StationView, tongue: Tongue, request: SignInRequest, held: Sequence[Candidate], chosen: str = "", said: str = ""
) -> str:
    title = tongue.text("submission" if request.is_submission else "sign_in")
    inside = _certificates(view, tongue, request, held, chosen, said) if held else _nothing_in(view, tongue, request)
    left = f'<section class="panel asking" aria-labelledby="ask"><h1 id="ask">{title}</h1>{inside}</section>'
    whole = f'<div class="columns sign-in"><div>{left}</div><div>{_granted(tongue, request)}</div></div>'
    return frame(view, tongue, title, whole, address(request))


def answer_page(view: StationView, tongue: Tongue, request: SignInRequest, answer: Answer) -> str:
    """The holder sends it himself: no script does."""
    title = tongue.text("signed")
    button = (
        f'<button class="button primary" type="submit" autofocus>{tongue.text("go_on", platform=_name(tongue, request))}</button>'
    )
    fields = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in answer.fields.items())
    said = tongue.text("signed_hint", organisation=answer.organisation, platform=_name(tongue, request))
    return frame(
        view,
        tongue,
        title,
        f'<section class="panel holder"><h1>{title}</h1><p class="notice green" role="status">{said}</p>'
        f'<form method="post" action="{escape(request.back)}">{fields}<div class="actions">{button}</div></form></section>',
        "/",
    )


def unanswerable_page(view: StationView, tongue: Tongue, why: Unanswerable, asked_by: str) -> str:
    title = tongue.text("unanswerable")
    told = tongue.word("unanswerable_because", why.value, platform=asked_by[:120])
    back = f'<a class="button" href="/?lang={tongue.language}">{tongue.text("back")}</a>'
    inside = f'<p class="notice red" role="alert">{told}</p><div class="actions">{back}</div>'
    return frame(view, tongue, title, f'<section class="panel holder"><h1>{title}</h1>{inside}</section>')


def _name(tongue: Tongue, request: SignInRequest) -> str:
    return request.platform.name_zh if tongue.language == "zh" else request.platform.name_en


def _granted(tongue: Tongue, request: SignInRequest) -> str:
    asks = f'<p class="asker">{escape(_name(tongue, request))}<br><span class="mono quiet">{escape(request.platform.origin)}</span></p>'
    if request.is_submission:
        digest = request.statement.about[:_SHOWN]
        inside = f'<p>{tongue.text("submits")}</p><p class="mono digest">{digest} …</p><p class="quiet">{tongue.text("submits_hint")}</p>'
        heading = tongue.text("submits_heading")
    else:
        rows = "".join(f"<li>{tongue.word('grants', grant.value)}</li>" for grant in Grant if grant in request.statement.grants)
        inside = f'<ul class="granted">{rows}</ul><p class="quiet">{tongue.text("never_granted")}</p>'
        heading = tongue.text("will_be_granted")
    return f'<section class="panel" aria-labelledby="granted"><h2 id="granted">{heading}</h2>{asks}{inside}</section>'


def _nothing_in(view: StationView, tongue: Tongue, request: SignInRequest) -> str:
    word = "nothing_to_submit_with" if request.is_submission else "nothing_to_sign_in_with"
    again = f'<a class="button primary" href="{escape(address(request, lang=tongue.language))}">{tongue.text("look_again")}</a>'
    drawer = ""
    if view.room is not None:  # a simulated token is put in by hand on the station's own page
        link = f'<a href="/?lang={tongue.language}" target="_blank" rel="noopener">{tongue.text("drawer")}</a>'
        drawer = f"<p>{tongue.text('demonstration')} · {link}</p>"
    return (
        f'<p class="notice amber" role="alert">{tongue.text(word)}</p><p class="quiet">{tongue.text("nothing_in_hint")}</p>{drawer}'
        f'<div class="actions">{again}{_turn_back(tongue, request, "no_certificate")}</div>'
    )


def _certificates(
    view: StationView, tongue: Tongue, request: SignInRequest, held: Sequence[Candidate], chosen: str, said: str
) -> str:
    usable = [each for each in held if not each.expired and view.tries_left.get(each.token, 0) > 0]
    if not any(each.digest == chosen for each in usable):
        chosen = usable[0].digest if len(usable) == 1 else ""
    rows = "".join(_row(view, tongue, each, chosen) for each in held)
    left = next((view.tries_left.get(each.token, 0) for each in held if each.digest == chosen), None)
    told = tongue.word("sign_in_said", said, left=0 if left is None else left) if said else ""
    notice = f'<p class="notice red" role="alert" id="said">{told}</p>' if said else ""
    actions = f'<div class="actions">{_turn_back(tongue, request, "cancelled")}</div>'
    if usable:
        low = " low" if left is not None and left <= 3 else ""
        tries = f'<p class="tries{low}" id="tries">{tongue.text("tries_left", left=left)}</p>' if left is not None else ""
        about = " ".join(name for name, there in (("tries", tries), ("said", said)) if there)
        described = f' aria-describedby="{about}"' if about else ""
        actions = (
            f'<p class="field"><label for="pin">{tongue.text("pin")}</label><input type="password" id="pin" name="pin" '
            f'autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="64" required{described}'
            f"{' autofocus' if chosen else ''}></p>{tries}"
            f'<div class="actions"><button class="button primary" type="submit">'
            f"{tongue.text('sign_submission' if request.is_submission else 'allow')}</button>"
            f"{_turn_back(tongue, request, 'cancelled')}</div>"
        )
    fields = f'<fieldset class="certificates"><legend>{tongue.text("choose_certificate")}</legend>{rows}</fieldset>'
    return notice + tongue.form("/sign-in", fields + actions, **dict(request.given))


def _row(view: StationView, tongue: Tongue, each: Candidate, chosen: str) -> str:
    locked = view.tries_left.get(each.token, 0) == 0
    badge = ""
    if each.expired or locked:
        word = tongue.text("certificate_expired") if each.expired else tongue.word("slot_states", "locked")
        badge = f'<span class="badge red">{word}</span>'
    mark = " checked" if each.digest == chosen else ""
    stopped = " disabled" if each.expired or locked else ""
    until = each.not_after.astimezone(BEIJING).strftime("%Y-%m-%d")
    return (
        f'<label class="certificate"><input type="radio" name="certificate" value="{each.digest}" required{mark}{stopped}>'
        f"<span><strong>{escape(each.organisation)}</strong>{badge}<br>"
        f'<span class="quiet">{tongue.text("valid_until", day=until)} · {tongue.text("serial")} '
        f'<span class="mono">{escape(each.token)}</span> · <span class="mono">{each.serial[:8]}…{each.serial[-4:]}</span></span>'
        f"</span></label>"
    )


def _turn_back(tongue: Tongue, request: SignInRequest, why: str) -> str:
    return f'<a class="button" href="{escape(request.turned_back(why))}">{tongue.text("turn_back")}</a>'
