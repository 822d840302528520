"""What the door refuses before any desk hears of it."""

from collections.abc import Callable

from tests.builders.clients import OfficeClient

Clients = Callable[..., OfficeClient]


def test_what_no_keyboard_types_is_refused_before_it_reaches_a_table(client_of: Clients) -> None:
    client = client_of()
    for answer in (
        client.get("/search?q=%00"),
        client.get("/admin/rules/edition/%00"),
        client.get("/search?q=a&q=b%00"),
        client.post("/login", data={"number": "1001\0", "password": "x"}),
    ):
        assert answer.status_code == 400
        assert "请求不完整" in answer.text
