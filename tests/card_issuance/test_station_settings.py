"""What a station is told, and the sentence with which it refuses nonsense."""

import dataclasses
import json
import re
import stat
from pathlib import Path

import pytest

from card_issuance.slots import ModuleKind
from card_issuance.station_settings import SettingsFault, StationSettings, checked_url
from card_issuance.station_store import Credentials, StationStore, StoreFault

DEMONSTRATION = 'office_url = "http://127.0.0.1:8600"\ndemonstration = true\n'
SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
REAL = f'office_url = "https://office.example.cn"\n[token]\nkind = "pkcs11"\nmodule = "{SOFTHSM}"\n'


def load(directory: Path, text: str, **environment: str) -> StationSettings:
    (directory / "station.toml").write_text(text)
    return StationSettings.load(directory, environment)


def test_a_demonstration_needs_two_lines(tmp_path):
    settings = load(tmp_path, DEMONSTRATION)
    assert (settings.office_url, settings.slots, settings.page_port) == ("http://127.0.0.1:8600", 2, 8610)
    assert settings.token.kind is ModuleKind.simulated
    assert settings.printer.queue == ""


def test_a_real_station_names_its_module(tmp_path):
    settings = load(tmp_path, REAL)
    assert settings.token.kind is ModuleKind.pkcs11
    assert not settings.demonstration


def test_settings_are_frozen(tmp_path):
    with pytest.raises(dataclasses.FrozenInstanceError):
        load(tmp_path, DEMONSTRATION).office_url = "http://elsewhere"


def test_the_environment_wins(tmp_path):
    settings = load(tmp_path, DEMONSTRATION, STATION_PAGE_PORT="0", STATION_OFFICE_URL="http://localhost:9000/")
    assert (settings.page_port, settings.office_url) == (0, "http://localhost:9000")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("demonstration = true\n", "office_url"),
        ('office_url = "office"\n', "office_url"),
        ('office_url = "ftp://office.example.cn"\n', "office_url"),
        ('office_url = "https://a:b@office.example.cn"\n', "office_url"),
        ('office_url = "https://office.example.cn:0x"\n', "office_url"),
        ('office_url = "http://office.example.cn"\ndemonstration = true\n', "https"),
        ('office_url = "http://127.0.0.1:8600"\n', "https"),
        ('office_url = "http://10.0.0.8"\n', "https"),
        ('office_url = "https://office.example.cn"\n', "token.kind"),
        (DEMONSTRATION + "page_port = 70000\n", "page_port"),
        (DEMONSTRATION + 'page_port = "8610"\n', "page_port"),
        (DEMONSTRATION + "page_port = true\n", "page_port"),
        (DEMONSTRATION + "colour = 1\n", "colour"),
        (DEMONSTRATION + 'office_ca = "/nowhere.pem"\n', "office_ca"),
        (DEMONSTRATION + "[token]\nslots = 0\n", "token.slots"),
        (DEMONSTRATION + '[token]\nslots = "2"\n', "token.slots"),
        (DEMONSTRATION + '[token]\nkind = "usb"\n', "token.kind"),
        (DEMONSTRATION + "[token]\npin_length = 99\n", "token.pin_length"),
        (DEMONSTRATION + "[token]\nnonsense = 1\n", "token.nonsense"),
        (DEMONSTRATION + '[token]\nmodule = "/nowhere.so"\n', "token.module"),
        (DEMONSTRATION + '[printer]\nqueue = "a b"\n', "printer.queue"),
        (DEMONSTRATION + '[printer]\nqueue = "pin"\nspool = "/usr/share"\n', "printer.spool"),
        (DEMONSTRATION + "[printer]\ndeadline = 1\n", "printer.deadline"),
        (DEMONSTRATION + "[printer]\noptions = { copies = 2 }\n", "printer.options"),
        (DEMONSTRATION + "[printer]\npaper = 1\n", "printer.paper"),
        ("printer = 1\n" + DEMONSTRATION, "printer"),
        ("not toml", "TOML"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_setting(tmp_path, text, named):
    with pytest.raises(SettingsFault, match=named):
        load(tmp_path, text)


def test_nonsense_in_the_environment_is_named_too(tmp_path):
    with pytest.raises(SettingsFault, match="STATION_PAGE_PORT"):
        load(tmp_path, DEMONSTRATION, STATION_PAGE_PORT="x")


def test_plain_http_is_for_a_demonstration_on_loopback_only():
    assert checked_url("http://[::1]:8600", demonstration=True) == "http://[::1]:8600"
    assert checked_url("https://office.example.cn/base/", demonstration=False) == "https://office.example.cn/base"
    for url in ("http://127.0.0.1.example.cn", "http://0.0.0.0:8600", "http://192.168.1.5"):
        with pytest.raises(SettingsFault):
            checked_url(url, demonstration=True)


def test_a_directory_that_was_never_enrolled_says_how(tmp_path):
    with pytest.raises(SettingsFault, match="--enrol"):
        StationSettings.load(tmp_path, {})
    with pytest.raises(StoreFault, match="--enrol"):
        StationStore(tmp_path).credentials()


def test_what_is_kept_is_for_its_owner_only_and_hides_its_secret(tmp_path):
    store = StationStore(tmp_path / "station")
    store.begin("http://127.0.0.1:8600", demonstration=True)
    given = Credentials("http://127.0.0.1:8600", 7, "1 号窗口", "HD01", "very-secret")
    store.save_credentials(given)
    assert store.credentials() == given
    assert "very-secret" not in repr(given)
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700
    files = [path for path in store.directory.iterdir() if path.is_file()]
    assert {path.name for path in files} == {"station.toml", "credentials.json", "officer_masters.json"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


@pytest.mark.parametrize("name", ["credentials.json", "officer_masters.json"])
def test_a_secret_that_others_can_read_is_refused(tmp_path, name):
    store = StationStore(tmp_path)
    store.begin("http://127.0.0.1:8600", demonstration=True)
    store.save_credentials(Credentials("http://127.0.0.1:8600", 1, "窗口", "HD01", "secret"))
    (tmp_path / name).chmod(0o640)
    with pytest.raises(StoreFault, match="chmod 600"):
        (store.credentials() if name == "credentials.json" else store.masters())


def test_beginning_again_keeps_masters_and_settings(tmp_path):
    store = StationStore(tmp_path)
    store.begin("http://127.0.0.1:8600", demonstration=True)
    masters = store.masters_file.read_bytes()
    store.begin("http://127.0.0.1:9999", demonstration=True)
    assert store.masters_file.read_bytes() == masters
    assert "8600" in (tmp_path / "station.toml").read_text()


def test_a_real_station_without_masters_is_told_where_they_come_from(tmp_path):
    store = StationStore(tmp_path)
    store.begin("https://office.example.cn", demonstration=False)
    assert not store.masters_file.exists()
    with pytest.raises(StoreFault, match="copy it"):
        store.masters()


def test_damaged_credentials_are_named(tmp_path):
    store = StationStore(tmp_path)
    store.save_credentials(Credentials("http://127.0.0.1:8600", 1, "窗口", "HD01", "secret"))
    for damage in ("", "{}", json.dumps({"secret": "x"})):
        (tmp_path / "credentials.json").write_text(damage)
        with pytest.raises(StoreFault, match="damaged"):
            store.credentials()


def test_two_stations_never_run_on_one_directory(tmp_path):
    store = StationStore(tmp_path)
    with store.held():
        with pytest.raises(StoreFault, match="another station"), store.held():
            pass
    with store.held():
        pass


def test_a_demonstration_knows_the_example_platform_and_a_real_station_nobody(tmp_path):
    assert list(load(tmp_path, DEMONSTRATION).platforms) == ["http://127.0.0.1:8602"]
    assert load(tmp_path, REAL).platforms == {}


def test_platforms_are_named_by_origin(tmp_path):
    given = 'name_zh = "样例平台"\nname_en = "Sample"\n'
    settings = load(tmp_path, REAL + f'[platforms."https://platform.example.cn:8443"]\n{given}')
    assert settings.platforms["https://platform.example.cn:8443"].name_zh == "样例平台"
    for origin in (
        "http://127.0.0.1:8602",
        "https://platform.example.cn/",
        "https://platform.example.cn:443",
        "https://Platform.example.cn",
        "https://a@platform.example.cn",
        "platform",
    ):
        with pytest.raises(SettingsFault, match="platforms"):
            load(tmp_path, REAL + f'[platforms."{origin}"]\n{given}')
    for words in ('name_zh = "样例平台"\n', given + "more = 1\n"):
        with pytest.raises(SettingsFault, match=re.escape('platforms."https://platform.example.cn".')):
            load(tmp_path, REAL + f'[platforms."https://platform.example.cn"]\n{words}')
