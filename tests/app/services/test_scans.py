"""Scans: examined in a child, re-encoded, sealed on disk; what is broken, hostile or too large is refused with a code."""

import io
import random
import zipfile
import zlib
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import select

from app.services import scan_examiner_child
from app.services.accept_case import accept_case
from app.services.attach_scan import attach_scan
from app.services.errors import Absent, Faulty, OutOfTurn, Refusal, Unavailable
from app.services.examine_case import examine_case
from app.services.open_scan import open_scan
from app.services.remove_scan import remove_scan
from app.services.scan_examiner import clean_pictures
from app.services.world import World
from models.rulebook.vocabulary import DocumentKind, Role
from models.tables import Scan
from tests.builders import cases
from tests.builders.people import actor_of

LICENCE = DocumentKind.code_bearing_licence


def picture(size: tuple[int, int] = (300, 400), mode: str = "RGB", seed: int = 1) -> Image.Image:
    noise = random.Random(seed)
    small = Image.frombytes("RGB", (16, 16), noise.randbytes(16 * 16 * 3))
    return small.resize(size).convert(mode)


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inside.txt", "something else")
    return out.getvalue()


def pdf(pages: int) -> bytes:
    first, *rest = [picture((200, 280), seed=number) for number in range(pages)]
    return encoded(first, "PDF", save_all=True, append_images=rest)


def locked_pdf() -> bytes:
    """A PDF that asks for a password: an /Encrypt dictionary whose keys nobody has."""
    body = pdf(1)
    document = (
        b"/Encrypt << /Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P -4 >> /ID [(0123456789abcdef) (0123456789abcdef)] "
        % (
            b"o" * 32,
            b"u" * 32,
        )
    )
    return body.replace(b"trailer\n<<", b"trailer\n<< " + document)


def fault_of(data: bytes) -> str:
    with pytest.raises(Faulty) as refused:
        clean_pictures(data)
    return refused.value.fields["file"]


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1")]
)
def test_pictures_come_out_as_clean_jpeg(kind: str, mode: str) -> None:
    (page,) = clean_pictures(encoded(picture(mode=mode), kind))
    with Image.open(io.BytesIO(page)) as clean:
        assert (clean.format, clean.mode, clean.size) == ("JPEG", "RGB", (300, 400))


def test_every_page_of_a_pdf_comes_out() -> None:
    assert len(clean_pictures(pdf(3))) == 3


def test_metadata_and_comments_are_gone() -> None:
    details = Image.Exif()
    details[0x010E] = "where it was taken"
    page = clean_pictures(encoded(picture(), exif=details, comment=b"a remark"))[0]
    assert b"where it was taken" not in page
    assert b"a remark" not in page
    assert b"Exif" not in page


def test_a_large_picture_is_made_smaller() -> None:
    (page,) = clean_pictures(encoded(picture((4000, 3000))))
    with Image.open(io.BytesIO(page)) as clean:
        assert max(clean.size) == scan_examiner_child.LONGEST_SIDE


def bomb() -> bytes:
    """A PNG of 30,000 × 30,000 pixels in a few kilobytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = (30000).to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0))
    body = zlib.compress(bytes(1000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "scan_empty"),
        (b"\xff\xd8\xff" + bytes(scan_examiner_child.MOST_BYTES), "scan_too_large"),
        (b"MZ\x90\x00 a program", "scan_unknown_kind"),
        (b"GIF89a\x01\x00\x01\x00", "scan_unknown_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "scan_unknown_kind"),
        (b"\xff\xd8\xff\xe0 no picture", "scan_malformed"),
        (encoded(picture())[:2000], "scan_malformed"),
        (b"\x89PNG\r\n\x1a\n", "scan_malformed"),
        (b"%PDF-1.7\nnothing\n%%EOF", "scan_malformed"),
        (bomb(), "scan_too_many_pixels"),
        (pdf(scan_examiner_child.MOST_PAGES + 1), "scan_too_many_pages"),
        (locked_pdf(), "scan_encrypted"),
        (encoded(picture()) + zipped(), "scan_two_formats"),
        (encoded(picture(), "PNG") + b"tail", "scan_two_formats"),
        (pdf(1) + zipped(), "scan_two_formats"),
        (encoded(picture(), comment=b"%PDF-1.4 1 0 obj"), "scan_two_formats"),
        (encoded(picture(), comment=b"<script>alert(1)</script>"), "scan_two_formats"),
    ],
    ids=[
        "empty", "over 10 MB", "program", "gif", "svg", "only a head", "cut off", "empty png", "hollow pdf", "bomb", "many pages",
        "password", "jpeg and zip", "png and tail", "pdf and zip", "jpeg and pdf", "jpeg and script",
    ],
)  # fmt: skip
def test_what_is_no_plain_scan_is_refused(data: bytes, code: str) -> None:
    assert fault_of(data) == code


def test_a_hostile_file_costs_the_child_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from app.services import scan_examiner

    greedy = tmp_path / "greedy.py"
    limits = Path(scan_examiner_child.__file__)
    greedy.write_text(
        f"import runpy; child = runpy.run_path({str(limits)!r})\nchild['limit']()\nkept = bytearray(2 * 1024**3)\nprint(len(kept))"
    )
    monkeypatch.setattr(scan_examiner, "_CHILD", greedy)
    assert fault_of(encoded(picture())) == "scan_too_heavy"


def test_a_scan_is_sealed_on_disk_and_opens_for_its_branch_alone(world: World) -> None:
    case, clerk = cases.drafted(world), actor_of(world)
    attach_scan(world, clerk, case.id, 1, LICENCE, encoded(picture()))
    with world.reading() as session:
        scan = session.scalars(select(Scan)).one()
    (file,) = world.scans.iterdir()
    assert file.name == scan.file_name
    assert file.stat().st_mode & 0o077 == 0
    opened = open_scan(world, actor_of(world, Role.supervisor), scan.id)
    assert opened.picture.startswith(b"\xff\xd8\xff")
    assert opened.picture not in file.read_bytes()
    with pytest.raises(Absent):
        open_scan(world, actor_of(world, branch="CY01"), scan.id)


def test_a_scan_changed_on_disk_or_put_under_another_name_does_not_open(world: World) -> None:
    case, clerk = cases.drafted(world), actor_of(world)
    for seed in (1, 2):
        attach_scan(world, clerk, case.id, 1, LICENCE, encoded(picture(seed=seed)))
    first, second = sorted(world.scans.iterdir())
    second.write_bytes(first.read_bytes())
    with world.reading() as session:
        scan = session.scalars(select(Scan).where(Scan.file_name == second.name)).one()
    with pytest.raises(Unavailable):
        open_scan(world, clerk, scan.id)


def test_a_refused_scan_leaves_no_file(world: World) -> None:
    case, clerk = cases.in_review(world), actor_of(world)
    with pytest.raises(OutOfTurn):
        attach_scan(world, clerk, case.id, 1, LICENCE, encoded(picture()))
    draft = cases.drafted(world)
    attach_scan(world, clerk, draft.id, 1, LICENCE, encoded(picture()))
    with pytest.raises(Faulty) as refused:
        attach_scan(world, clerk, draft.id, 1, LICENCE, encoded(picture()))
    assert refused.value.fields == {"file": "scan_already_there"}
    assert len(list(world.scans.iterdir())) == 1


def test_a_scan_taken_off_is_gone_from_the_disk(world: World) -> None:
    case, clerk = cases.drafted(world), actor_of(world)
    attach_scan(world, clerk, case.id, 1, LICENCE, encoded(picture()))
    with world.reading() as session:
        scan_id = session.scalars(select(Scan.id)).one()
    other = cases.drafted(world)
    with pytest.raises(Absent):
        remove_scan(world, clerk, other.id, scan_id)
    remove_scan(world, clerk, case.id, scan_id)
    assert list(world.scans.iterdir()) == []


def test_a_set_is_known_again_by_its_scan_at_another_branch(world: World) -> None:
    first, data = cases.drafted(world, "CY01"), encoded(picture())
    attached = attach_scan(world, actor_of(world, branch="CY01"), first.id, 1, LICENCE, data)
    accept_case(world, actor_of(world, branch="CY01"), first.id, attached.version)
    case = cases.drafted(world)
    attached = attach_scan(world, actor_of(world), case.id, 1, LICENCE, data)
    verdict = examine_case(world, actor_of(world), case.id)
    assert [used.case_number for used in verdict.used_up] == [first.number]
    with pytest.raises(Refusal):
        accept_case(world, actor_of(world), case.id, attached.version)


def test_a_pdf_of_the_tests_is_a_pdf() -> None:
    assert len(pypdfium2.PdfDocument(pdf(2))) == 2
