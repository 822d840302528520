"""One past case under another edition: what would have been found, asked for and charged instead. A pure function.

The certificate is not what it was on that day, so what the office found of it then stands; only what depends on an edition is judged
anew, by the edition of that day and by the other one, and whatever those two say differently is applied to the answer of that day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from models.rulebook.aftercare import examine_aftercare
from models.rulebook.damage import Verdict, replacement_fee_fen
from models.rulebook.editions import Edition
from models.rulebook.facts import Question
from models.rulebook.findings import Finding, Level
from models.rulebook.judgement import Answer
from models.rulebook.lifetime import CertificateFacts
from models.rulebook.vocabulary import CertificateStatus, TokenState

Place = tuple[str, int | None, str | None]  # code, set, document: a finding without the edition that its clause names


@dataclass(frozen=True, slots=True)
class Past:
    """A case as it was judged. `refused`, `advised`: what was found then. `damage`: the verdict, and the day the damaged medium came
    into its holder's hands; None where there is no verdict."""

    question: Question
    refused: frozenset[Place]
    advised: frozenset[Place]
    last_day: date  # of the certificate
    damage: tuple[Verdict, date] | None = None


@dataclass(frozen=True, slots=True)
class Rejudged:
    """`gone`, `appeared`: what is no longer found, and what is found besides. Fees in whole fen."""

    accepted_was: bool
    accepted_now: bool
    gone: tuple[Finding, ...]
    appeared: tuple[Finding, ...]
    fee_was: int
    fee_now: int

    @property
    def differs(self) -> bool:
        return bool(self.gone or self.appeared) or self.fee_was != self.fee_now


def rejudge(past: Past, was: Edition, now: Edition) -> Rejudged:
    """`was`: the edition that was in force on the question's day."""
    then, anew = _examined(past, was), _examined(past, now)
    before, after = {place_of(one) for one in then.findings}, {place_of(one) for one in anew.findings}
    found = past.refused | past.advised
    gone = tuple(one for one in then.findings if place_of(one) in (before - after) & found)
    appeared = tuple(one for one in anew.findings if place_of(one) in after - before - found)
    still = past.refused - {place_of(one) for one in gone}
    return Rejudged(
        accepted_was=not past.refused,
        accepted_now=not still and not _refusals(appeared),
        gone=gone,
        appeared=appeared,
        fee_was=then.fee.total_fen,
        fee_now=anew.fee.total_fen,
    )


def place_of(finding: Finding) -> Place:
    return finding.code.value, finding.set, finding.document.value if finding.document is not None else None


def _refusals(findings: Iterable[Finding]) -> bool:
    return any(one.level is Level.refuse for one in findings)


def _examined(past: Past, edition: Edition) -> Answer:
    """A certificate in its holder's hands: of all that is asked about one, only its last day meets an edition."""
    certificate = CertificateFacts(CertificateStatus.valid, past.last_day, TokenState.handed_over)
    fee = replacement_fee_fen(*past.damage, past.question.on, edition) if past.damage else None
    return examine_aftercare(past.question, edition, certificate, fee)
