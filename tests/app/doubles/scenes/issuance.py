"""Every POST of the issuance and the handover desk."""

from functools import partial
from typing import Any

from models.rulebook.vocabulary import CaseKind, CaseState
from models.tables import CaseItem
from tests.app.doubles.stage import CLERKS, Post, Scene, Stage
from tests.builders.holders import Holding, plant_aftercare, plant_holder
from tests.builders.issuance import PRESENTER_ID, plant_case, plant_scene, plant_station, row
from tests.builders.issuance import Scene as Counter

OF_HOLDER = {"unlock": CaseKind.unlock, "renewal": CaseKind.renewal, "amendment": CaseKind.amendment}


def at_counter(stage: Stage, kind: str, items: int = 1) -> tuple[Counter, str]:
    """A case that waits for its station, and the serial of the token that it is about."""
    if kind == "new":
        counter = plant_scene(stage.world, stage.app, items=items)
        return counter, counter.serials[0]
    if kind == "damaged":
        holder = plant_holder(stage.world, stage.app)
        holder.comes(CaseKind.replacement_damaged)
        return holder.scene, holder.scene.serials[1]
    return came_back(stage, kind).scene, "HD01T000001"


def came_back(stage: Stage, kind: str) -> Holding:
    holder = plant_holder(stage.world, stage.app)
    renamed = {"new_name": "北京样例新名科技有限公司"} if kind == "amendment" else {}
    holder.comes(OF_HOLDER[kind], **renamed)
    return holder


def begin(stage: Stage, kind: str, items: int = 1) -> Post:
    counter, serial = at_counter(stage, kind, items)
    form: dict[str, Any] = {}
    serials = counter.serials if items > 1 else [serial]
    for order, each in zip(counter.orders(*serials), serials, strict=False):
        item = row(stage.world, CaseItem, CaseItem.id == order.item_id)
        form |= {f"take_{item.position}": "y", f"seen_{item.position}": str(item.version), f"token_{item.position}": each}
    return Post(f"/issuance/{counter.case_id}/begin", form)


def performed(stage: Stage, kind: str) -> tuple[Counter, dict[str, Any], str]:
    """The station has done its part; its job waits for the clerk, who confirms it by this number."""
    counter, serial = at_counter(stage, kind)
    (job,) = counter.begin(serial)
    return counter, job, counter.station.perform(job) or serial


def on_run(stage: Stage, kind: str, step: str, **more: str) -> Post:
    counter, job, number = performed(stage, kind)
    run, fields = counter.run(job), {"control_number": number} if step == "confirm" else {}
    return Post(f"/issuance/runs/{run.id}/{step}", {"version": run.version, **fields, **more})


def made(stage: Stage, kind: str, step: str, **more: str) -> Post:
    """Confirmed already, not handed over."""
    counter, job, number = performed(stage, kind)
    counter.confirm(job, number)
    run = counter.run(job)
    return Post(f"/issuance/runs/{run.id}/{step}", {"version": run.version, **more})


def stopped(stage: Stage, step: str, **more: str) -> Post:
    counter, serial = at_counter(stage, "new")
    (job,) = counter.begin(serial)
    counter.station.stop(job, "token_removed")
    run = counter.run(job)
    return Post(f"/issuance/runs/{run.id}/{step}", {"version": run.version, **more})


def one_token(stage: Stage, held: bool) -> tuple[Post, ...]:
    """Two cases, two stations, one token: a blank one, or the holder's, who has forgotten his PIN beside his renewal."""
    if held:
        holder = came_back(stage, "renewal")
        counter, second = holder.scene, plant_aftercare(stage.world, holder.certificate_id, CaseKind.unlock)
    else:
        counter = plant_scene(stage.world, stage.app)
        second = plant_case(stage.world, number="HD01-20261123-0002", credit_code="91110108MA01A2B3D2")
    stations = counter.station.id, plant_station(stage.world, stage.app, name="工位二").id
    posts = []
    for case, at in zip((counter.case_id, second), stations, strict=True):
        item = row(stage.world, CaseItem, CaseItem.case_id == case)
        fields = {"take_1": "y", "seen_1": str(item.version), "token_1": counter.serials[0], "station_1": str(at)}
        posts.append(Post(f"/issuance/{case}/begin", fields))
    return tuple(posts)


def confirmed_against(stage: Stage, kind: str, step: str) -> tuple[Post, ...]:
    confirm = on_run(stage, kind, "confirm")
    return confirm, Post(confirm.path.replace("confirm", step), {**confirm.form, "reason": "打印不清"})


def not_wanted(stage: Stage, items: int) -> Post:
    counter = plant_scene(stage.world, stage.app, items=items)
    item = row(stage.world, CaseItem, CaseItem.case_id == counter.case_id, CaseItem.position == items)
    return Post(f"/issuance/items/{item.id}/give-up", {"version": item.version, "reason": "不要了"})


def collected(stage: Stage, kind: str) -> Post:
    counter, job, number = performed(stage, kind)
    counter.confirm(job, number)
    case = counter.case()
    assert case.state is CaseState.awaiting_handover
    form = {
        "version": case.version,
        "name": "样例甲",
        "id_kind": "resident_card",
        "id_number": PRESENTER_ID,
        "take_1": "y",
        "token_1": job["token"],
        "envelope_1": number,
    }
    return Post(f"/handover/{case.id}", form)


reason = "改日再来"
SCENES = (
    Scene("issuance.begin", "new", partial(begin, kind="new"), CLERKS, important=True),
    Scene("issuance.begin", "two tokens", partial(begin, kind="new", items=2), CLERKS),
    Scene("issuance.begin", "unlock", partial(begin, kind="unlock"), CLERKS),
    Scene("issuance.begin", "renewal", partial(begin, kind="renewal"), CLERKS),
    Scene("issuance.confirm", "new", partial(on_run, kind="new", step="confirm"), CLERKS, important=True),
    Scene("issuance.confirm", "unlock", partial(on_run, kind="unlock", step="confirm"), CLERKS),
    Scene("issuance.confirm", "renewal", partial(on_run, kind="renewal", step="confirm"), CLERKS),
    Scene("issuance.begin", "one token for two cases", partial(one_token, held=False), CLERKS, important=True),
    Scene("issuance.begin", "one holder's token for two cases", partial(one_token, held=True), CLERKS, important=True),
    Scene("issuance.confirm", "against a spoiled envelope", partial(confirmed_against, kind="new", step="spoil"), CLERKS),
    Scene("issuance.confirm", "against a cancel", partial(confirmed_against, kind="renewal", step="cancel"), CLERKS),
    Scene("issuance.resume", "", partial(stopped, step="resume"), CLERKS),
    Scene("issuance.spoil", "not confirmed", partial(on_run, kind="new", step="spoil", reason="打印不清"), CLERKS),
    Scene("issuance.spoil", "made already", partial(made, kind="new", step="spoil", reason="信封破了"), CLERKS),
    Scene("issuance.cancel", "stopped", partial(stopped, step="cancel", reason=reason), CLERKS),
    Scene("issuance.cancel", "new", partial(on_run, kind="new", step="cancel", reason=reason), CLERKS),
    Scene("issuance.cancel", "renewal", partial(on_run, kind="renewal", step="cancel", reason=reason), CLERKS, important=True),
    Scene("issuance.give_up", "one of two", partial(not_wanted, items=2), CLERKS, important=True),
    Scene("issuance.give_up", "the only one", partial(not_wanted, items=1), CLERKS),
    Scene("handover.hand", "new", partial(collected, kind="new"), CLERKS, important=True),
    Scene("handover.hand", "unlock", partial(collected, kind="unlock"), CLERKS),
    Scene("handover.hand", "renewal", partial(collected, kind="renewal"), CLERKS),
    Scene("handover.hand", "amendment", partial(collected, kind="amendment"), CLERKS, important=True),
    Scene("handover.hand", "damaged", partial(collected, kind="damaged"), CLERKS),
)
