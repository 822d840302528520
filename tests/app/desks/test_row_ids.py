"""No number is too long to be answered: what no row can have is not found, and begins no page."""

import re

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import IntegerConverter

from app.desks.row_ids import MOST, row_id
from models.rulebook.vocabulary import Role

LISTS = {
    Role.clerk: (
        "/aftercare/",
        "/bindings/",
        "/bindings/register",
        "/exceptions/",
        "/fee/",
        "/handover/",
        "/intake/",
        "/issuance/",
        "/renewals/",
    ),
    Role.reviewer: ("/review/",),
    Role.supervisor: ("/grants/", "/admin/cases/", "/admin/retention/holds", "/admin/retention/lists", "/admin/retention/traces"),
}


def test_a_number_that_no_row_can_have_is_not_found_on_any_route(app: Flask) -> None:
    adapter, asked = app.url_map.bind("127.0.0.1"), 0
    for rule in app.url_map.iter_rules():
        numbers = [name for name, kind in rule._converters.items() if isinstance(kind, IntegerConverter)]
        if not numbers:
            continue
        path = re.sub(r"<int:[^>]+>", str(MOST + 1), rule.rule)
        assert "<" not in path or len(numbers) < len(rule.arguments), rule.rule
        path = re.sub(r"<[^>]+>", "x", path)
        asked += 1
        with pytest.raises((NotFound, MethodNotAllowed)):
            adapter.match(path, method=next(iter(rule.methods or {"GET"})))
    assert asked > 40


@pytest.mark.parametrize("role", list(LISTS), ids=str)
def test_a_page_that_begins_at_no_row_is_the_first_one(client_of, role: Role) -> None:
    client = client_of(role)
    for path in LISTS[role]:
        for name in ("before", "after"):
            for number in (2**63, -(2**63), 0):
                assert client.get(path, query_string={name: number}).status_code == 200, (path, name, number)


@pytest.mark.parametrize("text", ["0", "-1", str(MOST + 1), "9" * 5000, "", "x", "1.5"])
def test_what_is_no_rows_number_is_nothing(text: str) -> None:
    with pytest.raises(ValueError, match=r"no row|invalid literal|digits"):
        row_id(text)
    assert row_id(str(MOST)) == MOST
