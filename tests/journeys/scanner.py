"""Looks for secrets where none may be: files in whatever wrapping, argument lists, environments, memory.

A digit string is found as ASCII, as UTF-16, spread out (one digit a cell, pairs, fours), in hex, in base64 at every offset,
in gzip'ed files, in zip archives, and in the text of PDF pages.
"""

import base64
import gzip
import io
import re
import subprocess
import zipfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LARGEST_REGION = 512 << 20  # bytes of one memory mapping; larger ones are reservations, not contents
_CHUNK = 64 << 20
_SPREAD = (1, 2, 4)  # digits in a group
_BETWEEN = (b" ", b"\n", b"\r\n", b"\t", b"-", b",", b"\0")
_PDF = re.compile(rb"%PDF-1\..*?%%EOF", re.DOTALL)


@dataclass(frozen=True)
class Found:
    place: str
    wrapping: str
    which: int  # index of the secret: what is found is not said again

    def __str__(self) -> str:
        return f"secret {self.which} as {self.wrapping} in {self.place}"


class Scanner:
    def __init__(self, secrets: Collection[str]) -> None:
        self.secrets = list(dict.fromkeys(secrets))
        assert self.secrets, "nothing to look for"
        assert all(len(each) >= 6 for each in self.secrets), "too short to be told from chance"
        self._patterns = {
            pattern: (which, wrapping) for which, text in enumerate(self.secrets) for pattern, wrapping in patterns_of(text)
        }

    def in_bytes(self, content: bytes, place: str) -> list[Found]:
        """Also within what the bytes are a wrapping of."""
        found = [Found(place, how, which) for pattern, (which, how) in self._patterns.items() if pattern in content]
        for inner, wrapping in _unwrapped(content):
            found += self.in_bytes(inner, f"{place} ({wrapping})")
        return found

    def in_tree(self, folder: Path) -> list[Found]:
        """Every file below, names too. A file that goes away meanwhile is no fault; a folder that was never there is."""
        assert folder.is_dir(), folder
        found = []
        for path in sorted(folder.rglob("*")):
            found += self.in_bytes(str(path.relative_to(folder)).encode(), f"the name of {path}")
            try:
                found += self.in_bytes(path.read_bytes(), str(path)) if path.is_file() and not path.is_symlink() else []
            except FileNotFoundError:
                continue
        return found

    def in_process(self, pid: int) -> list[Found]:
        """Argument list and environment, as any user's `ps` or the owner's `/proc` shows them."""
        found = []
        for name in ("cmdline", "environ"):
            try:
                found += self.in_bytes(Path(f"/proc/{pid}/{name}").read_bytes(), f"/proc/{pid}/{name}")
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return found

    def in_memory(self, pid: int) -> list[Found]:
        """Everything a process has in writable memory: as text of one or two bytes a character, as a driver or Python holds it."""
        patterns = {}
        for which, text in enumerate(self.secrets):
            patterns[text.encode()] = (which, "ASCII")
            patterns[text.encode("utf-16-le")] = (which, "UTF-16")
        found = set()
        with suppress(FileNotFoundError, ProcessLookupError):  # a process that has ended holds nothing
            for content in _memory(pid):
                found |= {
                    Found(f"memory of {pid}", how, which) for pattern, (which, how) in patterns.items() if pattern in content
                }
        return sorted(found, key=str)


def patterns_of(text: str) -> Iterator[tuple[bytes, str]]:
    """Every wrapping in which the secret is still one stretch of bytes."""
    plain = text.encode()
    yield plain, "ASCII"
    yield text.encode("utf-16-le"), "UTF-16"
    yield text.encode("utf-16-be"), "UTF-16"
    yield text.encode("utf-32-le"), "UTF-32"
    for size in _SPREAD:
        groups = [plain[start : start + size] for start in range(0, len(plain), size)]
        for between in _BETWEEN:
            yield between.join(groups), f"groups of {size}"
    yield plain.hex().encode(), "hex"
    yield plain.hex().upper().encode(), "hex"
    for offset in range(3):
        # The first and last characters share bits with the neighbours, so they are left out.
        encoded = base64.b64encode(b"\0" * offset + plain)
        first, last = (0, 2, 3)[offset], (offset + len(plain)) * 8 // 6
        yield encoded[first:last], "base64"
        yield encoded[first:last].translate(bytes.maketrans(b"+/", b"-_")), "base64"


def _unwrapped(content: bytes) -> Iterator[tuple[bytes, str]]:
    if content.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError):
            yield gzip.decompress(content), "unzipped"
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield archive.read(name), f"archived {name}"
    for number, page in enumerate(_PDF.finditer(content)):
        for layout in ("-raw", "-layout"):
            words = ["pdftotext", layout, "-enc", "UTF-8", "-", "-"]
            yield subprocess.run(words, input=page[0], capture_output=True, check=False).stdout, f"PDF {number} as text"


def _memory(pid: int) -> Iterator[bytes]:
    """The contents of a process' writable mappings, in stretches that overlap by a little."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            start, end = (int(each, 16) for each in span.split("-"))
            if not rights.startswith("rw") or end - start > LARGEST_REGION:
                continue
            for at in range(start, end, _CHUNK):
                try:
                    memory.seek(at)
                    yield memory.read(min(end - at, _CHUNK + 256))
                except (OSError, ValueError, OverflowError):
                    continue
