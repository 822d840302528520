"""The rules in words: what a paper is asked for as, what differs between two editions, and why a step with a draft is refused."""

from collections.abc import Mapping

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _

from app.words.terms import term
from models.rulebook.edition_difference import Difference, Figure, PaperDiffers
from models.rulebook.edition_sense import ASPECTS, Senseless
from models.rulebook.editions import Paper, Requirement

SENTENCES: dict[str, LazyString] = {
    "edition_unknown": _("没有这一版规则。"),
    "edition_code_form": _("版本代码用大写字母、数字和连字符，2 至 20 位，如 P2-2027。"),
    "edition_code_taken": _("这个版本代码已有，或另一份草稿正在用。"),
    "edition_day_past": _("执行日须在今天之后：已办的业务不能改判。"),
    "edition_day_taken": _("另一版规则也从这一天起执行，请换一天。"),
    "edition_overtaken": _("另一版规则刚刚发布，也从这一天起执行。请退回修改，换一天。"),
    "edition_needs_second": _("起草过、提交过的人不能自己发布，须由另一位主管发布。"),
    "edition_not_previewed": _("提交前须先预演：草稿改动过的，须重新预演。"),
    "edition_preview_runs": _("预演正在进行，请等它做完，或先取消。"),
    "edition_differs_in_nothing": _("与执行日之前的规则没有任何不同，不必发布。"),
    "edition_senseless": _("草稿有自相矛盾的地方，请先改好保存。"),
    Senseless.neither_original_nor_copy.value: _("要这种材料，就要原件、复印件至少一样。"),
    Senseless.mark_without_copy.value: _("盖章（签字）在复印件上：请同时要求复印件。"),
    Senseless.token_needed.value: _("这类业务要在介质上办理或收回介质，必须要求带介质。"),
    Senseless.token_is_lost.value: _("挂失补办时介质已经遗失，不能要求带介质。"),
    Senseless.fee_is_never_taken.value: _("这类业务受理后直接转办，不经过收费台，只能免费。"),
    "form_mark_without_form": _("没有要求申请表，不能要求在上面盖章。"),
}

PAPERS: Mapping[Paper, LazyString] = {
    Paper.application_form: _("申请表"),
    Paper.licence: _("营业执照"),
    Paper.identity_document: _("身份证件"),
    Paper.token: _("介质（USB Key）"),
    Paper.statement_of_loss: _("遗失声明"),
}
ASPECT_WORDS: Mapping[str, LazyString] = {
    "duplicate": _("副本"),
    "original": _("原件"),
    "photocopy": _("复印件"),
    "marked": _("盖章（签字）"),
    "if_kept": _("仍在的才带"),
}
FIGURES: Mapping[Figure, LazyString] = {
    Figure.fee: _("费用"),
    Figure.medium_fen: _("新介质费用"),
    Figure.renewal_opens_days: _("到期前多少天起可以更新"),
    Figure.warranty_days: _("介质保修天数"),
    Figure.grant_minutes: _("解锁授权有效分钟数"),
}
_IN_YUAN = frozenset({Figure.fee, Figure.medium_fen})


def requirement_in_words(asked: Requirement | None) -> str:
    """「副本、原件、复印件、盖章（签字）」; what is not asked for, as such."""
    if asked is None:
        return gettext("不要")
    told = [gettext("%(n)s 份", n=asked.copies)] if asked.paper is Paper.application_form else []
    aspects = [aspect for aspect in ASPECTS[asked.paper] if aspect != "copies" and getattr(asked, aspect)]
    told += [str(ASPECT_WORDS[aspect]) for aspect in aspects]
    return gettext("、").join(told) if told else gettext("要")


def difference_in_words(difference: Difference) -> tuple[str, str, str]:
    """Where it is, what it was, what it will be."""
    if isinstance(difference, PaperDiffers):
        where = f"{term(difference.kind)} · {PAPERS[difference.paper]}"
        return where, requirement_in_words(difference.was), requirement_in_words(difference.now)
    where = str(FIGURES[difference.figure])
    if difference.kind is not None:
        where = f"{term(difference.kind)} · {where}"
    return where, _figure(difference.figure, difference.was), _figure(difference.figure, difference.now)


def _figure(figure: Figure, value: int) -> str:
    return gettext("%(yuan)s 元", yuan=f"{value / 100:.2f}") if figure in _IN_YUAN else str(value)
