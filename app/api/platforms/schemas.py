"""The shapes of requests and answers about certificates and bindings, each member with what it means.

The OpenAPI document is made of them, and of those in `schemas_told.py`.
"""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from app.api.platforms.fields import Flag, Strict, Text, Whole, between, form, length
from models.rulebook.bindings import BindingCode
from models.rulebook.standing import Standing
from models.rulebook.vocabulary import BindingEnd, RevocationReason

SERIAL = "^[1-9a-f][0-9a-f]{0,39}$"
KEY = "^[0-9a-f]{32}$"  # of a binding or an event
# Whatever a platform calls an account: no blank at either end, no control characters, no half of a surrogate pair.
ACCOUNT = r"^[^\s\u0000-\u001f\u007f-\u009f]([^\u0000-\u001f\u007f-\u009f\u2028\u2029]{0,78}[^\s\u0000-\u001f\u007f-\u009f])?$"
NOTE = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"
MOST_BINDINGS = 200


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"description": text, **more}


def one_of(members: Any) -> validate.OneOf:
    return validate.OneOf([member.value for member in members])


def whole_text(text: str) -> str:
    """Half a surrogate pair can be written in JSON, and is no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ma.ValidationError("no_text") from None
    return text


def _instant(text: str, **options: Any) -> fields.DateTime:
    return fields.DateTime(format="iso", metadata=said(f"{text} ISO 8601, in UTC."), **options)


class Told(ma.Schema):
    """An answer. Members may be added to it one day, so the document does not forbid others."""

    class Meta:
        unknown = ma.EXCLUDE


class Certificate(Told):
    """How a certificate (证书) stands at this moment."""

    serial = fields.String(
        required=True, metadata=said("Serial number (序列号): lower-case hex without leading zeros.", pattern=SERIAL)
    )
    standing = fields.String(
        required=True,
        validate=one_of(Standing),
        metadata=said(
            "Rely on `good` (有效) only. `not_handed_over`: its holder does not have it yet (未发放); `suspended`: 挂失."
        ),
    )
    standing_zh = fields.String(required=True, metadata=said("The same in Chinese."))
    standing_en = fields.String(required=True, metadata=said("The same in English."))
    since = _instant("Since when it stands so.", required=True)
    revoked_at = _instant("When it was revoked (注销); null if it is not.", required=True, allow_none=True)
    reason = fields.String(
        required=True,
        allow_none=True,
        validate=one_of(RevocationReason),
        metadata=said("Why it was revoked (RFC 5280, 5.3.1); null if it is not."),
    )
    organisation_name = fields.String(required=True, metadata=said("The holder (单位名称), as the certificate has it."))
    credit_code = fields.String(required=True, metadata=said("The holder's unified social credit code (统一社会信用代码)."))
    not_before = _instant("First instant of its validity.", required=True)
    not_after = _instant("Last instant of its validity.", required=True)


class Reason(Told):
    """One reason, with the clause it rests on and the words to show to the holder."""

    code = fields.String(required=True, validate=one_of(BindingCode), metadata=said("Stable."))
    clause = fields.String(
        required=True, metadata=said("A: the platform manual; P: good practice; D: the office's own decision.")
    )
    zh = fields.String(required=True, metadata=said("To be shown to the holder, in Chinese."))
    en = fields.String(required=True, metadata=said("The same in English."))


class Verdict(Told):
    """May this certificate be bound here (能否绑定)?"""

    certificate = fields.String(required=True, metadata=said("Serial number.", pattern=SERIAL))
    organisation_name = fields.String(required=True, metadata=said("To be shown on the page that binds (单位名称)."))
    may_bind = fields.Boolean(required=True, metadata=said("Whether POST /bindings would be done now."))
    code = fields.String(
        required=True,
        validate=one_of(BindingCode),
        metadata=said(
            "`may_bind`: yes. `already_bound`: it is bound here (已绑定), log in. `choose_anew`: what is bound no longer counts, "
            "binding ends it (重新选择). Every other code refuses."
        ),
    )
    reasons = fields.List(
        fields.Nested(Reason), required=True, metadata=said("All that speak against it, or the one that allows it.")
    )


class BindRequest(Strict):
    """Bind (绑定) a certificate to an account of the platform, at its holder's first login."""

    certificate = Text(
        required=True,
        validate=form(SERIAL),
        metadata=said("Serial number of the certificate that the holder has just proved to hold."),
    )
    account_reference = Text(
        required=True,
        validate=[whole_text, length(1, 80), form(ACCOUNT)],
        metadata=said("Your own word for the account; it is given back as it is. No password, nothing secret."),
    )


class Bound(Told):
    """What POST /bindings did. The same for the same Idempotency-Key, as long as that is kept."""

    id = fields.String(required=True, metadata=said("The binding's name.", pattern=KEY))
    outcome = fields.String(
        required=True,
        validate=one_of((BindingCode.may_bind, BindingCode.choose_anew, BindingCode.already_bound)),
        metadata=said("`already_bound`: nothing was done, it was bound to this account before."),
    )
    certificate = fields.String(required=True, metadata=said("Serial number.", pattern=SERIAL))
    account_reference = fields.String(required=True, metadata=said("As it was sent."))
    since = _instant("Since when it is bound.", required=True)
    ended = fields.String(required=True, allow_none=True, metadata=said("The binding that ended by it (choose_anew); else null."))


class Binding(Told):
    """One certificate bound to one account, from then till then (绑定)."""

    id = fields.String(required=True, metadata=said("The binding's name.", pattern=KEY))
    account_reference = fields.String(required=True, metadata=said("Your own word for the account."))
    certificate = fields.String(required=True, metadata=said("Serial number.", pattern=SERIAL))
    organisation_name = fields.String(required=True, metadata=said("The holder, as the certificate has it."))
    credit_code = fields.String(required=True, metadata=said("The holder's unified social credit code."))
    live = fields.Boolean(required=True, metadata=said("Whether it holds now. At most one does for each holder."))
    since = _instant("From.", required=True)
    until = _instant("Till; null while it is live.", required=True, allow_none=True)
    end = fields.String(
        required=True,
        allow_none=True,
        validate=one_of(BindingEnd),
        metadata=said("Why it ended: `reset` (绑定重置) and `rebinding` (改绑) by the counter; null while it is live."),
    )
    end_zh = fields.String(required=True, allow_none=True, metadata=said("The same in Chinese words."))
    end_en = fields.String(required=True, allow_none=True, metadata=said("The same in English words."))
    follows = fields.String(required=True, allow_none=True, metadata=said("The binding that it took over from; else null."))


class BindingPage(Told):
    """Bindings in the order in which they were made."""

    bindings = fields.List(fields.Nested(Binding), required=True)
    next = fields.String(required=True, allow_none=True, metadata=said("Send it as `after` for the next page; null on the last."))


class BindingQuery(Strict):
    live = Flag(metadata=said("true: live ones only; false: ended ones only; left out: all."))
    certificate = Text(validate=form(SERIAL), metadata=said("Of this certificate only."))
    after = Text(validate=form(KEY), metadata=said("`next` of the page before."))
    limit = Whole(load_default=50, validate=between(1, MOST_BINDINGS), metadata=said("How many at most."))


class EndRequest(Strict):
    """End a binding of one's own."""

    note = Text(
        load_default="",
        validate=[whole_text, length(0, 200), form(NOTE)],
        metadata=said("Why, for the counter to read. Nothing secret."),
    )
