"""Which use case does which kind of background work."""

from collections.abc import Mapping
from types import MappingProxyType

from app.services.export_list import make_export
from app.services.jobs import Work
from models.rulebook.oversight import JobKind

WORKS: Mapping[JobKind, Work] = MappingProxyType(
    {
        JobKind.list_export: make_export,
    }
)
