"""What holds for one paper alone."""

import pytest

from reports import (
    acceptance_slip,
    binding_slip,
    correction_notice,
    fee_receipt,
    handover_receipt,
    listing,
    refusal_notice,
    relay_slip,
)
from reports.correction_notice import Defect, DefectGroup
from reports.faults import BadFact, DoesNotFit, PaperFault
from reports.fee_receipt import FeeItem
from reports.flow import Block, paginate, space
from reports.marks import code128
from reports.paper import Sheet
from tests.reports import samples
from tests.reports.reading import codes_in, ink_of, picture_of, text_of, words_of


def test_the_correction_notice_counts_and_numbers_every_defect():
    text = ink_of(correction_notice.render(samples.worst_correction_notice()))
    assert "以下12处需要补正" in text
    assert "全部内容" in text
    assert "Documentset5" in text


def test_the_correction_notice_tells_advice_apart():
    text = text_of(correction_notice.render(samples.correction_notice()))
    assert text.index("建议（不影响受理）") > text.index("第 2 份鉴证材料")
    assert "以下 4 处" in text


def test_a_correction_notice_of_one_defect_fits_one_page():
    notice = samples.correction_notice(groups=(DefectGroup(1, (Defect("没有身份证件。", "No identity document."),)),), advice=())
    text = text_of(correction_notice.render(notice))
    assert "1 point has" in text
    assert "共 1 页" in text


def test_a_correction_notice_without_defects_is_refused():
    with pytest.raises(BadFact, match="groups: is empty"):
        samples.correction_notice(groups=())
    with pytest.raises(BadFact, match="defects: is empty"):
        DefectGroup(1, ())


def test_a_group_broken_over_pages_repeats_its_title():
    assert "第 3 份鉴证材料 Document set 3（续 continued）" in text_of(
        correction_notice.render(samples.worst_correction_notice())
    ).replace("\n", " ")


def test_the_claim_stub_is_at_the_foot_of_the_last_page_with_both_codes():
    for slip, pages in ((samples.acceptance_slip(), 1), (samples.worst_acceptance_slip(), 9)):
        pdf = acceptance_slip.render(slip)
        titles = [word for word in words_of(pdf) if "领取凭条" in word.text and word.height > 12]
        assert [word.page for word in titles] == [pages]
        picture = picture_of(pdf, pages)
        stub = picture.crop((0, int(picture.height * 0.72), picture.width, picture.height))
        assert {("Code128", samples.CASE), ("QRCode", samples.CASE)} <= codes_in(stub)


def test_ninety_nine_fees_are_told_in_one_sentence():
    text = ink_of(acceptance_slip.render(samples.worst_acceptance_slip()))
    assert "¥17,640.00（第1张0.00，第2–99张每张180.00" in text


def test_a_refusal_needs_a_reason_and_a_remedy():
    with pytest.raises(BadFact, match="reasons"):
        samples.refusal_notice(reasons=())
    with pytest.raises(BadFact, match="remedies"):
        samples.refusal_notice(remedies=((" ", "try again"),))
    assert "怎样才能办成" in text_of(refusal_notice.render(samples.refusal_notice()))


def test_the_fee_receipt_shows_the_total_in_digits_and_capitals():
    text = text_of(fee_receipt.render(samples.worst_fee_receipt()))
    assert "人民币壹万柒仟陆佰肆拾元整" in text
    assert "¥ 17,640.00" in text


def test_a_free_certificate_has_a_receipt_of_zero():
    receipt = samples.fee_receipt(items=(FeeItem("首张证书", "first certificate", 1, 0),), total_fen=0)
    assert "人民币零元整" in text_of(fee_receipt.render(receipt))


def test_a_fee_receipt_whose_items_do_not_add_up_is_refused():
    with pytest.raises(BadFact, match="total_fen"):
        samples.fee_receipt(total_fen=18001)


def test_both_copies_of_the_handover_receipt_say_the_same():
    pdf = handover_receipt.render(samples.handover_receipt())
    text = text_of(pdf)
    for part in ("OC-2026-000017", "HD01-000123", "7b1e 5c09 d2f4", "2027年11月20日", "领取人签字", "密码信封完好未拆"):
        assert text.count(part) == 2, part
    assert text.count("Office copy") == text.count("Customer's copy") == 1
    picture = picture_of(pdf)
    for half in (0, 1):
        copy = picture.crop((0, half * picture.height // 2, picture.width, (half + 1) * picture.height // 2))
        assert codes_in(copy) == {("Code128", samples.CASE)}


def test_a_handover_receipt_valid_backwards_is_refused():
    with pytest.raises(BadFact, match="valid_until"):
        samples.handover_receipt(valid_from=samples.DAY, valid_until=samples.DAY.replace(year=2025))


def test_a_list_repeats_its_column_heads_and_an_empty_one_says_so():
    text = text_of(listing.render(samples.listing(99, wide=True)))
    assert text.count("案件号") == text.count("\f")
    assert "没有符合条件的记录" in text_of(listing.render(samples.listing(0)))


def test_a_row_that_does_not_match_the_columns_is_refused():
    with pytest.raises(BadFact, match="rows"):
        samples.listing(rows=1).__class__(**{**vars(samples.listing(1)), "rows": (("one",),)})


def test_a_bar_code_too_fine_to_be_read_is_refused():
    with pytest.raises(DoesNotFit):
        code128(Sheet(""), 0, 0, "HD01-20261121-0042-AND-MUCH-MORE", 40, 20)
    with pytest.raises(PaperFault, match="ASCII"):
        code128(Sheet(""), 0, 0, "案件", 200, 20)


def block(height, **options):
    return Block(height, lambda sheet, y: None, **options)


def test_a_title_never_ends_a_page():
    title, row = block(10, keep=True), block(30)
    pages = paginate([block(80), title, row], 0, 0, 100, 0)
    assert [blocks for _, blocks in pages][1] == [title, row]


def test_a_space_neither_begins_a_page_nor_makes_one():
    assert len(paginate([block(100), space(20)], 0, 0, 100, 0)) == 1
    pages = paginate([block(95), space(20), block(50)], 0, 0, 100, 0)
    assert [len(blocks) for _, blocks in pages] == [1, 1]


def test_what_stands_at_the_foot_is_never_alone_on_its_page():
    last = block(20)
    pages = paginate([block(60), last], 0, 0, 100, 30)
    assert pages[1][1] == [last]


def test_a_block_taller_than_a_page_is_refused_not_cut():
    with pytest.raises(DoesNotFit):
        paginate([block(101)], 0, 0, 100, 0)


def test_a_binding_slip_says_that_the_platform_has_not_confirmed_until_it_has():
    waiting = ink_of(binding_slip.render(samples.binding_slip()))
    assert "平台尚未确认" in waiting
    assert "等平台确认以后再登录" in waiting
    done = ink_of(binding_slip.render(samples.binding_slip(acknowledged_on=samples.DAY)))
    assert "平台已于2026年11月21日确认" in done
    assert "Theplatformconfirmedon21November2026" in done
    assert "等平台确认以后再登录" not in done


def test_a_binding_slip_names_the_chosen_certificate_or_leaves_the_choice_to_the_login():
    chosen = ink_of(binding_slip.render(samples.binding_slip()))
    assert "插入介质OC-2026-000391" in chosen
    free = ink_of(binding_slip.render(samples.binding_slip(chosen_token="", chosen_serial="", chosen_until=None)))
    assert "这次绑定的就是这一张" in free
    assert "选定绑定的介质" not in free


def test_a_binding_slip_where_nothing_was_bound_waits_for_nobody():
    nothing = {"ended_token": "", "ended_serial": "", "ended_account": "", "bound_since": None, "waits": False}
    text = ink_of(binding_slip.render(samples.binding_slip(**nothing)))
    assert "无须平台确认" in text
    assert "等平台确认以后再登录" not in text
    assert "结束绑定的介质" not in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "尚未答复"),
        ({"answered_on": samples.DAY, "done": True}, "已于2026年11月21日答复：已重置"),
        ({"answered_on": samples.DAY, "note": "请先办理变更登记"}, "已于2026年11月21日答复：不予重置"),
    ],
)
def test_a_relay_slip_says_how_far_the_authority_is(changes, said):
    text = ink_of(relay_slip.render(samples.relay_slip(**changes)))
    assert said in text
    assert changes.get("note", "") in text
