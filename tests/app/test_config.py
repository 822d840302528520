"""Unsafe settings stop the start with a sentence that names the setting, one by one."""

import base64
import stat
from pathlib import Path

import pytest

from app.config import Misconfigured, Mode, read_settings
from app.services.webhook_reach import LOOPBACK

SAFE = {
    "OFFICE_MODE": "production",
    "OFFICE_SECRET": "9f2c4b7d1e8a3c5f7b9d2e4a6c8f1b3d5e7a9c2b",
    "OFFICE_VAULT_KEY": base64.b64encode(bytes(range(32))).decode(),
    "OFFICE_PUBLIC_URL": "https://office.example.cn",
}


def test_a_safe_production_starts(tmp_path: Path) -> None:
    settings = read_settings(SAFE, tmp_path)
    assert settings.mode is Mode.production
    assert settings.station == "none"
    assert settings.speaks_https
    assert list(tmp_path.iterdir()) == []  # nothing is made up for production


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("OFFICE_SECRET", "", "secret"),
        ("OFFICE_SECRET", "short", "secret"),
        ("OFFICE_SECRET", "a" * 64, "secret"),
        ("OFFICE_VAULT_KEY", "", "vault_key"),
        ("OFFICE_VAULT_KEY", "no base64!", "vault_key"),
        ("OFFICE_VAULT_KEY", base64.b64encode(b"short").decode(), "vault_key"),
        ("OFFICE_VAULT_KEY", base64.b64encode(bytes(32)).decode(), "vault_key"),
        ("OFFICE_STATION", "simulated", "station"),
        ("OFFICE_STATION", "nonsense", "station"),
        ("OFFICE_AUTHORITY", "twin", "authority"),
        ("OFFICE_HOST", "0.0.0.0", "host"),  # noqa: S104
        ("OFFICE_HOST", "office.example.cn", "host"),
        ("OFFICE_PUBLIC_URL", "http://office.example.cn", "public_url"),
        ("OFFICE_PUBLIC_URL", "office.example.cn", "public_url"),
        ("OFFICE_CRL_URL", "ldap://crl", "crl_url"),
        ("OFFICE_MODE", "prod", "mode"),
        ("OFFICE_PORT", "80a", "port"),
        ("OFFICE_PORT", "70000", "port"),
        ("OFFICE_PROXIES", "-1", "proxies"),
        ("DATABASE_URL", "mysql://x", "database"),
        ("DATABASE_URL", "::", "database"),
    ],
)
def test_an_unsafe_setting_is_named(tmp_path: Path, name: str, value: str, setting: str) -> None:
    with pytest.raises(Misconfigured) as fault:
        read_settings(SAFE | {name: value}, tmp_path)
    assert fault.value.setting == setting
    named = "DATABASE_URL" if setting == "database" else f"OFFICE_{setting.upper()}"
    assert named in str(fault.value)
    if len(value) > 15:
        assert value not in str(fault.value) or not ("SECRET" in name or "KEY" in name)


def test_a_demonstration_listens_on_this_machine_only(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as fault:
        read_settings({"OFFICE_HOST": "0.0.0.0"}, tmp_path)  # noqa: S104
    assert fault.value.setting == "host"


def test_a_demonstration_makes_its_own_secrets_once(tmp_path: Path) -> None:
    first, second = read_settings({}, tmp_path), read_settings({}, tmp_path)
    assert first == second
    assert first.is_demonstration
    kept = tmp_path / "demonstration.toml"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert read_settings({}, tmp_path / "other").secret != first.secret


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text('port = 9001\npublic_url = "http://127.0.0.1:7"\n')
    assert read_settings({}, tmp_path).port == 9001
    assert read_settings({"OFFICE_PORT": "9002"}, tmp_path).port == 9002
    assert read_settings({"OFFICE_PORT": "9002"}, tmp_path, port="9003").port == 9003
    assert read_settings({}, tmp_path).public_url == "http://127.0.0.1:7"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "office.toml").write_text("port = = 1")
    with pytest.raises(Misconfigured, match=r"office\.toml"):
        read_settings({}, tmp_path)


def test_postgresql_means_psycopg(tmp_path: Path) -> None:
    settings = read_settings({"DATABASE_URL": "postgresql://u:p@db/office"}, tmp_path)
    assert settings.database == "postgresql+psycopg://u:p@db/office"


def test_only_a_demonstration_calls_webhooks_on_its_own_machine(tmp_path: Path) -> None:
    """Other networks of the house are named by a setting, in either mode."""
    named = {"OFFICE_WEBHOOK_NETWORKS": "10.1.0.0/16, fd00:1::/32"}
    demonstration, production = read_settings(named, tmp_path / "d"), read_settings(SAFE | named, tmp_path / "p")
    assert [str(each) for each in production.webhook_networks] == ["10.1.0.0/16", "fd00:1::/32"]
    assert demonstration.webhook_networks == (*production.webhook_networks, *LOOPBACK)
    assert read_settings(SAFE, tmp_path / "p").webhook_networks == ()
    with pytest.raises(Misconfigured, match="OFFICE_WEBHOOK_NETWORKS"):
        read_settings({"OFFICE_WEBHOOK_NETWORKS": "10.1.0.0/99"}, tmp_path)
