"""What is sealed opens at its own place only, and is found by its digest."""

import pickle

import pytest

from app.services.vault import Unsealable, Vault

VAULT = Vault(bytes(range(32)))
NUMBER = "110101199003071234"


def test_what_was_sealed_opens_at_its_place() -> None:
    sealed = VAULT.seal(NUMBER, "case_file.presenter_id:1")
    assert NUMBER.encode() not in sealed
    assert VAULT.open(sealed, "case_file.presenter_id:1") == NUMBER


def test_it_does_not_open_in_another_row() -> None:
    with pytest.raises(Unsealable):
        VAULT.open(VAULT.seal(NUMBER, "case_file.presenter_id:1"), "case_file.presenter_id:2")


def test_it_does_not_open_with_another_key() -> None:
    with pytest.raises(Unsealable):
        Vault(bytes(32)).open(VAULT.seal(NUMBER, "a"), "a")


@pytest.mark.parametrize("place", range(0, 40, 3))
def test_no_byte_may_change(place: int) -> None:
    sealed = bytearray(VAULT.seal(NUMBER, "a"))
    sealed[place] ^= 1
    with pytest.raises(Unsealable):
        VAULT.open(bytes(sealed), "a")


@pytest.mark.parametrize("cut", [0, 1, 12, 13, 28])
def test_a_torn_value_is_refused(cut: int) -> None:
    with pytest.raises(Unsealable):
        VAULT.open(VAULT.seal(NUMBER, "a")[:cut], "a")


def test_the_same_number_never_looks_the_same_twice() -> None:
    assert VAULT.seal(NUMBER, "a") != VAULT.seal(NUMBER, "a")


@pytest.mark.parametrize(
    "spelling", ["11010119900307123x", " 110101 19900307 123X", "１１０１０１１９９００３０７１２３Ｘ", "110101-19900307-123X"]
)
def test_one_digest_for_every_spelling(spelling: str) -> None:
    assert VAULT.digest(spelling) == VAULT.digest("11010119900307123X")


def test_the_digest_needs_the_key() -> None:
    assert VAULT.digest(NUMBER) != Vault(bytes(32)).digest(NUMBER)


def test_the_vault_shows_its_key_nowhere() -> None:
    assert repr(VAULT) == "Vault(…)"
    with pytest.raises(TypeError):
        pickle.dumps(VAULT)
