"""A station's directory: its credentials and officer master keys, readable by its owner only. No PIN is ever in it.

station.toml            settings
credentials.json        what the office knows this station by
officer_masters.json    master keys of the officer PINs
pin_tries/              how many wrong PINs the tokens have seen in a row
tokens/                 simulated tokens, or the driver's lock files
running                 held locked by the station that runs here
"""

import fcntl
import json
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from card_issuance.officer import Masters
from card_issuance.slots import ModuleSettings
from card_issuance.station_settings import FILE_NAME, TOKENS, StationSettings, checked_url

PIN_TRIES = "pin_tries"


class StoreFault(Exception):
    """The directory is not in order. The sentence says what to do."""


@dataclass(frozen=True)
class Credentials:
    office: str  # address
    station: int | str
    name: str
    branch: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class StationStore:
    directory: Path

    @property
    def _credentials(self) -> Path:
        return self.directory / "credentials.json"

    @property
    def masters_file(self) -> Path:
        return self.directory / "officer_masters.json"

    @property
    def enrolled(self) -> bool:
        return self._credentials.exists()

    def credentials(self) -> Credentials:
        path = self._credentials
        if not path.exists():
            raise StoreFault(
                f"the station in {self.directory} is not enrolled: ./office station --enrol CODE --office URL --directory {self.directory}"
            )
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise StoreFault(f"{path} holds the station's secret and must be readable by its owner only (chmod 600)")
        try:
            return Credentials(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError):
            raise StoreFault(f"{path} is damaged: enrol the station anew") from None

    def settings(self, environment: Mapping[str, str]) -> StationSettings:
        """Raises SettingsFault."""
        return StationSettings.load(self.directory, environment)

    def masters(self) -> Masters:
        try:
            return Masters.read(self.masters_file)
        except FileNotFoundError:
            raise StoreFault(
                f"{self.masters_file} is missing: copy it from another station of this installation (mode 600)"
            ) from None
        except (PermissionError, ValueError) as fault:
            raise StoreFault(str(fault)) from None

    def save_credentials(self, credentials: Credentials) -> None:
        self._make_directory()
        write_private(self._credentials, json.dumps(asdict(credentials), ensure_ascii=False, indent=1))

    def begin(self, office_url: str, demonstration: bool) -> None:
        """Settings to start with, unless there are some; in a demonstration also officer master keys."""
        checked_url(office_url, demonstration)
        self._make_directory()
        settings = self.directory / FILE_NAME
        if not settings.exists():
            lines = [f"office_url = {json.dumps(office_url)}", f"demonstration = {str(demonstration).lower()}"]
            write_private(
                settings, "\n".join([*lines, "", "[token]", 'kind = "simulated"' if demonstration else 'kind = "pkcs11"', ""])
            )
        if demonstration and not self.masters_file.exists():
            Masters.make(self.masters_file)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Only one station runs on a directory."""
        self._make_directory()
        with open(self.directory / "running", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StoreFault(f"another station is running in {self.directory}") from None
            yield

    def _make_directory(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)


def demonstration_module(directory: Path) -> ModuleSettings:
    """The simulated tokens of a demonstration station: `.cabinet.make_blank(serial)` fills its drawer."""
    return ModuleSettings.simulated(directory / TOKENS)


def write_private(path: Path, content: str) -> None:
    """All or nothing, mode 0600 from the first byte, on the disk when this returns."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    settle(path.parent)


def settle(directory: Path) -> None:
    """The names in a directory are on the disk when this returns."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
