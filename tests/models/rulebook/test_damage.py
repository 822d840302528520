"""The verdict on a damaged medium, and what the new one costs."""

from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import product

import pytest

from models.rulebook.damage import QUESTIONS, Damage, Verdict, judge_damage, replacement_fee_fen
from models.rulebook.editions import P1

HANDED_OVER = date(2026, 3, 1)


@pytest.mark.parametrize(("visible", "altered", "read_here"), list(product((True, False), repeat=3)))
def test_only_where_nothing_speaks_for_another_cause_is_it_the_mediums_fault(visible, altered, read_here):
    judgement = judge_damage(Damage(visible, altered, read_here))
    assert judgement.verdict is (Verdict.holder if visible or altered or read_here else Verdict.medium)
    assert len(judgement.sentences) == max(1, visible + altered + read_here)
    assert len(set(judgement.sentences)) == len(judgement.sentences)
    for zh, en in judgement.sentences:
        assert zh.endswith("。")
        assert en.endswith(".")


def test_each_answer_has_its_question_and_its_own_ground():
    assert list(QUESTIONS) == [field.name for field in fields(Damage)]
    none = Damage(False, False, False)
    grounds = {judge_damage(replace(none, **{name: True})).sentences for name in QUESTIONS}
    assert len(grounds) == 3
    assert judge_damage(none).sentences not in grounds


@pytest.mark.parametrize(
    ("verdict", "days", "fee"),
    [
        (Verdict.medium, 0, 0),
        (Verdict.medium, 365, 0),
        (Verdict.medium, 366, 80_00),
        (Verdict.medium, 4000, 80_00),
        (Verdict.holder, 0, 80_00),
        (Verdict.holder, 365, 80_00),
    ],
)
def test_the_mediums_own_fault_is_free_within_the_warranty(verdict, days, fee):
    assert replacement_fee_fen(verdict, HANDED_OVER, HANDED_OVER + timedelta(days=days), P1) == fee


def test_the_edition_says_how_long_and_how_much():
    edition = replace(P1, warranty_days=10, medium_fen=55_00)
    assert replacement_fee_fen(Verdict.medium, HANDED_OVER, HANDED_OVER + timedelta(days=10), edition) == 0
    assert replacement_fee_fen(Verdict.medium, HANDED_OVER, HANDED_OVER + timedelta(days=11), edition) == 55_00
