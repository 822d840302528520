"""What the aftercare page shows of the papers: the rows that the edition asks for, their scans, what is folded at a revisit."""

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _

from app.desks.intake_sheet import PARTS, Failed, RowView, SetView, Sheet
from app.services.examine_aftercare import AftercareVerdict
from app.words.counter import SIGNED, TICKS
from app.words.terms import term
from forms.aftercare import AftercareForm
from models.rulebook.checklist import AFTERCARE_ROWS, Row, Tick, rows_asked, ticks_asked
from models.rulebook.editions import Requirement
from models.rulebook.judgement import regime_of
from models.rulebook.vocabulary import CaseKind, IdentityKind, Mark, RevocationReason
from models.tables import Scan

Scans = Mapping[str, list[Scan]]  # by kind of document


def furnish(form: AftercareForm) -> None:
    """Give the form its words."""
    form.presenter_id_kind.offer(((kind.value, term(kind)) for kind in IdentityKind), blank=_("请选择"))
    reasons = (reason for reason in RevocationReason if reason is not RevocationReason.certificate_hold)
    form.reason.offer(((reason.value, term(reason)) for reason in reasons), blank=_("请选择"))


def lay_out(
    form: AftercareForm,
    verdict: AftercareVerdict,
    kind: CaseKind,
    scans: Iterable[tuple[int, Scan]],
    failed: Failed | None,
    codes: Iterable[str],
) -> Sheet:
    """One set of papers. `failed`: what failed at the last visit, None at the first. `codes`: those findings' codes."""
    question = verdict.reading.question
    assert question is not None  # noqa: S101
    asked = rows_asked(verdict.edition.requirements[kind], question.applicant, seal_at_counter=False)
    pictures: dict[str, list[Scan]] = {}
    for _position, scan in scans:
        pictures.setdefault(scan.document_kind.value, []).append(scan)
    regime = regime_of(question.applicant)
    views = [
        _row(form, AFTERCARE_ROWS[name], str(digit), requirement, verdict, regime, pictures, failed)
        for digit, (name, requirement) in enumerate(asked.items(), start=1)
    ]
    shown = [view for view in views if not view.is_folded]
    one = SetView(1, form.papers.form, shown, [view for view in views if view.is_folded], (), len(verdict.refusals))
    return Sheet([one], regime, True, "", _open_parts(verdict, failed, codes))


def _row(
    form: AftercareForm,
    row: Row,
    key: str,
    requirement: Requirement,
    verdict: AftercareVerdict,
    regime: Mark | None,
    pictures: Scans,
    failed: Failed | None,
) -> RowView:
    mark = SIGNED if regime is Mark.signature else TICKS[Tick.mark]
    fields = form.papers.form[row.name].form
    ticks = [(fields[t.value], str(mark if t is Tick.mark else TICKS[t])) for t in ticks_asked(row, requirement)]
    is_bad = any(finding.document is row.kind for finding in verdict.refusals)
    state = "bad" if is_bad else "good" if any(field.data for field, _word in ticks) else ""
    was_bad = failed is None or (1, row.kind.value) in failed or (1, None) in failed
    scans = pictures.get(row.kind.value, [])
    return RowView(row, f"row-1-{row.name}", term(row.kind), key, ticks, scans, state, state == "good" and not was_bad)


def _open_parts(verdict: AftercareVerdict, failed: Failed | None, codes: Iterable[str]) -> frozenset[str]:
    """At a revisit the presenter is folded to a line, unless something about him fails."""
    told = {*codes, *(finding.code.value for finding in verdict.refusals)}
    fails = any(code.startswith(("identity.", "presenter.")) for code in told)
    fails |= any(field in verdict.reading.faults for field in PARTS["presenter"])
    return frozenset(PARTS) if failed is None or fails else frozenset(PARTS) - {"presenter"}
