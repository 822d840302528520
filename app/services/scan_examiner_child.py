"""The child that looks at an uploaded file: run by path, alone, with tight limits. Knows nothing of the project.

Standard input: the file. Standard output: one line of JSON, {"fault": code} or {"pages": [lengths in bytes]}, then the pages as
clean JPEG pictures, one after another. Whatever else was in the file (comments, scripts, a second format behind the first) is gone.
"""

import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 60_000_000  # an A3 page at 600 dpi has 70 million; a telephone's picture 12 to 50
MOST_PAGES = 12
LONGEST_SIDE = 2200  # of the clean picture: A4 at 188 dpi, small print stays legible
QUALITY = 82
MEMORY = 1024 * 1024 * 1024
SECONDS = 20

# What a reader of another format would take the file for, looked for where such readers look.
_OTHER_HEADS = (b"%pdf-", b"<!doctype", b"<html", b"<script", b"<svg", b"<?php", b"#!/")


class Refused(Exception):
    pass


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def clean(data: bytes) -> list[bytes]:
    """The pages as JPEG. Raises Refused with a code."""
    if not data:
        raise Refused("scan_empty")
    if len(data) > MOST_BYTES:
        raise Refused("scan_too_large")
    if data.startswith(b"%PDF-"):
        _no_second_format(data, data[5:1024])
        return [_jpeg(page) for page in _pdf_pages(data)]
    if data.startswith(b"\xff\xd8\xff"):
        _no_second_format(data, data[:1024])
        return [_jpeg(_picture(data, "JPEG"))]
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        _no_second_format(data, data[:1024])
        _nothing_after_png(data)
        return [_jpeg(_picture(data, "PNG"))]
    raise Refused("scan_unknown_kind")


def _no_second_format(data: bytes, head: bytes) -> None:
    folded = head.lower()
    if any(other in folded for other in _OTHER_HEADS) or zipfile.is_zipfile(io.BytesIO(data)):
        raise Refused("scan_two_formats")


def _nothing_after_png(data: bytes) -> None:
    at = 8
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        at += 12 + length
        if kind == b"IEND":
            if at != len(data):
                raise Refused("scan_two_formats")
            return
    raise Refused("scan_malformed")


def _picture(data: bytes, kind: str):  # type: ignore[no-untyped-def]
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # counted below, from the header, before anything is unpacked
    with Image.open(io.BytesIO(data), formats=[kind]) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise Refused("scan_too_many_pixels")
        picture.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
        picture.load()
        return ImageOps.exif_transpose(picture)


def _pdf_pages(data: bytes) -> Iterator[object]:
    import pypdfium2
    import pypdfium2.raw as raw

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower()
        raise Refused("scan_encrypted" if locked else "scan_malformed") from None
    if not 1 <= len(document) <= MOST_PAGES:
        raise Refused("scan_too_many_pages" if len(document) else "scan_malformed")
    for page in document:
        width, height = page.get_size()
        if min(width, height) < 1 or max(width, height) > 30 * min(width, height):
            raise Refused("scan_malformed")
        yield page.render(scale=LONGEST_SIDE / max(width, height), may_draw_forms=False).to_pil()


def _jpeg(picture) -> bytes:  # type: ignore[no-untyped-def]
    from PIL import Image

    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        ground = Image.new("RGB", picture.size, "white")
        layer = picture.convert("RGBA")
        ground.paste(layer, mask=layer.getchannel("A"))
        picture = ground
    picture = picture.convert("RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    # A fresh picture takes no metadata along: no place, no telephone's name, no thumbnail of something else.
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    bare.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def main() -> None:
    limit()
    data = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        pages = clean(data)
        answer, bodies = {"pages": [len(page) for page in pages]}, pages
    except Refused as refused:
        answer, bodies = {"fault": str(refused)}, []
    except MemoryError:
        answer, bodies = {"fault": "scan_too_heavy"}, []
    except Exception:  # whatever a decoder makes of a broken file: it is broken
        answer, bodies = {"fault": "scan_malformed"}, []
    out = sys.stdout.buffer
    out.write(json.dumps(answer).encode() + b"\n")
    for body in bodies:
        out.write(body)
    out.flush()


if __name__ == "__main__":
    main()
