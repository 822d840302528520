"""The pages of the aftercare desk, put together: a certificate, a draft to type in, a case that has left the desk."""

from collections.abc import Mapping
from typing import Any

from flask import g, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.desks.aftercare_sheet import furnish, lay_out
from app.desks.bindings_page import at_platform
from app.desks.door import actor, world
from app.desks.intake_page import last_visit, missing_fields
from app.desks.refusals import sentence_of
from app.desks.shell import Shell, said
from app.services.certificate_facts import certificate_facts
from app.services.edition_at_hand import edition_on
from app.services.examine_aftercare import examine_aftercare, facts_of
from app.services.seal_presenter import presenter_id, presenter_mobile
from app.services.world import BEIJING
from app.words.exceptions import SLIPS
from app.words.rules import PAPERS
from app.words.terms import term
from forms.aftercare import AftercareForm
from forms.bindings import AnswerForm
from forms.intake import ReasonForm
from models.rulebook.aftercare_words import reason
from models.rulebook.bring import what_to_bring
from models.rulebook.damage import QUESTIONS
from models.rulebook.editions import Paper
from models.rulebook.identity import mask_identity, mask_mobile
from models.rulebook.judgement import regime_of
from models.rulebook.kinds import KINDS, PLATFORM_KINDS
from models.rulebook.lifetime import open_kinds
from models.rulebook.vocabulary import CaseKind, RelayAnswer, RevocationReason, Role, RunKind
from models.rulebook.workflow import CASE, CASE_RETURNED, open_actions
from models.tables import Case, Certificate, db
from models.worklists.aftercare import past_of, subject_of
from models.worklists.grants import given_grants
from models.worklists.review import findings_of, latest_examination, latest_return, notices_of, scans_of

DAMAGE_ANSWERS = {
    "visible": lazy_gettext("外观损坏"),
    "altered": lazy_gettext("拆改"),
    "read_here": lazy_gettext("本窗口能读出"),
}
DAMAGE_VERDICTS = {"medium": lazy_gettext("介质自身故障"), "holder": lazy_gettext("使用方责任")}
WHAT_HAPPENS = {
    CaseKind.renewal: lazy_gettext("在原介质上换发新证书，密码不变；新证书领取后旧证书吊销。平台绑定按各平台规定随转或须重办。"),
    CaseKind.amendment: lazy_gettext(
        "在原介质上换发新名称（代码）的证书，有效期不变；领取后旧证书吊销。平台绑定按各平台规定随转或须重办。"
    ),
    CaseKind.replacement_damaged: lazy_gettext(
        "旧介质收回登记，另发新介质，有效期不变；领取后旧证书吊销。平台绑定按各平台规定随转或须重办。"
    ),
    CaseKind.replacement_lost: lazy_gettext(
        "主管一批准，旧证书立即吊销，旧介质登记遗失，平台绑定随之终止；另发新介质，有效期不变。"
    ),
    CaseKind.unlock: lazy_gettext("主管批准后几分钟内，在工位重设密码并打印新密码信封；证书和密钥不变。"),
    CaseKind.suspension: lazy_gettext("复核通过后证书立即暂停并公布，以后可以恢复使用。"),
    CaseKind.resumption: lazy_gettext("复核通过后证书立即恢复使用并公布。"),
    CaseKind.revocation: lazy_gettext("复核通过后证书立即吊销并公布，不能恢复。"),
    CaseKind.binding_reset: lazy_gettext("主管一批准，原绑定立即解除并通知平台；平台确认后办结，下次登录时重新绑定。"),
    CaseKind.rebinding: lazy_gettext("主管一批准，原绑定立即解除并通知平台，以后只能绑定选定的这张证书；平台确认后办结。"),
    CaseKind.credentials_reset: lazy_gettext("窗口不能重置平台的用户名和密码：受理后转交登记管理机关，记下答复后办结。"),
}
PAPER_NAMES = {
    "acceptance": lazy_gettext("受理回执"),
    "correction": lazy_gettext("补正告知单"),
    "refusal": lazy_gettext("不予受理告知单"),
    "status": lazy_gettext("证书状态变更回执"),
    "binding": lazy_gettext("平台绑定办理单"),
    "relay": lazy_gettext("账号重置转办单"),
    **SLIPS,
}


def certificate_page(certificate: Certificate) -> str:
    """A certificate as it is, and every kind of case: open today, or why not."""
    today = world().today()
    edition, applicant = edition_on(db.session, today), facts_of(certificate.applicant)
    kinds = [
        {
            "kind": kind,
            "closed": said(reason(code, kind, edition)) if code is not None else "",
            "bring": [
                said(one) for one in what_to_bring(kind, edition, regime_of(applicant), applicant.holds_code_bearing_licence)
            ],
            "short": _("、").join(str(PAPERS[one.paper]) for one in edition.requirements[kind]),
            "fee": edition.fee_fen(kind),
            "by_supervisor": KINDS[kind].agrees is Role.supervisor,
        }
        for kind, code in open_kinds(certificate_facts(db.session, certificate), today, edition).items()
    ]
    return render_template(
        "aftercare/certificate.html",
        certificate=certificate,
        past=past_of(db.session, certificate),
        kinds=kinds,
        edition=edition,
        days_left=days_left(certificate),
        own_branch=actor().branch_id,
    )


def days_left(certificate: Certificate) -> int:
    """Days until the certificate's last day; negative once it is over."""
    return (certificate.not_after.astimezone(BEIJING).date() - world().today()).days


def name_the_desk(case: Case) -> None:
    """A case about a platform is the bindings desk's, though it is typed on this sheet."""
    if case.kind in PLATFORM_KINDS:
        g.desk = "bindings"


def form_of_request() -> AftercareForm:
    return AftercareForm(request.form)


def draft_page(case: Case, form: AftercareForm | None = None, faults: Mapping[str, str] | None = None, told: str = "") -> str:
    """`form`: what could not be kept, shown again; else the draft. `faults`: field → code, `told`: why the step was refused."""
    view = sheet_of(case, form)
    for field, code in (faults or {}).items():
        if field in view["form"]:
            view["form"][field].errors = [*view["form"][field].errors, sentence_of(code)]
    return render_template("aftercare/draft.html", case=case, told=told, withdrawal=ReasonForm(None), **view)


def answer_to_change(case: Case, fault: str = "", papers: bool = False) -> str:
    """What a kept change brings about: the verdict; the papers where a scan was attached or taken off."""
    return render_template("aftercare/answer.html", case=case, fault=fault, papers=papers, **sheet_of(case))


def sheet_of(case: Case, form: AftercareForm | None = None) -> dict[str, Any]:
    """Everything that the draft page and its parts show."""
    name_the_desk(case)
    verdict = examine_aftercare(world(), actor(), case.id)
    form = form if form is not None else AftercareForm(None, data={**case.draft, "version": str(case.version)})
    furnish(form)
    visit, certificate = last_visit(case), subject_of(db.session, case)
    assert certificate is not None  # an aftercare case is about one  # noqa: S101
    return {
        "form": form,
        "verdict": verdict,
        "sheet": lay_out(form, verdict, case.kind, scans_of(db.session, case.id), visit.failed, visit.codes),
        "certificate": certificate,
        "days_left": days_left(certificate),
        "at_platform": at_platform(case),
        "rules": KINDS[case.kind],
        "what_happens": WHAT_HAPPENS[case.kind],
        "asks_token": any(one.paper is Paper.token for one in verdict.edition.requirements[case.kind]),
        "questions": {name: said(question) for name, question in QUESTIONS.items()},
        "said": said,
        "id_mask": mask_identity(presenter_id(world().vault, case)),
        "mobile_mask": mask_mobile(presenter_mobile(world().vault, case)),
        "id_fault": sentence_of(verdict.reading.faults.get("presenter_id_number", "required")),
        "missing": missing_fields(form, verdict.reading.faults),
        "returned": visit.returned,
    }


def answer_form() -> AnswerForm:
    form = AnswerForm()
    form.answer.offer((one.value, term(one)) for one in RelayAnswer)
    return form


def filed_page(case: Case, answering: AnswerForm | None = None) -> str:
    """A case that has left the desk: what it waits for, its papers, and the ways back. `answering`: an answer that will not do."""
    name_the_desk(case)
    grants = given_grants(db.session, case.branch_id, case.id)
    open_now = {action.value for action in open_actions(CASE, case.state)}
    has_leave = any(one.is_open(world().now()) for one in grants)
    asks_again = KINDS[case.kind].work is RunKind.unlock and not has_leave
    return render_template(
        "aftercare/filed.html",
        case=case,
        certificate=subject_of(db.session, case),
        about=about(case),
        may=open_now if asks_again else open_now - {"ask_grant"},
        notices=notices_of(db.session, case.id),
        paper_names=PAPER_NAMES,
        findings=findings_of(latest_examination(db.session, case.id)),
        returned=latest_return(db.session, case.id) if case.state in CASE_RETURNED else None,
        grants=grants,
        now=world().now(),
        id_mask=mask_identity(presenter_id(world().vault, case)),
        mobile_mask=mask_mobile(presenter_mobile(world().vault, case)),
        withdrawal=ReasonForm(None),
        at_platform=at_platform(case),
        answer_form=answering or answer_form(),
    )


def about(case: Case) -> list[tuple[str, str]]:
    """What the case's kind asked besides papers, and what was answered, in words: for whoever decides."""
    details, language = case.details, "en" if Shell.html_language() == "en" else "zh"
    lines: list[tuple[str, str]] = []
    if case.new_name:
        lines.append((_("新名称"), case.new_name))
    if case.new_credit_code:
        lines.append((_("新信用代码"), case.new_credit_code))
    if "damage" in details:
        lines += [(DAMAGE_ANSWERS[name], _("是") if answer else _("否")) for name, answer in details["damage"].items()]
        lines.append(
            (_("认定"), DAMAGE_VERDICTS[details["verdict"]] + _("：") + " ".join(g[language] for g in details["grounds"]))
        )
    if "reason" in details:
        lines.append((_("注销原因"), term(RevocationReason(details["reason"]))))
    return [(str(label), str(value)) for label, value in lines]
