"""What holds for every paper, in its everyday and its worst form."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import is_dataclass
from io import BytesIO
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from reports import (
    acceptance_slip,
    access_review,
    binding_slip,
    check_report,
    correction_notice,
    correction_slip,
    day_sheet,
    delivery_slip,
    destruction_record,
    envelope,
    fee_receipt,
    handover_receipt,
    listing,
    paper,
    period_report,
    permission_sheet,
    refund_slip,
    refusal_notice,
    relay_slip,
    shift_sheet,
    status_receipt,
    transfer_slip,
    waiver_slip,
)
from reports.faults import BadFact, MissingGlyph, UnprintableCharacter
from tests.reports import day_samples, exception_samples, oversight_samples, people_samples, samples, stock_samples
from tests.reports.reading import codes_in, ink_of, picture_of, text_of, words_of

PAPERS = {
    "envelope": (envelope, samples.envelope, samples.worst_envelope),
    "correction notice": (correction_notice, samples.correction_notice, samples.worst_correction_notice),
    "check report": (check_report, samples.check_report, samples.worst_check_report),
    "refusal notice": (refusal_notice, samples.refusal_notice, samples.worst_refusal_notice),
    "status receipt": (status_receipt, samples.status_receipt, samples.worst_status_receipt),
    "binding slip": (binding_slip, samples.binding_slip, samples.worst_binding_slip),
    "relay slip": (relay_slip, samples.relay_slip, samples.worst_relay_slip),
    "acceptance slip": (acceptance_slip, samples.acceptance_slip, samples.worst_acceptance_slip),
    "fee receipt": (fee_receipt, samples.fee_receipt, samples.worst_fee_receipt),
    "handover receipt": (handover_receipt, samples.handover_receipt, samples.worst_handover_receipt),
    "delivery slip": (delivery_slip, stock_samples.delivery_slip, stock_samples.worst_delivery_slip),
    "transfer slip": (transfer_slip, stock_samples.transfer_slip, stock_samples.worst_transfer_slip),
    "waiver slip": (waiver_slip, exception_samples.waiver_slip, exception_samples.worst_waiver_slip),
    "refund slip": (refund_slip, exception_samples.refund_slip, exception_samples.worst_refund_slip),
    "correction slip": (correction_slip, exception_samples.correction_slip, exception_samples.worst_correction_slip),
    "day sheet": (day_sheet, day_samples.day_sheet, day_samples.worst_day_sheet),
    "shift sheet": (shift_sheet, day_samples.shift_sheet, day_samples.worst_shift_sheet),
    "destruction record": (
        destruction_record,
        oversight_samples.destruction_record,
        oversight_samples.worst_destruction_record,
    ),
    "access review": (access_review, people_samples.access_review, people_samples.worst_access_review),
    "permission sheet": (permission_sheet, people_samples.permission_sheet, people_samples.worst_permission_sheet),
    "period report": (period_report, oversight_samples.period_report, oversight_samples.worst_period_report),
    "listing": (listing, samples.listing, lambda: samples.listing(99, wide=True)),
}
FORMS = [
    pytest.param(module, make, id=f"{name}, {form}")
    for name, (module, usual, worst) in PAPERS.items()
    for form, make in (("usual", usual), ("worst", worst))
]
WITH_APPLICANT = (
    "correction notice",
    "refusal notice",
    "status receipt",
    "binding slip",
    "relay slip",
    "acceptance slip",
    "fee receipt",
    "handover receipt",
    "waiver slip",
    "refund slip",
    "correction slip",
)
ONE_PAGE = ("envelope", "handover receipt", "status receipt", "relay slip", "waiver slip", "refund slip", "correction slip")


def texts_in(given):
    """Every text that a paper was given, the PIN apart, and what is shown by place or colour."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, tuple):
        for part in given:
            yield from texts_in(part)
    elif is_dataclass(given):
        for name, value in vars(given).items():
            if name not in ("pin", "align", "weight"):
                yield from texts_in(value)


def stands_in(ink, text):
    """Whole, or line by line: the text of neighbouring columns may come between the lines of a wrapped one."""
    while text:
        length = next((length for length in range(len(text), 0, -1) if text[:length] in ink), 0)
        if length < min(4, len(text)):
            return False
        text = text[length:]
    return True


@pytest.mark.parametrize(("module", "make"), FORMS)
def test_equal_facts_give_equal_bytes(module, make):
    assert module.render(make()) == module.render(make())


@pytest.mark.parametrize(("module", "make"), FORMS)
def test_every_text_given_is_on_the_paper_in_full(module, make):
    facts = make()
    ink = ink_of(module.render(facts))
    for text in texts_in(facts):
        assert stands_in(ink, re.sub(r"\s+", "", text)), text


@pytest.mark.parametrize(("module", "make"), FORMS)
def test_no_word_lies_on_another_or_leaves_the_page(module, make):
    pdf = module.render(make())
    box = PdfReader(BytesIO(pdf)).pages[0].mediabox
    words = words_of(pdf)
    for word in words:
        assert 14 < word.left < word.right < float(box.width) - 14, word
        assert 12 < word.top < word.bottom < float(box.height) - 9, word
    for page in {word.page for word in words}:
        on_page = [word for word in words if word.page == page]
        for one, other in combinations(on_page, 2):
            across = min(one.right, other.right) - max(one.left, other.left)
            down = min(one.bottom, other.bottom) - max(one.top, other.top)
            assert not (across > 0.6 and down > 0.45 * min(one.height, other.height)), (one, other)


@pytest.mark.parametrize(("module", "make"), FORMS)
def test_the_file_says_its_title_and_language_and_carries_its_fonts(module, make):
    reader = PdfReader(BytesIO(module.render(make())))
    assert re.search(r"[\u4e00-\u9fff]", reader.metadata.title)
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"].get("/Font", {}).values()]
    assert fonts
    for font in fonts:
        assert font["/Subtype"] == "/TrueType"
        assert "/FontFile2" in font["/FontDescriptor"]


@pytest.mark.parametrize(("module", "make"), FORMS)
def test_no_character_became_a_hole(module, make):
    assert "\ufffd" not in text_of(module.render(make()))
    assert "\x00" not in text_of(module.render(make()))


@pytest.mark.parametrize("name", [name for name in PAPERS if name not in ONE_PAGE])
def test_pages_are_numbered_and_repeat_the_head(name):
    module, _, worst = PAPERS[name]
    reader = PdfReader(BytesIO(module.render(worst())))
    count = len(reader.pages)
    assert count > 1
    title = reader.metadata.title.split()[0]
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        assert f"第 {number} 页，共 {count} 页" in text
        assert f"Page {number} of {count}" in text
        assert title in text
        assert ("continued" in text) == (number > 1)


@pytest.mark.parametrize("name", WITH_APPLICANT)
def test_the_case_number_can_be_scanned_from_the_paper(name):
    module, usual, worst = PAPERS[name]
    for make in (usual, worst):
        assert ("Code128", samples.CASE) in codes_in(picture_of(module.render(make())))


@pytest.mark.parametrize("name", WITH_APPLICANT)
@pytest.mark.parametrize(
    "applicant",
    [
        "<b>北京</b>&amp;<img src='file:///etc/passwd'/>",
        "%PDF (\\) 某某 \\n (",
        "{{ 7*7 }} ${x}",
        "=cmd|' /C'!A0",
        "'; --",
        "。，、；：",
    ],
)
def test_markup_in_a_name_is_printed_letter_by_letter(name, applicant):
    module, usual, _ = PAPERS[name]
    ink = ink_of(module.render(usual(applicant_name=applicant)))
    assert re.sub(r"\s+", "", applicant) in ink


@pytest.mark.parametrize("name", WITH_APPLICANT)
def test_marks_that_turn_the_direction_have_no_effect(name):
    module, usual, _ = PAPERS[name]
    plain, turned = (usual(applicant_name=text) for text in ("北京某某公司", "北京\u202e某某\u200f\u2066公司\u200b"))
    assert module.render(plain) == module.render(turned)


@pytest.mark.parametrize("name", WITH_APPLICANT)
@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\ud800", "\ue000", "\uffff"])
def test_control_and_private_characters_are_refused_by_their_code_point(name, character):
    _, usual, _ = PAPERS[name]
    with pytest.raises(UnprintableCharacter, match=f"U\\+{ord(character):04X}"):
        usual(applicant_name=f"北京{character}公司")


@pytest.mark.parametrize("name", WITH_APPLICANT)
def test_a_character_that_no_face_has_stops_the_paper_and_is_named(name):
    module, usual, _ = PAPERS[name]
    with pytest.raises(MissingGlyph) as raised:
        module.render(usual(applicant_name="北京\U0001f9ff公司"))
    assert raised.value.character == "\U0001f9ff"


@pytest.mark.parametrize("name", WITH_APPLICANT)
@pytest.mark.parametrize("blank", ["", "   ", "\u200b", "\t\n"])
def test_a_paper_without_the_applicant_is_refused(name, blank):
    _, usual, _ = PAPERS[name]
    with pytest.raises(BadFact, match="applicant_name: is empty"):
        usual(applicant_name=blank)


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec="gb2312"), min_size=1, max_size=140).filter(lambda text: text.strip()))
def test_any_name_of_everyday_characters_is_printed_whole(text):
    try:
        facts = samples.handover_receipt(applicant_name=text)
    except (UnprintableCharacter, BadFact):
        return
    pdf = handover_receipt.render(facts)
    printed = paper.printable(text)
    # Two copies: every character at least twice as often as in the name.
    ink = text_of(pdf)
    assert all(ink.count(character) >= 2 * printed.count(character) for character in set(printed) - {" ", "\u3000"})


@pytest.mark.parametrize("name", [name for name in WITH_APPLICANT if name != "handover receipt"])
def test_a_branch_without_address_and_telephone_still_prints(name):
    module, usual, _ = PAPERS[name]
    assert samples.NAME in ink_of(module.render(usual(branch_address="", branch_telephone="")))


def test_an_empty_optional_value_shows_a_dash():
    assert "—" in text_of(fee_receipt.render(samples.fee_receipt(reference="")))


def test_many_threads_print_what_one_prints():
    makers = [(module, make) for name, (module, make, _) in PAPERS.items() for _ in range(6)]
    alone = [module.render(make()) for module, make in makers]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda pair: pair[0].render(pair[1]()), makers))
    assert together == alone


def test_warming_up_can_be_repeated():
    assert paper.warm() == paper.warm()
