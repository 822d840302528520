import sqlite3

import pytest

from card_issuance.authority_record import AlreadySigned, AuthorityRecord, create_record, read_lines


@pytest.fixture
def file(tmp_path):
    create_record(tmp_path / "record.sqlite")
    return tmp_path / "record.sqlite"


def test_a_repeat_does_not_sign_again(file):
    record = AuthorityRecord(file)
    assert record.sign_once("t", "5a", b"to be signed", lambda given: given[::-1]) == b"dengis eb ot"
    assert record.sign_once("t", "5a", b"to be signed", lambda given: pytest.fail("signed twice")) == b"dengis eb ot"
    assert [line.transaction for line in read_lines(file)] == ["t"]


@pytest.mark.parametrize(("transaction", "serial", "bytes_"), [("t", "5b", b"b"), ("u", "5a", b"b"), ("t", "5a", b"b")])
def test_a_used_transaction_or_serial_signs_nothing_else(file, transaction, serial, bytes_):
    record = AuthorityRecord(file)
    record.sign_once("t", "5a", b"a", bytes)
    with pytest.raises(AlreadySigned):
        record.sign_once(transaction, serial, bytes_, lambda given: pytest.fail("signed"))


def test_a_failed_signature_leaves_no_line_and_no_lock(file):
    record = AuthorityRecord(file)
    with pytest.raises(ZeroDivisionError):
        record.sign_once("t", "5a", b"a", lambda given: bytes(1 // 0))
    assert list(read_lines(file)) == []
    assert AuthorityRecord(file).sign_once("t", "5a", b"a", bytes) == b"a"


def test_on_a_full_disk_no_signature_leaves(file):
    record = AuthorityRecord(file)
    pages = record._connection.execute("PRAGMA page_count").fetchone()[0]
    record._connection.execute(f"PRAGMA max_page_count={pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        record.sign_once("t", "5a", b"a", lambda given: bytes(100_000))
    assert list(read_lines(file)) == []


def test_a_missing_record_is_not_made_anew(tmp_path):
    with pytest.raises(sqlite3.OperationalError):
        AuthorityRecord(tmp_path / "record.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_reading_goes_on_from_a_position_across_chunks(file):
    record = AuthorityRecord(file)
    for number in range(7):
        record.sign_once(f"t{number}", f"{number}", b"%d" % number, bytes)
    lines = list(read_lines(file, chunk=3))
    assert [line.serial for line in lines] == list("0123456")
    assert [line.serial for line in read_lines(file, after=lines[4].position, chunk=3)] == ["5", "6"]
    assert all(line.at.tzinfo is not None for line in lines)
