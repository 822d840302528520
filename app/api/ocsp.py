"""What relying parties ask: is this certificate good at this moment? RFC 6960, over HTTP as in its appendix A and RFC 5019.

Open to everybody. Every answer is 200 with an OCSPResponse, which says itself whether it worked; only what is no question at
all gets an answer of HTTP: 413 too large, 415 sent as something else.
"""

import binascii
from base64 import b64decode
from hashlib import sha256

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from app.api.rate import Buckets
from app.desks.door import public, world
from app.services.answer_ocsp import Answered, answer_ocsp, come_later

desk = Blueprint("ocsp", __name__)

BURST, PER_SECOND = 300, 50.0  # a platform asks once for every log-in, and all its log-ins come from one address
LARGEST_QUESTION = 8 * 1024
AGE = 60  # seconds a cache may keep an answer, as with the revocation list


@desk.record_once
def hang_up_buckets(state: BlueprintSetupState) -> None:
    state.app.extensions["ocsp_buckets"] = Buckets(BURST, PER_SECOND)


@desk.post("/ocsp")
@public
def posted() -> Response:
    """The question is the body. Never cached."""
    if wait := _seconds_to_wait():
        return _later(wait)
    if request.mimetype != "application/ocsp-request" or request.content_encoding not in (None, "identity"):
        return Response("application/ocsp-request\n", 415, mimetype="text/plain")
    request.max_content_length = LARGEST_QUESTION
    return _der(answer_ocsp(world(), request.get_data(cache=False)).der)


# Base64 has slashes of its own, even two in a row.
@desk.get("/ocsp/<path:encoded>", merge_slashes=False)
@public
def fetched(encoded: str) -> Response:
    """The question is the rest of the path, in base64. An answer without a nonce may be cached."""
    if wait := _seconds_to_wait():
        return _later(wait)
    try:
        padded = encoded + "=" * (-len(encoded) % 4)
        question = b64decode(padded, validate=True) if len(padded) <= LARGEST_QUESTION else b""
    except (binascii.Error, ValueError):
        question = b""  # as malformed as a question can be
    return _cached(answer_ocsp(world(), question))


def _der(der: bytes) -> Response:
    return Response(der, mimetype="application/ocsp-response")


def _cached(answered: Answered) -> Response:
    answer = _der(answered.der)
    if answered.this_update is not None and answered.next_update is not None:
        answer.cache_control.public = answer.cache_control.must_revalidate = answer.cache_control.no_transform = True
        answer.cache_control.max_age = AGE
        answer.last_modified, answer.expires = answered.this_update, answered.next_update
        answer.set_etag(sha256(answered.der).hexdigest())
        answer.make_conditional(request)
    return answer


def _seconds_to_wait() -> int:
    seconds: int = current_app.extensions["ocsp_buckets"].seconds_to_wait(request.remote_addr or "")
    return seconds


def _later(wait: int) -> Response:
    answer = _der(come_later().der)
    answer.headers["Retry-After"] = str(wait)
    return answer
