"""What the intake page shows: the sets with the rows that can matter, their scans, and what is folded away at a revisit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from app.services.examine_case import Verdict
from app.words.counter import SIGNED, TICKS
from app.words.terms import term
from forms.intake import IntakeForm
from models.rulebook.checklist import ROWS, Row, Tick, rows_needed
from models.rulebook.precheck import regime_of
from models.rulebook.vocabulary import ApplicantKind, DocumentKind, IdentityKind, Mark, Use
from models.tables import Scan

Failed = frozenset[tuple[int, str | None]]  # set and document kind; set 0 the whole application, kind None the set as a whole


@dataclass(frozen=True)
class RowView:
    row: Row
    id: str
    title: str
    key: str  # Alt+key ticks the whole row
    ticks: Sequence[tuple[Any, str]]  # bound field, word
    scans: Sequence[Scan]
    state: str  # "good", "bad" or "" while nothing is ticked
    is_folded: bool

    @property
    def all_ticked(self) -> bool:
        return all(field.data for field, _word in self.ticks)


@dataclass(frozen=True)
class SetView:
    position: int
    form: Any
    rows: Sequence[RowView]  # to look at
    folded: Sequence[RowView]  # in order since the last visit
    others: Sequence[RowView]  # cannot matter, may be added
    faults: int


@dataclass(frozen=True)
class Sheet:
    sets: Sequence[SetView]
    regime: Mark | None
    is_known: bool  # enough is filled in to say what is needed
    shape: str
    open_parts: frozenset[str]  # of "applicant", "presenter", "order"; the others are folded

    def is_folded(self, part: str) -> bool:
        return part not in self.open_parts


PARTS: Mapping[str, tuple[str, ...]] = {
    "applicant": (
        "credit_code", "kind", "name", "has_seal", "named_after_proprietor", "holds_code_bearing_licence", "established_on",
        "legal_representative", "address",
    ),
    "presenter": (
        "presenter_role", "presenter_name", "presenter_id_kind", "presenter_id_number", "presenter_id_until", "presenter_mobile",
    ),
    "order": ("certificates", "uses", "computer_code", "tax_numbers_differ"),
}  # fmt: skip
_PART_OF_CODE = {
    "applicant.not_covered": "applicant",
    "presenter.not_proprietor": "presenter",
    "sets.too_few": "order",
    "tax.computer_code_unknown": "order",
    "identity.expired": "presenter",
    "identity.not_presenter": "presenter",
}


def furnish(form: IntakeForm, certificates: int) -> None:
    """Give the form its words and as many sets as certificates are asked for."""
    form.lay_out(certificates)
    form.kind.offer(((kind.value, term(kind)) for kind in ApplicantKind), blank=_("请选择"))
    form.presenter_id_kind.offer(((kind.value, term(kind)) for kind in IdentityKind), blank=_("请选择"))
    form.uses.offer((use.value, term(use)) for use in Use)


def lay_out(
    form: IntakeForm, verdict: Verdict, scans: Iterable[tuple[int, Scan]], failed: Failed | None, codes: Iterable[str]
) -> Sheet:
    """`failed`: what failed at the last visit, None at the first. `codes`: those findings' codes."""
    question = verdict.reading.question
    by_place: dict[tuple[int, str], list[Scan]] = {}
    for position, scan in scans:
        by_place.setdefault((position, scan.document_kind.value), []).append(scan)
    bad = {(finding.set or 0, finding.document) for finding in verdict.refusals}
    sets = [
        _set(position, entry.form, verdict, bad, by_place, failed)
        for position, entry in enumerate(form.sets.entries[: max(verdict.reading.certificates, 1)], start=1)
    ]
    shape = "|".join(",".join(view.row.name for view in [*one.rows, *one.folded]) for one in sets)
    regime = regime_of(question.applicant) if question is not None else None
    return Sheet(sets, regime, question is not None, f"{regime}:{shape}", _open_parts(verdict, failed, codes))


def _open_parts(verdict: Verdict, failed: Failed | None, codes: Iterable[str]) -> frozenset[str]:
    if failed is None:
        return frozenset(PARTS)
    opened = {_PART_OF_CODE[code] for code in codes if code in _PART_OF_CODE}
    opened |= {part for part, fields in PARTS.items() if any(field in verdict.reading.faults for field in fields)}
    opened |= {_PART_OF_CODE[f.code.value] for f in verdict.refusals if f.code.value in _PART_OF_CODE}
    return frozenset(opened)


def _set(
    position: int,
    papers: Any,
    verdict: Verdict,
    bad: set[tuple[int, DocumentKind | None]],
    scans: Mapping[tuple[int, str], list[Scan]],
    failed: Failed | None,
) -> SetView:
    question = verdict.reading.question
    needed: tuple[str, ...] = ()
    if question is not None:
        both = question.tax_numbers_differ and Use.tax in question.uses
        needed = rows_needed(question.applicant, papers.seal_at_counter.data, both)
    shown = [name for name in ROWS if name in needed or _anything(papers, name) or _scanned(scans, position, name)]
    views = [_row(position, papers, name, digit, verdict, bad, scans, failed) for digit, name in enumerate(shown, start=1)]
    others = [_row(position, papers, name, 0, verdict, bad, scans, None) for name in ROWS if name not in shown]
    return SetView(
        position,
        papers,
        [view for view in views if not view.is_folded],
        [view for view in views if view.is_folded],
        others,
        sum(finding.set == position for finding in verdict.refusals),
    )


def _anything(papers: Any, name: str) -> bool:
    return any(field.data for field in papers[name].form)


def _scanned(scans: Mapping[tuple[int, str], list[Scan]], position: int, name: str) -> bool:
    return ROWS[name].authority is None and (position, ROWS[name].kind.value) in scans


def _row(
    position: int,
    papers: Any,
    name: str,
    digit: int,
    verdict: Verdict,
    bad: set[tuple[int, DocumentKind | None]],
    scans: Mapping[tuple[int, str], list[Scan]],
    failed: Failed | None,
) -> RowView:
    row = ROWS[name]
    question = verdict.reading.question
    mark = SIGNED if question is not None and regime_of(question.applicant) is Mark.signature else TICKS[Tick.mark]
    ticks = [(papers[name].form[tick.value], str(mark if tick is Tick.mark else TICKS[tick])) for tick in row.ticks]
    ticked = any(field.data for field, _word in ticks)
    state = "bad" if (position, row.kind) in bad else "good" if ticked else ""
    is_folded = failed is not None and state == "good" and not _failed_before(failed, position, row)
    title = term(row.kind) + (_("（%(authority)s）", authority=term(row.authority)) if row.authority else "")
    pictures = [] if row.authority else scans.get((position, row.kind.value), [])
    return RowView(row, f"row-{position}-{name}", title, str(digit or ""), ticks, pictures, state, is_folded)


def _failed_before(failed: Failed, position: int, row: Row) -> bool:
    licence = row.kind not in (DocumentKind.application_form, DocumentKind.identity_document)
    return (position, row.kind.value) in failed or (licence and (position, None) in failed)
