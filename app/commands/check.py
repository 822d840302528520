"""`./office check`: formatter, linter, types of the pure rooms, the house's own rules; then what has grown long, to notice.

Exit status 0 if every check passed; lengths are told and never fail.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from app.config import HOUSE

CHECKS: dict[str, tuple[str, ...]] = {
    "format": ("ruff", "format", "--check", "--quiet", "."),
    "lint": ("ruff", "check", "--quiet", "."),
    "types": ("mypy", "--no-error-summary"),  # strictly, in the rooms that pyproject.toml names
    "house rules": ("pytest", "-q", "--no-header", "tests/house"),
}
# Budgets of the house, in lines.
FILE, VIEW, SERVICE, TEMPLATE = 300, 20, 60, 120


def main(arguments: list[str]) -> int:
    """Run every check, also after one failed. `--fix`: let formatter and linter mend first what they can."""
    if arguments not in ([], ["--fix"]):
        print("office check: the only option is --fix.", file=sys.stderr)
        return 2
    if arguments:
        for mend in (("ruff", "check", "--fix", "--quiet", "."), ("ruff", "format", "--quiet", ".")):
            _run(mend)
    failed = [name for name, words in CHECKS.items() if not _passes(name, words)]
    for line in long_things(HOUSE):
        print(f"to notice: {line}")
    print("failed: " + ", ".join(failed) if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(name: str, words: tuple[str, ...]) -> bool:
    print(f"{name} …", flush=True)
    return _run(words) == 0


def _run(words: tuple[str, ...]) -> int:
    return subprocess.run([sys.executable, "-m", *words], cwd=HOUSE, check=False).returncode


def long_things(house: Path) -> Iterator[str]:
    """What is longer than its budget: files, views, services, templates."""
    for room in ("app", "forms", "models", "reports", "card_issuance", "tests"):
        for path in sorted((house / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            yield from _told(path.relative_to(house), text.count("\n"), FILE)
            for budget, place in ((VIEW, "app/desks"), (SERVICE, "app/services")):
                if path.is_relative_to(house / place):
                    yield from _long_functions(path.relative_to(house), ast.parse(text), budget)
    for path in sorted((house / "app/templates").rglob("*.html")):
        yield from _told(path.relative_to(house), path.read_text(encoding="utf-8").count("\n"), TEMPLATE)


def _told(what: object, lines: int, budget: int) -> Iterator[str]:
    if lines > budget:
        yield f"{what} has {lines} lines (budget {budget})"


def _long_functions(path: Path, module: ast.Module, budget: int) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            yield from _told(f"{path}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1, budget)
