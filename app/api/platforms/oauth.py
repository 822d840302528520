"""Access tokens by client credentials (RFC 6749, 4.4), by Authlib: the one file that touches it.

Refusals are those of RFC 6749, 5.2. Own code stands only where Authlib would tell an unknown client from a wrong secret, stumble
over bytes that are no text, or write a token into its debugging log.
"""

import json
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientCredentialsGrant, ClientMixin, InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidScopeError, UnsupportedGrantTypeError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import Response, request

from app.desks.door import world
from app.services.admit_platform import LIVES, Client, NotThisPlatform, client_called, give_access
from models.rulebook.vocabulary import Scope

GRANT = "client_credentials"
FIELDS = ("grant_type", "scope", "client_id", "client_secret")


class _Client(ClientMixin):
    def __init__(self, client: Client) -> None:
        self.client = client

    def check_client_secret(self, client_secret: str) -> bool:
        return self.client.holds(client_secret)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == GRANT


class _Grant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def validate_requested_scope(self) -> None:
        wanted, may = (self.request.payload.scope or "").split(), {scope.value for scope in self.request.client.client.scopes}
        if not set(wanted) <= may:
            raise InvalidScopeError()

    def create_token_response(self) -> tuple[int, dict[str, Any], list[tuple[str, str]]]:
        client: Client = self.request.client.client
        wanted = (self.request.payload.scope or "").split()
        scopes = [scope for scope in Scope if (scope.value in wanted if wanted else scope in client.scopes)]
        try:
            token = give_access(world(), client, scopes)
        except NotThisPlatform:
            raise InvalidClientError(description=_NOT_YOU, status_code=401) from None
        given = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(LIVES.total_seconds()),
            "scope": " ".join(scope.value for scope in scopes),
        }
        return 200, given, self.TOKEN_RESPONSE_HEADER


class TokenDesk(AuthorizationServer):
    """Authlib's server over Flask's request and the house's own tables."""

    def __init__(self) -> None:
        super().__init__()
        self.register_client_auth_method("client_secret_basic", _by_header)
        self.register_client_auth_method("client_secret_post", _by_form)
        self.register_grant(_Grant)

    def give(self) -> Response:
        """The answer to the request at hand: 200 with a token; 400 or 401 as RFC 6749, 5.2 has it."""
        try:
            _read_strictly()
        except InvalidRequestError as fault:
            return self.handle_error_response(None, fault)
        return self.create_token_response()

    def query_client(self, client_id: str) -> _Client:
        return _Client(client_called(world(), client_id))

    def authenticate_client(self, request: OAuth2Request, methods: Any, endpoint: str = "token") -> _Client:
        try:
            return super().authenticate_client(request, methods, endpoint)
        except InvalidClientError:
            raise InvalidClientError(description=_NOT_YOU, status_code=401) from None

    def get_token_grant(self, request: OAuth2Request) -> _Grant:
        try:
            return super().get_token_grant(request)
        except UnsupportedGrantTypeError:
            raise _OtherGrant(GRANT) from None

    def create_oauth2_request(self, _: Any) -> OAuth2Request:
        # As the office is reached: that it is by https beyond this machine was settled when it started.
        asked = OAuth2Request(request.method, f"{world().public_url}{request.path}", headers=request.headers)
        asked.payload = BasicOAuth2Payload(request.form.to_dict())
        return asked

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        answer = Response(json.dumps(body), status, headers=dict(headers))
        if status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="platforms"'
        return answer

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""


class _OtherGrant(UnsupportedGrantTypeError):
    description = f"The grant_type must be {GRANT}."


_NOT_YOU = "Unknown client, wrong secret, or a platform that is disabled."


def _read_strictly() -> None:
    """RFC 6749, 3.2 and 2.3: nothing twice, nothing unknown, nothing in the address, one way to prove oneself."""
    if request.args:
        raise InvalidRequestError("Parameters belong into the body, never into the address.")
    for name, values in request.form.lists():
        if name not in FIELDS or len(values) > 1:
            raise InvalidRequestError("A parameter is unknown or given twice.")
    if not request.form.get("grant_type"):
        raise InvalidRequestError("The grant_type is missing.")
    if request.headers.get("Authorization") and "client_secret" in request.form:
        raise InvalidRequestError("Prove yourself in the header or in the body, not in both.")


def _by_header(query_client: Any, _: OAuth2Request) -> _Client | None:
    given = request.authorization
    if given is None or given.type != "basic" or not given.username or not given.password:
        return None
    client = query_client(unquote_plus(given.username))
    named = request.form.get("client_id", client.client.client_id)
    return client if client.check_client_secret(unquote_plus(given.password)) and named == client.client.client_id else None


def _by_form(query_client: Any, _: OAuth2Request) -> _Client | None:
    client_id, secret = request.form.get("client_id"), request.form.get("client_secret")
    if not client_id or not secret:
        return None
    client = query_client(client_id)
    return client if client.check_client_secret(secret) else None
