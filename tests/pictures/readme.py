"""The README's section of pictures: a few at once, the others behind a fold."""

from collections.abc import Mapping
from pathlib import Path

BEGIN, END = "<!-- pictures:begin -->", "<!-- pictures:end -->"
SHOWN = (
    "intake-good",
    "intake-defects",
    "review-case",
    "issuance-running",
    "issuance-stopped",
    "handover-case",
    "paper-envelope",
    "paper-acceptance",
)


def rewrite(readme: Path, folder: Path, captions: Mapping[str, str]) -> None:
    """Replace what is between the markers. Pictures in the folder that were not taken this time go."""
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    place = folder.relative_to(readme.parent).as_posix()
    for old in folder.glob("*.png"):
        if old.stem not in captions:
            old.unlink()
    readme.write_text(f"{before}{BEGIN}\n{section(place, captions)}\n{END}{after}", encoding="utf-8")


def section(place: str, captions: Mapping[str, str]) -> str:
    def rows(names: list[str]) -> list[str]:
        cells = [
            f'<td width="50%" valign="top"><img src="{place}/{name}.png" alt="{captions[name]}"><br>{captions[name]}</td>'
            for name in names
        ]
        pairs = [cells[at : at + 2] for at in range(0, len(cells), 2)]
        return ["<table>", *(f"<tr>{''.join(pair)}</tr>" for pair in pairs), "</table>"]

    rest = [name for name in captions if name not in SHOWN]
    return "\n".join(
        [
            "## Pictures",
            "",
            "Made by `./office pictures`, which lives a day through in a house of its own. All names are made up.",
            "",
            *rows([name for name in SHOWN if name in captions]),
            "",
            f"<details><summary>All other pages and papers ({len(rest)} pictures)</summary>",
            "",
            *rows(rest),
            "",
            "</details>",
        ]
    )
