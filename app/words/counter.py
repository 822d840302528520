"""Sentences of the intake, review and fee desks: what a code of a use case tells the clerk, and what he can do."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from models.rulebook.checklist import Tick

SENTENCES: dict[str, LazyString] = {
    "not_filled_in": _("还有项目没有填好，已在下面标出。"),
    "not_in_order": _("材料不符合要求，不能受理。可以打印补正告知单。"),
    "nothing_to_correct": _("材料没有不符合的地方，请直接受理。"),
    "is_covered": _("这种情形在办理规定之内，应要求补正，不能不予受理。"),
    "set_reused": _("第 %(position)s 份材料刚刚被另一案件使用。一份鉴证材料只能办理一张证书，请另备一份。"),
    "required": _("请填写这一项。"),
    "required_for_tax": _("开通税务应用须填写成立日期。"),
    "not_a_date": _("不是日期，请按 20150301 的样子填写。"),
    "in_the_future": _("日期在今天之后。"),
    "not_1_to_99": _("请填 1 到 99。"),
    "not_a_mobile": _("不是手机号码。"),
    "differs_from_record": _("与登记在册的不同。单位更名或改变类型须办理变更。"),
    "wrong_length": _("位数不对。"),
    "wrong_character": _("含有不该有的字符。"),
    "wrong_region": _("地区码不对。"),
    "wrong_check": _("校验码不符，请逐位核对。"),
    "wrong_form": _("格式不符合这种证件。"),
    "other_kind": _("这是另一种证件的号码，请核对证件类型。"),
    "no_birth_date": _("出生日期不存在。"),
    "birth_in_future": _("出生日期在今天之后。"),
    "birth_too_early": _("出生日期过早。"),
    "no_such_set": _("没有这一份材料。"),
    "scan_empty": _("没有选择文件，或文件是空的。"),
    "scan_too_large": _("文件超过 10 MB，请降低分辨率后重新扫描。"),
    "scan_unknown_kind": _("只接受 JPEG、PNG 图片和 PDF 文件。"),
    "scan_two_formats": _("文件里夹带了别的内容，不能使用，请重新扫描。"),
    "scan_malformed": _("文件已损坏，打不开，请重新扫描。"),
    "scan_encrypted": _("PDF 设有密码，请去掉密码后再上传。"),
    "scan_too_many_pixels": _("图片过大（超过 6000 万像素），请降低分辨率后重新扫描。"),
    "scan_too_many_pages": _("页数过多，每个文件最多 12 页。"),
    "scan_too_heavy": _("文件展开后过大，不能使用，请重新扫描。"),
    "scan_already_there": _("这个文件已经附在这份材料上了。"),
    "scan_not_kept": _("影像没有存下来，请稍后再试。"),
    "scan_unreadable": _("影像读不出来，请告诉管理员。"),
    "scan_examiner_unavailable": _("影像检查程序没有运行，请告诉管理员。"),
    "paper_unprintable": _("名称里有字库没有的字，打印不出来，请告诉管理员。"),
    "code_promised": _("另一单位正在办理变更为这个代码，请核对代码。"),
    "code_taken": _("这个代码已属于另一单位，请核对。"),
    "nothing_new": _("名称和代码都与登记在册的相同，没有要变更的内容。"),
    "not_this_token": _("号码不符：证书不在这只介质上，请核对。"),
    "kind_not_open": _("按证书现在的状态，不能办理这项业务，请到证书页查看原因。"),
    "case_is_open": _("这张证书已有在办案件 %(number)s，一次只办一件。"),
    "case_is_open_there": _("单位在这个平台已有同类案件 %(number)s 在办，一次只办一件。"),
    "no_registry_authority": _("这个平台没有登记负责重置的登记管理机关，不能转交；请向平台咨询。"),
    "certificate_unknown": _("单位没有这张证书，请重新选择。"),
    "loss_is_booked": _("挂失已生效，旧证书已吊销，不能再修改；请接着收费，或撤回申请。"),
    "paid_already": _("已经收费，不能撤销。"),
    "too_long": _("太长了，请写得简短一些。"),
    "forbidden_branch": _("您不属于任何网点，不能受理。"),
}

TICKS: dict[Tick, LazyString] = {
    Tick.two_copies: _("一式两份"),
    Tick.complete: _("填写完整"),
    Tick.duplicate: _("副本"),
    Tick.own: _("本人证件"),
    Tick.original: _("原件"),
    Tick.photocopy: _("复印件"),
    Tick.mark: _("盖章"),
}
SIGNED = _("签字")
