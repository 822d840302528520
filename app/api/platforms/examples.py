"""What the OpenAPI document shows: how to begin, and one example of everything. Names and numbers in them are made up."""

from typing import Any

from app.words.platform_problems import FAULTS, ProblemWords
from models.rulebook.binding_words import END_WORDS, VERDICT_WORDS
from models.rulebook.bindings import ALLOWED, CLAUSES, BindingCode
from models.rulebook.vocabulary import BindingEnd

_SERIAL, _OTHER_SERIAL = "5c1f0e9a7b3d4426a8c0d1e2f3a4b5c6d7e8f901", "4ab09c31d6e84f1f9d2b7c6a5e4f3d2c1b0a9988"
_BINDING, _OLDER = "9f1c2d3e4a5b60718293a4b5c6d7e8f9", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
_EVENT = "c0ffee00d15ea5e0c0ffee00d15ea5e0"
_HOLDER, _CODE = "北京样例社会服务促进会", "51110000MJ0000001X"
_THEN, _NOW = "2026-03-02T01:30:00+00:00", "2026-11-23T01:00:00+00:00"

INTRODUCTION = """\
For platforms (平台) at which the holders of 法人一证通 (One-Certificate) certificates log in: is this certificate good, may it be
bound here, bind it, and obey when a binding ends.

1. **Access.** Ask `POST /token` for an access token with the client id and the secret that the office's administrator gave you.
   It lasts half an hour.
2. **Login.** Let the holder sign a challenge of yours, verify the chain, and send the certificate's bytes to
   `POST /certificates/examine`: rely on `standing: good` only. Then ask `GET /bindings?live=true&certificate=…`: if it is bound,
   the account is known.
3. **First login (首次登录).** Ask `GET /certificates/{serial}/verdict`. If it may be bound, show the holder's name, take the
   account's own user name and password, then `POST /bindings` with your word for the account. If not, show the words in
   `reasons`.
4. **Obey.** Read `GET /events`, or take webhooks. At `binding.ended` (绑定重置, 改绑, 注销 …) forget the binding, so that the next
   certificate login binds anew; at `binding.moved` note the new certificate. Then say so by `POST /events/acknowledgements`: the
   counter waits for it.

**Refusals** are problem documents (RFC 9457) with a stable `code`, in Chinese and English. **Repeating** is safe everywhere:
`POST /bindings` by its Idempotency-Key, the others by nature. **Keeping:** every answer says by Cache-Control how long it may be
kept, and has an ETag where that helps. **Limits:** RateLimit says how many calls are left in the minute; 429 says when to come
back. A platform sees its own bindings and events only. Members that you do not know may be added: let them pass.
"""

TAGS = {
    "Access": "Access tokens (访问令牌), OAuth 2.0 client credentials.",
    "Certificates": "Certificates (证书): status, and whether they may be bound.",
    "Bindings": "Bindings (绑定) of certificates to accounts of the platform.",
    "Events": "What the platform is told (变动通知), and its acknowledgement (确认).",
    "Webhooks": "Events brought to the platform, signed.",
    "Problems": "What refusals mean.",
}

WEBHOOK = """\
Where the platform has given an https address, each event is posted there as well, signed as RFC 9421 has it: components
`@method`, `@target-uri`, `content-type` and `content-digest`, Ed25519, the key by its `keyid` from `GET /keys`, `nonce` the event's
id. Check the signature, the digest, that `created` is recent, and that you have not taken this event before; then answer 2xx. Events
about one holder come in order. What is not taken is tried again for three days; the feed has it in any case. Retry-After, in seconds
or as a date, is heeded up to six hours: with 429, 502, 503 and 504 for all that you are told, otherwise for this event. Taken is not
obeyed: acknowledge it when you have.
"""
WEBHOOK_HEADERS = {
    "Content-Digest": "SHA-256 of the body (RFC 9530).",
    "Signature-Input": "What is signed, and by which key (RFC 9421).",
    "Signature": "The signature (RFC 9421).",
}


def _reason(code: BindingCode) -> dict[str, str]:
    return {"code": code.value, "clause": CLAUSES[code], "zh": VERDICT_WORDS[code].zh, "en": VERDICT_WORDS[code].en}


_BOUND = {
    "id": _BINDING,
    "outcome": "may_bind",
    "certificate": _SERIAL,
    "account_reference": "shzz-20417",
    "since": _NOW,
    "ended": None,
}
_LIVE = {
    "id": _BINDING,
    "account_reference": "shzz-20417",
    "certificate": _SERIAL,
    "organisation_name": _HOLDER,
    "credit_code": _CODE,
    "live": True,
    "since": _NOW,
    "until": None,
    "end": None,
    "end_zh": None,
    "end_en": None,
    "follows": _OLDER,
}
_ENDED = _LIVE | {
    "live": False,
    "until": _NOW,
    "since": _THEN,
    "follows": None,
    "end": "by_platform",
    "end_zh": END_WORDS[BindingEnd.by_platform].zh,
    "end_en": END_WORDS[BindingEnd.by_platform].en,
}
_CERTIFICATE = {
    "serial": _SERIAL,
    "standing": "good",
    "standing_zh": "有效",
    "standing_en": "Valid",
    "since": _THEN,
    "revoked_at": None,
    "reason": None,
    "organisation_name": _HOLDER,
    "credit_code": _CODE,
    "not_before": _THEN,
    "not_after": "2027-03-02T01:30:00+00:00",
}
EVENT = {
    "id": _EVENT,
    "number": 17,
    "type": "binding.ended",
    "at": _NOW,
    "platform": "inspection",
    "binding": {
        "id": _OLDER,
        "account_reference": "shzz-20417",
        "certificate": _OTHER_SERIAL,
        "since": _THEN,
        "until": _NOW,
        "end": "reset",
    },
    "reason_zh": END_WORDS[BindingEnd.reset].zh,
    "reason_en": END_WORDS[BindingEnd.reset].en,
}

REQUESTS: dict[str, Any] = {
    "TokenRequest": {"grant_type": "client_credentials", "scope": "certificates:read bindings:write"},
    "BindRequest": {"certificate": _SERIAL, "account_reference": "shzz-20417"},
    "EndRequest": {"note": "账号已注销"},
    "AcknowledgeRequest": {"ids": [_EVENT]},
}

ANSWERS: dict[tuple[str, int], Any] = {
    ("giveToken", 200): {
        "access_token": "an-opaque-text",
        "token_type": "Bearer",
        "expires_in": 1800,
        "scope": "certificates:read bindings:write",
    },
    ("giveToken", 400): {"error": "invalid_scope", "error_description": "The requested scope is invalid, unknown, or malformed."},
    ("giveToken", 401): {
        "error": "invalid_client",
        "error_description": "Unknown client, wrong secret, or a platform that is disabled.",
    },
    ("getCertificate", 200): _CERTIFICATE,
    ("examineCertificate", 200): _CERTIFICATE,
    ("getVerdict", 200): {
        "certificate": _SERIAL,
        "organisation_name": _HOLDER,
        "may_bind": False,
        "code": "bound_to_other",
        "reasons": [_reason(BindingCode.bound_to_other)],
    },
    ("bindCertificate", 201): _BOUND,
    ("bindCertificate", 200): _BOUND | {"outcome": "already_bound", "since": _THEN},
    ("listBindings", 200): {"bindings": [_LIVE], "next": None},
    ("getBinding", 200): _LIVE,
    ("endBinding", 200): _ENDED,
    ("listEvents", 200): {"events": [EVENT], "next": 17, "more": False},
    ("acknowledgeEvents", 200): {"acknowledged": [_EVENT], "already": [], "unknown": []},
    ("listKeys", 200): {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "use": "sig",
                "alg": "EdDSA",
                "kid": "office-1",
                "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            }
        ]
    },
    ("getProblem", 200): {
        "code": "stale",
        "status": 409,
        "title_zh": "刚刚有了变化",
        "title_en": "Something changed in the meantime",
        "detail_zh": "同一单位的绑定刚刚被别的操作改动。请重新读取后再试。",
        "detail_en": "Another act changed this applicant's binding just now. Read it again, then repeat.",
    },
}

_FACTS = {
    "scope": "bindings:write",
    "limit": 600,
    "seconds": 12,
    "methods": "GET, HEAD",
    "wanted": "application/json",
    "issuer": "某电子认证机构",
    "last": 17,
}


def problem(code: str, words: ProblemWords) -> dict[str, Any]:
    """A problem as the reader of Chinese gets it."""
    detail_zh, detail_en = words.detail_zh.format(**_FACTS), words.detail_en.format(**_FACTS)
    shown: dict[str, Any] = {
        "type": f"https://office.example/api/platforms/v1/problems/{code}",
        "title": words.title_zh,
        "status": words.status,
        "detail": detail_zh,
        "code": code,
        "title_zh": words.title_zh,
        "title_en": words.title_en,
        "detail_zh": detail_zh,
        "detail_en": detail_en,
    }
    if code == "request_faulty":
        zh, en = FAULTS["unknown_field"]
        shown["faults"] = [{"pointer": "/colour", "code": "unknown_field", "zh": zh, "en": en}]
    if code in {one.value for one in BindingCode} and code not in {one.value for one in ALLOWED} and words.status == 409:
        shown["reasons"] = [_reason(BindingCode(code))]
    return shown
