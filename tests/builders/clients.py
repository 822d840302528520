"""Browsers for tests: they carry the CSRF token of their session, as the pages of the office do."""

import secrets
from typing import Any

from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer


class OfficeClient(FlaskClient):
    """Sends the CSRF token with every POST, unless `csrf=False`."""

    def open(self, *args: Any, csrf: bool = True, **kwargs: Any) -> Any:
        if csrf and kwargs.get("method") in {"POST", "PUT", "PATCH", "DELETE"}:
            kwargs["headers"] = [*_pairs(kwargs.get("headers")), ("X-CSRFToken", self.csrf_token())]
        kwargs.setdefault("buffered", True)  # what was sent is read whole and its file closed
        return super().open(*args, **kwargs)

    def csrf_token(self) -> str:
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        return URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(raw)


def _pairs(headers: Any) -> list[tuple[str, str]]:
    return list(headers.items()) if hasattr(headers, "items") else list(headers or [])
