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


def merged() -> Catalog:
    """All rooms' words in one catalogue. Raises ValueError where two rooms translate one phrase differently."""
    whole = Catalog(locale="en", domain="messages")
    for file in sorted(FOLDER.glob("*.po")):
        with file.open("rb") as source:
            for message in read_po(source, locale="en"):
                if not message.id or not message.string:
                    continue
                known = whole.get(message.id, context=message.context)
                if known is not None and known.string != message.string:
                    raise ValueError(f"{file.name}: {message.id!r} is {known.string!r} in another room")
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
