"""What an applicant is told to bring: the edition's requirements of a kind as sentences, for call lists, notices and pages."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from models.rulebook.editions import MEDIUM_KINDS, Edition, Paper, Requirement
from models.rulebook.fees import yuan
from models.rulebook.findings import Sentence, copies_words
from models.rulebook.kinds import KINDS
from models.rulebook.vocabulary import CaseKind, Mark, RunKind

# What a paper bears, by regime; None: not known, so both are said.
_BEARING: Mapping[Mark | None, Sentence] = MappingProxyType(
    {
        Mark.seal: Sentence("加盖单位公章", "bearing the applicant's official seal"),
        Mark.signature: Sentence("由经营者签字", "bearing the proprietor's signature"),
        None: Sentence(
            "加盖单位公章（没有公章的个体工商户由经营者签字）",
            "bearing the applicant's official seal (the proprietor's signature where a business has no seal)",
        ),
    }
)
_CODE_BEARING = Sentence("载有统一社会信用代码的证照", "the licence that bears the unified credit code")
_EITHER = Sentence(
    "组织机构代码证、营业执照或税务登记证（任选其一）", "the organisation code certificate, business licence or tax registration"
)
_BOTH = Sentence("工商营业执照和税务登记证", "both the business licence and the tax registration")
# Whether it has a code-bearing licence is not known: then that one alone counts, so it is named first.
_LICENCE = Sentence(
    "营业执照等证照（已领取“多证合一”证照的，须是载有统一社会信用代码的那一本）",
    "the licence (where the applicant has one that bears the unified credit code, that one)",
)
_PRESENTER = Sentence("到场办理人的有效身份证件", "the valid identity document of the person who comes")
_PROPRIETOR = Sentence("经营者本人的有效身份证件", "the proprietor's valid identity document")


def what_to_bring(
    kind: CaseKind, edition: Edition, regime: Mark | None, holds_code_bearing: bool | None = None
) -> tuple[Sentence, ...]:
    """One sentence for each thing to bring, in the order of the edition, then what else must be known before coming.

    `regime`: the mark that the applicant's papers must bear, `holds_code_bearing`: whether it has a licence with the unified
    credit code; None where that is not known.
    """
    told = [_PAPERS[asked.paper](kind, asked, regime, holds_code_bearing) for asked in edition.requirements[kind]]
    return (*told, *_besides(kind, edition, regime))


def _with_copies(thing: Sentence, asked: Requirement, regime: Mark | None) -> Sentence:
    """The thing, the original or a photocopy of it or both, and what the photocopy bears."""
    zh, en = thing
    parts_zh = ["原件"] * asked.original + ["复印件"] * asked.photocopy
    parts_en = ["original"] * asked.original + ["photocopy"] * asked.photocopy
    if asked.duplicate:
        zh, en = f"{zh}副本的", f"the duplicate (副本) of {en}"
    bearing_zh = bearing_en = ""
    if asked.photocopy and asked.marked:
        bearing_zh, bearing_en = f"，复印件{_BEARING[regime].zh}", f", the photocopy {_BEARING[regime].en}"
    forms_en = f": {' and '.join(parts_en)}" if parts_en else ""
    return Sentence(f"{zh}{'及'.join(parts_zh)}{bearing_zh}。", f"{_upper(en)}{forms_en}{bearing_en}.")


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _form(kind: CaseKind, asked: Requirement, regime: Mark | None, holds: bool | None) -> Sentence:
    words = copies_words(asked.copies)
    zh, en = _BEARING[regime] if asked.marked else ("", "")
    comma_zh, comma_en = ("，", ", each ") if asked.marked else ("", "")
    return Sentence(
        f"填写完整的《北京一证通数字证书申请表》，一式{words['copies_zh']}份{comma_zh}{zh}。",
        f"The application form, filled in completely, {words['copies_en']}{comma_en}{en}.",
    )


def _licence(kind: CaseKind, asked: Requirement, regime: Mark | None, holds: bool | None) -> Sentence:
    if holds:
        thing = _CODE_BEARING
    elif holds is None or regime is None:
        thing = _LICENCE
    else:
        thing = _EITHER if regime is Mark.seal else _BOTH
    return _with_copies(thing, asked, regime)


def _identity(kind: CaseKind, asked: Requirement, regime: Mark | None, holds: bool | None) -> Sentence:
    return _with_copies(_PROPRIETOR if regime is Mark.signature else _PRESENTER, asked, regime)


def _token(kind: CaseKind, asked: Requirement, regime: Mark | None, holds: bool | None) -> Sentence:
    if asked.if_kept:
        return Sentence(
            "证书所在的介质（USB Key），仍在的请携带。", "The token that the certificate is on, if you still have it."
        )
    if KINDS[kind].medium_handed_in:
        return Sentence("损坏的介质（USB Key），须交回窗口。", "The damaged token; it stays at the counter.")
    return Sentence("证书所在的介质（USB Key）。", "The token that the certificate is on.")


def _statement(kind: CaseKind, asked: Requirement, regime: Mark | None, holds: bool | None) -> Sentence:
    zh, en = _BEARING[regime] if asked.marked else ("", "")
    comma_zh, comma_en = ("，", ", ") if asked.marked else ("", "")
    return Sentence(
        f"介质遗失声明，写明单位名称、证书及遗失情况{comma_zh}{zh}。",
        f"A statement of loss that names the applicant, the certificate and how it was lost{comma_en}{en}.",
    )


_PAPERS: Mapping[Paper, Callable[[CaseKind, Requirement, Mark | None, bool | None], Sentence]] = MappingProxyType(
    {
        Paper.application_form: _form,
        Paper.licence: _licence,
        Paper.identity_document: _identity,
        Paper.token: _token,
        Paper.statement_of_loss: _statement,
    }
)


def _besides(kind: CaseKind, edition: Edition, regime: Mark | None) -> Iterator[Sentence]:
    if regime is Mark.signature:
        yield Sentence("须由经营者本人到场，不能代办。", "The proprietor must come in person; no agent can be sent.")
    if KINDS[kind].work is RunKind.rekey:
        yield Sentence(
            "办理时由持有人在窗口工位上输入介质密码；忘记密码的，须先办理解锁。",
            "The token's PIN is typed at the counter's station by its holder. Whoever has forgotten it has the token unlocked first.",
        )
    fee = edition.fee_fen(kind)
    if fee and kind is CaseKind.replacement_damaged:
        yield Sentence(
            f"介质费用 {yuan(fee)} 元；领取后 {edition.warranty_days} 天内属介质本身故障的免收。",
            f"The medium fee, {yuan(fee)} yuan; waived where the token failed by itself within {edition.warranty_days} days of being "
            "handed over.",
        )
    elif fee:
        name_zh, name_en = ("介质费用", "The medium fee") if kind in MEDIUM_KINDS else ("费用", "The fee")
        yield Sentence(f"{name_zh} {yuan(fee)} 元。", f"{name_en}, {yuan(fee)} yuan.")
