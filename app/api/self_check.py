"""What the public page shows: the rows of papers that matter to an applicant, and the rulebook's answer to what is ticked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from app.services.read_draft import Reading, read_draft
from app.words.counter import SENTENCES, SIGNED, TICKS
from app.words.terms import term
from forms.precheck import PrecheckForm
from models.rulebook.bring import what_to_bring
from models.rulebook.checklist import ROWS, Row, Tick, rows_needed
from models.rulebook.editions import Edition
from models.rulebook.facts import Question
from models.rulebook.fees import Fee
from models.rulebook.findings import Finding, Level, Sentence
from models.rulebook.kinds import AFTERCARE_KINDS
from models.rulebook.precheck import CODES_UNIFIED_ON, examine, regime_of
from models.rulebook.vocabulary import CaseKind, DocumentKind, Mark, Use


@dataclass(frozen=True)
class PaperView:
    title: str
    ticks: Sequence[tuple[Any, str]]  # bound field, word


@dataclass(frozen=True)
class SelfCheck:
    """`fee` and `holds_code_bearing` are None while the applicant's kind or seal is not told."""

    regime: Mark | None
    papers: Sequence[PaperView]
    refusals: Sequence[Finding]
    advices: Sequence[Finding]
    fee: Fee | None
    holds_code_bearing: bool | None = None


@dataclass(frozen=True)
class OtherKind:
    """A kind that begins with a certificate, and what to bring for it."""

    title: str
    bring: Sequence[Sentence]


def other_kinds(check: SelfCheck, edition: Edition) -> list[OtherKind]:
    """For whoever has a certificate already. `check`: what is known so far of the one who asks."""
    return [
        OtherKind(str(term(kind)), what_to_bring(kind, edition, check.regime, check.holds_code_bearing))
        for kind in CaseKind
        if kind in AFTERCARE_KINDS
    ]


def check_oneself(form: PrecheckForm, today: date) -> SelfCheck:
    """The form with its words put in, and the answer. `today` is the day the papers are judged on."""
    form.settle()
    reading = _read(form, today)
    if "certificates" in reading.faults:
        form.certificates.errors = [str(SENTENCES[reading.faults["certificates"]])]
    if reading.question is None:
        return SelfCheck(None, (), (), (), None)
    question = _for_every_certificate(reading.question)
    answer = examine(question)
    # All sets are the same one, so what is found in the first is found in each.
    told = [finding for finding in answer.findings if finding.set in (None, 1)]
    return SelfCheck(
        regime_of(question.applicant),
        [_paper(form, ROWS[name], regime_of(question.applicant)) for name in _rows(form, question)],
        [finding for finding in told if finding.level is Level.refuse],
        [finding for finding in told if finding.level is Level.advise],
        answer.fee,
        question.applicant.holds_code_bearing_licence,
    )


def _read(form: PrecheckForm, today: date) -> Reading:
    before = form.established_before.data
    draft = {
        **form.data,
        "established_on": (CODES_UNIFIED_ON - timedelta(days=1) if before else CODES_UNIFIED_ON).isoformat(),
        "computer_code": "x" if form.computer_code_known.data else "",
        "presenter_id_long_term": form.id_is_valid.data,
        "presenter_id_until": (today - timedelta(days=1)).isoformat(),
        "sets": [form.papers.data],
    }
    issued = 1 if form.issued_before.data == "yes" else 0
    return read_draft(draft, "", "", on=today, is_local_tax=form.at_local_tax_branch.data, certificates_issued=issued)


def _for_every_certificate(question: Question) -> Question:
    one = replace(question.sets[0], reference=None)
    return replace(question, sets=(one,) * question.certificates)


def _rows(form: PrecheckForm, question: Question) -> list[str]:
    """Those that can matter, and whatever is ticked: what counts in the answer can be seen, and taken back."""
    if regime_of(question.applicant) is None:
        return []
    both = question.tax_numbers_differ and Use.tax in question.uses
    papers = form.papers.form
    needed = rows_needed(question.applicant, papers.seal_at_counter.data, both)
    return [name for name in ROWS if name in needed or any(tick.data for tick in papers[name].form)]


def _paper(form: PrecheckForm, row: Row, regime: Mark | None) -> PaperView:
    fields = form.papers.form[row.name].form
    words = {**TICKS, Tick.mark: SIGNED if regime is Mark.signature else TICKS[Tick.mark]}
    ticks = [(fields[tick.value], str(words[tick])) for tick in row.ticks]
    if row.kind is DocumentKind.identity_document:
        ticks.append((form.id_is_valid, str(form.id_is_valid.label.text)))
    authority = _("（%(authority)s）", authority=term(row.authority)) if row.authority else ""
    return PaperView(f"{term(row.kind)}{authority}", ticks)
