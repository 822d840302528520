"""Every refusal of a use case, as a status and a sentence. The unknown one shows nothing private."""

from flask import Flask, Response, current_app, render_template, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.exceptions import HTTPException, SecurityError

from app.services.errors import Faulty, Refusal
from app.words import counter, day, exceptions, platforms, retention, rules, stock

# A sentence says what is the matter and what to do; `%(fact)s` is filled from the refusal's facts. Those of the counter's
# desks are in `words/counter.py`, those about platforms in `words/platforms.py`.
SENTENCES: dict[str, LazyString] = {
    **counter.SENTENCES,
    **platforms.SENTENCES,
    **stock.SENTENCES,
    **rules.SENTENCES,
    **day.SENTENCES,
    **retention.SENTENCES,
    **exceptions.SENTENCES,
    "refused": _("这一步现在不能办。"),
    "absent": _("没有找到，或不属于本网点。"),
    "forbidden": _("您的岗位不能办理这一步。"),
    "forbidden_role": _("您的岗位不能办理这一步。"),
    "forbidden_opener": _("本人受理的案件须由他人复核。"),
    "forbidden_reset": _("您的登录刚由他人重设：另一名主管确认以前，批准、日结签字、发布、人员管理暂不能办。"),
    "reset_agreed_already": _("这次重设已有主管确认过。"),
    "not_signed_in": _("请先登录。"),
    "check_nothing_named": _("请输入号码，或选插在工位上的介质。"),
    "check_slot_empty": _("这只介质已经拔下，请重新选择。"),
    "no_door": _("这个页面没有开放。"),
    "stale": _("这件事刚刚被别人改动过。页面已过时，请返回看最新情况后再办。"),
    "out_of_turn": _("案件已不在这一步，请返回看最新情况。"),
    "faulty": _("填写有误，请按提示更正。"),
    "unavailable": _("设备或服务暂时联系不上，请稍后再试。"),
    "not_admitted": _("工号、密码或动态码不对，或者账号已锁定。"),
    "too_many_tries": _("尝试次数过多，请 %(seconds)s 秒后再试。"),
    "password_wrong": _("原密码不对。"),
    "password_same": _("新密码不能与原密码相同。"),
    "password_short": _("密码至少 10 个字符。"),
    "password_long": _("密码最多 128 个字符。"),
    "password_obvious": _("这个密码太容易猜到。"),
    "code_wrong": _("动态码不对，请看手机上最新的 6 位数字。"),
    "second_factor_set": _("动态码已经绑定。"),
    "above_rank": _("您只能管理本网点的受理员和复核员。"),
    "number_form": _("工号只用字母、数字和连字符，最多 16 位。"),
    "number_taken": _("这个工号已有人用。"),
    "role_missing": _("请至少选一个岗位。"),
    "role_conflict": _("审计员、系统管理员不得兼任其他岗位。"),
    "branch_missing": _("请选择网点。"),
    "branch_superfluous": _("审计员、系统管理员不属于任何网点。"),
    "branch_code_form": _("网点代码是两个字母加两位数字。"),
    "branch_code_taken": _("这个网点代码已有。"),
    "review_remark": _("有人被收回岗位或停用，请写明原因（最多 200 字）。"),
    "station_name_taken": _("这个网点已有同名的工位。"),
    "nothing_chosen": _("还没有选中任何一份。"),
    "token_unknown": _("本网点库存里没有这个介质号，请核对号码。"),
    "token_not_in_stock": _("这只介质已用过或已作废，请另取一只。"),
    "token_twice": _("同一只介质不能用于两份证书。"),
    "token_in_no_slot": _("这只介质没有插在本网点的在线工位上：请插好，或指定工位。"),
    "station_unknown": _("没有这个工位。"),
    "station_away": _("这个工位已离线，请先启动工位程序。"),
    "token_not_of_case": _("这不是本案件登记的介质。请插持有人要办的那一只，不要改号码。"),
    "token_busy": _("这只介质正在办另一项业务，或已不在持有人手中。"),
    "token_not_of_run": _("介质号不符：这不是刚才操作的那只介质。"),
    "certificate_not_valid": _("这张证书已被暂停或吊销，不能这样办理，请查看证书状态。"),
    "certificate_lapsed": _("旧证书已过有效期，新证书不能与它同日到期。请撤回，改办更新。"),
    "grant_needed": _("没有可用的主管授权：已过期，或已用过。请再请主管批准。"),
    "grant_lapsed": _("主管授权已过期，工位还没有动过介质。请取消，再请主管批准后重新开始。"),
    "token_mismatch": _("介质号与登记的不符，不能发放这只介质。"),
    "envelope_mismatch": _("信封号不符：这不是配给这只介质的有效信封。"),
    "job_given_up": _("试了几次都没有做完，已停下。请再交办一次；还不成，请告诉管理员。"),
    "job_failed": _("程序在做这项任务时出了错，已记录在案。请再交办一次；还不成，请告诉管理员。"),
    "job_file_gone": _("文件已过保留时间，或没有文件。请再交办一次。"),
    "applicant_too_short": _("请至少写两个字，或写全信用代码。"),
    "applicant_too_many": _("符合的单位太多，请写得更全，或写信用代码。"),
    "views_too_many": _("每张列表最多保存 %(most)s 个视图，请先删去用不着的。"),
    "export_reason_missing": _("超过 %(rows)s 行的导出须写明原因。"),
    "collector_differs": _("领取人不是申请时到场的人。确可代领的，请写明依据（如单位介绍信编号）后再次提交。"),
}

# What a member of staff can be told about a failure of the transport itself.
HTTP_SENTENCES: dict[int, LazyString] = {
    400: _("请求不完整或页面已过时，请刷新后再试。"),
    404: _("没有这个页面。"),
    405: _("这个地址不能这样打开。"),
    413: _("文件太大。"),
    429: _("请求过多，请稍后再试。"),
    500: _("程序出了错，已记录在案，请把时间告诉管理员。"),
}


def sentence_of(code: str, **facts: object) -> str:
    """The sentence of a code; an unknown code gives the general one, never the code's own text."""
    words = SENTENCES.get(code)
    if words is None:
        current_app.logger.error("no sentence for the refusal %s", code)
        return str(SENTENCES["refused"])
    text = str(words)
    return text % facts if facts and "%(" in text else text


def sentence(refusal: Refusal) -> str:
    return sentence_of(refusal.code, **refusal.facts)


def show_faults(form: FlaskForm, fault: Faulty) -> None:
    """Hang the sentences of a refusal onto the fields that they speak of."""
    for name, code in fault.fields.items():
        form[name].errors = [*form[name].errors, sentence_of(code, **fault.facts)]


def answer_refusal(refusal: Refusal) -> Response:
    answer = _page(sentence(refusal), refusal.status)
    if "seconds" in refusal.facts:
        answer.headers["Retry-After"] = str(refusal.facts["seconds"])
    return answer


def answer_http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    if isinstance(error, SecurityError):
        return Response("unknown host\n", 400, mimetype="text/plain")  # a name that is not ours: no page, no links
    status = error.code or 500
    return _page(str(HTTP_SENTENCES.get(status, SENTENCES["refused"])), status, getattr(error, "valid_methods", None))


def _page(text: str, status: int, methods: list[str] | None = None) -> Response:
    """A whole page, or a fragment where htmx asked (office.js puts it where messages go)."""
    fragment = request.headers.get("HX-Request") == "true"
    answer = Response(
        render_template("errors/message.html" if fragment else "errors/page.html", sentence=text, status=status), status
    )
    if fragment:
        answer.headers["HX-Retarget"] = ".messages"
        answer.headers["HX-Reswap"] = "innerHTML"
    if methods:
        answer.headers["Allow"] = ", ".join(methods)
    return answer


def register(app: Flask) -> None:
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(HTTPException, answer_http)
