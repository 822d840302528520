"""Which use case does which kind of background work."""

from collections.abc import Mapping
from types import MappingProxyType

from app.services.carry_out_destruction import carry_out_destruction
from app.services.export_list import make_export
from app.services.jobs import Work
from app.services.period_report import period_report
from app.services.preview_edition import preview_edition
from app.services.take_over_import import work_on_import
from app.services.verify_traces import check_traces
from models.rulebook.oversight import JobKind

WORKS: Mapping[JobKind, Work] = MappingProxyType(
    {
        JobKind.period_report: period_report,
        JobKind.destruction: carry_out_destruction,
        JobKind.edition_preview: preview_edition,
        JobKind.list_export: make_export,
        JobKind.stock_import: work_on_import,
        JobKind.trace_check: check_traces,
    }
)
