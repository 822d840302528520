"""Credit codes and organisation codes, compared with an independent library where it knows them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from models.rulebook.credit_code import CodeFault, CreditCode, check_character, organisation_check_character, read
from models.rulebook.vocabulary import ApplicantKind

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
bodies = st.tuples(st.from_regex(r"[0-9]{8}", fullmatch=True), st.text(ALPHABET, min_size=9, max_size=9)).map("".join)


@given(bodies)
def test_the_check_character_is_that_of_the_library(body):
    assert check_character(body) == uscc.calc_check_digit(body)


@given(bodies, st.sampled_from(ALPHABET))
def test_a_code_is_read_exactly_if_the_library_takes_it(body, check):
    assert isinstance(read(body + check), CreditCode) == uscc.is_valid(body + check)


@given(bodies, st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_mistyped_character_is_always_noticed(body, position, digit):
    code = body + check_character(body)
    mistyped = code[:position] + digit + code[position + 1 :]
    assert mistyped == code or read(mistyped) is CodeFault.wrong_check


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        ("11", ApplicantKind.government_organ),
        ("12", ApplicantKind.public_institution),
        ("51", ApplicantKind.social_organisation),
        ("52", ApplicantKind.private_non_enterprise),
        ("91", ApplicantKind.enterprise),
        ("92", ApplicantKind.individual_business),
        ("A1", ApplicantKind.military_unit),
        ("N2", None),
        ("Y1", None),
        ("93", None),
    ],
)
def test_the_first_two_characters_suggest_the_applicants_kind(start, kind):
    body = f"{start}110108MA01ABCD1"
    code = read(body + check_character(body))
    assert isinstance(code, CreditCode)
    assert code.suggested_kind is kind
    assert code.organisation_code == "MA01ABCD1"
    assert code.is_unified


@pytest.mark.parametrize(
    "typed", ["91110000600037341l", " 9111 0000-6000 37341L ", "９１１１００００６０００３７３４１Ｌ", "91110000600037341L\n"]
)
def test_a_code_is_read_as_people_type_it(typed):
    code = read(typed)
    assert isinstance(code, CreditCode)
    assert code.code == "91110000600037341L"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", CodeFault.required),
        (" - ", CodeFault.required),
        ("9111", CodeFault.wrong_length),
        ("91110000600037341LL", CodeFault.wrong_length),
        ("91110000600037341M", CodeFault.wrong_check),
        ("9111000060003734IL", CodeFault.wrong_character),
        ("911100006000373412", CodeFault.wrong_check),
        ("9111A000600037341L", CodeFault.wrong_region),
        ("9111?000600037341L", CodeFault.wrong_character),
        ("9111٠000600037341L", CodeFault.wrong_character),
        ("91110000某00037341L", CodeFault.wrong_character),
        ("某2143569X", CodeFault.wrong_character),
        ("D2143569A", CodeFault.wrong_character),
        ("D21435691", CodeFault.wrong_check),
    ],
)
def test_what_is_no_code_is_told_why(typed, fault):
    assert read(typed) is fault


def test_the_standards_own_example_of_an_organisation_code():
    code = read("D2143569-X")
    assert isinstance(code, CreditCode)
    assert (code.code, code.suggested_kind, code.is_unified) == ("D2143569X", None, False)


def test_every_remainder_of_an_organisation_code_has_its_check_character():
    draw = random.Random(11714)
    values = {str(digit): digit for digit in range(10)} | {chr(65 + n): 10 + n for n in range(26)}
    seen = set()
    for _ in range(500):
        body = "".join(draw.choice(list(values)) for _ in range(8))
        check = 11 - sum(values[letter] * weight for letter, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
        expected = {10: "X", 11: "0"}.get(check, str(check))
        assert organisation_check_character(body) == expected
        seen.add(expected)
    assert seen == set("0123456789X")
