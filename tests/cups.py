"""A real cupsd in a directory of its own, with a printer that puts its paper into a folder. For the printer's tests.

    with cups(tmp) as hall:
        printer = hall.printer("pin")     # a queue; `printer.paper()` is what came out, page after page
        printer.jam()                     # the next job stops half-way, as with a paper jam

The scheduler listens on a socket only; its spool lies in memory (/dev/shm), as the station demands. The printer is a backend
program of CUPS: a shell script, run by the scheduler for every job.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CUPSD = Path("/usr/sbin/cupsd")
SERVER_BIN = Path("/usr/lib/cups")
TRAY = """#!/bin/sh
# job user title copies options [file]: one sheet into the tray, unless something is in the way
[ $# -eq 0 ] && exit 0
tray=${DEVICE_URI#tray:}
[ -e "$tray/slow" ] && sleep 30
if [ -e "$tray/stuck" ]; then
  echo "STATE: +media-jam-error" >&2
  while [ -e "$tray/stuck" ]; do sleep 0.1; done
fi
if [ -e "$tray/jam" ]; then echo "STATE: +media-jam-error" >&2; exit 4; fi
if [ -e "$tray/broken" ]; then exit 1; fi
echo "STATE: -media-jam-error" >&2
cat ${6:+"$6"} > "$tray/$3.pdf"
"""
FILES_CONF = """RequestRoot {home}/spool
CacheDir {home}/cache
StateDir {home}/state
TempDir {home}/tmp
ServerRoot {home}/root
ServerBin {home}/bin
ErrorLog {home}/error_log
AccessLog {home}/access_log
PageLog {home}/page_log
SystemGroup root
"""
DAEMON_CONF = """Listen {home}/cups.sock
Browsing No
DefaultAuthType None
WebInterface No
LogLevel warn
ErrorPolicy stop-printer
<Policy default>
JobPrivateAccess default
JobPrivateValues default
SubscriptionPrivateAccess default
SubscriptionPrivateValues default
<Limit All>
Order allow,deny
Allow all
</Limit>
</Policy>
"""


@dataclass(frozen=True)
class TrayPrinter:
    queue: str
    tray: Path

    def paper(self) -> dict[str, bytes]:
        """What came out, by title."""
        return {sheet.stem: sheet.read_bytes() for sheet in self.tray.glob("*.pdf")}

    def jam(self, how: str = "jam") -> None:
        (self.tray / how).touch()

    def clear(self, how: str = "jam") -> None:
        (self.tray / how).unlink()


@dataclass(frozen=True)
class PrintHall:
    home: Path

    @property
    def socket(self) -> Path:
        return self.home / "cups.sock"

    @property
    def spool(self) -> Path:
        return self.home / "spool"

    def documents(self) -> list[str]:
        """Documents in the spool."""
        return sorted(path.name for path in self.spool.iterdir() if path.name.startswith("d"))

    def lp(self, *words: str) -> str:
        environment = {**os.environ, "CUPS_SERVER": str(self.socket), "LC_ALL": "C"}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True, timeout=20)
        return done.stdout

    def printer(self, queue: str) -> TrayPrinter:
        tray = self.home / f"tray-{queue}"
        tray.mkdir(mode=0o777)
        tray.chmod(0o777)
        self.lp("lpadmin", "-p", queue, "-E", "-v", f"tray:{tray}", "-o", "printer-error-policy=stop-printer")
        return TrayPrinter(queue, tray)

    def enable(self, printer: TrayPrinter) -> None:
        self.lp("cupsenable", printer.queue)


@contextmanager
def cups() -> Iterator[PrintHall]:
    if not CUPSD.exists() or os.geteuid() != 0:
        pytest.skip("cupsd is not installed, or this is not root: nothing is known of printing by CUPS")
    home = Path(tempfile.mkdtemp(prefix="cups-", dir="/dev/shm"))
    for name in ("spool", "cache", "state", "root", "tmp", "bin", "bin/backend"):
        (home / name).mkdir()
    for way in (home, home / "bin", home / "bin" / "backend"):
        way.chmod(0o755)  # the scheduler runs backends as user lp, whatever this process's umask is
    for name in ("daemon", "notifier"):
        (home / "bin" / name).symlink_to(SERVER_BIN / name)
    tray = home / "bin" / "backend" / "tray"
    tray.write_text(TRAY)
    tray.chmod(0o755)
    (home / "cupsd.conf").write_text(DAEMON_CONF.format(home=home))
    (home / "cups-files.conf").write_text(FILES_CONF.format(home=home))
    words = [str(CUPSD), "-f", "-c", str(home / "cupsd.conf"), "-s", str(home / "cups-files.conf")]
    daemon = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while not (home / "cups.sock").exists() and time.monotonic() < end:
            assert daemon.poll() is None, "cupsd did not start"
            time.sleep(0.05)
        yield PrintHall(home)
    finally:
        daemon.terminate()
        daemon.wait(20)
        shutil.rmtree(home, ignore_errors=True)
