"""Every POST of a station's program: sent again because an answer was lost, while the first is still at work."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from secrets import token_hex
from typing import Any

from sqlalchemy import update
from werkzeug.test import TestResponse

from app.services.begin_runs import begin_runs
from app.services.enrol_station import invite_station
from models.rulebook.vocabulary import CaseKind, Role
from models.tables import Run
from tests.app.doubles.stage import NOBODY, Click, Post, Scene, Stage
from tests.builders.holders import plant_holder
from tests.builders.issuance import ActedStation, plant_scene
from tests.builders.people import actor_of, branch_id_of


def from_station(station: ActedStation, path: str, body: dict[str, Any]) -> Post:
    return Post(f"/api/station{path}", body=body, headers={"Authorization": f"Bearer {station.secret}"})


def invited(stage: Stage) -> Post:
    invitation = invite_station(stage.world, actor_of(stage.world, Role.administrator), branch_id_of(stage.world), "工位一")
    return Post("/api/station/enrol", body={"code": invitation.code, "version": "1"})


def waiting(stage: Stage) -> Post:
    """Two runs wait for their station."""
    scene = plant_scene(stage.world, stage.app, items=2)
    begin_runs(stage.world, scene.clerk, scene.case_id, scene.orders(*scene.serials[:2]))
    return from_station(scene.station, "/poll", scene.station.told())


def at_work(stage: Stage, *reported: str, kind: CaseKind = CaseKind.new) -> tuple[ActedStation, dict[str, Any]]:
    if kind is CaseKind.new:
        scene = plant_scene(stage.world, stage.app)
        (job,) = scene.begin(scene.serials[0])
    else:
        holder = plant_holder(stage.world, stage.app)
        holder.comes(kind)
        scene, job = holder.scene, holder.begin()
    for state in reported:
        assert scene.station.report(job, state).status_code == 200
        if state == "certifying":
            assert scene.station.certify(job).status_code == 200
    return scene.station, job


def on_run(station: ActedStation, job: dict[str, Any], path: str, **body: Any) -> Post:
    return from_station(station, f"/runs/{job['run']}/{path}", {"lease": job["lease"], **body})


def reported(stage: Stage) -> Post:
    station, job = at_work(stage)
    return on_run(station, job, "report", state="initialising", detail={})


def finished(stage: Stage) -> Post:
    station, job = at_work(stage)
    number = station.up_to_envelope(job)
    detail = {"envelope": number, "printed": True, "url": "http://127.0.0.1:8601/envelope"}
    return on_run(station, job, "report", state="awaiting_confirmation", detail=detail)


def certified(stage: Stage, kind: CaseKind) -> Post:
    before = {CaseKind.new: ("initialising", "generating"), CaseKind.renewal: ("awaiting_pin", "generating")}
    station, job = at_work(stage, *before[kind], kind=kind)
    return on_run(station, job, "certify", csr=station.csr(job))


def under_another_key(stage: Stage, clicks: list[Click]) -> list[Click]:
    """The authority remembers a run by its key, for ever."""
    _, post = clicks[0]
    former, key = post.path.split("/")[4], token_hex(16)
    with stage.world.writing() as session:
        session.execute(update(Run).where(Run.key == former).values(key=key))
        session.commit()
    return [(number, replace(post, path=post.path.replace(former, key))) for number, _ in clicks]


def enveloped(stage: Stage, kind: CaseKind) -> Post:
    """The unlock's voids the envelope that was handed over."""
    before = {CaseKind.new: ("initialising", "generating", "certifying", "writing", "proving")}
    station, job = at_work(stage, *before.get(kind, ("initialising", "proving")), kind=kind)
    return on_run(station, job, "envelope", pin_id="a1b2")


def broken(stage: Stage) -> Post:
    station, job = at_work(stage, "initialising")
    return on_run(station, job, "stop", fault="token_removed", detail="")


def one_takes_all(answers: Sequence[TestResponse]) -> None:
    assert sorted(len(answer.json["jobs"]) for answer in answers) == [0, 2]


def both_are_told_the_same(answers: Sequence[TestResponse]) -> None:
    first, second = answers
    assert (first.status_code, first.json) == (second.status_code, second.json)


def one_is_let_in(answers: Sequence[TestResponse]) -> None:
    assert sorted(answer.status_code for answer in answers) == [200, 403]


certify = partial(Scene, "stations.certify", people=NOBODY, judge=both_are_told_the_same, anew=under_another_key)
envelope = partial(Scene, "stations.envelope", people=NOBODY, judge=both_are_told_the_same)
SCENES = (
    Scene("stations.enrol", "", invited, NOBODY, important=True, judge=one_is_let_in),
    Scene("stations.poll", "with two runs waiting", waiting, NOBODY, important=True, judge=one_takes_all),
    Scene("stations.report", "a step", reported, NOBODY, judge=both_are_told_the_same),
    Scene("stations.report", "the last step", finished, NOBODY, judge=both_are_told_the_same),
    certify("new", partial(certified, kind=CaseKind.new), important=True),
    certify("renewal", partial(certified, kind=CaseKind.renewal)),
    envelope("new", partial(enveloped, kind=CaseKind.new), important=True),
    envelope("unlock", partial(enveloped, kind=CaseKind.unlock)),
    Scene("stations.stop", "", broken, NOBODY, judge=both_are_told_the_same),
)
