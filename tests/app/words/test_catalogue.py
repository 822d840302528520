"""Every Chinese phrase in the program has its English, and only one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract
from flask import Flask
from flask_babel import force_locale, gettext
from jinja2.ext import babel_extract

from app.config import HOUSE
from app.desks.refusals import HTTP_SENTENCES, SENTENCES
from app.words.catalogue import english, merged, rooms
from app.words.journal import ACTS, act_in_words
from models.rulebook.vocabulary import CaseAction, RunAction
from models.tables import JournalLine

# Refusals that no clerk meets: answered to a station or a platform as a code, or said on the console.
TO_PROGRAMS = {
    "administrator_exists",
    "authority_refused",
    "authority_unreachable",
    "certificate_forged",
    "certificate_malformed",
    "code_expired",
    "code_unknown",
    "envelope_not_of_run",
    "idempotency_key_reused",
    "key_lost",
    "other_issuer",
    "platform_disabled",
    "url_not_loopback",
}
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
# Functions of a room whose words stand in a context of their own.
CONTEXTS: dict[str | None, dict[str, tuple[int, ...] | None]] = {
    None: KEYWORDS,
    "journal": {"_j": None},
    "journal about": {"_about": None},
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def phrases() -> Iterator[tuple[str, str | None, str]]:
    """File, context and phrase of everything marked for translation."""
    for folder, pattern, method in (
        ("app/templates", "*.html", babel_extract),
        ("app", "*.py", "python"),
        ("forms", "*.py", "python"),
    ):
        for file in sorted((HOUSE / folder).rglob(pattern)):
            for context, keywords in CONTEXTS.items():
                with file.open("rb") as source:
                    for _, found, _, _ in extract(method, source, keywords=keywords, options={"silent": "false"}):
                        for phrase in found if isinstance(found, tuple) else (found,):
                            if phrase:
                                yield str(file.relative_to(HOUSE)), context, phrase


def test_every_phrase_has_its_english() -> None:
    words = merged()
    missing = sorted({f"{file}: {phrase}" for file, context, phrase in phrases() if words.get(phrase, context) is None})
    assert not missing, "\n".join(missing)


def test_no_room_translates_what_nobody_says() -> None:
    said = {(context, phrase) for _, context, phrase in phrases()}
    idle = [
        f"{room}: {message.id}"
        for room, words in rooms().items()
        for message in words
        if message.id and (message.context, message.id) not in said
    ]
    assert not idle, "\n".join(idle)


def test_two_rooms_never_translate_one_phrase_differently() -> None:
    seen: dict[tuple[str | None, str], tuple[str, str]] = {}
    apart = []
    for room, words in rooms().items():
        for message in words:
            if not message.id:
                continue
            other, text = seen.setdefault((message.context, message.id), (room, message.string))
            if text != message.string:
                apart.append(f"{message.id}: {text!r} in {other}, {message.string!r} in {room}")
    assert not apart, "\n".join(apart)


def test_translations_keep_their_placeholders() -> None:
    wrong = [
        message.id
        for message in merged()
        if message.id and sorted(PLACEHOLDER.findall(message.id)) != sorted(PLACEHOLDER.findall(message.string))
    ]
    assert wrong == []


def test_the_journal_says_what_was_done_where_a_button_says_what_to_do(app: Flask) -> None:
    line = JournalLine(subject="case_file", act="save")
    for language, said in (("zh", "案件：保存"), ("en", "Case: saved")):
        with app.test_request_context("/login"), force_locale(language):
            assert act_in_words(line) == said
            assert gettext("保存") == {"zh": "保存", "en": "Save"}[language]


def test_every_act_of_the_tables_has_its_word_in_the_journal() -> None:
    for subject, actions in {"case_file": CaseAction, "run": RunAction}.items():
        assert {action.value for action in actions} <= {act for about, act in ACTS if about == subject}


def test_the_english_holds_no_chinese() -> None:
    wrong = [message.id for message in merged() if message.id and CHINESE.search(message.string) and message.id != "中文"]
    assert wrong == []


def test_templates_say_nothing_that_is_not_marked() -> None:
    """Chinese in a template stands inside `_()`, or names the language itself."""
    unmarked = []
    for file in sorted((HOUSE / "app/templates").rglob("*.html")):
        text = re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", file.read_text("utf-8"), flags=re.DOTALL)
        unmarked += [f"{file.name}: {line.strip()}" for line in text.splitlines() if CHINESE.search(line.replace("中文", ""))]
    assert not unmarked, "\n".join(unmarked)


def test_every_refusal_has_its_sentence() -> None:
    """Codes are found where services raise them: as a first argument, or as the value of a field."""
    raised = set(raised_codes(HOUSE / "app" / "services"))
    assert not raised - TO_PROGRAMS - set(SENTENCES), sorted(raised - TO_PROGRAMS - set(SENTENCES))
    assert raised >= TO_PROGRAMS


def raised_codes(folder: Path) -> Iterator[str]:
    family = {"Refusal", "Absent", "Forbidden", "Stale", "OutOfTurn", "Faulty", "Unavailable"}
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in family):
                continue
            if node.args and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value
            for keyword in node.keywords:
                if keyword.arg == "fields" and isinstance(keyword.value, ast.Dict):
                    yield from (value.value for value in keyword.value.values if isinstance(value, ast.Constant))


@pytest.mark.parametrize("table", [SENTENCES, HTTP_SENTENCES])
def test_every_sentence_exists_in_both_languages(app: Flask, table: dict[object, object]) -> None:
    with app.test_request_context("/login"):
        for words in table.values():
            assert CHINESE.search(str(words))
            assert english().ugettext(str(words)) != str(words)
