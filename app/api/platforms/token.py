"""POST /token: an access token for a platform that proves itself (OAuth 2.0, RFC 6749, 4.4)."""

from flask import Response, request

from app.api.platforms.oauth import TokenDesk
from app.api.platforms.problems import Problem
from app.api.platforms.room import operation, room
from app.api.platforms.schemas_told import TokenAnswer, TokenRefusal
from app.desks.door import public, world
from app.services.admit_platform import count_wrong_secret, mind_wrong_secrets

_desk = TokenDesk()


@room.post("/token", tags=["Access"])
@public
@operation("giveToken", "too_many_tries", "media_type_unsupported", "too_large")
@room.alt_response(400, schema=TokenRefusal, description="The request is not as RFC 6749 has it, or asks for too much.")
@room.alt_response(401, schema=TokenRefusal, description="Unknown client, wrong secret, or a platform that is disabled.")
@room.response(200, TokenAnswer, description="An access token.")
def give_token() -> Response:
    """Ask for an access token (访问令牌)

    By client credentials. Prove yourself by HTTP Basic, or by `client_id` and `client_secret` in the body. A token lasts half an
    hour; when the platform is disabled it ends at once. Who guesses secrets waits longer and longer.
    """
    address = request.remote_addr or ""
    mind_wrong_secrets(world(), address)
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Problem("media_type_unsupported", facts={"wanted": "application/x-www-form-urlencoded"})
    answer = _desk.give()
    if answer.status_code == 401:
        count_wrong_secret(world(), address)
    return answer
