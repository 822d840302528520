import shutil
from dataclasses import replace

import pytest

from app.config import Misconfigured
from app.wiring import build_world


def test_a_damaged_authority_stops_the_start_with_a_sentence_that_names_the_setting(settings, authority):
    shutil.copytree(authority._directory, settings.instance / "authority")
    (settings.instance / "authority" / "issuing" / "pin.json").unlink()
    with pytest.raises(Misconfigured, match=r"^OFFICE_AUTHORITY: .*pin\.json"):
        build_world(settings)


def test_a_missing_pkcs11_module_stops_the_first_start_and_the_next_one_may_succeed(settings):
    with pytest.raises(Misconfigured, match=r"^OFFICE_AUTHORITY: .*/no/such/module\.so"):
        build_world(replace(settings, authority_module="/no/such/module.so"))
    assert not (settings.instance / "authority").exists()
