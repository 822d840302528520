"""A platform that calls the office: its secret, its tokens, its requests."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.services.world import World
from models.tables import Platform
from tests.builders.platforms import plant_platform

API = "/api/platforms/v1"


@dataclass
class Caller:
    """Calls with a fresh token of all its scopes, unless another is given; `token=""`: with none."""

    app: Flask
    platform: Platform
    secret: str
    token: str = ""
    language: str = "en"

    def ask(self, path: str, method: str = "GET", *, token: str | None = None, **request: Any) -> TestResponse:
        headers = {"Accept-Language": self.language, **request.pop("headers", {})}
        bearer = self.token if token is None else token
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        return self.app.test_client().open(f"{API}{path}", method=method, headers=headers, csrf=False, **request)

    def send(self, path: str, body: Any, **request: Any) -> TestResponse:
        return self.ask(path, "POST", json=body, **request)

    def bind(self, serial: str, account: str = "u-1", key: str | None = None, **request: Any) -> TestResponse:
        given = {"Idempotency-Key": key if key is not None else secrets.token_hex(8)}
        return self.send("/bindings", {"certificate": serial, "account_reference": account}, headers=given, **request)

    def fetch_token(self, scope: str = "", **request: Any) -> TestResponse:
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        return self.ask("/token", "POST", token="", data=form, auth=(self.platform.client_id, self.secret), **request)

    def sign_in(self, scope: str = "") -> str:
        answer = self.fetch_token(scope)
        assert answer.status_code == 200, answer.text
        token: str = answer.json["access_token"]
        return token

    def change(self, world: World, **columns: Any) -> None:
        """Its row, as an administrator would."""
        with world.writing() as session:
            session.execute(update(Platform).where(Platform.id == self.platform.id).values(**columns))
            session.commit()


def plant_caller(app: Flask, world: World, code: str = "inspection", *, signed_in: bool = True, **columns: Any) -> Caller:
    secret = secrets.token_urlsafe(24)
    given = {"secret_digest": hashlib.sha256(secret.encode()).hexdigest(), "calls_a_minute": 10_000}
    caller = Caller(app, plant_platform(world, code, **given | columns), secret)
    if signed_in:
        caller.token = caller.sign_in()
    return caller
