"""The station's page as HTML: pure functions of one look at the station. Every value that comes from outside is escaped."""

import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from card_issuance.ceremony_job import STEPS_OF, Kind, Step
from card_issuance.envelope_shelf import Waiting
from card_issuance.printer import PrinterState
from card_issuance.slots import SlotState, SlotView
from card_issuance.station_view import Link, StationView, Work

FOLDER = Path(__file__).with_name("station_page")
LANGUAGES = ("zh", "en")
BEIJING = ZoneInfo("Asia/Shanghai")
WORDS: dict[str, dict[str, list[str]]] = tomllib.loads((FOLDER / "words.toml").read_text(encoding="utf-8"))
MESSAGES = frozenset(WORDS["messages"])
GOOD_MESSAGES = frozenset({"pin_right"})
_SHIELD = (
    '<svg viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path fill-rule="evenodd" d="M8 0 1.5 2.2v4.9C1.5 11.4 '
    "4.3 14.7 8 16c3.7-1.3 6.5-4.6 6.5-8.9V2.2L8 0Zm0 4.4a1.9 1.9 0 0 1 .8 3.6l.5 3H6.7l.5-3A1.9 1.9 0 0 1 8 4.4Z"
    '"/></svg>'
)
_LINK_COLOUR = {Link.up: "green", Link.connecting: "amber", Link.down: "red", Link.not_enrolled: "red"}
_PRINTER_COLOUR = {PrinterState.ready: "green", PrinterState.jammed: "red", PrinterState.absent: "red"}
_SLOT_COLOUR = {SlotState.blank: "blue", SlotState.initialised: "green", SlotState.unreadable: "red"}


@dataclass(frozen=True)
class Tongue:
    """The words of one language, and what the forms of one page carry."""

    language: str  # "zh" or "en"
    csrf: str

    def word(self, table: str, key: str, **facts: object) -> str:
        """Escaped text; the facts are escaped with it."""
        return escape(WORDS[table][key][LANGUAGES.index(self.language)].format(**facts))

    def text(self, key: str, **facts: object) -> str:
        return self.word("texts", key, **facts)

    def form(self, action: str, inside: str, **values: str) -> str:
        hidden = {"csrf": self.csrf, "lang": self.language, **values}
        fields = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in hidden.items())
        return f'<form method="post" action="{escape(action)}">{fields}{inside}</form>'


def whole_page(view: StationView, tongue: Tongue, message: str = "") -> str:
    colour, role = ("green", "status") if message in GOOD_MESSAGES else ("red", "alert")
    said = f'<p class="notice {colour}" role="{role}">{tongue.word("messages", message)}</p>' if message else ""
    live = f'<div id="live" data-live="/live?lang={tongue.language}">{live_part(view, tongue)}</div>'
    return frame(view, tongue, tongue.text("title", name=view.name), f"<h1>{tongue.text('brand')}</h1>{said}{live}")


def live_part(view: StationView, tongue: Tongue) -> str:
    """What changes from second to second."""
    hint = ""
    if view.link.value in WORDS["link_hints"]:
        hint = f'<p class="notice red" role="status">{tongue.word("link_hints", view.link.value)}</p>'
    if view.room is not None:
        hint += f'<p class="notice amber">{tongue.text("demonstration_hint")}</p>'
    left = _asked(view, tongue) + _envelopes(view, tongue) + _work(view, tongue) + _slots(view, tongue)
    right = _connection(view, tongue) + _printer(view, tongue) + _drawer(view, tongue)
    return f'{hint}<div class="columns"><div>{left}</div><div>{right}</div></div>'


def envelope_page(view: StationView, tongue: Tongue, envelope: Waiting | None, address: str) -> str:
    """Before an envelope is opened, or why it cannot be."""
    back = f'<a class="button" href="/?lang={tongue.language}">{tongue.text("back")}</a>'
    if envelope is None:
        title = tongue.text("not_found")
        inside = f'<p>{tongue.text("not_found_hint")}</p><div class="actions">{back}</div>'
    elif envelope.ending is not None:
        title = tongue.text("envelope_title", number=envelope.number)
        told = tongue.word("endings", envelope.ending.value)
        inside = f'<p class="notice amber" role="alert">{told}</p><div class="actions">{back}</div>'
    else:
        title = tongue.text("envelope_title", number=envelope.number)
        button = f'<button class="button primary" type="submit" autofocus>{tongue.text("open_envelope")}</button>'
        inside = (
            f'<p class="quiet">{tongue.text("envelope_number")}</p><p class="number">{escape(envelope.number)}</p>'
            f'<p class="notice amber">{tongue.text("envelope_once")}{tongue.text("envelope_advice")}</p>'
            f"<p>{tongue.text('envelope_then')}</p>"
            f'<div class="actions">{tongue.form(f"/envelope/{address}", button)}{back}</div>'
        )
    return frame(view, tongue, title, f'<section class="panel envelope"><h1>{title}</h1>{inside}</section>')


def refusal_page(view: StationView, tongue: Tongue) -> str:
    back = f'<a class="button" href="/?lang={tongue.language}">{tongue.text("back")}</a>'
    title, hint = tongue.text("refused"), tongue.text("refused_hint")
    return frame(view, tongue, title, f'<section class="panel envelope"><h1>{title}</h1><p>{hint}</p>{back}</section>')


def frame(view: StationView, tongue: Tongue, title: str, inside: str, here: str = "/") -> str:
    """A whole page. `here`: its address, for the other language."""
    other = LANGUAGES[1 - LANGUAGES.index(tongue.language)]
    twin = f'<span class="demonstration">{tongue.text("demonstration")}</span>' if view.room is not None else ""
    return (
        f'<!doctype html><html lang="{"zh-CN" if tongue.language == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        '<link rel="icon" href="/page.svg"><link rel="stylesheet" href="/page.css">'
        '<script src="/page.js" defer></script></head><body>'
        f'<a class="skip" href="#main">{tongue.text("skip")}</a>'
        f'<header class="top"><a class="brand" href="/?lang={tongue.language}">{_SHIELD}<span>{tongue.text("brand")}</span></a>'
        f'<span class="station">{escape(view.name)} · {escape(view.branch)}</span>{twin}<span class="right">'
        f'<span class="lamp {view.link.value}">{tongue.word("links", view.link.value)}</span>'
        f'<a class="language" href="{escape(here)}{"&amp;" if "?" in here else "?"}lang={other}" lang="{"en" if other == "en" else "zh-CN"}" '
        f'aria-label="{tongue.text("language")} · {tongue.text("language_label")}">{tongue.text("language")}</a>'
        f'</span></header><main id="main" tabindex="-1">{inside}</main></body></html>'
    )


def _panel(name: str, heading: str, inside: str, kind: str = "") -> str:
    return f'<section class="panel {kind}" aria-labelledby="{name}"><h2 id="{name}">{heading}</h2>{inside}</section>'


def _badge(colour: str, words: str) -> str:
    return f'<span class="badge {colour}">{words}</span>'


def _slots(view: StationView, tongue: Tongue) -> str:
    said = ""
    if view.slot_fault:
        said = f'<p class="notice red">{tongue.text("slot_fault", detail=view.slot_fault)}</p>'
    rows = [_slot_row(slot, number, view, tongue) for number, slot in enumerate(view.slots, 1)]
    if view.room is not None:
        empty = f'<td colspan="4" class="quiet">{tongue.text("empty")}</td>'
        rows += [f"<tr><td>{number}</td>{empty}</tr>" for number in range(len(rows) + 1, view.room + 1)]
    if not rows:
        return _panel("slots", tongue.text("slots"), said + f'<p class="quiet">{tongue.text("no_slots")}</p>')
    heads = "".join(f'<th scope="col">{tongue.text(key)}</th>' for key in ("slot", "serial", "model", "state"))
    act = f'<th scope="col" class="act">{tongue.text("action")}</th>'
    table = f"<table><thead><tr>{heads}{act}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    return _panel("slots", tongue.text("slots"), said + table)


def _slot_row(slot: SlotView, number: int, view: StationView, tongue: Tongue) -> str:
    serial = escape(slot.serial) if slot.serial else f'<span class="quiet">{tongue.text("no_serial")}</span>'
    busy = next((work for work in view.work if work.token == slot.serial), None)
    if busy:
        state = _badge("amber", _step_word(busy.kind, busy.step, tongue))
    elif view.tries_left.get(slot.serial or "") == 0:
        state = _badge("red", tongue.word("slot_states", "locked"))
    else:
        state = _badge(_SLOT_COLOUR[slot.state], tongue.word("slot_states", slot.state.value))
    act = ""
    if slot.serial in view.tries_left and not busy:
        act = "".join(_pin_link(slot.serial or "", way, tongue) for way in ("try", "change"))
    if view.room is not None and slot.serial:
        label = tongue.text("remove_label", serial=slot.serial)
        button = f'<button class="button small" type="submit" id="remove-{serial}" aria-label="{label}">{tongue.text("remove")}</button>'
        act += tongue.form("/tokens/remove", button, serial=slot.serial)
    place = number if view.room is not None else slot.slot
    return f'<tr><td>{place}</td><td class="mono">{serial}</td><td>{escape(slot.model)}</td><td>{state}</td><td class="act">{act}</td></tr>'


def _pin_link(serial: str, way: str, tongue: Tongue) -> str:
    return (
        f'<a class="button small" id="{way}-{escape(serial)}" href="/pin/{escape(serial)}/{way}?lang={tongue.language}">'
        f'{tongue.word("ways", way)}<span class="visually-hidden"> {escape(serial)}</span></a>'
    )


def _asked(view: StationView, tongue: Tongue) -> str:
    if not view.asked:
        return ""
    rows = "".join(
        f'<li><span class="mono">{escape(asked.token)}</span><span class="quiet">{escape(asked.case)} · '
        f'{tongue.text("item", item=asked.item)}</span><a class="button primary small" id="give-{escape(asked.token)}" '
        f'href="/pin/{escape(asked.token)}/give?lang={tongue.language}">{tongue.word("ways", "give")}'
        f'<span class="visually-hidden"> {escape(asked.token)}</span></a></li>'
        for asked in view.asked
    )
    inside = f'<p class="quiet">{tongue.text("asked_hint")}</p><ul class="plain">{rows}</ul>'
    return _panel("asked", tongue.text("asked"), inside, "urgent")


def _work(view: StationView, tongue: Tongue) -> str:
    if not view.work:
        return _panel("work", tongue.text("work"), f'<p class="quiet">{tongue.text("no_work")}</p>')
    return _panel("work", tongue.text("work"), "".join(_run(work, tongue) for work in view.work))


def _run(work: Work, tongue: Tongue) -> str:
    road = STEPS_OF[work.kind]
    at = road.index(work.step)
    steps = ""
    for index, step in enumerate(road):
        mark = ' class="done"' if index < at else ' aria-current="step"' if index == at else ""
        steps += f'<li{mark}><span class="dot"></span>{_step_word(work.kind, step, tongue)}</li>'
    time = work.since.astimezone(BEIJING).strftime("%H:%M:%S")
    return (
        f'<div class="run"><p>{tongue.word("kinds", work.kind.value)} · '
        f'<span class="mono">{escape(work.case)}</span> · {tongue.text("item", item=work.item)} · '
        f'<span class="mono">{escape(work.token)}</span> <span class="quiet">{tongue.text("since", time=time)}</span></p>'
        f'<ol class="steps">{steps}</ol></div>'
    )


def _step_word(kind: Kind, step: Step, tongue: Tongue) -> str:
    """On a holder's token nothing is initialised: there the step is the officer's new PIN."""
    new_pin = kind is Kind.unlock and step is Step.initialising
    return tongue.word("steps", "new_pin" if new_pin else step.value)


def _envelopes(view: StationView, tongue: Tongue) -> str:
    if not view.waiting:
        return ""
    rows = "".join(
        f'<li><span class="mono">{escape(number)}</span><a class="button primary small" id="envelope-{escape(number)}" '
        f'href="/envelope/{escape(address)}?lang={tongue.language}">{tongue.text("open_envelope")}'
        f'<span class="visually-hidden"> {escape(number)}</span></a></li>'
        for number, address in view.waiting
    )
    inside = f'<p class="quiet">{tongue.text("envelopes_hint")}</p><ul class="plain">{rows}</ul>'
    return _panel("envelopes", tongue.text("envelopes"), inside, "urgent")


def _connection(view: StationView, tongue: Tongue) -> str:
    state = _badge(_LINK_COLOUR[view.link], tongue.word("links", view.link.value))
    detail = f'<br><span class="quiet">{escape(view.link_detail)}</span>' if view.link_detail else ""
    facts = (
        f"<dt>{tongue.text('state')}</dt><dd>{state}{detail}</dd><dt>{tongue.text('office')}</dt><dd>{escape(view.office)}</dd>"
        f"<dt>{tongue.text('branch')}</dt><dd>{escape(view.branch)}</dd>"
    )
    return _panel("connection", tongue.text("connection"), f"<dl>{facts}</dl>")


def _printer(view: StationView, tongue: Tongue) -> str:
    printer = view.printer
    if printer.kind == "page":
        return _panel("printer", tongue.text("printer"), f"<p>{tongue.text('printer_page')}</p>")
    state = _badge(_PRINTER_COLOUR[printer.state], tongue.word("printers", printer.state.value))
    detail = f'<br><span class="quiet">{escape(printer.detail)}</span>' if printer.detail else ""
    facts = (
        f"<dt>{tongue.text('printer_name')}</dt><dd>{escape(printer.name)}</dd>"
        f"<dt>{tongue.text('state')}</dt><dd>{state}{detail}</dd>"
    )
    return _panel("printer", tongue.text("printer"), f"<dl>{facts}</dl>")


def _drawer(view: StationView, tongue: Tongue) -> str:
    if view.room is None:
        return ""
    full = len(view.slots) >= view.room
    rows = ""
    for serial in view.drawer:
        label = tongue.text("insert_label", serial=serial)
        stopped = " disabled" if full else ""
        button = (
            f'<button class="button small" type="submit" id="insert-{escape(serial)}" aria-label="{label}"{stopped}>'
            f"{tongue.text('insert')}</button>"
        )
        rows += f'<li><span class="mono">{escape(serial)}</span>{tongue.form("/tokens/insert", button, serial=serial)}</li>'
    said = tongue.text("drawer_full") if full else tongue.text("drawer_hint")
    shelf = f'<ul class="plain drawer" tabindex="0" aria-labelledby="drawer">{rows}</ul>' if rows else ""
    empty = "" if rows else f'<p class="quiet">{tongue.text("drawer_empty")}</p>'
    return _panel("drawer", tongue.text("drawer"), f'<p class="quiet">{said}</p>{shelf}{empty}', "simulated")
