"""The English beside the Chinese: every `en/*.po`, merged and compiled in memory at the start. No binary is kept."""

import io
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Domain, get_locale

FOLDER = Path(__file__).parent / "en"


def rooms() -> dict[str, Catalog]:
    """Each room's words, by file name."""
    found = {}
    for file in sorted(FOLDER.glob("*.po")):
        with file.open("rb") as source:
            found[file.name] = read_po(source, locale="en")
    return found


def merged() -> Catalog:
    """All rooms' words in one catalogue. A test holds that no two rooms translate one phrase differently, if not in a context."""
    whole = Catalog(locale="en", domain="messages")
    for room in rooms().values():
        for message in room:
            if message.id and message.string and whole.get(message.id, message.context) is None:
                whole.add(message.id, message.string, context=message.context)
    return whole


@cache
def english() -> Translations:
    compiled = io.BytesIO()
    write_mo(compiled, merged())
    compiled.seek(0)
    return Translations(compiled)


class Words(Domain):
    """Chinese speaks for itself; English comes from the catalogue."""

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return english() if locale is not None and locale.language == "en" else NullTranslations()
