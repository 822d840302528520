"""The scanner itself: a PIN planted in each kind of place is found there, and nothing is found where nothing was planted."""

import base64
import gzip
import os
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from models.tables.engine import make_engine
from reports import envelope
from tests.cups import cups
from tests.journeys.scanner import Scanner, patterns_of

PIN, OTHER = "90764412", "38251907"


@pytest.fixture
def scanner() -> Scanner:
    return Scanner([OTHER, PIN])


def a_page() -> bytes:
    return envelope.render(
        envelope.Envelope(
            control_number="HD01-E000001",
            token_serial="HD01-T00001",
            pin=PIN,
            branch_name_zh="样例网点",
            branch_name_en="Sample Branch",
            printed_on=date(2026, 11, 23),
        )
    )


PLANTED = {
    "a log line": f"2026-11-23 INFO run failed: pin {PIN}\n".encode(),
    "JSON": f'{{"pin":"{PIN}"}}'.encode(),
    "a binary record": b"\x00\xff" + PIN.encode() + b"\x01",
    "UTF-16": f"pin {PIN}".encode("utf-16"),
    "one digit a cell": " ".join(PIN).encode(),
    "one digit a line": "\n".join(PIN).encode(),
    "fours": f"{PIN[:4]} {PIN[4:]}".encode(),
    "hex": PIN.encode().hex().encode(),
    "base64": base64.b64encode(PIN.encode()),
    "base64, shifted by one": base64.b64encode(b"x" + PIN.encode() + b"y"),
    "base64, shifted by two": base64.b64encode(b"xx" + PIN.encode() + b"yyy"),
    "base64 for addresses": base64.urlsafe_b64encode(b"\xff\xfe" + PIN.encode()),
    "an old log": gzip.compress(f"pin {PIN}".encode()),
}


@pytest.mark.parametrize("how", PLANTED)
def test_a_planted_file_is_found(scanner, tmp_path, how):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "file").write_bytes(PLANTED[how])
    found = scanner.in_tree(tmp_path)
    assert {each.which for each in found} == {1}
    assert PIN not in str(found)


def test_an_archive_and_a_files_name_are_searched(scanner, tmp_path):
    with zipfile.ZipFile(tmp_path / "backup.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log", f"pin {PIN}")
    assert scanner.in_tree(tmp_path)
    (tmp_path / "backup.zip").unlink()
    (tmp_path / f"envelope-{PIN}.pdf").touch()
    assert scanner.in_tree(tmp_path)


def test_an_envelope_left_in_a_folder_is_read_like_paper(scanner, tmp_path):
    (tmp_path / "d00001-001").write_bytes(a_page())
    assert {each.which for each in scanner.in_tree(tmp_path)} == {1}


def test_a_row_is_found_in_the_write_ahead_log_and_after_it_in_the_database(scanner, tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'office.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE note (text TEXT)"))
        connection.execute(text("INSERT INTO note VALUES (:pin)"), {"pin": PIN})
    assert {Path(each.place).name for each in scanner.in_tree(tmp_path)} == {"office.db-wal"}
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert {Path(each.place).name for each in scanner.in_tree(tmp_path)} == {"office.db"}
    engine.dispose()


def test_a_deleted_row_leaves_its_trace_where_deletion_is_not_secure(scanner, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'careless.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        connection.execute(text("CREATE TABLE note (text TEXT)"))
        connection.execute(text("INSERT INTO note VALUES (:pin)"), {"pin": PIN})
        connection.execute(text("DELETE FROM note"))
    engine.dispose()
    assert scanner.in_tree(tmp_path)


def test_argument_list_environment_and_memory_of_a_process_are_searched(scanner):
    program = "import sys; held = sys.stdin.readline(); print('ready', flush=True); sys.stdin.readline()"
    clean = {"PATH": os.environ["PATH"]}
    for arguments, environment, said, places in (
        ([PIN], clean, "nothing", {"cmdline"}),
        ([], clean | {"TOKEN_PIN": PIN}, "nothing", {"environ"}),
        ([], clean, PIN, {"memory"}),
        ([], clean, "nothing", set()),
    ):
        words = [sys.executable, "-c", program, *arguments]
        with subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{said}\n")
            process.stdin.flush()
            process.stdout.readline()
            seen = {each.place.rpartition("/")[2] for each in scanner.in_process(process.pid)}
            if places <= {"memory"}:
                seen |= {each.place.split()[0] for each in scanner.in_memory(process.pid)}
            assert seen == places
            process.kill()


def test_a_job_that_waits_in_the_spool_of_cups_is_found(scanner, tmp_path):
    with cups() as hall:
        printer = hall.printer("pin")
        printer.jam("stuck")
        (tmp_path / "page.pdf").write_bytes(a_page())
        hall.lp("lp", "-d", "pin", str(tmp_path / "page.pdf"))
        assert {each.which for each in scanner.in_tree(hall.spool)} == {1}
        printer.clear("stuck")


def test_where_nothing_was_planted_nothing_is_found(tmp_path):
    (tmp_path / "file").write_bytes(b"".join(PLANTED.values()))
    (tmp_path / "page.pdf").write_bytes(a_page())
    assert Scanner([OTHER]).in_tree(tmp_path) == []


def test_every_pattern_is_long_enough_not_to_be_met_by_chance():
    assert min(len(pattern) for pattern, _ in patterns_of(PIN)) >= 8
