"""Bind, look, end: once, strictly, one's own only, and with the words that a holder can be shown."""

import json
import threading
from typing import Any

import pytest
from sqlalchemy import select, update

from app.services.world import World
from models.rulebook.vocabulary import CaseKind, CertificateStatus
from models.tables import Binding, Certificate, PlatformEvent
from tests.builders.aftercare import Held, plant_held
from tests.builders.bindings import agreed_at
from tests.builders.platform_calls import Caller


def rows(world: World) -> int:
    with world.reading() as session:
        return len(session.scalars(select(Binding)).all())


def faults(answer: Any) -> list[tuple[str, str]]:
    assert (answer.status_code, answer.json["code"]) == (422, "request_faulty"), answer.text
    return [(fault["pointer"], fault["code"]) for fault in answer.json["faults"]]


def test_the_first_login_binds(inspection: Caller, held: Held, world: World) -> None:
    answer = inspection.bind(held.serial, "shzz-20417")
    assert answer.status_code == 201
    made = answer.json
    assert (made["outcome"], made["certificate"], made["account_reference"]) == ("may_bind", held.serial, "shzz-20417")
    assert made["ended"] is None
    assert answer.headers["Location"] == f"/api/platforms/v1/bindings/{made['id']}"
    assert answer.headers["Cache-Control"] == "no-store"
    found = inspection.ask(f"/bindings/{made['id']}").json
    assert found["live"]
    assert (found["until"], found["end"], found["end_zh"], found["follows"]) == (None, None, None, None)
    assert (found["organisation_name"], found["credit_code"]) == ("北京样例贸易有限公司", held.credit_code)
    assert found["since"] == made["since"] == world.now().isoformat()


def test_the_same_key_and_body_get_the_same_answer_whatever_happened_since(inspection: Caller, held: Held, world: World) -> None:
    first = inspection.bind(held.serial, key="k-1")
    inspection.send(f"/bindings/{first.json['id']}/end", {})
    world.clock.move(minutes=5)
    second = inspection.bind(held.serial, key="k-1")
    assert (second.status_code, second.data) == (201, first.data)
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]
    assert rows(world) == 1


def test_another_body_under_the_same_key_is_refused(inspection: Caller, held: Held, world: World) -> None:
    inspection.bind(held.serial, "u-1", key="k-1")
    answer = inspection.bind(held.serial, "u-2", key="k-1")
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert rows(world) == 1


def test_a_key_is_the_platforms_own(inspection: Caller, other: Caller, held: Held) -> None:
    assert inspection.bind(held.serial, "u-1", key="k-1").status_code == 201
    assert other.bind(held.serial, "someone", key="k-1").status_code == 201


def test_without_a_proper_key_nothing_is_bound(inspection: Caller, held: Held, world: World) -> None:
    for key in ("", " ", "a b", "x" * 81, "a\tb", "钥匙".encode().decode("latin-1")):
        answer = inspection.bind(held.serial, key=key)
        assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_missing"), key
    missing = inspection.send("/bindings", {"certificate": held.serial, "account_reference": "u-1"})
    assert (missing.status_code, missing.json["code"]) == (400, "idempotency_key_missing")
    assert rows(world) == 0


def test_binding_again_to_the_same_account_is_told_as_done_and_to_another_is_refused(inspection: Caller, held: Held) -> None:
    first = inspection.bind(held.serial, "u-1")
    again = inspection.bind(held.serial, "u-1")
    assert (again.status_code, again.json["outcome"], again.json["id"]) == (200, "already_bound", first.json["id"])
    another = inspection.bind(held.serial, "u-2")
    assert (another.status_code, another.json["code"]) == (409, "other_account")


def test_a_second_certificate_is_refused_with_the_sentence_for_the_holder(inspection: Caller, held: Held, world: World) -> None:
    second = plant_held(world)
    with world.writing() as session:
        session.execute(update(Certificate).where(Certificate.id == second.certificate_id).values(applicant_id=held.applicant_id))
        session.commit()
    assert inspection.bind(held.serial).status_code == 201
    answer = inspection.bind(second.serial)
    assert (answer.status_code, answer.json["code"]) == (409, "bound_to_other")
    assert answer.mimetype == "application/problem+json"
    (reason,) = answer.json["reasons"]
    assert (reason["code"], reason["clause"]) == ("bound_to_other", "A.0.3")
    assert answer.json["detail"] == reason["en"] == answer.json["detail_en"]
    assert "改绑" in answer.json["detail_zh"]


def test_a_refusal_is_judged_anew_under_the_same_key(inspection: Caller, held: Held, world: World) -> None:
    with world.writing() as session:
        certificate = session.get_one(Certificate, held.certificate_id)
        certificate.status = CertificateStatus.suspended
        session.commit()
    assert inspection.bind(held.serial, key="k-1").json["code"] == "suspended"
    with world.writing() as session:
        session.get_one(Certificate, held.certificate_id).status = CertificateStatus.valid
        session.commit()
    assert inspection.bind(held.serial, key="k-1").status_code == 201


def test_an_unknown_certificate_is_not_found(refused: Caller) -> None:
    answer = refused.bind("7" * 32)
    assert (answer.status_code, answer.json["code"]) == (404, "certificate_unknown")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, [("/account_reference", "missing"), ("/certificate", "missing")]),
        ({"certificate": "7a", "account_reference": "u", "colour": 1}, [("/colour", "unknown_field")]),
        ({"certificate": "7a", "account_reference": "u", "a/b~c": 1}, [("/a~1b~0c", "unknown_field")]),
        ({"certificate": 7, "account_reference": ["u"]}, [("/account_reference", "no_text"), ("/certificate", "no_text")]),
        ({"certificate": None, "account_reference": True}, [("/account_reference", "no_text"), ("/certificate", "no_text")]),
        ({"certificate": "07a", "account_reference": "u"}, [("/certificate", "wrong_form")]),
        ({"certificate": "7A", "account_reference": "u"}, [("/certificate", "wrong_form")]),
        ({"certificate": "7a\n", "account_reference": "u"}, [("/certificate", "wrong_form")]),
        ({"certificate": "7a", "account_reference": " u"}, [("/account_reference", "wrong_form")]),
        ({"certificate": "7a", "account_reference": "u\n"}, [("/account_reference", "wrong_form")]),
        ({"certificate": "7a", "account_reference": "a\x00b"}, [("/account_reference", "wrong_form")]),
        ([], [("", "no_object")]),
        ("text", [("", "no_object")]),
        (None, [("", "no_object")]),
    ],
)
def test_requests_are_read_strictly_and_every_fault_is_named(refused: Caller, body: Any, found: list[tuple[str, str]]) -> None:
    answer = refused.ask(
        "/bindings", "POST", data=json.dumps(body), content_type="application/json", headers={"Idempotency-Key": "k"}
    )
    assert sorted(faults(answer)) == found
    assert all(fault["zh"] and fault["en"] for fault in answer.json["faults"])


def test_an_account_is_one_to_eighty_characters_of_text(inspection: Caller, held: Held, world: World) -> None:
    for account in ("", "x" * 81, "\ud800", "a\ud800b"):
        assert "/account_reference" in {place for place, _ in faults(inspection.bind(held.serial, account))}
    assert rows(world) == 0


@pytest.mark.parametrize("account", ["x" * 80, "社团用户 甲", "𠮷野家", "a'b\"c<d>&%"])
def test_an_account_is_given_back_as_it_came(inspection: Caller, held: Held, account: str) -> None:
    made = inspection.bind(held.serial, account).json
    assert made["account_reference"] == account
    (found,) = inspection.ask("/bindings").json["bindings"]
    assert (found["id"], found["account_reference"]) == (made["id"], account)


def test_an_account_is_never_asked_for_in_an_address(inspection: Caller, held: Held) -> None:
    """Addresses are written into the logs of every proxy on the way."""
    inspection.bind(held.serial, "u-1")
    assert faults(inspection.ask("/bindings?account_reference=u-1")) == [("account_reference", "unknown_field")]


def test_what_is_no_json_is_told_apart_from_what_is_faulty(refused: Caller) -> None:
    def put(text: bytes, kind: str = "application/json", **headers: str) -> Any:
        return refused.ask("/bindings", "POST", data=text, content_type=kind, headers={"Idempotency-Key": "k", **headers})

    for text in (b"", b"{", b"\xff", b"NaN x", b"[" * 30_000):
        assert (put(text).status_code, put(text).json["code"]) == (400, "request_malformed"), text[:20]
    assert faults(put(b'{"certificate": "7a", "certificate": "7b", "account_reference": "u"}')) == [("/certificate", "repeated")]
    assert faults(put(b'{"certificate": NaN, "account_reference": Infinity}')) == [
        ("/certificate", "no_text"),
        ("/account_reference", "no_text"),
    ]
    for kind in ("text/plain", "application/x-www-form-urlencoded", "", "application/merge-patch+json"):
        assert (put(b"{}", kind).status_code, put(b"{}", kind).json["code"]) == (415, "media_type_unsupported")
    assert put(b"{}", **{"Content-Encoding": "gzip"}).status_code == 415
    large = put(b'{"certificate": "' + b"7" * 40_000 + b'"}')
    assert (large.status_code, large.json["code"]) == (413, "too_large")


def test_pages_hold_all_in_order_and_no_more_than_asked_for(inspection: Caller, world: World) -> None:
    made = [inspection.bind(plant_held(world).serial, f"u-{which}").json["id"] for which in range(5)]
    inspection.send(f"/bindings/{made[1]}/end", {"note": "账号注销"})
    seen, after = [], ""
    while after is not None:
        page = inspection.ask("/bindings", query_string={"limit": 2} | ({"after": after} if after else {})).json
        assert len(page["bindings"]) <= 2
        seen += [binding["id"] for binding in page["bindings"]]
        after = page["next"]
    assert seen == made
    assert [each["id"] for each in inspection.ask("/bindings?live=true").json["bindings"]] == [made[0], *made[2:]]
    (ended,) = inspection.ask("/bindings?live=false").json["bindings"]
    assert (ended["id"], ended["end"], ended["live"]) == (made[1], "by_platform", False)
    assert ended["end_zh"]
    assert ended["end_en"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("limit=0", [("limit", "no_number")]),
        ("limit=201", [("limit", "no_number")]),
        ("limit=1.0", [("limit", "no_number")]),
        ("limit=%D9%A1", [("limit", "no_number")]),
        ("limit=1_0", [("limit", "no_number")]),
        ("limit=", [("limit", "no_number")]),
        ("limit=1&limit=2", [("limit", "repeated")]),
        ("live=yes", [("live", "no_flag")]),
        ("live=True", [("live", "no_flag")]),
        ("after=x", [("after", "wrong_form")]),
        ("certificate=XX", [("certificate", "wrong_form")]),
        ("colour=red", [("colour", "unknown_field")]),
    ],
)
def test_queries_are_read_strictly(refused: Caller, query: str, found: list[tuple[str, str]]) -> None:
    assert faults(refused.ask(f"/bindings?{query}")) == found


def test_operations_without_parameters_take_none(inspection: Caller, held: Held) -> None:
    binding_id = inspection.bind(held.serial).json["id"]
    for path in (f"/certificates/{held.serial}", f"/certificates/{held.serial}/verdict", f"/bindings/{binding_id}", "/keys"):
        assert faults(inspection.ask(f"{path}?x=1")) == [("x", "unknown_field")]


def test_an_unknown_cursor_is_told(inspection: Caller, other: Caller, held: Held) -> None:
    theirs = other.bind(held.serial).json["id"]
    for cursor in ("0" * 32, theirs):
        answer = inspection.ask(f"/bindings?after={cursor}")
        assert (answer.status_code, answer.json["code"]) == (404, "binding_unknown")


def test_ending_is_done_once_and_may_be_repeated(inspection: Caller, held: Held, world: World) -> None:
    made = inspection.bind(held.serial).json
    world.clock.move(minutes=1)
    ended = inspection.send(f"/bindings/{made['id']}/end", {"note": "账号已注销"})
    assert (ended.status_code, ended.json["end"], ended.json["until"]) == (200, "by_platform", world.now().isoformat())
    world.clock.move(minutes=1)
    again = inspection.send(f"/bindings/{made['id']}/end", {})
    assert (again.status_code, again.data) == (200, ended.data)
    with world.reading() as session:
        assert session.scalars(select(Binding)).one().end_note == "账号已注销"
        assert [event.kind for event in session.scalars(select(PlatformEvent))] == ["binding.made", "binding.ended"]
    assert inspection.bind(held.serial).status_code == 201


def test_a_faulty_end_ends_nothing(inspection: Caller, held: Held) -> None:
    made = inspection.bind(held.serial).json
    for body in ({"note": "x" * 201}, {"note": "a\x07"}, {"note": 1}, {"note": "\ud800"}, {"why": ""}, []):
        assert faults(inspection.send(f"/bindings/{made['id']}/end", body)), body
    assert inspection.ask(f"/bindings/{made['id']}").json["live"]


def test_a_reset_at_the_counter_shows_with_its_words(inspection: Caller, held: Held, world: World) -> None:
    made = inspection.bind(held.serial).json
    before = inspection.ask(f"/bindings/{made['id']}")
    assert before.headers["Cache-Control"] == "private, no-cache"
    agreed_at(world, inspection.platform, held, CaseKind.binding_reset)
    after = inspection.ask(f"/bindings/{made['id']}", headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status_code, after.json["end"], after.json["live"]) == (200, "reset", False)
    same = inspection.ask(f"/bindings/{made['id']}", headers={"If-None-Match": after.headers["ETag"]})
    assert same.status_code == 304


@pytest.mark.parametrize("same_key", [True, False])
def test_two_that_bind_at_once_make_one_binding(inspection: Caller, held: Held, world: World, same_key: bool) -> None:
    answers: list[Any] = []
    gate = threading.Barrier(4)

    def go(which: int) -> None:
        gate.wait()
        answers.append(inspection.bind(held.serial, "u-1", key="k" if same_key else f"k-{which}"))

    threads = [threading.Thread(target=go, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(world) == 1
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sorted(answer.status_code for answer in answers) == ([201] * 4 if same_key else [200, 200, 200, 201])
