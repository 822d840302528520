"""The stations' API: JSON over a bearer secret. A station sees its own runs only; a repeated request has the first one's result."""

from base64 import b64encode
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, request

from app.api.station_wire import Malformed, Reader, poll_from
from app.desks.door import public, world
from app.services import allot_envelope, certify_run, enrol_station, report_step, stop_run, take_jobs
from app.services.errors import Refusal
from models.rulebook.vocabulary import Fault, RunState

desk = Blueprint("stations", __name__, url_prefix="/api/station")

LARGEST_BODY = 64 * 1024  # bytes
# Refusals that the station takes down as a run's fault; every other is answered as a reason.
_FAULTS = {"authority_refused", "authority_unreachable", "key_lost", "no_envelope"}
_LATE = {"stale", "out_of_turn"}


def from_station(view: Callable[..., Any]) -> Callable[..., Any]:
    """Open to whoever holds the secret of an enrolled station; the door of people does not stand here."""

    @public
    @wraps(view)
    def checked(**values: Any) -> Any:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        station_id = enrol_station.recognise_station(world(), secret) if kind == "Bearer" and secret else None
        if station_id is None:
            answer = jsonify(reason="unknown_station")
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer, 401
        g.station_id = station_id
        return view(**values)

    return checked


@desk.before_request
def limit() -> None:
    request.max_content_length = LARGEST_BODY


@desk.errorhandler(Refusal)
def refuse(refusal: Refusal) -> tuple[Response, int]:
    if refusal.code in _FAULTS:
        return jsonify(fault=refusal.code, detail=str(refusal.facts.get("detail", ""))), refusal.status
    return jsonify(reason="stale" if refusal.code in _LATE else refusal.code), refusal.status


@desk.errorhandler(Malformed)
def malformed(fault: Malformed) -> tuple[Response, int]:
    return jsonify(reason="malformed", at=fault.pointer), 400


@desk.errorhandler(413)
def too_large(_: Exception) -> tuple[Response, int]:
    return jsonify(reason="too_large"), 413


@desk.post("/enrol")
@public
def enrol() -> Response:
    body = _body()
    enrolled = enrol_station.enrol_station(world(), body.text("code", 40), body.text("version", 40))
    return jsonify(station=enrolled.station_id, name=enrolled.name, branch=enrolled.branch, secret=enrolled.secret)


@desk.post("/poll")
@from_station
def poll() -> Response:
    jobs = take_jobs.take_jobs(world(), g.station_id, poll_from(_body()))
    poll_after = current_app.extensions["pace"].poll_after(g.station_id)
    return jsonify(jobs=[_job(job) for job in jobs], poll_after=poll_after, language="zh")


@desk.post("/runs/<key>/report")
@from_station
def report(key: str) -> Response:
    body = _body()
    detail = body.part("detail")
    state = body.word("state", RunState)
    envelope, url = detail.text("envelope", 20, ""), detail.text("url", 200, "")
    report_step.report_step(world(), g.station_id, key, body.number("lease"), state, envelope, url)
    return jsonify({})


@desk.post("/runs/<key>/certify")
@from_station
def certify(key: str) -> Response:
    body = _body()
    csr = body.text("csr", 8192).encode()
    certified = certify_run.certify_run(world(), g.station_id, key, body.number("lease"), csr)
    return jsonify(certificate=_base64(certified.der), chain=[_base64(der) for der in certified.chain])


@desk.post("/runs/<key>/envelope")
@from_station
def envelope(key: str) -> Response:
    body = _body()
    allotted = allot_envelope.allot_envelope(world(), g.station_id, key, body.number("lease"), body.text("pin_id", 64))
    return jsonify(
        number=allotted.number,
        branch_name_zh=allotted.branch_name_zh,
        branch_name_en=allotted.branch_name_en,
        on=allotted.on.isoformat(),
    )


@desk.post("/runs/<key>/stop")
@from_station
def stop(key: str) -> Response:
    body = _body()
    fault, detail = body.word("fault", Fault), body.text("detail", 20_000, "")
    stop_run.stop_run(world(), g.station_id, key, body.number("lease"), fault, detail)
    return jsonify({})


def _body() -> Reader:
    return Reader.of(request.get_json(force=True, silent=True))


def _job(job: take_jobs.Job) -> dict[str, Any]:
    signed = None
    if job.certificate is not None:
        signed = {"der": _base64(job.certificate), "chain": [_base64(der) for der in world().authority.chain()]}
    held = None
    if job.held is not None:
        held = {
            "key_id": job.held.key_id,
            "public_key_digest": job.held.public_key_digest,
            "certificate": _base64(job.held.certificate),
        }
    return {
        "run": job.key,
        "kind": job.kind,
        "lease": job.lease,
        "token": job.token_serial,
        "profile": job.profile,
        "officer": {"master": job.officer_master, "epoch": job.officer_epoch},
        "certificate": signed,
        "held": held,
        "case": job.case_number,
        "item": job.item,
    }


def _base64(content: bytes) -> str:
    return b64encode(content).decode()
