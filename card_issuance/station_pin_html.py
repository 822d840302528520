"""The pages on which a holder types his PIN, as HTML: one question, large, and nothing of the station's other work beside it."""

from html import escape

from card_issuance.pin import least_chosen
from card_issuance.slots import ModuleSettings
from card_issuance.station_html import WORDS, Tongue, frame
from card_issuance.station_pin_desk import Way
from card_issuance.station_view import StationView

SAID = frozenset(WORDS["pin_said"])
GOOD = frozenset({"right", "changed"})
# Which field a word is about; the others are about the old PIN, or about none.
FIELD_OF = {
    "characters": "new",
    "length": "new",
    "obvious": "new",
    "same": "new",
    "differ": "again",
    "wrong": "pin",
    "empty": "pin",
}


def pin_page(view: StationView, tongue: Tongue, where: ModuleSettings, serial: str, way: Way, left: int, said: str = "") -> str:
    """`left`: wrong PINs that the token would still take; at 0 the page only says what to do."""
    title = tongue.word("ways", way.value)
    asked = view.asked_of(serial)
    facts = f'<dt>{tongue.text("serial")}</dt><dd class="mono">{escape(serial)}</dd>'
    if asked is not None:
        facts += (
            f'<dt>{tongue.text("case")}</dt><dd class="mono">{escape(asked.case)} · {tongue.text("item", item=asked.item)}</dd>'
        )
    if left == 0:
        inside = f'<p class="notice red" role="alert">{tongue.text("pin_locked")}</p><p>{tongue.text("pin_locked_then")}</p>'
        inside += f'<div class="actions">{_back(tongue)}</div>'
    elif way is Way.give and asked is None:
        inside = f'<p class="notice amber" role="status">{tongue.word("pin_said", "not_waiting")}</p>{_back(tongue)}'
    elif said in GOOD:
        inside = _notice(tongue, said, left) + f'<div class="actions">{_back(tongue, "primary")}</div>'
    else:
        inside = _notice(tongue, said, left) + _form(tongue, where, serial, way, left, FIELD_OF.get(said, ""))
    whole = f'<section class="panel holder"><h1>{title}</h1><dl>{facts}</dl>{inside}</section>'
    return frame(view, tongue, title, whole, f"/pin/{serial}/{way.value}")


def _notice(tongue: Tongue, said: str, left: int) -> str:
    if not said:
        return ""
    colour, role = ("green", "status") if said in GOOD else ("red", "alert")
    return f'<p class="notice {colour}" role="{role}" id="said">{tongue.word("pin_said", said, left=left)}</p>'


def _form(tongue: Tongue, where: ModuleSettings, serial: str, way: Way, left: int, wrong: str) -> str:
    low = " low" if left <= 3 else ""
    inside = f'<p class="quiet">{tongue.word("ways_hint", way.value)}</p>'
    fields = [_field(tongue, "old_pin" if way is Way.change else "pin", "pin", wrong, tried=True)]
    fields.append(f'<p class="tries{low}" id="tries">{tongue.text("tries_left", left=left)}</p>')
    if way is Way.change:
        rule = tongue.text("pin_rule", least=least_chosen(where.pin_min), most=where.pin_max)
        fields.append(_field(tongue, "new_pin", "new", wrong, rule))
        fields.append(_field(tongue, "new_pin_again", "again", wrong))
    button = f'<button class="button primary" type="submit">{tongue.word("ways_button", way.value)}</button>'
    actions = f'<div class="actions">{button}{_back(tongue)}</div>'
    inside += tongue.form(f"/pin/{serial}/{way.value}", "".join(fields) + actions)
    if way is Way.give:
        decline = f'<button class="button" type="submit">{tongue.text("decline")}</button>'
        inside += (
            f'<div class="decline"><p>{tongue.text("decline_hint")}</p>{tongue.form(f"/pin/{serial}/decline", decline)}</div>'
        )
    return inside


def _field(tongue: Tongue, label: str, name: str, wrong: str, rule: str = "", tried: bool = False) -> str:
    """Never filled in by the page: what was typed is not shown again."""
    described = " ".join(each for each, there in ((f"{name}-rule", rule), ("tries", tried), ("said", wrong == name)) if there)
    about = f' aria-describedby="{described}"' if described else ""
    focus = " autofocus" if name == "pin" else ""  # whatever was wrong: all must be typed again, from the first
    hint = f'<span class="quiet" id="{name}-rule">{rule}</span>' if rule else ""
    return (
        f'<p class="field"><label for="{name}">{tongue.text(label)}</label>'
        f'<input type="password" id="{name}" name="{name}" autocomplete="off" autocapitalize="off" spellcheck="false" '
        f'maxlength="64" required{about}{focus}>{hint}</p>'
    )


def _back(tongue: Tongue, style: str = "") -> str:
    return f'<a class="button {style}" href="/?lang={tongue.language}">{tongue.text("back")}</a>'
