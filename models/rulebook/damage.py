"""Whose fault a damaged medium is: three questions at the counter, a verdict, and what the new medium then costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from models.rulebook.editions import Edition
from models.rulebook.findings import Sentence
from models.rulebook.vocabulary import CaseKind


class Verdict(StrEnum):
    medium = "medium"  # it failed by itself
    holder = "holder"


@dataclass(frozen=True, slots=True)
class Damage:
    """The three answers. `visible`: broken, bent, wet or burnt. `altered`: opened, rebuilt or formatted by somebody.

    `read_here`: the counter's own station still reads it, so that it is not the medium that is at fault.
    """

    visible: bool
    altered: bool
    read_here: bool


@dataclass(frozen=True, slots=True)
class DamageJudgement:
    """`sentences` are the grounds, for the record and for the holder."""

    verdict: Verdict
    sentences: tuple[Sentence, ...]


# The questions, by the name of their answer.
QUESTIONS: Mapping[str, Sentence] = MappingProxyType(
    {
        "visible": Sentence(
            "介质外观有破裂、弯折、进水或烧灼的痕迹吗？",
            "Does the token look broken, bent, wet or burnt?",
        ),
        "altered": Sentence(
            "介质曾被拆开、改装，或被自行格式化、初始化过吗？",
            "Has anybody opened or rebuilt the token, or formatted it?",
        ),
        "read_here": Sentence(
            "插在本窗口的工位上，介质仍能读出吗？",
            "Does this counter's station still read the token?",
        ),
    }
)
_HOLDERS_GROUNDS: Mapping[str, Sentence] = MappingProxyType(
    {
        "visible": Sentence(
            "介质外观有损坏痕迹，属使用或保管不当。", "The token shows damage from outside: it was not used or kept with care."
        ),
        "altered": Sentence(
            "介质曾被拆开、改装或自行格式化，不属介质本身故障。",
            "The token was opened, rebuilt or formatted, so it did not fail by itself.",
        ),
        "read_here": Sentence(
            "介质在窗口工位上能够读出，未发现介质故障；仍要更换的，由单位承担介质费用。请先检查自己电脑上的证书应用环境。",
            "The station reads the token, so it has not failed; a new one is at the applicant's cost. First check the certificate "
            "software on your own computer.",
        ),
    }
)
_MEDIUM_FAILED = Sentence(
    "介质外观完好，未被拆改，在窗口工位上也不能读出，属介质本身故障。",
    "The token looks sound, was not tampered with, and the station cannot read it either: it failed by itself.",
)


def judge_damage(damage: Damage) -> DamageJudgement:
    """The medium's fault only where nothing speaks for another cause; otherwise every ground for the holder's."""
    grounds = tuple(sentence for name, sentence in _HOLDERS_GROUNDS.items() if getattr(damage, name))
    if grounds:
        return DamageJudgement(Verdict.holder, grounds)
    return DamageJudgement(Verdict.medium, (_MEDIUM_FAILED,))


def replacement_fee_fen(verdict: Verdict, handed_over_on: date, today: date, edition: Edition) -> int:
    """What the new medium costs, in whole fen. `handed_over_on`: the day the damaged medium came into its holder's hands.

    That day is not counted, and the last day of the warranty is still within it.
    """
    in_warranty = (today - handed_over_on).days <= edition.warranty_days
    return 0 if verdict is Verdict.medium and in_warranty else edition.fee_fen(CaseKind.replacement_damaged)
