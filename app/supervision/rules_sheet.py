"""An edition on the sheet that a supervisor fills in, and back."""

from datetime import date
from types import MappingProxyType
from typing import Any

from flask_babel import gettext as _

from app.desks.refusals import sentence_of
from app.services.draft_edition import place_of
from app.services.errors import Faulty
from app.words.rules import ASPECT_WORDS, PAPERS
from forms.rules import COPIES, FEE_KINDS, KINDS, TICKED, EditionForm
from models.rulebook.edition_sense import faults_of
from models.rulebook.editions import Edition, Paper, Requirement
from models.rulebook.fees import yuan
from models.rulebook.vocabulary import CaseKind

# Where a fault of a paper is shown: at the first control of that paper.
_CONTROL = {
    Paper.application_form.value: "application_form",
    Paper.licence.value: "licence_original",
    Paper.identity_document.value: "identity_document_original",
}
_ASKED, _IF_KEPT, _MARKED = "asked", "if_kept", "marked"


def filled(edition: Edition, version: int) -> EditionForm:
    """The sheet as the edition says; what was posted stands over it."""
    data: dict[str, Any] = {
        "code": edition.code,
        "effective_from": edition.effective_from.isoformat(),
        "medium": yuan(edition.medium_fen),
        "renewal_opens_days": str(edition.renewal_opens_days),
        "warranty_days": str(edition.warranty_days),
        "grant_minutes": str(edition.grant_minutes),
        "version": str(version),
    }
    form = EditionForm(data=data | {kind.value: _row(edition, kind) for kind in KINDS})
    for kind in KINDS:
        _offer(form.of(kind))
    return form


def _offer(row: Any) -> None:
    row.application_form.offer(((n, _("%(n)s 份", n=n)) for n in COPIES), blank=_("不要"))
    row.token.offer(((_ASKED, _("要")), (_IF_KEPT, ASPECT_WORDS["if_kept"])), blank=_("不要"))
    row.statement_of_loss.offer(((_ASKED, _("要")), (_MARKED, _("要，须盖章（签字）"))), blank=_("不要"))


def _row(edition: Edition, kind: CaseKind) -> dict[str, Any]:
    asked = {requirement.paper: requirement for requirement in edition.requirements[kind]}
    row: dict[str, Any] = {"fee": yuan(edition.fees_fen[kind])} if kind in FEE_KINDS else {}
    if form := asked.get(Paper.application_form):
        row |= {"application_form": str(form.copies), "application_form_marked": form.marked}
    for paper, aspects in TICKED.items():
        if paper in asked:
            row |= {f"{paper.value}_{aspect}": getattr(asked[paper], aspect) for aspect in aspects}
    if token := asked.get(Paper.token):
        row["token"] = _IF_KEPT if token.if_kept else _ASKED
    if statement := asked.get(Paper.statement_of_loss):
        row["statement_of_loss"] = _MARKED if statement.marked else _ASKED
    return row


def edition_on_sheet(form: EditionForm) -> Edition:
    """What the sheet says. Where a control says nothing that can be read, a stand-in: so a sheet that is not valid can be looked at for
    sense too, and everything be told at once."""
    return Edition(
        code=(form.code.data or "").upper(),
        effective_from=form.effective_from.day or date.min,
        requirements=MappingProxyType({kind: _requirements(form.of(kind)) for kind in KINDS}),
        fees_fen=MappingProxyType({kind: form.of(kind).fee.fen or 0 for kind in FEE_KINDS}),
        medium_fen=form.medium.fen or 0,
        renewal_opens_days=form.renewal_opens_days.number,
        warranty_days=form.warranty_days.number,
        grant_minutes=form.grant_minutes.number,
    )


def makes_sense(form: EditionForm) -> bool:
    """Whether the papers and fees do; every fault is hung at its control."""
    faults = {place_of(fault): fault.code.value for fault in faults_of(edition_on_sheet(form))}
    for kind in KINDS:
        row = form.of(kind)
        if row.application_form_marked.data and not row.application_form.data:
            faults[f"{kind.value}-{Paper.application_form.value}"] = "form_mark_without_form"
    show_sheet_faults(form, Faulty(fields=faults))
    return not faults


def _requirements(row: Any) -> tuple[Requirement, ...]:
    """In the order of the papers: what a clause counts."""
    found = []
    if row.application_form.data:
        copies, marked = int(row.application_form.data), bool(row.application_form_marked.data)
        found.append(Requirement(Paper.application_form, copies=copies, marked=marked))
    for paper, aspects in TICKED.items():
        ticks = {aspect: bool(row[f"{paper.value}_{aspect}"].data) for aspect in aspects}
        if any(ticks.values()):
            found.append(Requirement(paper, **ticks))
    if row.token.data:
        found.append(Requirement(Paper.token, if_kept=row.token.data == _IF_KEPT))
    if row.statement_of_loss.data:
        found.append(Requirement(Paper.statement_of_loss, marked=row.statement_of_loss.data == _MARKED))
    return tuple(found)


def show_sheet_faults(form: EditionForm, fault: Faulty) -> None:
    """Hang each sentence at its control: "renewal-licence" is a place on the sheet."""
    for place, code in fault.fields.items():
        kind, dash, paper = place.partition("-")
        field = form[kind].form[_CONTROL.get(paper, paper)] if dash else form[kind]
        field.errors = [*field.errors, sentence_of(code, **fault.facts)]


def faults_told(form: EditionForm) -> dict[CaseKind, list[tuple[str, str, str]]]:
    """The faults of each kind's row as (id of the control, what, sentence): for the summary, and under the row."""
    return {
        kind: [(field.id, _name(field.short_name), str(error)) for field in form.of(kind) for error in field.errors]
        for kind in KINDS
    }


def _name(control: str) -> str:
    paper = next((paper for paper in Paper if control.startswith(paper.value)), None)
    return str(PAPERS[paper]) if paper else _("费用")
