"""The rulebook's verdicts and endings as they go over the wire: code, clause and both languages."""

from typing import Any

from app.api.platforms.problems import Problem
from app.services.bind_certificate import BindingRefused
from app.words.platform_problems import ProblemWords
from models.rulebook.binding_words import END_WORDS, VERDICT_WORDS
from models.rulebook.bindings import CLAUSES, BindingCode, Verdict
from models.tables import Binding

CONFLICT = 409
REFUSED_ZH, REFUSED_EN = "不能绑定这张证书", "This certificate may not be bound"


def reasons_of(verdict: Verdict) -> list[dict[str, str]]:
    return [
        {"code": code.value, "clause": CLAUSES[code], "zh": VERDICT_WORDS[code].zh, "en": VERDICT_WORDS[code].en}
        for code in verdict.codes
    ]


def refused(refusal: BindingRefused) -> Problem:
    """Its code is the first reason's; a certificate that does not exist is not found."""
    verdict = refusal.verdict
    if verdict.code is BindingCode.certificate_unknown:
        return Problem("certificate_unknown")
    return Problem(verdict.code.value, words=words_of(verdict.code), reasons=reasons_of(verdict))


def words_of(code: BindingCode) -> ProblemWords:
    said = VERDICT_WORDS[code]
    return ProblemWords(CONFLICT, REFUSED_ZH, REFUSED_EN, said.zh, said.en)


def binding_of(binding: Binding) -> dict[str, Any]:
    """`binding` with its certificate, and with the one that it follows."""
    end = END_WORDS[binding.end] if binding.end is not None else None
    return {
        "id": binding.key,
        "account_reference": binding.account_reference,
        "certificate": binding.certificate.serial,
        "organisation_name": binding.certificate.subject_name,
        "credit_code": binding.certificate.credit_code,
        "live": binding.until is None,
        "since": binding.since,
        "until": binding.until,
        "end": binding.end.value if binding.end is not None else None,
        "end_zh": end.zh if end is not None else None,
        "end_en": end.en if end is not None else None,
        "follows": binding.follows.key if binding.follows is not None else None,
    }
