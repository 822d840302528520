"""Amounts in digits and capitals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.faults import PaperFault
from reports.money import LIMIT_FEN, capitals, yuan


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "人民币零元整"),
        (5, "人民币伍分"),
        (50, "人民币伍角整"),
        (18000, "人民币壹佰捌拾元整"),
        (36000, "人民币叁佰陆拾元整"),
        (1764000, "人民币壹万柒仟陆佰肆拾元整"),
        (101, "人民币壹元零壹分"),
        (110, "人民币壹元壹角整"),
        (140950, "人民币壹仟肆佰零玖元伍角整"),
        (600714, "人民币陆仟零柒元壹角肆分"),
        (168032, "人民币壹仟陆佰捌拾元零叁角贰分"),
        (10700053, "人民币壹拾万柒仟元零伍角叁分"),
        (1640902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (32504, "人民币叁佰贰拾伍元零肆分"),
        (100000000000, "人民币壹拾亿元整"),
        (100010000, "人民币壹佰万零壹佰元整"),
    ],
)
def test_capitals_follow_the_rules_for_bills(fen, words):
    assert capitals(fen) == words


def value_of(words):
    """Read capitals back, by other means than they were written."""
    whole = section = digit = fen = 0
    for character in words.removeprefix("人民币"):
        if character in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(character)
        elif character in "拾佰仟":
            section += digit * {"拾": 10, "佰": 100, "仟": 1000}[character]
            digit = 0
        elif character in "万亿":
            whole += (section + digit) * {"万": 10**4, "亿": 10**8}[character]
            section = digit = 0
        elif character == "元":
            fen = (whole + section + digit) * 100
            digit = 0
        elif character in "角分":
            fen += digit * {"角": 10, "分": 1}[character]
            digit = 0
    return fen


@given(st.integers(0, LIMIT_FEN - 1) | st.integers(0, 10**7))
def test_capitals_read_back_give_the_amount(fen):
    words = capitals(fen)
    assert value_of(words) == fen
    assert "零零" not in words
    assert "零万" not in words


@given(st.integers(0, LIMIT_FEN - 1))
def test_digits_read_back_give_the_amount(fen):
    assert round(float(yuan(fen).replace(",", "")) * 100) == fen or fen > 2**50


@pytest.mark.parametrize("fen", [-1, LIMIT_FEN, 1.5, True, "180"])
def test_anything_but_whole_fen_is_refused(fen):
    with pytest.raises(PaperFault):
        yuan(fen)
    with pytest.raises(PaperFault):
        capitals(fen)
