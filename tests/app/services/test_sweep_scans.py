"""Pictures that no case knows are thrown away; those of cases, and what is just being attached, stay."""

import os
import secrets
import time
from io import BytesIO

from PIL import Image

from app.services.attach_scan import attach_scan
from app.services.remove_scan import remove_scan
from app.services.sweep_scans import MOST, YOUNG, sweep_scans
from app.services.world import World
from models.rulebook.vocabulary import DocumentKind
from models.tables import Scan
from tests.builders.cases import drafted
from tests.builders.people import actor_of


def png(shade: int) -> bytes:
    out = BytesIO()
    Image.new("L", (20, 20), shade).save(out, "PNG")
    return out.getvalue()


def age(world: World) -> None:
    then = time.time() - YOUNG.total_seconds() - 60
    for file in world.scans.iterdir():
        os.utime(file, (then, then))


def names(world: World) -> set[str]:
    return {file.name for file in world.scans.iterdir()}


def test_what_a_crash_left_between_the_file_and_its_row_is_thrown_away(world: World) -> None:
    case = drafted(world)
    attach_scan(world, actor_of(world), case.id, 1, DocumentKind.identity_document, png(1))
    (kept,) = names(world)
    (world.scans / secrets.token_hex(16)).write_bytes((world.scans / kept).read_bytes())  # whose row was never written
    assert sweep_scans(world) == 0  # it may be just being attached
    age(world)
    assert sweep_scans(world) == 1
    assert names(world) == {kept}
    assert sweep_scans(world) == 0


def test_a_scan_that_was_taken_off_leaves_nothing(world: World) -> None:
    case = drafted(world)
    attach_scan(world, actor_of(world), case.id, 1, DocumentKind.identity_document, png(1))
    with world.reading() as session:
        scan = session.query(Scan).one()
    file = world.scans / scan.file_name
    sealed = file.read_bytes()
    remove_scan(world, actor_of(world), case.id, scan.id)
    file.write_bytes(sealed)  # cut off between the row and the file
    age(world)
    assert sweep_scans(world) == 1
    assert names(world) == set()


def test_under_another_database_nothing_is_thrown_away(world: World) -> None:
    for _ in range(MOST + 1):
        (world.scans / secrets.token_hex(16)).write_bytes(b"sealed")
    age(world)
    assert sweep_scans(world) == 0
    assert len(names(world)) == MOST + 1
