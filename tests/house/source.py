"""The house's own source, read as syntax trees: which file imports what, names what, calls what."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).parents[2]
ROOMS = ("app", "forms", "models", "reports", "card_issuance")


@dataclass(frozen=True)
class Import:
    module: str  # dotted, as far as it names a module: `from app.services import vault` is "app.services.vault"
    line: int

    @property
    def top(self) -> str:
        return self.module.split(".")[0]


@cache
def kept_files() -> tuple[str, ...]:
    """Every path that belongs to the house: what is committed, and what would be by the next `git add`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:  # an unpacked archive
        return tuple(sorted(str(path.relative_to(HOUSE)) for path in HOUSE.rglob("*") if path.is_file()))
    return tuple(sorted({path for path in listed.stdout.split("\0") if path and (HOUSE / path).exists()}))


def python_files(*rooms: str) -> list[str]:
    return [path for path in kept_files() if path.endswith(".py") and path.split("/")[0] in (rooms or ROOMS)]


@cache
def tree(path: str) -> ast.Module:
    return ast.parse((HOUSE / path).read_text(encoding="utf-8"), path)


def imports(path: str) -> Iterator[Import]:
    """Every import anywhere in a file, also inside functions and under TYPE_CHECKING."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(path, node)
            for alias in node.names:
                yield Import(f"{base}.{alias.name}" if is_module(f"{base}.{alias.name}") else base, node.lineno)


def _absolute(path: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = path.split("/")[: -node.level]
    return ".".join([*package, node.module] if node.module else package)


@cache
def is_module(dotted: str) -> bool:
    place = HOUSE / dotted.replace(".", "/")
    return dotted.split(".")[0] in (*ROOMS, "tests") and (place.with_suffix(".py").exists() or place.is_dir())


def is_ours(module: Import) -> bool:
    return module.top in (*ROOMS, "tests")


def is_pythons(module: Import) -> bool:
    return module.top in sys.stdlib_module_names


def within(place: str, *prefixes: str) -> bool:
    """Whether a path or a dotted module lies in one of the places."""
    dotted = place.removesuffix(".py").replace("/", ".")
    return any(dotted == prefix or dotted.startswith(prefix + ".") for prefix in (p.replace("/", ".") for p in prefixes))
