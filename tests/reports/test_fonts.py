"""Faces, glyphs, lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import fonts
from reports.faults import DoesNotFit, MissingGlyph
from reports.fonts import HEI, MONO, face, main_face, printable, runs, width
from reports.lines import NEVER_FIRST, NEVER_LAST, fit, wrap
from tests.reports.samples import LONG_NAME


def test_everyday_characters_come_from_the_main_face_alone():
    assert [stretch for _, stretch in runs("北京某某科技有限公司 ABC 123")] == ["北京某某科技有限公司 ABC 123"]


@pytest.mark.parametrize("character", ["㛃", "䶮", "㐂"])
def test_rare_characters_come_from_the_second_face(character):
    assert not main_face().has(character)
    stretches = runs(f"欧阳{character}明")
    assert [stretch for _, stretch in stretches] == ["欧阳", character, "明"]
    assert stretches[1][0].name == "OneCertificateZenHei"


def test_a_character_of_no_face_is_named():
    with pytest.raises(MissingGlyph) as raised:
        width("北京\U0001f9ff", 10)
    assert raised.value.character == "\U0001f9ff"
    assert "U+1F9FF" in str(raised.value)


def test_extension_b_is_printed_if_its_face_is_installed_and_else_refused():
    installed = face("OneCertificateHanazonoB") is not None
    if installed:
        assert runs("𠮷")[0][0].name == "OneCertificateHanazonoB"
    else:
        with pytest.raises(MissingGlyph, match=r"U\+20BB7"):
            runs("𠮷")


def test_a_face_is_parsed_once():
    assert face(HEI) is face(HEI)
    assert face(MONO) is not face(HEI)


def test_without_debians_font_the_wheel_carries_the_main_face(monkeypatch, tmp_path):
    files, number = fonts.FACES[HEI]
    monkeypatch.setitem(fonts.FACES, HEI, ((tmp_path / "absent.ttc",), number))
    found = [file for file in fonts._files(HEI) if file.is_file()]
    assert [file.name for file in found] == [files[0].name]


def test_white_space_of_any_kind_becomes_plain():
    assert printable("甲\t乙\r\n丙\u00a0丁\u2028戊") == "甲 乙  丙 丁 戊"


@given(st.text(st.characters(codec="gb2312", exclude_categories=("Cc", "Zs")), max_size=120), st.floats(20, 300))
def test_wrapping_loses_nothing_and_never_exceeds_the_measure(text, measure):
    text = "".join(character for character in text if main_face().has(character))
    lines = wrap(text, measure, 9)
    assert "".join(lines) == text
    for line in lines:
        # Punctuation may hang on to the character before it only if the two fit; one character always stands.
        assert width(line, 9) <= measure or len(line) == 1


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one():
    text = "请带证照（副本），原件、复印件（盖章）；以及“申请表”一式两份。" * 4
    for measure in range(60, 300, 7):
        lines = wrap(text, measure, 10)
        assert "".join(lines) == text
        assert not any(line[0] in NEVER_FIRST for line in lines[1:])
        assert not any(line[-1] in NEVER_LAST for line in lines[:-1])


def test_latin_words_and_numbers_stay_whole_while_they_fit():
    lines = wrap("统一社会信用代码 91110108MA01ABCD2X 已核对", 110, 10)
    assert any("91110108MA01ABCD2X" in line for line in lines)


def test_a_word_longer_than_the_line_is_broken_before_a_hyphen_if_it_has_one():
    lines = wrap("OC-2026-7A3F-0000-0012", 70, 10)
    assert "".join(lines) == "OC-2026-7A3F-0000-0012"
    assert len(lines) > 1
    assert all(line.startswith("-") for line in lines[1:])


def test_a_fixed_place_takes_the_largest_size_that_fits_and_else_refuses():
    size, lines = fit("海淀区政务服务中心", 200, (12, 10, 8), 1, "place")
    assert (size, lines) == (12, ["海淀区政务服务中心"])
    size, lines = fit(LONG_NAME, 300, (12, 10, 8, 7), 2, "place")
    assert size < 12
    assert "".join(lines) == LONG_NAME
    with pytest.raises(DoesNotFit, match="place"):
        fit(LONG_NAME * 3, 100, (12, 10), 2, "place")
