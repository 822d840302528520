"""What an applicant is told to bring agrees with what he is then asked for."""

from dataclasses import replace
from itertools import product

import pytest

from models.rulebook.bring import what_to_bring
from models.rulebook.editions import P1, Paper, Requirement
from models.rulebook.kinds import AFTERCARE_KINDS
from models.rulebook.vocabulary import CaseKind, Mark

REGIMES = (Mark.seal, Mark.signature, None)
SIGNS = {
    "application_form": ("申请表", "application form"),
    "licence": ("照", "licence"),
    "identity_document": ("身份证件", "identity document"),
    "token": ("介质（USB Key）", "token"),
    "statement_of_loss": ("遗失声明", "statement of loss"),
}


def told(kind, regime=Mark.seal, holds=True, edition=P1):
    return [sentence.zh for sentence in what_to_bring(CaseKind(kind), edition, regime, holds)]


@pytest.mark.parametrize("kind", sorted(AFTERCARE_KINDS))
def test_every_paper_of_the_edition_is_named_in_its_order(kind):
    for regime, holds in product(REGIMES, (True, False, None)):
        sentences = what_to_bring(kind, P1, regime, holds)
        for asked, sentence in zip(P1.requirements[kind], sentences, strict=False):
            zh, en = SIGNS[asked.paper.value]
            if asked.paper is Paper.licence and regime and holds is False:
                zh, en = "营业执照", "business licence"
            assert zh in sentence.zh
            assert en in sentence.en.lower()
        for zh, en in sentences:
            assert zh.endswith("。")
            assert en.endswith(".")
            assert en[0].isupper() or en[0].isdigit()
            assert "  " not in en


def test_seal_or_signature_is_named_or_both_where_it_is_not_known():
    assert "加盖单位公章。" in told("suspension")[0]
    assert "由经营者签字。" in told("suspension", Mark.signature)[0]
    both = told("suspension", None, None)[0]
    assert "公章" in both
    assert "签字" in both


def test_a_proprietor_without_a_seal_is_told_to_come_himself():
    assert "须由经营者本人到场，不能代办。" in told("unlock", Mark.signature)
    assert all("本人到场" not in sentence for sentence in told("unlock"))


def test_who_renews_or_amends_is_told_to_know_the_pin_and_nobody_else():
    for kind in AFTERCARE_KINDS:
        assert any("密码" in sentence for sentence in told(kind)) is (kind in (CaseKind.renewal, CaseKind.amendment))


def test_money_is_named_where_there_is_a_fee():
    assert told("replacement_lost")[-1] == "介质费用 80.00 元。"
    assert "365 天内" in told("replacement_damaged")[-1]
    assert all("元" not in sentence for sentence in told("renewal"))
    dear = replace(P1, fees_fen=P1.fees_fen | {CaseKind.renewal: 20_50})
    assert told("renewal", edition=dear)[-1] == "费用 20.50 元。"


def test_an_edition_that_asks_for_less_tells_less():
    bare = (Requirement(Paper.application_form), Requirement(Paper.identity_document, original=True))
    edition = replace(P1, requirements=P1.requirements | {CaseKind.unlock: bare})
    assert told("unlock", edition=edition) == [
        "填写完整的《北京一证通数字证书申请表》，一式一份。",
        "到场办理人的有效身份证件原件。",
    ]
