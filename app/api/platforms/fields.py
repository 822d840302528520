"""Reading strictly: what does not fit is refused with its place and a code that `words/platform_problems.py` has words for."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import marshmallow as ma
from flask import Request, request
from marshmallow import validate
from webargs.flaskparser import FlaskParser

from app.api.platforms.problems import Problem, faults_of
from models.rulebook.strict_json import Malformed, RepeatedNames, read

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,9}")


class Strict(ma.Schema):
    """A request's parts: nothing unknown is let pass."""

    class Meta:
        unknown = ma.RAISE

    error_messages = {"unknown": "unknown_field", "type": "no_object"}  # noqa: RUF012


class Text(ma.fields.String):
    default_error_messages = {  # noqa: RUF012
        "required": "missing", "null": "no_text", "invalid": "no_text", "invalid_utf8": "no_text",
    }  # fmt: skip


class Many(ma.fields.List):
    default_error_messages = {"required": "missing", "null": "no_list", "invalid": "no_list"}  # noqa: RUF012


class Flag(ma.fields.Boolean):
    """In an address: true or false, written so."""

    default_error_messages = {"null": "no_flag", "invalid": "no_flag"}  # noqa: RUF012
    truthy = {"true"}  # noqa: RUF012
    falsy = {"false"}  # noqa: RUF012


class Whole(ma.fields.Integer):
    """In an address: plain decimal digits, as Python alone would not have it."""

    default_error_messages = {"null": "no_number", "invalid": "no_number", "too_large": "no_number"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not isinstance(value, str) or _DECIMAL.fullmatch(value) is None:
            raise self.make_error("invalid")
        return int(value)


def between(least: int, most: int) -> validate.Range:
    return validate.Range(least, most, error="no_number")


def length(least: int, most: int) -> validate.Length:
    return validate.Length(least, most, error="wrong_length")


class _Form(validate.Regexp):
    """From the first character to the last: to Python's $, a line break at the end is no end."""

    def __call__(self, value: str) -> str:  # type: ignore[override]
        if self.regex.fullmatch(value) is None:
            raise ma.ValidationError("wrong_form")
        return value


def form(pattern: str) -> validate.Regexp:
    """A pattern that means the same here and in the document (ECMA-262), from ^ to $."""
    return _Form(pattern)


class StrictParser(FlaskParser):
    DEFAULT_UNKNOWN_BY_LOCATION = {"json": None, "query": None}  # noqa: RUF012 - what the schema says

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        if req.mimetype != "application/json" or req.content_encoding not in (None, "identity"):
            raise Problem("media_type_unsupported", facts={"wanted": "application/json"})
        try:
            value = read(req.get_data(cache=False))
        except Malformed:
            raise Problem("request_malformed") from None
        if twice := sorted(_repeated(value, "")):
            raise Problem("request_faulty", faults=faults_of([(at, "repeated") for at in twice]))
        return value

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        if twice := sorted(name for name, values in req.args.lists() if len(values) > 1):
            raise Problem("request_faulty", faults=faults_of([(name, "repeated") for name in twice]))
        return req.args.to_dict()

    def handle_error(self, error: ma.ValidationError, req: Request, schema: ma.Schema, **_: Any) -> None:
        where, messages = next(iter(error.normalized_messages().items()))
        raise Problem("request_faulty", faults=faults_of(list(_flat(messages, "/" if where == "json" else "")))) from None


def no_parameters() -> None:
    """For operations that take none in the address."""
    if request.args:
        raise Problem("request_faulty", faults=faults_of([(name, "unknown_field") for name in sorted(request.args)]))


def _flat(messages: Any, at: str) -> Iterator[tuple[str, str]]:
    """Marshmallow's tree of messages as (place, code); the places of a body are JSON pointers."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            place = at.rstrip("/") if name == "_schema" else f"{at}{_escaped(str(name))}"
            yield from _flat(inner, place if not isinstance(inner, Mapping) else f"{place}/")
    else:
        for code in messages:
            yield at, code


def _repeated(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, RepeatedNames):
        yield from (f"{at}/{_escaped(name)}" for name in value.repeated)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _repeated(inner, f"{at}/{_escaped(name)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _repeated(inner, f"{at}/{index}")


def _escaped(name: str) -> str:
    """RFC 6901; a name is told as far as it is text at all."""
    plain = name.encode("utf-8", "backslashreplace").decode()[:80]
    return plain.replace("~", "~0").replace("/", "~1")
