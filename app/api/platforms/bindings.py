"""Bind, look at and end bindings. A platform sees its own; another's do not exist."""

import re
from typing import Any

from flask import request, url_for

from app.api.platforms.admission import admitted, caller
from app.api.platforms.fields import no_parameters
from app.api.platforms.problems import Problem
from app.api.platforms.room import kept, operation, room
from app.api.platforms.schemas import Binding, BindingPage, BindingQuery, BindRequest, Bound, EndRequest
from app.api.platforms.wording import binding_of, refused
from app.desks.door import world
from app.services.bind_certificate import BindingRefused, BindOrder, BoundHere, bind_certificate
from app.services.end_binding import end_by_platform
from app.services.errors import Absent
from models.rulebook.bindings import ALLOWED, BindingCode
from models.rulebook.vocabulary import Scope
from models.worklists.platform_bindings import Wanted, own_binding, own_bindings

IDEMPOTENCY_KEY = "^[!-~]{1,80}$"
TAG = ["Bindings"]
_REFUSALS = tuple(code.value for code in BindingCode if code not in ALLOWED and code is not BindingCode.platform_disabled)


@room.post("/bindings", tags=TAG)
@admitted(Scope.write_bindings)
@operation("bindCertificate", "idempotency_key_missing", "idempotency_key_reused", "stale", *_REFUSALS)
@room.arguments(BindRequest)
@room.response(201, Bound, description="It is bound now.")
@room.alt_response(200, schema=Bound, description="It was bound to this account before: nothing was done.", success=True)
def bind(body: dict[str, str]) -> Any:
    """Bind a certificate at its holder's first login (绑定)

    Only after the holder proved by a signature that he has the certificate's key, and proved himself as the owner of the account
    by its own user name and password (非证书用户名密码). The words of a refusal are meant for the holder.
    """
    no_parameters()
    try:
        done = bind_certificate(
            world(), caller().platform_id, BindOrder(body["certificate"], body["account_reference"], _idempotency_key())
        )
    except BindingRefused as refusal:
        raise refused(refusal) from None
    headers = {"Location": url_for("platform_api.binding", binding_id=done.key)}
    if done.replayed:
        headers["Idempotent-Replayed"] = "true"
    return _bound(done), 201 if done.created else 200, headers


@room.get("/bindings", tags=TAG)
@admitted(Scope.read_bindings)
@operation("listBindings", "request_faulty", "binding_unknown")
@kept(0)
@room.arguments(BindingQuery, location="query")
@room.response(200, BindingPage, description="One page of them.")
def bindings(query: dict[str, Any]) -> dict[str, Any]:
    """The platform's own bindings

    Live and ended ones, in the order in which they were made. To keep a copy up to date, follow the feed of events instead.
    """
    wanted = Wanted(query.get("live"), query.get("certificate", ""))
    limit, platform_id = query["limit"], caller().platform_id
    with world().reading() as session:
        before = own_binding(session, platform_id, query["after"]) if "after" in query else None
        if "after" in query and before is None:
            raise Problem("binding_unknown")
        found = own_bindings(session, platform_id, wanted, before.id if before is not None else 0, limit + 1)
        page = [binding_of(binding) for binding in found[:limit]]
    return {"bindings": page, "next": page[-1]["id"] if len(found) > limit else None}


@room.get("/bindings/<binding_id>", tags=TAG)
@admitted(Scope.read_bindings)
@operation("getBinding", "binding_unknown")
@kept(0)
@room.response(200, Binding, description="The binding.")
def binding(binding_id: str) -> dict[str, Any]:
    """One binding"""
    no_parameters()
    return _own(binding_id)


@room.post("/bindings/<binding_id>/end", tags=TAG)
@admitted(Scope.write_bindings)
@operation("endBinding", "binding_unknown", "stale")
@room.arguments(EndRequest)
@room.response(200, Binding, description="It has ended, by this call or before it.")
def end(body: dict[str, str], binding_id: str) -> dict[str, Any]:
    """End a binding (解除绑定)

    Say, because the account was closed. Repeat it as often as you like: what has ended stays as it ended.
    """
    no_parameters()
    try:
        end_by_platform(world(), caller().platform_id, binding_id, body["note"])
    except Absent:
        raise Problem("binding_unknown") from None
    return _own(binding_id)


def _own(key: str) -> dict[str, Any]:
    with world().reading() as session:
        found = own_binding(session, caller().platform_id, key)
        if found is None:
            raise Problem("binding_unknown")
        return binding_of(found)


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if re.fullmatch(IDEMPOTENCY_KEY, key) is None:
        raise Problem("idempotency_key_missing")
    return key


def _bound(done: BoundHere) -> dict[str, Any]:
    return {
        "id": done.key,
        "outcome": done.outcome.value,
        "certificate": done.serial,
        "account_reference": done.account_reference,
        "since": done.since,
        "ended": done.ended,
    }
