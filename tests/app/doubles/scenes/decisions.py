"""Every POST by which a second person decides, and the fee that follows: review desk, supervisor's desk, fee desk."""

from functools import partial

from app.services.ask_grant import ask_grant
from models.rulebook.vocabulary import CaseKind, Role
from tests.app.doubles.stage import CLERKS, REVIEWERS, SUPERVISORS, Post, Scene, Stage
from tests.builders import aftercare, cases
from tests.builders.people import actor_of, number_of


def filed(stage: Stage, step: str, **more: str) -> Post:
    """An application of two certificates: one is free, one is not."""
    case = cases.in_review(stage.world, **cases.with_certificates(2))
    return Post(f"/review/{case.id}/{step}", {"version": case.version, **more})


def free(stage: Stage) -> Post:
    """One certificate, the applicant's first: settled with its approval."""
    case = cases.in_review(stage.world)
    return Post(f"/review/{case.id}/approve", {"version": case.version})


def about(stage: Stage, desk: str, step: str, kind: CaseKind, **more: str) -> Post:
    """A case about a certificate, waiting for its second person."""
    case = aftercare.accepted(stage.world, aftercare.plant_held(stage.world, days=60), kind)
    return Post(f"/{desk}/{case.id}/{step}", {"version": case.version, **more})


def resumption(stage: Stage) -> Post:
    held = aftercare.plant_held(stage.world)
    aftercare.agreed(stage.world, held, CaseKind.suspension)
    case = aftercare.accepted(stage.world, held, CaseKind.resumption)
    return Post(f"/review/{case.id}/approve", {"version": case.version})


def asked_again(stage: Stage) -> Post:
    """The leave was given and not used: the one that is given now ends it."""
    held = aftercare.plant_held(stage.world)
    case = aftercare.agreed(stage.world, held, CaseKind.unlock)
    ask_grant(stage.world, actor_of(stage.world), case.id, case.version)
    return Post(f"/grants/{case.id}/grant", {"version": case.version + 1, "reason": "本人到场"})


def to_pay(stage: Stage) -> Post:
    case = cases.awaiting_payment(stage.world)
    return Post(f"/fee/{case.id}/settle", {"version": case.version, "method": "cash"})


def to_pay_about(stage: Stage, kind: CaseKind, **typed: str) -> Post:
    case = aftercare.agreed(stage.world, aftercare.plant_held(stage.world), kind, **typed)
    return Post(f"/fee/{case.id}/settle", {"version": case.version, "method": "card", "reference": "0042"})


def one_applicant(stage: Stage) -> tuple[Post, ...]:
    """Two branches, two applications of one applicant, who has no certificate yet."""
    code = cases.unified_code()
    filed = [
        cases.in_review(stage.world, branch, credit_code=code, sets=[cases.papers(f"{branch}-7")]) for branch in ("HD01", "CY01")
    ]
    return tuple(Post(f"/review/{case.id}/approve", {"version": case.version}) for case in filed)


def leave_against(stage: Stage, step: str, desk: str) -> tuple[Post, ...]:
    """A supervisor gives his leave, and in the same moment somebody takes the case away from him."""
    leave = about(stage, "grants", "grant", CaseKind.unlock, reason="核对无误")
    number = leave.path.split("/")[2]
    return leave, Post(f"/{desk}/{number}/{step}", {**leave.form, "reason": "不办了"})


approve = partial(about, desk="review", step="approve")
grant = partial(about, desk="grants", step="grant", reason="证件核对无误")
SCENES = (
    Scene("review.approve", "two certificates", partial(filed, step="approve"), REVIEWERS, important=True),
    Scene(
        "review.approve",
        "two cases of one applicant",
        one_applicant,
        (number_of(Role.reviewer), number_of(Role.reviewer, "CY01")),
        each_counts="both are approved, and one certificate is free",
        important=True,
    ),
    Scene("review.approve", "free", free, REVIEWERS),
    Scene("review.approve", "renewal", partial(approve, kind=CaseKind.renewal), REVIEWERS),
    Scene("review.approve", "suspension", partial(approve, kind=CaseKind.suspension), REVIEWERS),
    Scene("review.approve", "resumption", resumption, REVIEWERS),
    Scene("review.approve", "revocation", partial(approve, kind=CaseKind.revocation), REVIEWERS, important=True),
    Scene("review.send_back", "", partial(filed, step="send-back", reason="复印件不清"), REVIEWERS),
    Scene("review.refuse", "", partial(filed, step="refuse", reason="不在范围", advice="请到登记机关"), REVIEWERS),
    Scene("grants.grant", "unlock", partial(grant, kind=CaseKind.unlock), SUPERVISORS, important=True),
    Scene("grants.grant", "unlock once more", asked_again, SUPERVISORS),
    Scene(
        "grants.grant",
        "against a withdrawal",
        partial(leave_against, desk="aftercare", step="withdraw"),
        (SUPERVISORS[0], CLERKS[0]),
        important=True,
    ),
    Scene("grants.grant", "against a return", partial(leave_against, desk="grants", step="send-back"), SUPERVISORS),
    Scene("grants.grant", "a lost token", partial(grant, kind=CaseKind.replacement_lost), SUPERVISORS, important=True),
    Scene(
        "grants.send_back",
        "",
        partial(about, desk="grants", step="send-back", kind=CaseKind.unlock, reason="再核对"),
        SUPERVISORS,
    ),
    Scene(
        "grants.refuse", "", partial(about, desk="grants", step="refuse", kind=CaseKind.unlock, reason="不是本人"), SUPERVISORS
    ),
    Scene("cashier.settle", "two certificates", to_pay, CLERKS, important=True),
    Scene("cashier.settle", "damaged", partial(to_pay_about, kind=CaseKind.replacement_damaged, damage_visible="yes"), CLERKS),
    Scene("cashier.settle", "lost", partial(to_pay_about, kind=CaseKind.replacement_lost), CLERKS),
)
