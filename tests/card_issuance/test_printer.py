"""The PIN printer against a real cupsd: paper out or a named fault, and never a document left in the spool."""

import threading
import time
from pathlib import Path

import pytest

from card_issuance.ipp import IppFailed, Scheduler, decode, encode
from card_issuance.printer import CupsPrinter, PrinterState, PrintFailed, file_system_of, spool_fault
from models.rulebook.vocabulary import Fault, RunState
from tests.card_issuance.counter import furnish, opens
from tests.card_issuance.office_twin import OfficeTwin
from tests.cups import cups

PAGE = b"%PDF-1.4\n% a page with a PIN\n%%EOF\n"
FREE = threading.Event()


@pytest.fixture(scope="module")
def hall():
    with cups() as running:
        yield running


@pytest.fixture
def tray(hall, request):
    return hall.printer(f"pin-{abs(hash(request.node.name)) % 10**8}")


@pytest.fixture
def printer(hall, tray):
    return CupsPrinter(tray.queue, hall.socket, {"media": "iso_a4_210x297mm"}, deadline=15)


def test_the_paper_comes_out_whole_and_nothing_stays_behind(hall, tray, printer):
    assert printer.view().state is PrinterState.ready
    placed = printer.place("run", "HD01-E000001", PAGE, FREE)
    assert placed.printed
    assert tray.paper() == {"HD01-E000001": PAGE}
    assert hall.documents() == []
    assert "HD01-E000001" not in hall.lp("lpstat", "-l", "-W", "all", "-o")


def test_without_the_purge_the_scheduler_would_keep_the_document(hall, tray):
    """Why the purge is there: a finished job's document stays in the spool for a day by CUPS's own defaults."""
    scheduler = Scheduler(hall.socket)
    job = scheduler.print(tray.queue, "kept", PAGE, {})
    end = time.monotonic() + 10
    while scheduler.job(tray.queue, job)["job-state"] != [9] and time.monotonic() < end:
        time.sleep(0.05)
    assert [name for name in hall.documents() if name.startswith(f"d{job:05d}")]
    scheduler.purge(tray.queue, job)
    assert hall.documents() == []
    scheduler.purge(tray.queue, job)  # again: it is gone, and that is fine


def test_a_jam_is_named_and_the_document_is_gone(hall, tray, printer):
    tray.jam()
    with pytest.raises(PrintFailed, match="stopped"):
        printer.place("run", "HD01-E000002", PAGE, FREE)
    assert hall.documents() == []
    assert tray.paper() == {}
    assert printer.view().state is PrinterState.jammed
    with pytest.raises(PrintFailed):  # and no PIN is handed to a queue that stands still
        printer.place("run", "HD01-E000003", PAGE, FREE)
    tray.clear()
    hall.enable(tray)
    printer.place("run", "HD01-E000004", PAGE, FREE)
    assert list(tray.paper()) == ["HD01-E000004"]


def test_a_jam_that_a_hand_clears_in_time_only_delays_the_page(tray, printer):
    tray.jam("stuck")
    seen = []
    threading.Timer(0.6, lambda: (seen.append(printer.view()), tray.clear("stuck"))).start()
    printer.place("run", "HD01-E000009", PAGE, FREE)
    assert [(view.state, view.detail) for view in seen] == [(PrinterState.jammed, "media-jam-error")]
    assert list(tray.paper()) == ["HD01-E000009"]


def test_a_job_that_the_backend_gives_up_is_named(hall, tray, printer):
    tray.jam("broken")
    with pytest.raises(PrintFailed):
        printer.place("run", "HD01-E000005", PAGE, FREE)
    assert hall.documents() == []


def test_a_printer_that_takes_too_long_is_given_up(hall, tray):
    tray.jam("slow")
    hasty = CupsPrinter(tray.queue, hall.socket, {}, deadline=0.5)
    with pytest.raises(PrintFailed, match="not printed within"):
        hasty.place("run", "HD01-E000006", PAGE, FREE)
    assert hall.documents() == []
    assert tray.paper() == {}


def test_a_run_called_off_takes_its_page_back(hall, tray, printer):
    tray.jam("slow")
    called_off = threading.Event()
    threading.Timer(0.3, called_off.set).start()
    with pytest.raises(PrintFailed, match="called off"):
        printer.place("run", "HD01-E000007", PAGE, called_off)
    assert hall.documents() == []


def test_a_queue_or_scheduler_that_is_not_there_is_absent(hall, tmp_path):
    assert CupsPrinter("nothing", hall.socket).view().state is PrinterState.absent
    gone = CupsPrinter("pin", tmp_path / "cups.sock")
    assert gone.view().state is PrinterState.absent
    with pytest.raises(PrintFailed, match="does not answer"):
        gone.place("run", "HD01-E000008", PAGE, FREE)


def test_a_whole_ceremony_prints_and_after_a_jam_a_new_pin_is_printed(hall, tray, tmp_path):
    with OfficeTwin() as office:
        counter = furnish(tmp_path / "station", office)
        tray.jam()
        environment = {
            "STATION_PRINTER": tray.queue,
            "STATION_PRINTER_SERVER": str(hall.socket),
            "STATION_PRINTER_SPOOL": str(hall.spool),
        }
        with counter.station(**environment):
            run = office.queue("HD01-T00001")
            office.wait(run, RunState.stopped)
            assert run.fault is Fault.printer_jammed
            office.until(lambda: office.poll["printer"]["state"] == "jammed", "a printer shown as jammed")
            tray.clear()
            hall.enable(tray)
            office.resume(run)
            office.wait(run, RunState.awaiting_confirmation)
        assert run.printed is True
        assert run.url == ""
        assert len(run.void) == 1
        assert list(tray.paper()) == [run.envelope]
        assert opens(counter, run, counter.pins[run.envelope])
        assert hall.documents() == []


def test_a_spool_on_a_disk_is_refused_and_one_in_memory_is_not(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/vda / ext4 rw 0 0\ntmpfs /var/spool/cups tmpfs rw 0 0\n/dev/vdb /var ext4 rw 0 0\n")
    assert file_system_of(Path("/var/spool/cups/x"), mounts) == "tmpfs"
    assert file_system_of(Path("/var/spool/cupsy"), mounts) == "ext4"
    assert file_system_of(Path("/"), tmp_path / "none") == "unknown"
    assert spool_fault(Path("/dev/shm/spool")) is None
    assert "tmpfs" in (spool_fault(Path("/usr/share")) or "")


def test_an_answer_that_is_no_ipp_is_refused():
    assert decode(encode(0x000B, []))[1]["attributes-charset"] == ["utf-8"]
    whole = encode(0x000B, [(0x21, "job-id", 7), (0x22, "purge-job", True), (0x45, "printer-uri", "ipp://x")])
    assert decode(whole)[1]["job-id"] == [7]
    for cut in range(len(whole)):
        with pytest.raises(IppFailed):
            decode(whole[:cut])
