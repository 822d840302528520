"""Settings, read once at the start from the environment and `instance/office.toml`, then frozen.

Every setting is called OFFICE_NAME in the environment and `name` in the file; the environment wins. `DATABASE_URL` keeps its
usual name. Nonsense or an unsafe combination stops the start with a sentence that names the setting.
"""

import base64
import binascii
import ipaddress
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from app.services.vault import KEY_BYTES
from app.services.webhook_reach import LOOPBACK, Network, networks
from models.tables.engine import database_url

HOUSE = Path(__file__).resolve().parent.parent
SECRET_BYTES = 32  # the least that the secret may carry


class Misconfigured(Exception):
    """A setting that cannot be worked with. `setting` is its name, the text a whole sentence."""

    def __init__(self, setting: str, sentence: str) -> None:
        super().__init__(sentence)
        self.setting = setting


class Mode(StrEnum):
    demonstration = "demonstration"
    production = "production"


@dataclass(frozen=True)
class Settings:
    mode: Mode
    instance: Path  # folder of everything that is kept: database, scans, authority, secrets
    database: str  # URL
    secret: str  # signs the session cookie
    vault_key: bytes  # 32 bytes; seals personal numbers and scans
    host: str  # where the office listens
    port: int
    public_url: str  # how browsers and stations reach the office, no slash at the end
    crl_url: str  # how the world reaches the revocation list: written into every certificate
    station: str  # what `serve` starts beside the office: "simulated" (a station with simulated tokens) or "none"
    station_port: int  # of that station's loopback page
    authority: str  # "embedded"
    authority_module: str  # PKCS#11 module that holds the embedded authority's keys
    proxies: int  # how many proxies in front may be believed about address and scheme
    webhook_networks: tuple[Network, ...] = ()  # where platforms may be told things beside the public internet

    @property
    def is_demonstration(self) -> bool:
        return self.mode is Mode.demonstration

    @property
    def station_home(self) -> Path:
        return self.instance / "station"

    @property
    def speaks_https(self) -> bool:
        return self.public_url.startswith("https://")


def read_settings(environment: Mapping[str, str] | None = None, instance: Path | None = None, **given: str) -> Settings:
    """Settings from the environment, the file and, before both, what the command line gave. Raises Misconfigured."""
    environment = os.environ if environment is None else environment
    instance = instance or Path(environment.get("OFFICE_INSTANCE") or HOUSE / "instance")
    written = _read_file(instance / "office.toml")

    def value(name: str, default: str = "") -> str:
        return str(given.get(name) or environment.get(f"OFFICE_{name.upper()}") or written.get(name) or default)

    mode = _mode(value("mode", Mode.demonstration))
    if mode is Mode.demonstration:
        written |= _demonstration_secrets(instance)
    host = value("host", "127.0.0.1")
    port = _port("port", value("port", "8600"))
    public_url = _url("public_url", value("public_url", f"http://{_in_url(host)}:{port}"))
    settings = Settings(
        mode=mode,
        instance=instance,
        database=_database(environment.get("DATABASE_URL") or value("database"), instance),
        secret=value("secret"),
        vault_key=_vault_key(value("vault_key")),
        host=host,
        port=port,
        public_url=public_url,
        crl_url=_url("crl_url", value("crl_url", public_url)),
        station=value("station", "simulated" if mode is Mode.demonstration else "none"),
        station_port=_port("station_port", value("station_port", str(port + 1))),
        authority=value("authority", "embedded"),
        authority_module=value("authority_module", "/usr/lib/softhsm/libsofthsm2.so"),
        proxies=_count("proxies", value("proxies", "0")),
        webhook_networks=_networks(value("webhook_networks")) + (LOOPBACK if mode is Mode.demonstration else ()),
    )
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    """Refuse what must not run. The database's own contents are checked by `services/check_readiness.py`."""
    _check_secret(settings.secret)
    if settings.station not in {"simulated", "none"}:
        raise Misconfigured("station", f"OFFICE_STATION is '{settings.station}': it is 'simulated' or 'none'.")
    if settings.authority != "embedded":
        raise Misconfigured("authority", "OFFICE_AUTHORITY: only 'embedded' is known.")
    if settings.is_demonstration:
        if not is_loopback(settings.host):
            raise Misconfigured(
                "host",
                f"OFFICE_HOST is {settings.host}: a demonstration's passwords are known to everybody, so it listens on "
                "this machine only. Set OFFICE_MODE=production for anything else.",
            )
        return
    if settings.station == "simulated":
        raise Misconfigured(
            "station",
            "OFFICE_STATION is 'simulated': production needs real tokens and a real printer; set it to 'none' and run "
            "`./office station` on every counter's PC.",
        )
    if not is_loopback(settings.host):
        raise Misconfigured(
            "host",
            f"OFFICE_HOST is {settings.host}: the office speaks plain HTTP and may do so on this machine only; let it listen on "
            "127.0.0.1 and put an HTTPS proxy before it.",
        )
    if not settings.speaks_https and not is_loopback(urlsplit(settings.public_url).hostname or ""):
        raise Misconfigured(
            "public_url",
            f"OFFICE_PUBLIC_URL is {settings.public_url}: beyond this machine the office is reached by https:// only.",
        )


def _check_secret(secret: str) -> None:
    if not secret:
        raise Misconfigured("secret", "OFFICE_SECRET is missing: give at least 32 random bytes, e.g. `openssl rand -hex 32`.")
    if len(secret) < SECRET_BYTES or len(set(secret)) < 10:
        raise Misconfigured("secret", "OFFICE_SECRET is too weak: give at least 32 random bytes, e.g. `openssl rand -hex 32`.")


def _vault_key(text: str) -> bytes:
    if not text:
        raise Misconfigured(
            "vault_key", "OFFICE_VAULT_KEY is missing: give 32 random bytes in base64, `openssl rand -base64 32`."
        )
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Misconfigured(
            "vault_key", "OFFICE_VAULT_KEY is not base64: give 32 random bytes, `openssl rand -base64 32`."
        ) from None
    if len(key) != KEY_BYTES or len(set(key)) < 10:
        raise Misconfigured(
            "vault_key", "OFFICE_VAULT_KEY is too weak: give 32 random bytes in base64, `openssl rand -base64 32`."
        )
    return key


def _demonstration_secrets(instance: Path) -> dict[str, str]:
    """Secrets of a demonstration, made at its first start and kept beside its database."""
    file = instance / "demonstration.toml"
    if not file.exists():
        instance.mkdir(parents=True, exist_ok=True)
        vault_key = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
        text = f'# Made at the first start. The database cannot be read without it.\nsecret = "{secrets.token_hex(32)}"\nvault_key = "{vault_key}"\n'
        new = file.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    return {name: str(value) for name, value in _read_file(file).items()}


def _read_file(file: Path) -> dict[str, object]:
    if not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(file.name, f"{file.name} cannot be read: {error}.") from None


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise Misconfigured("mode", f"OFFICE_MODE is '{text}': it is 'demonstration' or 'production'.") from None


def _database(text: str, instance: Path) -> str:
    text = text or f"sqlite:///{(instance / 'office.db').resolve()}"
    try:
        return database_url(text).render_as_string(hide_password=False)
    except Exception:
        raise Misconfigured("database", "DATABASE_URL is not understood: give sqlite:///… or postgresql://….") from None


def _port(name: str, text: str) -> int:
    number = _count(name, text)
    if not 1 <= number <= 65535:
        raise Misconfigured(name, f"OFFICE_{name.upper()} is {text}: a port is 1 to 65535.")
    return number


def _count(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise Misconfigured(name, f"OFFICE_{name.upper()} is '{text}': it must be a whole number.")
    return int(text)


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return networks(text)
    except ValueError:
        raise Misconfigured(
            "webhook_networks", f"OFFICE_WEBHOOK_NETWORKS is '{text}': give networks such as 10.1.0.0/16, with a comma between."
        ) from None


def _url(name: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise Misconfigured(name, f"OFFICE_{name.upper()} is '{text}': it must be http://… or https://….")
    return text.rstrip("/")


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
