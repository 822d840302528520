"""Where each kind of background work leads: the page that shows what came out. What is a file only is fetched from its own page."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import url_for

from models.rulebook.oversight import JobKind
from models.tables import Job

# The endpoint, and the value of its path that the work's answer (or else its question) has under the same name.
RESULTS: Mapping[JobKind, tuple[str, str]] = MappingProxyType(
    {
        JobKind.destruction: ("retention.listed", "list_id"),
        JobKind.edition_preview: ("rules.preview", "draft_id"),
        JobKind.stock_import: ("deliveries.imported", "import_id"),
        JobKind.trace_check: ("retention.verified", "check_id"),
    }
)


def result_url(job: Job) -> str:
    """The address of the page for what came out; empty for a kind that has none."""
    endpoint, name = RESULTS.get(job.kind, ("", ""))
    value = {**job.question, **job.answer}.get(name)
    return url_for(endpoint, **{name: value}) if endpoint and value is not None else ""
