"""What a holder's key signs for a platform is of one shape only."""

import pytest

from card_issuance.statement import VERSION, Grant, Purpose, Statement

GIVEN = {
    "purpose": Purpose.sign_in,
    "platform": "https://platform.example.cn",
    "challenge": "A" * 22,
    "grants": (Grant.organisation, Grant.terms),
    "about": "",
    "certificate": "0f" * 32,
    "at": "2026-11-22T01:02:03Z",
}


def test_the_text_is_what_the_guide_for_platforms_says():
    assert Statement(**GIVEN).as_bytes().decode() == (
        "one-certificate statement, version 1\npurpose: sign-in\nplatform: https://platform.example.cn\n"
        f"challenge: {'A' * 22}\ngrants: organisation terms\nabout: \ncertificate: {'0f' * 32}\nat: 2026-11-22T01:02:03Z\n"
    )


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("platform", "https://platform.example.cn\ngrants: organisation"),
        ("platform", "https://Platform.example.cn/"),
        ("platform", "ftp://platform.example.cn"),
        ("challenge", "A" * 21),
        ("challenge", "A" * 129),
        ("challenge", "A" * 22 + "\n"),
        ("challenge", "A" * 21 + "é"),
        ("certificate", "0F" * 32),
        ("certificate", ""),
        ("about", "0f" * 32),
        ("about", "x"),
        ("at", "2026-11-22 01:02:03"),
        ("at", "2026-11-22T01:02:03Z\n"),
        ("grants", (Grant.terms, Grant.terms)),
    ],
)
def test_nothing_else_can_be_written_into_it(part, value):
    with pytest.raises(ValueError, match=part):
        Statement(**GIVEN | {part: value})


def test_a_submission_names_what_is_submitted_and_grants_nothing():
    about = {"purpose": Purpose.submission, "about": "ab" * 32}
    assert b"purpose: submission\n" in Statement(**GIVEN | about | {"grants": ()}).as_bytes()
    with pytest.raises(ValueError, match="grants"):
        Statement(**GIVEN | about)
    with pytest.raises(ValueError, match="about"):
        Statement(**GIVEN | {"purpose": Purpose.submission, "grants": ()})


def test_it_crosses_to_the_child_unchanged():
    said = Statement(**GIVEN)
    assert Statement.from_mapping(said.as_mapping()) == said
    assert said.as_bytes().startswith(VERSION.encode())
