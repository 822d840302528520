"""The README and its pictures agree, and stay small enough to be kept."""

import re
from pathlib import Path

from app.config import HOUSE
from tests.pictures.camera import LARGEST
from tests.pictures.readme import BEGIN, END, SHOWN, rewrite

FOLDER = Path(__file__).parent


def shown() -> list[str]:
    return re.findall(r'src="tests/pictures/([\w-]+)\.png"', (HOUSE / "README.md").read_text(encoding="utf-8"))


def test_every_picture_is_in_the_readme_once_and_every_one_there_exists():
    assert sorted(shown()) == sorted(file.stem for file in FOLDER.glob("*.png"))
    assert set(SHOWN) <= set(shown())


def test_pictures_are_small():
    sizes = [file.stat().st_size for file in FOLDER.glob("*.png")]
    assert max(sizes) <= LARGEST
    assert sum(sizes) <= 4 * 1024 * 1024


def test_only_what_is_between_the_markers_is_written_anew(tmp_path):
    readme, folder = tmp_path / "README.md", tmp_path / "pictures"
    folder.mkdir()
    for name in ("review-case", "account", "old"):
        (folder / f"{name}.png").write_bytes(b"")
    readme.write_text(f"before\n{BEGIN}\nwhat was\n{END}\nafter\n", encoding="utf-8")
    rewrite(readme, folder, {"review-case": "复核", "account": "账号"})
    text = readme.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n## Pictures")
    assert text.endswith(f"{END}\nafter\n")
    assert "what was" not in text
    assert text.index("review-case.png") < text.index("<details>") < text.index("account.png")
    assert not (folder / "old.png").exists()
