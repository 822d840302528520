"""Every POST about relying platforms: at the bindings desk, in supervision, and by the platforms' own programs."""

from base64 import b64encode
from collections.abc import Sequence
from functools import partial
from typing import Any

from werkzeug.test import TestResponse

from app.services.office_key import ensure_office_key, keys_told
from models.rulebook.vocabulary import CaseKind, DeliveryState
from models.tables import Platform
from tests.app.doubles.scenes.aftercare import posted
from tests.app.doubles.stage import ADMINISTRATORS, CLERKS, COUNTERS, NOBODY, SUPERVISORS, Post, Scene, Stage
from tests.builders.aftercare import Held, draft, plant_held
from tests.builders.bindings import accepted_at, agreed_at, bind, drafted_at, plant_bound
from tests.builders.platform_calls import API, Caller, plant_caller
from tests.builders.platforms import events_of, plant_binding, plant_event, plant_platform

FACTS = {
    "name_zh": "样例印章平台",
    "name_en": "Sample Seal Hall",
    "renewal_keeps": "y",
    "wanted_use": "e_seal",
    "scopes": ["certificates:read", "events:read"],
    "calls_a_minute": "60",
}


def bound(stage: Stage) -> tuple[Platform, Held]:
    platform, held = plant_platform(stage.world, registry_authority="样例登记管理机关"), plant_held(stage.world)
    plant_bound(stage.world, platform, held)
    return platform, held


def opening(stage: Stage, kind: CaseKind) -> Post:
    platform, held = bound(stage)
    form = {"platform": str(platform.id), "kind": kind.value, "serial": held.serial}
    return Post(f"/bindings/applicants/{held.applicant_id}/open", form)


def relayed(stage: Stage) -> Post:
    case = agreed_at(stage.world, *bound(stage), CaseKind.credentials_reset)
    return Post(f"/bindings/{case.id}/answer", {"version": case.version, "answer": "done", "note": "已重置"})


def accepting(stage: Stage) -> Post:
    """Accepted and relayed in one breath."""
    platform, held = bound(stage)
    case = drafted_at(stage.world, platform, held, CaseKind.credentials_reset)
    return Post(f"/aftercare/{case.id}/accept", posted(case, draft(held, CaseKind.credentials_reset)))


def granting(stage: Stage) -> Post:
    case = accepted_at(stage.world, *bound(stage), CaseKind.binding_reset)
    return Post(f"/grants/{case.id}/grant", {"version": case.version, "reason": "证件核对无误"})


def new_platform(stage: Stage) -> Post:
    return Post("/admin/platforms/new", {"code": "seal_hall", **FACTS})


def on_platform(stage: Stage, step: str = "", **form: Any) -> Post:
    platform = plant_platform(stage.world)
    return Post(f"/admin/platforms/{platform.id}{step}", {"version": str(platform.version), **form})


def on_keys(stage: Stage, step: str) -> Post:
    ensure_office_key(stage.world)
    [key] = keys_told(stage.world)
    return Post(f"/admin/signing_keys/{step}", {"version": str(key.id), "reason": "每年例行更换"})


def dead(stage: Stage, every: bool) -> Post:
    """Two notices that the platform did not take."""
    platform = plant_platform(stage.world, webhook_url="https://platform.example.cn/office-events")
    binding = plant_binding(stage.world, platform)
    events = [plant_event(stage.world, platform, binding, delivery=DeliveryState.dead) for _ in range(2)]
    if every:
        return Post(f"/admin/telling/platform/{platform.id}/again", {"version": "1"})
    return Post(f"/admin/telling/{events[0].id}/again", {"version": str(events[0].version)})


def from_platform(caller: Caller, path: str, body: dict[str, Any], **headers: str) -> Post:
    return Post(f"{API}{path}", body=body, headers={"Authorization": f"Bearer {caller.token}", **headers})


def first_login(stage: Stage) -> Post:
    caller, held = plant_caller(stage.app, stage.world), plant_held(stage.world)
    body = {"certificate": held.serial, "account_reference": "u-1"}
    return from_platform(caller, "/bindings", body, **{"Idempotency-Key": "a1b2c3d4"})


def two_accounts(stage: Stage) -> tuple[Post, ...]:
    """One certificate, two accounts of the platform, at the same moment: the first binds."""
    first = first_login(stage)
    second = Post(
        first.path,
        body={**(first.body or {}), "account_reference": "u-2"},
        headers={**first.headers, "Idempotency-Key": "e5f6a7b8"},
    )
    return first, second


def ending(stage: Stage) -> Post:
    caller, held = plant_caller(stage.app, stage.world), plant_held(stage.world)
    return from_platform(caller, f"/bindings/{bind(stage.world, caller.platform, held).key}/end", {"note": "账号注销"})


def acknowledging(stage: Stage) -> Post:
    """What it acknowledges closes the case that waits for it."""
    caller, held = plant_caller(stage.app, stage.world), plant_held(stage.world)
    plant_bound(stage.world, caller.platform, held)
    agreed_at(stage.world, caller.platform, held, CaseKind.binding_reset)
    return from_platform(
        caller, "/events/acknowledgements", {"ids": [one.key for one in events_of(stage.world, caller.platform)]}
    )


def asking_for_access(stage: Stage) -> Post:
    caller = plant_caller(stage.app, stage.world, signed_in=False)
    basic = b64encode(f"{caller.platform.client_id}:{caller.secret}".encode()).decode()
    return Post(f"{API}/token", {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"})


def one_binding(answers: Sequence[TestResponse]) -> None:
    """Sent again under its key, the same answer comes back."""
    assert answers[0].json == answers[1].json


SCENES = (
    Scene("bindings.open_", "a reset", partial(opening, kind=CaseKind.binding_reset), COUNTERS, important=True),
    Scene("bindings.open_", "a relay", partial(opening, kind=CaseKind.credentials_reset), COUNTERS),
    Scene("bindings.answer", "", relayed, CLERKS),
    Scene("aftercare.accept", "a relay", accepting, CLERKS),
    Scene("grants.grant", "a reset", granting, SUPERVISORS, important=True),
    Scene("platforms.new", "", new_platform, ADMINISTRATORS, important=True),
    Scene("platforms.edit", "", partial(on_platform, **FACTS, reason="平台换了地址"), ADMINISTRATORS),
    Scene("platforms.secret", "", partial(on_platform, step="/secret", reason="原密钥的保管人离职"), ADMINISTRATORS),
    Scene("platforms.switch", "", partial(on_platform, step="/switch", reason="停用一天"), ADMINISTRATORS),
    Scene("signing_keys.renew", "", partial(on_keys, step="renew"), ADMINISTRATORS),
    Scene("signing_keys.withdraw", "", partial(on_keys, step="withdraw"), ADMINISTRATORS),
    Scene("telling.again", "", partial(dead, every=False), SUPERVISORS),
    Scene("telling.all_again", "", partial(dead, every=True), SUPERVISORS),
    Scene("platform_api.bind", "", first_login, NOBODY, important=True, judge=one_binding),
    Scene("platform_api.bind", "two accounts", two_accounts, ("", ""), important=True),
    Scene("platform_api.end", "", ending, NOBODY, judge=one_binding),
    Scene("platform_api.acknowledge", "", acknowledging, NOBODY, important=True),
    Scene("platform_api.give_token", "", asking_for_access, NOBODY, each_counts="each answer is a token of its own"),
)
