"""What a station is told by its configuration: `station.toml` in its directory, over it the environment. Frozen; nonsense is refused.

office_url = "https://office.example.cn"    # environment: STATION_OFFICE_URL
office_ca = "/etc/station/office-ca.pem"     # only where the office's TLS certificate has a private root
demonstration = false                        # simulated tokens, and plain HTTP to an office on this machine
page_port = 8610                             # of the loopback page; 0 takes any free one
[printer]
queue = "pin-printer"                        # CUPS queue; empty: the envelope is shown once on the loopback page
server = "/run/cups/cups.sock"               # the local scheduler's socket
spool = "/var/spool/cups"                    # must lie in memory
deadline = 120                               # seconds from handing over to paper out
options = { media = "iso_a4_210x297mm", sides = "two-sided-long-edge", print-scaling = "none" }
[token]
kind = "simulated"                           # or "pkcs11", "fixed": see slots.ModuleSettings.read
slots = 2                                    # of kind simulated
module = "/usr/lib/softhsm/libsofthsm2.so"
[platforms."https://platform.example.cn"]    # whoever may ask a holder to sign in here; its name as the holder is shown it
name_zh = "样例业务平台"
name_en = "Sample Platform"
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from card_issuance.printer import spool_fault
from card_issuance.slots import ModuleKind, ModuleSettings

FILE_NAME = "station.toml"
PAGE_PORT = 8610
TOKENS = "tokens"  # folder of the simulated cabinet, or of the driver's locks
FROM_ENVIRONMENT = {
    "STATION_OFFICE_URL": ("office_url", str),
    "STATION_OFFICE_CA": ("office_ca", str),
    "STATION_PAGE_PORT": ("page_port", int),
    "STATION_PRINTER": ("printer.queue", str),
    "STATION_PRINTER_SERVER": ("printer.server", str),
    "STATION_PRINTER_SPOOL": ("printer.spool", str),
}


class SettingsFault(Exception):
    """The station does not start like this. The sentence names the setting."""


@dataclass(frozen=True)
class PrinterSettings:
    queue: str = ""
    server: Path = Path("/run/cups/cups.sock")
    spool: Path = Path("/var/spool/cups")
    deadline: float = 120.0
    options: Mapping[str, str] = field(
        default_factory=lambda: {"media": "iso_a4_210x297mm", "sides": "two-sided-long-edge", "print-scaling": "none"}
    )


@dataclass(frozen=True)
class AskingPlatform:
    """A platform for which holders may sign at this station."""

    origin: str
    name_zh: str
    name_en: str


# What `./office platform` starts beside a demonstration; other platforms, and this one elsewhere, are named in the settings.
EXAMPLE_PLATFORM = AskingPlatform("http://127.0.0.1:8602", "样例社会组织业务平台", "Sample Social Organisations Platform")


@dataclass(frozen=True)
class StationSettings:
    directory: Path
    office_url: str
    office_ca: Path | None
    demonstration: bool
    page_port: int
    printer: PrinterSettings
    token: ModuleSettings
    slots: int  # how many simulated tokens fit in
    platforms: Mapping[str, AskingPlatform]  # by origin

    @staticmethod
    def load(directory: Path, environment: Mapping[str, str] = os.environ) -> "StationSettings":
        """Raises SettingsFault with a sentence that names the setting."""
        path = directory / FILE_NAME
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise SettingsFault(
                f"{path} is missing; enrol the station first: ./office station --enrol CODE --office URL --directory {directory}"
            ) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise SettingsFault(f"{path} is not TOML: {fault}") from None
        return StationSettings.read(given, directory, environment)

    @staticmethod
    def read(given: Mapping[str, Any], directory: Path, environment: Mapping[str, str]) -> "StationSettings":
        table = _Table(_over(given, environment))
        demonstration = table.take("demonstration", bool, False)
        settings = StationSettings(
            directory=directory,
            office_url=checked_url(table.take("office_url", str), demonstration),
            office_ca=_file(table.take("office_ca", str, "")),
            demonstration=demonstration,
            page_port=_within("page_port", table.take("page_port", int, PAGE_PORT), 0, 65535),
            printer=_printer(table.take("printer", dict, {})),
            slots=0,
            platforms=_platforms(table.take("platforms", dict, None), demonstration),
            token=None,  # type: ignore[arg-type]  # set below, when everything plain is known to be in order
        )
        token = dict(table.take("token", dict, {}))
        slots = _within("token.slots", _typed("token.slots", token.pop("slots", 2), int), 1, 16)
        table.nothing_left()
        module = _module(token, directory)
        if module.kind is ModuleKind.simulated and not demonstration:
            raise SettingsFault(
                "token.kind: simulated tokens are for demonstration only; name a real PKCS#11 module, or set demonstration = true"
            )
        if not Path(module.module).is_file():
            raise SettingsFault(f"token.module: there is no PKCS#11 library at {module.module}")
        return StationSettings(**{**settings.__dict__, "token": module, "slots": slots})


def checked_url(url: str, demonstration: bool) -> str:
    """The office's address without a slash at its end; SettingsFault unless it is https, or a demonstration's on this machine."""
    parts = urlsplit(url)
    try:
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        port_ok = False
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or not port_ok
        or parts.query
        or parts.fragment
        or parts.username
    ):
        raise SettingsFault(f"office_url: {url!r} is not an address like https://office.example.cn")
    if parts.scheme == "http" and not (demonstration and is_loopback(parts.hostname)):
        raise SettingsFault(
            "office_url: must be https; plain http is for a demonstration on this machine only (demonstration = true and a loopback address)"
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Table:
    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = dict(given)

    def take(self, name: str, kind: type, *default: Any) -> Any:
        if name not in self._given:
            if default:
                return default[0]
            raise SettingsFault(f"{name}: is missing")
        return _typed(name, self._given.pop(name), kind)

    def nothing_left(self) -> None:
        if self._given:
            raise SettingsFault(f"{', '.join(sorted(self._given))}: no such setting")


def _typed(name: str, value: Any, kind: type) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise SettingsFault(f"{name}: {value!r} is not {'a table' if kind is dict else 'of type ' + kind.__name__}")
    return value


def _over(given: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """The file's settings with those of the environment laid over them."""
    merged = {name: dict(value) if isinstance(value, dict) else value for name, value in given.items()}
    for variable, (name, kind) in FROM_ENVIRONMENT.items():
        if variable not in environment:
            continue
        try:
            value = kind(environment[variable])
        except ValueError:
            raise SettingsFault(f"{variable}: {environment[variable]!r} is not of type {kind.__name__}") from None
        table, _, key = name.rpartition(".")
        (merged.setdefault(table, {}) if table else merged)[key] = value
    return merged


def _within(name: str, value: float, least: float, most: float) -> Any:
    if not least <= value <= most:
        raise SettingsFault(f"{name}: {value} is not from {least} to {most}")
    return value


def _file(path: str) -> Path | None:
    if not path:
        return None
    if not Path(path).is_file():
        raise SettingsFault(f"office_ca: there is no file {path}")
    return Path(path)


def _printer(given: Mapping[str, Any]) -> PrinterSettings:
    table = _Table({f"printer.{name}": value for name, value in given.items()})
    standard = PrinterSettings()
    queue = table.take("printer.queue", str, "")
    if not re.fullmatch(r"[^\s/#?%]{0,127}", queue):
        raise SettingsFault(f"printer.queue: {queue!r} cannot be the name of a CUPS queue")
    options = table.take("printer.options", dict, dict(standard.options))
    if not all(isinstance(value, str) for value in options.values()):
        raise SettingsFault("printer.options: every option is a text")
    printer = PrinterSettings(
        queue,
        Path(table.take("printer.server", str, str(standard.server))),
        Path(table.take("printer.spool", str, str(standard.spool))),
        _within("printer.deadline", table.take("printer.deadline", float, standard.deadline), 5, 3600),
        options,
    )
    table.nothing_left()
    fault = spool_fault(printer.spool) if queue else None
    if fault:
        raise SettingsFault(f"printer.spool: {fault}")
    return printer


def _platforms(given: Mapping[str, Any] | None, demonstration: bool) -> dict[str, AskingPlatform]:
    if given is None:
        return {EXAMPLE_PLATFORM.origin: EXAMPLE_PLATFORM} if demonstration else {}
    platforms = {}
    for origin, words in given.items():
        name = f'platforms."{origin}"'
        if not is_origin(origin, demonstration):
            raise SettingsFault(
                f"{name}: is not an origin like https://platform.example.cn; plain http is for a demonstration on this machine only"
            )
        table = _Table({f"{name}.{key}": value for key, value in _typed(name, words, dict).items()})
        platforms[origin] = AskingPlatform(origin, table.take(f"{name}.name_zh", str), table.take(f"{name}.name_en", str))
        table.nothing_left()
    return platforms


def is_origin(text: str, demonstration: bool) -> bool:
    """Scheme, host and port as a browser writes them, and nothing more."""
    parts = urlsplit(text)
    try:
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return False
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    plain = parts.scheme == "http" and demonstration and is_loopback(parts.hostname or "")
    usual = port == {"http": ":80", "https": ":443"}.get(parts.scheme)
    return bool(host) and (parts.scheme == "https" or plain) and not usual and text == f"{parts.scheme}://{host}{port}"


def _module(token: Mapping[str, Any], directory: Path) -> ModuleSettings:
    try:
        return ModuleSettings.read(token, directory / TOKENS)
    except (ValueError, TypeError, AttributeError) as fault:
        raise SettingsFault(f"token.{fault}") from None
