"""Make a clean picture of whatever was uploaded, in a child process that may die of it."""

import json
import subprocess
import sys
from pathlib import Path

from app.services.errors import Faulty, Unavailable
from app.services.scan_examiner_child import MOST_BYTES

MEDIA_TYPE = "image/jpeg"
DEADLINE = 40  # seconds of wall clock; the child has 20 of a processor
_CHILD = Path(__file__).with_name("scan_examiner_child.py")


def clean_pictures(data: bytes) -> list[bytes]:
    """The pages of a JPEG, PNG or PDF of at most 10 MB, as JPEG without metadata, at most 2200 pixels long.

    Raises Faulty(fields={"file": code}): scan_empty, scan_too_large, scan_unknown_kind, scan_two_formats, scan_malformed,
    scan_encrypted, scan_too_many_pixels, scan_too_many_pages, scan_too_heavy.
    """
    if len(data) > MOST_BYTES:
        raise Faulty(fields={"file": "scan_too_large"})
    try:
        child = subprocess.run(
            [sys.executable, "-I", str(_CHILD)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=DEADLINE,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Faulty(fields={"file": "scan_too_heavy"}) from None
    except OSError:
        raise Unavailable("scan_examiner_unavailable") from None
    if child.returncode != 0:  # killed by a limit
        raise Faulty(fields={"file": "scan_too_heavy"})
    return _pages(child.stdout)


def _pages(output: bytes) -> list[bytes]:
    line, _, body = output.partition(b"\n")
    answer = json.loads(line)
    if "fault" in answer:
        raise Faulty(fields={"file": answer["fault"]})
    pages, at = [], 0
    for length in answer["pages"]:
        pages.append(body[at : at + length])
        at += length
    return pages
