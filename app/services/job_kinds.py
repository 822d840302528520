"""Which use case does which kind of background work."""

from collections.abc import Mapping
from types import MappingProxyType

from app.services.jobs import Work
from models.rulebook.oversight import JobKind

WORKS: Mapping[JobKind, Work] = MappingProxyType({})
