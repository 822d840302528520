"""What every answer tells the browser: where code may come from, who may frame it, what may be kept."""

from flask import Flask, Response, current_app, request

from app.desks import door

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def add_headers(answer: Response) -> Response:
    headers = answer.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    # Kept is only what is open to everybody and says itself for how long: scripts, styles, the revocation list.
    if not (_open_to_everybody() and "Cache-Control" in headers):
        headers["Cache-Control"] = "no-store"
    return answer


def _open_to_everybody() -> bool:
    way = door.door_of(current_app, request.endpoint) if request.endpoint else None
    return way is not None and way.public


def register(app: Flask) -> None:
    app.after_request(add_headers)
