"""Characters that no keyboard types: named at their field, whatever the form, and looked for by nobody."""

from collections.abc import Callable

from models.rulebook.vocabulary import Role
from tests.builders.clients import OfficeClient

Clients = Callable[..., OfficeClient]
BRANCH = {"code": "XX07", "name_zh": "样例\0网点", "name_en": "Sample", "address": "样例路 1 号", "telephone": ""}


def test_a_field_with_a_character_that_no_table_takes_says_so_and_keeps_what_was_typed(client_of: Clients) -> None:
    answer = client_of(Role.administrator).post("/admin/places/branch", data=BRANCH)
    assert answer.status_code == 422
    assert "有不能识别的字符" in answer.text
    assert "样例路 1 号" in answer.text


def test_a_search_leaves_it_out(client_of: Clients) -> None:
    assert client_of().get("/search?q=%00样例").status_code == 200
