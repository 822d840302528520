"""Identity numbers: compared with an independent library where it knows them, by hand where it does not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from models.rulebook.identity import IdentityFault, check_character, fault_of, mask_identity, mask_mobile, normalised
from models.rulebook.vocabulary import IdentityKind

ON = date(2026, 11, 21)
resident = IdentityKind.resident_card


def numbered(region="110101", born="19900307", order="123"):
    body = f"{region}{born}{order}"
    return body + check_character(body)


@given(st.dates(date(1900, 1, 1), ON), st.integers(0, 999), st.sampled_from("0123456789X"))
def test_a_resident_card_is_taken_exactly_if_the_library_takes_it(born, order, check):
    number = f"110101{born:%Y%m%d}{order:03}{check}"
    assert (fault_of(resident, number, ON) is None) == ric.is_valid(number)


@given(st.from_regex(r"[0-9]{17}", fullmatch=True))
def test_the_check_character_is_that_of_the_library(body):
    assert check_character(body) == ric.calc_check_digit(body + "0")


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("", IdentityFault.required),
        (" ", IdentityFault.required),
        (numbered()[:-1], IdentityFault.wrong_length),
        ("110101900307123", IdentityFault.wrong_length),  # the 15 digits of before 1999
        ("11010119900307123Y", IdentityFault.wrong_character),
        ("1101011990030712٣4", IdentityFault.wrong_character),
        (numbered(born="19900230"), IdentityFault.no_birth_date),
        (numbered(born="00000101"), IdentityFault.no_birth_date),
        (numbered(born="20261122"), IdentityFault.birth_in_future),
        (numbered(born="18951231"), IdentityFault.birth_too_early),
        (numbered(region="990101"), IdentityFault.other_kind),
        (numbered(region="810000"), IdentityFault.other_kind),
        (numbered(region="400101"), IdentityFault.wrong_region),
    ],
)
def test_what_is_no_resident_card_is_told_why(number, fault):
    assert fault_of(resident, number, ON) is fault


def test_any_wrong_check_character_is_noticed():
    good = numbered()
    assert [x for x in "0123456789X" if fault_of(resident, good[:-1] + x, ON) is None] == [good[-1]]


def test_a_birthday_today_is_no_future_and_tomorrow_is():
    assert fault_of(resident, numbered(born=f"{ON:%Y%m%d}"), ON) is None
    assert fault_of(resident, numbered(born=f"{ON + timedelta(1):%Y%m%d}"), ON) is IdentityFault.birth_in_future


def test_an_x_may_be_typed_small_or_full_width_and_spaces_do_not_matter():
    number = next(n for order in range(100, 200) if (n := numbered(order=str(order))).endswith("X"))
    for typed in (number.lower(), number[:-1] + "Ｘ", f" {number[:6]} {number[6:14]} {number[14:]} "):
        assert fault_of(resident, typed, ON) is None
        assert normalised(typed) == number


@pytest.mark.parametrize(
    ("kind", "number", "fault"),
    [
        (IdentityKind.hmt_residence_permit, numbered(region="810000"), None),
        (IdentityKind.hmt_residence_permit, numbered(region="820000"), None),
        (IdentityKind.hmt_residence_permit, numbered(region="830000"), None),
        (IdentityKind.hmt_residence_permit, numbered(), IdentityFault.other_kind),
        (IdentityKind.hmt_residence_permit, numbered(region="840000"), IdentityFault.wrong_region),
        (IdentityKind.hmt_residence_permit, numbered(region="830000")[:-1], IdentityFault.wrong_length),
        (IdentityKind.hm_travel_permit, "H12345678", None),
        (IdentityKind.hm_travel_permit, "m1234567801", None),
        (IdentityKind.hm_travel_permit, "T12345678", IdentityFault.wrong_form),
        (IdentityKind.hm_travel_permit, "H1234567", IdentityFault.wrong_form),
        (IdentityKind.tw_travel_permit, "12345678", None),
        (IdentityKind.tw_travel_permit, "1234567890(B)", None),
        (IdentityKind.tw_travel_permit, "123456789", IdentityFault.wrong_form),
        (IdentityKind.foreigner_residence_card, numbered(region="911840"), None),
        (IdentityKind.foreigner_residence_card, "USA110190030712", None),
        (IdentityKind.foreigner_residence_card, "US1101900307123", IdentityFault.wrong_form),
        (IdentityKind.foreigner_residence_card, numbered(), IdentityFault.other_kind),
        (IdentityKind.foreigner_residence_card, numbered(region="911840", born="20270101"), IdentityFault.birth_in_future),
        (IdentityKind.passport, "E12345678", None),
        (IdentityKind.passport, "123456789", None),
        (IdentityKind.passport, "PASSPORT", IdentityFault.wrong_form),
        (IdentityKind.passport, "E123", IdentityFault.wrong_form),
        (IdentityKind.passport, "E1234567é", IdentityFault.wrong_form),
        (IdentityKind.military_card, "军字第1234567号", None),
        (IdentityKind.military_card, "士字第 20190001 号", None),
        (IdentityKind.military_card, "军字", IdentityFault.wrong_form),
    ],
)
def test_other_documents_are_judged_by_how_their_numbers_are_built(kind, number, fault):
    assert fault_of(kind, number, ON) is fault


@pytest.mark.parametrize("kind", IdentityKind)
def test_every_kind_is_judged_and_wants_a_number(kind):
    assert fault_of(kind, "", ON) is IdentityFault.required
    assert fault_of(kind, "!" * 18, ON) is not None


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("110101199003071234", "110***********1234"),
        ("USA110190030712", "USA********0712"),
        ("E12345678", "E*******8"),
        ("H1234567801", "H*********1"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_a_mask_hides_most_of_a_number(number, masked):
    assert mask_identity(number) == masked


@given(st.text(max_size=40))
def test_a_mask_never_shows_more_than_half_and_keeps_the_length(number):
    masked = mask_identity(number)
    assert len(masked) == len(normalised(number))
    assert masked.count("*") * 2 >= len(masked)


def test_a_masked_mobile():
    assert mask_mobile("138 0013 8000") == "138****8000"
    assert mask_mobile("12345") == "*****"
