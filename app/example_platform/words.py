"""Every text of the platform's pages, Chinese and English side by side."""

import tomllib
from pathlib import Path

LANGUAGES = ("zh", "en")
_WORDS: dict[str, dict[str, list[str]]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def text(language: str, key: str, table: str = "texts", **facts: object) -> str:
    return _WORDS[table][key][LANGUAGES.index(language)].format(**facts)


def has(table: str, key: str) -> bool:
    return key in _WORDS[table]
