"""The shapes of requests and answers, each member with what it means. The OpenAPI document is made of them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.api.platforms.fields import Flag, Many, Strict, Text, Whole, between, form, length
from models.rulebook.bindings import BindingCode
from models.rulebook.standing import Standing
from models.rulebook.vocabulary import BindingEnd, EventKind, RevocationReason

SERIAL = "^[1-9a-f][0-9a-f]{0,39}$"
KEY = "^[0-9a-f]{32}$"  # of a binding or an event
# Whatever a platform calls an account: no blank at either end, no control characters, no half of a surrogate pair.
ACCOUNT = r"^[^\s\u0000-\u001f\u007f-\u009f]([^\u0000-\u001f\u007f-\u009f\u2028\u2029]{0,78}[^\s\u0000-\u001f\u007f-\u009f])?$"
NOTE = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"
MOST_EVENTS = 200  # in one page, and in one acknowledgement
MOST_BINDINGS = 200


def _said(text: str, **more: Any) -> dict[str, Any]:
    return {"description": text, **more}


def _one_of(members: Any) -> validate.OneOf:
    return validate.OneOf([member.value for member in members])


def whole_text(text: str) -> str:
    """Half a surrogate pair can be written in JSON, and is no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ma.ValidationError("no_text") from None
    return text


def _instant(text: str, **options: Any) -> fields.DateTime:
    return fields.DateTime(format="iso", metadata=_said(f"{text} ISO 8601, in UTC."), **options)


class Told(ma.Schema):
    """An answer. Members may be added to it one day, so the document does not forbid others."""

    class Meta:
        unknown = ma.EXCLUDE


class Certificate(Told):
    """How a certificate (证书) stands at this moment."""

    serial = fields.String(
        required=True, metadata=_said("Serial number (序列号): lower-case hex without leading zeros.", pattern=SERIAL)
    )
    standing = fields.String(
        required=True,
        validate=_one_of(Standing),
        metadata=_said(
            "Rely on `good` (有效) only. `not_handed_over`: its holder does not have it yet (未发放); `suspended`: 挂失."
        ),
    )
    standing_zh = fields.String(required=True, metadata=_said("The same in Chinese."))
    standing_en = fields.String(required=True, metadata=_said("The same in English."))
    since = _instant("Since when it stands so.", required=True)
    revoked_at = _instant("When it was revoked (注销); null if it is not.", required=True, allow_none=True)
    reason = fields.String(
        required=True,
        allow_none=True,
        validate=_one_of(RevocationReason),
        metadata=_said("Why it was revoked (RFC 5280, 5.3.1); null if it is not."),
    )
    organisation_name = fields.String(required=True, metadata=_said("The holder (单位名称), as the certificate has it."))
    credit_code = fields.String(required=True, metadata=_said("The holder's unified social credit code (统一社会信用代码)."))
    not_before = _instant("First instant of its validity.", required=True)
    not_after = _instant("Last instant of its validity.", required=True)


class Reason(Told):
    """One reason, with the clause it rests on and the words to show to the holder."""

    code = fields.String(required=True, validate=_one_of(BindingCode), metadata=_said("Stable."))
    clause = fields.String(
        required=True, metadata=_said("A: the platform manual; P: good practice; D: the office's own decision.")
    )
    zh = fields.String(required=True, metadata=_said("To be shown to the holder, in Chinese."))
    en = fields.String(required=True, metadata=_said("The same in English."))


class Verdict(Told):
    """May this certificate be bound here (能否绑定)?"""

    certificate = fields.String(required=True, metadata=_said("Serial number.", pattern=SERIAL))
    organisation_name = fields.String(required=True, metadata=_said("To be shown on the page that binds (单位名称)."))
    may_bind = fields.Boolean(required=True, metadata=_said("Whether POST /bindings would be done now."))
    code = fields.String(
        required=True,
        validate=_one_of(BindingCode),
        metadata=_said(
            "`may_bind`: yes. `already_bound`: it is bound here (已绑定), log in. `choose_anew`: what is bound no longer counts, "
            "binding ends it (重新选择). Every other code refuses."
        ),
    )
    reasons = fields.List(
        fields.Nested(Reason), required=True, metadata=_said("All that speak against it, or the one that allows it.")
    )


class BindRequest(Strict):
    """Bind (绑定) a certificate to an account of the platform, at its holder's first login."""

    certificate = Text(
        required=True,
        validate=form(SERIAL),
        metadata=_said("Serial number of the certificate that the holder has just proved to hold."),
    )
    account_reference = Text(
        required=True,
        validate=[whole_text, length(1, 80), form(ACCOUNT)],
        metadata=_said("Your own word for the account; it is given back as it is. No password, nothing secret."),
    )


class Bound(Told):
    """What POST /bindings did. The same for ever for the same Idempotency-Key."""

    id = fields.String(required=True, metadata=_said("The binding's name.", pattern=KEY))
    outcome = fields.String(
        required=True,
        validate=_one_of((BindingCode.may_bind, BindingCode.choose_anew, BindingCode.already_bound)),
        metadata=_said("`already_bound`: nothing was done, it was bound to this account before."),
    )
    certificate = fields.String(required=True, metadata=_said("Serial number.", pattern=SERIAL))
    account_reference = fields.String(required=True, metadata=_said("As it was sent."))
    since = _instant("Since when it is bound.", required=True)
    ended = fields.String(
        required=True, allow_none=True, metadata=_said("The binding that ended by it (choose_anew); else null.")
    )


class Binding(Told):
    """One certificate bound to one account, from then till then (绑定)."""

    id = fields.String(required=True, metadata=_said("The binding's name.", pattern=KEY))
    account_reference = fields.String(required=True, metadata=_said("Your own word for the account."))
    certificate = fields.String(required=True, metadata=_said("Serial number.", pattern=SERIAL))
    organisation_name = fields.String(required=True, metadata=_said("The holder, as the certificate has it."))
    credit_code = fields.String(required=True, metadata=_said("The holder's unified social credit code."))
    live = fields.Boolean(required=True, metadata=_said("Whether it holds now. At most one does for each holder."))
    since = _instant("From.", required=True)
    until = _instant("Till; null while it is live.", required=True, allow_none=True)
    end = fields.String(
        required=True,
        allow_none=True,
        validate=_one_of(BindingEnd),
        metadata=_said("Why it ended: `reset` (绑定重置) and `rebinding` (改绑) by the counter; null while it is live."),
    )
    end_zh = fields.String(required=True, allow_none=True, metadata=_said("The same in Chinese words."))
    end_en = fields.String(required=True, allow_none=True, metadata=_said("The same in English words."))
    follows = fields.String(required=True, allow_none=True, metadata=_said("The binding that it took over from; else null."))


class BindingPage(Told):
    """Bindings in the order in which they were made."""

    bindings = fields.List(fields.Nested(Binding), required=True)
    next = fields.String(
        required=True, allow_none=True, metadata=_said("Send it as `after` for the next page; null on the last.")
    )


class BindingQuery(Strict):
    live = Flag(metadata=_said("true: live ones only; false: ended ones only; left out: all."))
    certificate = Text(validate=form(SERIAL), metadata=_said("Of this certificate only."))
    after = Text(validate=form(KEY), metadata=_said("`next` of the page before."))
    limit = Whole(load_default=50, validate=between(1, MOST_BINDINGS), metadata=_said("How many at most."))


class EndRequest(Strict):
    """End a binding of one's own."""

    note = Text(
        load_default="",
        validate=[whole_text, length(0, 200), form(NOTE)],
        metadata=_said("Why, for the counter to read. Nothing secret."),
    )


class EventBinding(Told):
    """The binding as it stood when the event was written."""

    id = fields.String(required=True, metadata=_said("The binding's name.", pattern=KEY))
    account_reference = fields.String(required=True, metadata=_said("Your own word for the account."))
    certificate = fields.String(required=True, metadata=_said("Serial number."))
    since = fields.String(required=True, metadata=_said("ISO 8601, in UTC.", format="date-time"))
    until = fields.String(required=True, allow_none=True, metadata=_said("ISO 8601, in UTC.", format="date-time"))
    end = fields.String(required=True, allow_none=True, validate=_one_of(BindingEnd), metadata=_said("Why it ended."))


class MovedTo(Told):
    """Where a binding went with its certificate's successor."""

    binding = fields.String(required=True, metadata=_said("The new binding's name.", pattern=KEY))
    certificate = fields.String(required=True, metadata=_said("The new certificate's serial number."))


class Event(Told):
    """Something that the platform is told, for ever the same: in the feed, and in the body of a webhook."""

    id = fields.String(required=True, metadata=_said("The event's name: repeat nothing that you have done for it.", pattern=KEY))
    number = fields.Integer(required=True, metadata=_said("Counts from 1 without a gap for each platform.", minimum=1))
    type = fields.String(
        required=True,
        validate=_one_of(EventKind),
        metadata=_said("At `binding.ended` forget the binding and let the account bind anew at its next certificate login."),
    )
    at = fields.String(required=True, metadata=_said("When it happened. ISO 8601, in UTC.", format="date-time"))
    platform = fields.String(required=True, metadata=_said("Your code."))
    binding = fields.Nested(EventBinding, required=True)
    moved_to = fields.Nested(MovedTo, metadata=_said("With `binding.moved` only."))
    reason_zh = fields.String(required=True, metadata=_said("Why, in Chinese."))
    reason_en = fields.String(required=True, metadata=_said("Why, in English."))


class EventPage(Told):
    """Events in order."""

    events = fields.List(fields.Nested(Event), required=True)
    next = fields.Integer(required=True, metadata=_said("Send it as `after` next time, also where nothing came.", minimum=0))
    more = fields.Boolean(required=True, metadata=_said("Whether there are further ones now."))


class EventQuery(Strict):
    after = Whole(
        load_default=0,
        validate=between(0, 2**31 - 1),
        metadata=_said("Number of the last event that you have kept. It counts as delivered with all before it; 0 at first."),
    )
    limit = Whole(load_default=100, validate=between(1, MOST_EVENTS), metadata=_said("How many at most."))


class AcknowledgeRequest(Strict):
    """What the platform has obeyed."""

    ids = Many(
        Text(validate=form(KEY)),
        required=True,
        validate=length(1, MOST_EVENTS),
        metadata=_said("Names of events. One that was acknowledged before may be among them."),
    )


class Acknowledged(Told):
    """Every name that was sent, in one of three lists."""

    acknowledged = fields.List(fields.String(), required=True, metadata=_said("By this call."))
    already = fields.List(fields.String(), required=True, metadata=_said("By an earlier one."))
    unknown = fields.List(fields.String(), required=True, metadata=_said("None of your events."))


class Key(Told):
    """A public key as RFC 7517 and RFC 8037 write it."""

    kty = fields.String(required=True, metadata=_said("OKP"))
    crv = fields.String(required=True, metadata=_said("Ed25519"))
    kid = fields.String(required=True, metadata=_said("The `keyid` of a signature."))
    x = fields.String(required=True, metadata=_said("The key, base64url."))
    use = fields.String(required=True, metadata=_said("sig"))
    alg = fields.String(required=True, metadata=_said("EdDSA"))


class KeySet(Told):
    """The office's public keys, the newest first."""

    keys = fields.List(fields.Nested(Key), required=True)


class Fault(Told):
    """One thing wrong with a request."""

    pointer = fields.String(required=True, metadata=_said("Where: a JSON pointer into the body, or a parameter's name."))
    code = fields.String(required=True, metadata=_said("Stable."))
    zh = fields.String(required=True)
    en = fields.String(required=True)


class ProblemDocument(Told):
    """Why a call was refused (RFC 9457). Decide by `code`; show the words."""

    type = fields.String(required=True, metadata=_said("Address of the problem's own description.", format="uri"))
    title = fields.String(required=True, metadata=_said("In the language of Accept-Language: zh (if nothing is said) or en."))
    status = fields.Integer(required=True, metadata=_said("Of HTTP.", minimum=400, maximum=599))
    detail = fields.String(required=True, metadata=_said("What to do about it, in the same language."))
    code = fields.String(required=True, metadata=_said("Stable."))
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)
    detail_zh = fields.String(required=True)
    detail_en = fields.String(required=True)
    faults = fields.List(fields.Nested(Fault), metadata=_said("With `request_faulty`."))
    reasons = fields.List(fields.Nested(Reason), metadata=_said("Where a binding is refused: all that speak against it."))


class TokenRequest(Strict):
    """RFC 6749, 4.4.2. A client may prove itself here or in the Authorization header (HTTP Basic), not in both."""

    grant_type = fields.String(required=True, validate=validate.OneOf(["client_credentials"]))
    scope = fields.String(
        metadata=_said("Scopes, divided by blanks; left out: all that the platform has.", pattern=r"^[\x21\x23-\x5B\x5D-\x7E ]*$")
    )
    client_id = fields.String()
    client_secret = fields.String(metadata=_said("", format="password"))


class TokenAnswer(Told):
    """RFC 6749, 5.1."""

    access_token = fields.String(required=True, metadata=_said("Opaque. Keep it until shortly before it expires."))
    token_type = fields.String(required=True, validate=validate.OneOf(["Bearer"]))
    expires_in = fields.Integer(required=True, metadata=_said("Seconds.", minimum=1))
    scope = fields.String(required=True, metadata=_said("What it is good for, divided by blanks."))


class TokenRefusal(Told):
    """RFC 6749, 5.2."""

    error = fields.String(
        required=True,
        validate=validate.OneOf(
            ["invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"]
        ),
    )
    error_description = fields.String(metadata=_said("For the programmer."))


class ProblemMeaning(Told):
    """What the code of a problem stands for."""

    code = fields.String(required=True)
    status = fields.Integer(required=True, metadata=_said("Of HTTP.", minimum=400, maximum=599))
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)
    detail_zh = fields.String(required=True, metadata=_said("What to do about it."))
    detail_en = fields.String(required=True, metadata=_said("What to do about it."))
