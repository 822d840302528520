"""The shapes of events, keys, problems and access tokens; those of certificates and bindings are in `schemas.py`."""

from marshmallow import fields, validate

from app.api.platforms.fields import Many, Strict, Text, Whole, between, form, length
from app.api.platforms.schemas import KEY, Reason, Told, one_of, said
from models.rulebook.vocabulary import BindingEnd, EventKind

MOST_EVENTS = 200  # in one page, and in one acknowledgement


class EventBinding(Told):
    """The binding as it stood when the event was written."""

    id = fields.String(required=True, metadata=said("The binding's name.", pattern=KEY))
    account_reference = fields.String(required=True, metadata=said("Your own word for the account."))
    certificate = fields.String(required=True, metadata=said("Serial number."))
    since = fields.String(required=True, metadata=said("ISO 8601, in UTC.", format="date-time"))
    until = fields.String(required=True, allow_none=True, metadata=said("ISO 8601, in UTC.", format="date-time"))
    end = fields.String(required=True, allow_none=True, validate=one_of(BindingEnd), metadata=said("Why it ended."))


class MovedTo(Told):
    """Where a binding went with its certificate's successor."""

    binding = fields.String(required=True, metadata=said("The new binding's name.", pattern=KEY))
    certificate = fields.String(required=True, metadata=said("The new certificate's serial number."))


class Event(Told):
    """Something that the platform is told, for ever the same: in the feed, and in the body of a webhook."""

    id = fields.String(required=True, metadata=said("The event's name: repeat nothing that you have done for it.", pattern=KEY))
    number = fields.Integer(required=True, metadata=said("Counts from 1 without a gap for each platform.", minimum=1))
    type = fields.String(
        required=True,
        validate=one_of(EventKind),
        metadata=said("At `binding.ended` forget the binding and let the account bind anew at its next certificate login."),
    )
    at = fields.String(required=True, metadata=said("When it happened. ISO 8601, in UTC.", format="date-time"))
    platform = fields.String(required=True, metadata=said("Your code."))
    binding = fields.Nested(EventBinding, required=True)
    moved_to = fields.Nested(MovedTo, metadata=said("With `binding.moved` only."))
    reason_zh = fields.String(required=True, metadata=said("Why, in Chinese."))
    reason_en = fields.String(required=True, metadata=said("Why, in English."))


class EventPage(Told):
    """Events in order."""

    events = fields.List(fields.Nested(Event), required=True)
    next = fields.Integer(required=True, metadata=said("Send it as `after` next time, also where nothing came.", minimum=0))
    more = fields.Boolean(required=True, metadata=said("Whether there are further ones now."))


class EventQuery(Strict):
    after = Whole(
        load_default=0,
        validate=between(0, 2**31 - 1),
        metadata=said("Number of the last event that you have kept. It counts as delivered with all before it; 0 at first."),
    )
    limit = Whole(load_default=100, validate=between(1, MOST_EVENTS), metadata=said("How many at most."))


class AcknowledgeRequest(Strict):
    """What the platform has obeyed."""

    ids = Many(
        Text(validate=form(KEY)),
        required=True,
        validate=length(1, MOST_EVENTS),
        metadata=said("Names of events. One that was acknowledged before may be among them."),
    )


class Acknowledged(Told):
    """Every name that was sent, in one of three lists."""

    acknowledged = fields.List(fields.String(), required=True, metadata=said("By this call."))
    already = fields.List(fields.String(), required=True, metadata=said("By an earlier one."))
    unknown = fields.List(fields.String(), required=True, metadata=said("None of your events."))


class Key(Told):
    """A public key as RFC 7517 and RFC 8037 write it."""

    kty = fields.String(required=True, metadata=said("OKP"))
    crv = fields.String(required=True, metadata=said("Ed25519"))
    kid = fields.String(required=True, metadata=said("The `keyid` of a signature."))
    x = fields.String(required=True, metadata=said("The key, base64url."))
    use = fields.String(required=True, metadata=said("sig"))
    alg = fields.String(required=True, metadata=said("EdDSA"))


class KeySet(Told):
    """The office's public keys, the newest first."""

    keys = fields.List(fields.Nested(Key), required=True)


class Fault(Told):
    """One thing wrong with a request."""

    pointer = fields.String(required=True, metadata=said("Where: a JSON pointer into the body, or a parameter's name."))
    code = fields.String(required=True, metadata=said("Stable."))
    zh = fields.String(required=True)
    en = fields.String(required=True)


class ProblemDocument(Told):
    """Why a call was refused (RFC 9457). Decide by `code`; show the words."""

    type = fields.String(required=True, metadata=said("Address of the problem's own description.", format="uri"))
    title = fields.String(required=True, metadata=said("In the language of Accept-Language: zh (if nothing is said) or en."))
    status = fields.Integer(required=True, metadata=said("Of HTTP.", minimum=400, maximum=599))
    detail = fields.String(required=True, metadata=said("What to do about it, in the same language."))
    code = fields.String(required=True, metadata=said("Stable."))
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)
    detail_zh = fields.String(required=True)
    detail_en = fields.String(required=True)
    faults = fields.List(fields.Nested(Fault), metadata=said("With `request_faulty`."))
    reasons = fields.List(fields.Nested(Reason), metadata=said("Where a binding is refused: all that speak against it."))


class TokenRequest(Strict):
    """RFC 6749, 4.4.2. A client may prove itself here or in the Authorization header (HTTP Basic), not in both."""

    grant_type = fields.String(required=True, validate=validate.OneOf(["client_credentials"]))
    scope = fields.String(
        metadata=said("Scopes, divided by blanks; left out: all that the platform has.", pattern=r"^[\x21\x23-\x5B\x5D-\x7E ]*$")
    )
    client_id = fields.String()
    client_secret = fields.String(metadata=said("", format="password"))


class TokenAnswer(Told):
    """RFC 6749, 5.1."""

    access_token = fields.String(required=True, metadata=said("Opaque. Keep it until shortly before it expires."))
    token_type = fields.String(required=True, validate=validate.OneOf(["Bearer"]))
    expires_in = fields.Integer(required=True, metadata=said("Seconds.", minimum=1))
    scope = fields.String(required=True, metadata=said("What it is good for, divided by blanks."))


class TokenRefusal(Told):
    """RFC 6749, 5.2."""

    error = fields.String(
        required=True,
        validate=validate.OneOf(
            ["invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope"]
        ),
    )
    error_description = fields.String(metadata=said("For the programmer."))


class ProblemMeaning(Told):
    """What the code of a problem stands for."""

    code = fields.String(required=True)
    status = fields.Integer(required=True, metadata=said("Of HTTP.", minimum=400, maximum=599))
    title_zh = fields.String(required=True)
    title_en = fields.String(required=True)
    detail_zh = fields.String(required=True, metadata=said("What to do about it."))
    detail_en = fields.String(required=True, metadata=said("What to do about it."))
