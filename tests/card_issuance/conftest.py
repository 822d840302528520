"""A holder's token in a running station, and the station's page. A file that needs them otherwise says so itself."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.card_issuance.counter import furnish
from tests.card_issuance.holder import hold, soon
from tests.card_issuance.office_twin import OfficeTwin

FIRST = "HD01-T00001"


@pytest.fixture
def office() -> Iterator[OfficeTwin]:
    with OfficeTwin() as twin:
        yield twin


@pytest.fixture
def holder(tmp_path: Path, office: OfficeTwin) -> Any:
    return hold(furnish(tmp_path / "station", office), FIRST)


@pytest.fixture
def station(holder: Any) -> Iterator[Any]:
    with holder.counter.station() as running:
        soon(lambda: FIRST in running.view().tries_left)
        yield running


@pytest.fixture
def page(station: Any) -> str:
    return station.shelf.page
