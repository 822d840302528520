"""Everything the document rules can find: its stable code, its level, its clause and its words, in one table.

Clauses are those of the tax service's certificate manual, chapter 1: B1.1 with a seal, B1.2 without one, N1 to N3 its notes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from models.rulebook.vocabulary import DocumentKind, Mark


class Level(StrEnum):
    refuse = "refuse"
    advise = "advise"


class Code(StrEnum):
    applicant_not_covered = "applicant.not_covered"
    presenter_not_proprietor = "presenter.not_proprietor"
    sets_too_few = "sets.too_few"
    sets_reused = "sets.reused"
    form_missing = "form.missing"
    form_incomplete = "form.incomplete"
    form_too_few_copies = "form.too_few_copies"
    form_unmarked = "form.unmarked"
    licence_missing = "licence.missing"
    licence_code_bearing_only = "licence.code_bearing_only"
    licence_not_duplicate = "licence.not_duplicate"
    licence_no_original = "licence.no_original"
    licence_no_photocopy = "licence.no_photocopy"
    licence_photocopy_unmarked = "licence.photocopy_unmarked"
    identity_missing = "identity.missing"
    identity_not_presenter = "identity.not_presenter"
    identity_expired = "identity.expired"
    identity_no_original = "identity.no_original"
    identity_no_photocopy = "identity.no_photocopy"
    identity_photocopy_unmarked = "identity.photocopy_unmarked"
    tax_prefer_local_tax_branch = "tax.prefer_local_tax_branch"
    tax_computer_code_unknown = "tax.computer_code_unknown"
    tax_evidence_missing = "tax.evidence_missing"
    tax_both_registrations = "tax.both_registrations"
    # Of the kinds that begin with a certificate; their words are in `aftercare_words`.
    token_missing = "token.missing"  # noqa: S105 - a thing of the trade
    token_bring_if_kept = "token.bring_if_kept"  # noqa: S105
    token_not_held = "token.not_held"  # noqa: S105
    statement_missing = "statement.missing"
    statement_unmarked = "statement.unmarked"
    renewal_too_early = "renewal.too_early"
    certificate_not_judged = "certificate.not_judged"
    certificate_not_handed_over = "certificate.not_handed_over"
    certificate_expired = "certificate.expired"
    certificate_revoked = "certificate.revoked"
    certificate_suspended = "certificate.suspended"
    certificate_not_suspended = "certificate.not_suspended"
    certificate_in_other_case = "certificate.in_other_case"
    certificate_one_at_a_time = "certificate.one_at_a_time"
    fee_depends_on_damage = "fee.depends_on_damage"
    edition_none_in_force = "edition.none_in_force"
    # Of the kinds about a platform; their words are in `binding_words`.
    binding_platform_disabled = "binding.platform_disabled"
    binding_nothing_bound = "binding.nothing_bound"
    binding_only_one = "binding.only_one"
    binding_chosen_already = "binding.chosen_already"
    binding_wrong_use = "binding.wrong_use"
    binding_no_authority = "binding.no_authority"


class Sentence(NamedTuple):
    """One sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """`set` counts from 1, None for the whole application; `document` is a kind or None."""

    code: Code
    level: Level
    set: int | None
    document: DocumentKind | None
    clause: str
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """`clause` beginning with a dot is an item of the regime's chapter. The words may name {document}, {mark} and {bearing}."""

    clause: str
    zh: str
    en: str
    level: Level = Level.refuse


_TABLE: Mapping[Code, _Entry] = MappingProxyType(
    {
        Code.applicant_not_covered: _Entry(
            "B1.2",
            "没有公章，又不是以经营者姓名为单位名称的个体工商户，办理规定中没有这种情形。请刻制公章后携带公章前来；确有困难的，请向网点主管说明。",
            "Without an official seal, only an individual business named after its proprietor can apply; the rules have no other "
            "case. Please have a seal made and come back with it, or ask the branch supervisor.",
        ),
        Code.presenter_not_proprietor: _Entry(
            "B1.N3",
            "无公章的个体工商户须由经营者本人办理，不能代办。请经营者本人携带有效身份证件前来。",
            "An individual business without a seal cannot send an agent. The proprietor must come in person, with a valid identity "
            "document.",
        ),
        Code.sets_too_few: _Entry(
            "B1.N2",
            "鉴证材料份数少于申请的证书张数。一份鉴证材料只能办理一张证书，请按证书张数补齐，或减少申请张数。",
            "There are fewer sets of supporting documents than certificates asked for. One set supports one certificate: bring the "
            "missing sets, or ask for fewer certificates.",
        ),
        Code.sets_reused: _Entry(
            "B1.N2",
            "这份鉴证材料与前面的一份相同。一份鉴证材料只能办理一张证书，请另备一份。",
            "This set of supporting documents was already used for an earlier certificate. One set supports one certificate: bring "
            "another set.",
        ),
        Code.form_missing: _Entry(
            ".1",
            "缺少《北京一证通数字证书申请表》。请填写完整，一式{copies_zh}份并{bearing}。{or_bring_seal}",
            "The application form is missing. Bring it filled in completely, in {copies_en}, each bearing the {mark}.{or_bring_seal}",
        ),
        Code.form_incomplete: _Entry(
            ".1",
            "申请表填写不完整。请将{copies_zh}份申请表的各项都填写完整。",
            "The application form is not filled in completely. Fill in every item on {all_copies}.",
        ),
        Code.form_too_few_copies: _Entry(
            ".1",
            "申请表不足{copies_zh}份。申请表须一式{copies_zh}份，请补齐并{bearing}。",
            "There are fewer than {copies_en} of the application form. Bring {copies_en}, each bearing the {mark}.",
        ),
        Code.form_unmarked: _Entry(
            ".1",
            "申请表未按要求{bearing}。请在每份申请表上{bearing}。",
            "The application form does not bear the {mark}. Put it on every copy.",
        ),
        Code.licence_missing: _Entry(
            ".2",
            "缺少{document}。请携带副本原件及复印件，复印件须{bearing}。",
            "The {document} is missing. Bring the original of the duplicate (副本) and a photocopy that bears the {mark}.",
        ),
        Code.licence_code_bearing_only: _Entry(
            ".2",
            "已领取“多证合一”证照的单位，只能使用载有统一社会信用代码的证照，其他证照无效。请携带其副本原件及复印件，复印件须{bearing}。",
            "The applicant holds a licence that bears the unified credit code, so that licence alone is accepted. Bring the original "
            "of its duplicate (副本) and a photocopy that bears the {mark}.",
        ),
        Code.licence_not_duplicate: _Entry(
            ".2",
            "所交{document}不是副本。请携带副本原件。",
            "The {document} is not the duplicate (副本). Bring the original of the duplicate.",
        ),
        Code.licence_no_original: _Entry(
            ".2",
            "没有{document}原件。请携带副本原件以供核对。",
            "The original of the {document} is not here. Bring the original of the duplicate (副本).",
        ),
        Code.licence_no_photocopy: _Entry(
            ".2",
            "没有{document}复印件。请携带副本复印件，并在其上{bearing}。",
            "There is no photocopy of the {document}. Bring a photocopy of the duplicate (副本) that bears the {mark}.",
        ),
        Code.licence_photocopy_unmarked: _Entry(
            ".2",
            "{document}复印件未按要求{bearing}。请在复印件上{bearing}。",
            "The photocopy of the {document} does not bear the {mark}. Put it on the photocopy.",
        ),
        Code.identity_missing: _Entry(
            ".3",
            "缺少{person}的有效身份证件。请携带原件及复印件，复印件须{bearing}。",
            "The valid identity document of the {person} is missing. Bring the original and a photocopy that bears the {mark}.",
        ),
        Code.identity_not_presenter: _Entry(
            ".3",
            "所交身份证件不是到场办理人本人的。请携带到场办理人本人的有效身份证件原件及复印件。",
            "The identity document is not that of the person at the counter. Bring that person's own valid document, original and "
            "photocopy.",
        ),
        Code.identity_expired: _Entry(
            ".3",
            "身份证件已过有效期。请携带在有效期内的身份证件原件及复印件。",
            "The identity document has expired. Bring a valid one, original and photocopy.",
        ),
        Code.identity_no_original: _Entry(
            ".3",
            "没有身份证件原件。请携带原件以供核对。",
            "The original of the identity document is not here. Bring it.",
        ),
        Code.identity_no_photocopy: _Entry(
            ".3",
            "没有身份证件复印件。请携带复印件，并在其上{bearing}。",
            "There is no photocopy of the identity document. Bring one that bears the {mark}.",
        ),
        Code.identity_photocopy_unmarked: _Entry(
            ".3",
            "身份证件复印件未按要求{bearing}。请在复印件上{bearing}。",
            "The photocopy of the identity document does not bear the {mark}. Put it on the photocopy.",
        ),
        Code.tax_prefer_local_tax_branch: _Entry(
            "B1.N1",
            "需要开通税务应用的，建议优先到地税网点办理；在本网点也可以办理。",
            "For use with the tax service, a local-tax branch is the better place to apply. It can also be done here.",
            Level.advise,
        ),
        Code.tax_computer_code_unknown: _Entry(
            "B1.N1",
            "2016年8月8日前成立的单位开通税务应用，需知道计算机代码。请向主管税务机关查询后提供。",
            "To open the tax function for an applicant established before 8 August 2016, its computer code must be known. Ask the tax "
            "office for it and bring it.",
        ),
        Code.tax_evidence_missing: _Entry(
            "B1.N1",
            "开通税务应用，这份材料中须有税务登记证或载有统一社会信用代码的营业执照。请携带原件及复印件，复印件须{bearing}。",
            "To open the tax function, this set needs a tax registration or a licence that bears the unified credit code. Bring the "
            "original and a photocopy that bears the {mark}.",
        ),
        Code.tax_both_registrations: _Entry(
            "B1.N1",
            "国税、地税税务登记证号不一致，须同时携带国税和地税的税务登记证。请补齐两证的副本原件及复印件，复印件须{bearing}。",
            "The state and local tax numbers differ, so both tax registrations are needed. Bring the originals of both duplicates "
            "(副本) and photocopies that bear the {mark}.",
        ),
    }
)

CONTRACT_CODES = frozenset(_TABLE)

_ANY_LICENCE = (
    "组织机构代码证、营业执照或税务登记证（任选其一）",
    "organisation code certificate, business licence or tax registration (any one)",
)
_DOCUMENT_WORDS: Mapping[DocumentKind | None, tuple[str, str]] = MappingProxyType(
    {
        None: _ANY_LICENCE,
        DocumentKind.application_form: ("申请表", "application form"),
        DocumentKind.organisation_code_certificate: ("组织机构代码证", "organisation code certificate"),
        DocumentKind.business_licence: ("工商营业执照", "business licence"),
        DocumentKind.tax_registration: ("税务登记证", "tax registration"),
        DocumentKind.code_bearing_licence: ("载有统一社会信用代码的证照", "licence that bears the unified credit code"),
        DocumentKind.identity_document: ("身份证件", "identity document"),
    }
)
_NUMBERS = (("一", "one"), ("两", "two"), ("三", "three"), ("四", "four"), ("五", "five"), ("六", "six"), ("七", "seven"))
REGIME_WORDS: Mapping[Mark | None, tuple[Mapping[str, str], Mapping[str, str]]] = MappingProxyType(
    {
        Mark.seal: (
            {
                "bearing": "加盖单位公章",
                "person": "到场办理人",
                "or_bring_seal": "也可以携带单位公章到窗口办理，免交申请表。",
            },
            {
                "mark": "applicant's official seal",
                "person": "person at the counter",
                "or_bring_seal": " Or bring the seal itself to the counter: then no form is needed.",
            },
        ),
        Mark.signature: (
            {"bearing": "由经营者签字", "person": "经营者", "or_bring_seal": ""},
            {"mark": "proprietor's signature", "person": "proprietor", "or_bring_seal": ""},
        ),
        None: ({}, {}),
    }
)
_CHAPTER: Mapping[Mark | None, str] = MappingProxyType({Mark.seal: "B1.1", Mark.signature: "B1.2", None: "B1.2"})


def copies_words(copies: int) -> dict[str, str]:
    """So many copies, 1 to 7, in words."""
    zh, en = _NUMBERS[copies - 1]
    return {
        "copies_zh": zh,
        "copies_en": f"{en} copies" if copies > 1 else "one copy",
        "all_copies": "both copies" if copies == 2 else "every copy",
    }


def _worded(
    code: Code, document: DocumentKind | None, regime: Mark | None, copies: int, no_seal_instead: bool = False
) -> tuple[Level, str, str, str]:
    entry = _TABLE[code]
    clause = _CHAPTER[regime] + entry.clause if entry.clause.startswith(".") else entry.clause
    (document_zh, document_en), (words_zh, words_en) = _DOCUMENT_WORDS[document], REGIME_WORDS[regime]
    words = copies_words(copies) | ({"or_bring_seal": ""} if no_seal_instead else {})
    return (
        entry.level,
        clause,
        entry.zh.format(**{"document": document_zh, **words_zh, **words}),
        entry.en.format(**{"document": document_en, **words_en, **words}),
    )


# Some 130 texts exist in all; each is put together once.
_worded_once: dict[tuple[Code, DocumentKind | None, Mark | None], tuple[Level, str, str, str]] = {}


def find(code: Code, regime: Mark | None, set: int | None = None, document: DocumentKind | None = None) -> Finding:
    """The finding with its clause and words. `regime` None: no rule covers the applicant, only regime-free codes can be found."""
    key = (code, document, regime)
    worded = _worded_once.get(key)
    if worded is None:
        worded = _worded_once[key] = _worded(code, document, regime, 2)
    level, clause, zh, en = worded
    return Finding(code, level, set, document, clause, zh, en)


def find_under(
    clause: str,
    code: Code,
    regime: Mark | None,
    set: int | None = None,
    document: DocumentKind | None = None,
    copies: int = 1,
) -> Finding:
    """The same finding under an edition's clause. The edition asks for so many `copies` of the form, 1 to 7, seal or no seal."""
    level, _, zh, en = _worded(code, document, regime, copies, no_seal_instead=True)
    return Finding(code, level, set, document, clause, zh, en)
