"""The PIN envelope: what is seen folded, what only opened, what a thief sees through the paper."""

import string
import traceback
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from reports.envelope import PIN_TOP, Envelope, render
from reports.faults import BadFact, DoesNotFit
from reports.paper import MM
from tests.reports import samples
from tests.reports.reading import codes_in, ink_of, picture_of, pin_of, text_of, words_of

PIN = "48300719"
THIRD = 99 * MM


@pytest.fixture(scope="module")
def sheet():
    return render(samples.envelope())


def crop(picture, left, top, right, bottom, dpi=150):
    """Millimetres."""
    scale = dpi / 25.4
    return picture.crop(tuple(int(edge * scale) for edge in (left, top, right, bottom)))


def test_the_pin_is_read_from_the_sheet(sheet):
    assert pin_of(sheet) == PIN


def test_the_pin_stands_in_one_line_of_the_text(sheet):
    assert PIN in {line.replace(" ", "") for line in text_of(sheet).splitlines()}


@settings(max_examples=40, deadline=None)
@given(st.text(string.digits, min_size=4, max_size=16) | st.text(string.ascii_letters + string.digits, min_size=4, max_size=16))
def test_any_pin_is_read_back_in_order(pin):
    assert pin_of(render(samples.envelope(pin=pin))) == pin


def test_the_pin_is_once_on_the_sheet_and_only_in_the_middle_third(sheet):
    assert ink_of(sheet).count(PIN) == 1
    for word in words_of(sheet):
        if word.height > 30:
            assert word.page == 1
            assert word.top > THIRD + 10
            assert word.bottom < 2 * THIRD - 10


def test_the_window_shows_branch_and_control_number_and_no_more(sheet):
    """90 × 45 mm, 20 mm from the left and 15 mm from the foot of a 220 × 110 mm envelope, in which the sheet slides."""
    must = ["HD01-000123", *samples.BRANCH["branch_name_zh"], *samples.BRANCH["branch_name_en"].split()]
    for slide_x in (0, 10):
        for slide_y in (0, 11):
            left, top = (20 - slide_x) * MM, (39 + slide_y) * MM
            seen = [
                word.text
                for word in words_of(sheet)
                if word.page == 1
                and word.right > left
                and word.left < left + 90 * MM
                and word.bottom > top
                and word.top < min(top + 45 * MM, THIRD)
            ]
            text = "".join(seen)
            assert all(part in text for part in must)
            assert len(text) == len("".join(must)), text


def test_both_codes_can_be_scanned_through_the_window(sheet):
    front = picture_of(sheet, dpi=200)
    for slide_x in (0, 10):
        for slide_y in (0, 11):
            left, top = 20 - slide_x, 39 + slide_y
            window = crop(front, left, top, left + 90, min(top + 45, 99), dpi=200)
            assert {("Code128", "HD01-000123"), ("QRCode", "HD01-000123")} <= codes_in(window)


def test_the_codes_hold_the_control_number_alone(sheet):
    assert {text for _, text in codes_in(picture_of(sheet))} == {"HD01-000123"}


def test_the_back_bears_no_text_but_the_warning(sheet):
    back = [word.text for word in words_of(sheet) if word.page == 2]
    assert "".join(back).startswith("底纹有刮痕")
    assert not any(character.isdigit() for character in "".join(back))


def test_folded_the_tint_lies_dense_over_and_under_the_pin(sheet):
    """The backs of all three thirds, where the fold brings them over the PIN: dark figures everywhere, no white hole."""
    back = picture_of(sheet, 2)
    top, bottom = PIN_TOP / MM, PIN_TOP / MM + 21
    for start, end in ((top, bottom), (198 - bottom, 198 - top), (396 - bottom, 396 - top)):
        for left in range(20, 190, 10):
            patch = crop(back, left, start, left + 10, end)
            dark = sum(value < 190 for value in patch.get_flattened_data()) / (patch.width * patch.height)
            assert 0.08 < dark < 0.75


def test_the_sheet_is_printed_to_scale_on_both_sides(sheet):
    reader = PdfReader(BytesIO(sheet))
    assert len(reader.pages) == 2
    preferences = reader.trailer["/Root"]["/ViewerPreferences"]
    assert preferences["/PrintScaling"] == "/None"
    assert preferences["/Duplex"] == "/DuplexFlipLongEdge"


def test_it_tells_serial_tries_and_how_to_change_the_pin(sheet):
    ink = ink_of(sheet)
    for part in ("OC-2026-000017", "连续输错10次", "TenwrongPINs", "修改密码", "2026年11月21日"):
        assert part in ink
    assert "连续输错3次" in ink_of(render(samples.envelope(pin_tries=3)))


def test_a_zero_is_crossed_and_a_letter_o_is_not():
    """The middle of a zero is inked; of a letter O it is white. Both are called by name beneath."""
    zeros, letters = render(samples.envelope(pin="00000000")), render(samples.envelope(pin="OOOOOOOO"))
    assert "零" in ink_of(zeros)
    assert "大写O" in ink_of(letters)
    for pdf, inked in ((zeros, True), (letters, False)):
        word = next(word for word in words_of(pdf) if word.height > 30)
        first = word.left / MM + (word.right - word.left) / MM / len(word.text) / 2
        middle = (PIN_TOP + 21 * MM / 2) / MM
        patch = crop(picture_of(pdf), first - 0.4, middle - 0.4, first + 0.4, middle + 0.4)
        assert (min(patch.get_flattened_data()) < 80) == inked


def test_it_says_whether_letters_may_occur():
    assert "没有字母" in ink_of(render(samples.envelope()))
    assert "字母区分大小写" in ink_of(render(samples.envelope(pin="aB3dE6gH")))


def test_there_is_no_place_for_an_organisation_name():
    assert not {name for name in vars(samples.envelope()) if "applicant" in name or "organisation" in name}


def test_the_pin_hides_in_repr_and_errors():
    facts = samples.envelope()
    assert PIN not in repr(facts)
    assert PIN not in str(facts)
    for bad in ("123", "12345678901234567", "1234 678", "１２３４５６７８", "4830071九"):
        with pytest.raises(BadFact) as raised:
            samples.envelope(pin=bad)
        assert bad not in "".join(traceback.format_exception_only(raised.value))


@pytest.mark.parametrize("field", ["control_number", "token_serial", "branch_name_zh", "branch_name_en"])
def test_nothing_on_it_may_be_empty(field):
    with pytest.raises(BadFact, match=field):
        samples.envelope(**{field: " "})


def test_a_branch_name_too_long_for_the_window_is_refused_not_cut():
    with pytest.raises(DoesNotFit, match="branch_name_zh"):
        render(samples.envelope(branch_name_zh="海淀" * 90))


def test_no_try_left_is_no_number_of_tries():
    with pytest.raises(BadFact, match="pin_tries"):
        samples.envelope(pin_tries=0)


def test_the_facts_cannot_be_changed():
    with pytest.raises(AttributeError):
        samples.envelope().pin = "11112222"
    assert isinstance(samples.envelope(), Envelope)
