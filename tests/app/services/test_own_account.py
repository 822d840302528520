"""Password and second factor, as their owner changes them."""

import pytest
from sqlalchemy import select

from app.services.change_password import change_password
from app.services.enrol_second_factor import enrol_second_factor, offer_second_factor, take_up_offer
from app.services.errors import Faulty
from app.services.passwords import password_fault
from app.services.prove_again import prove_again
from app.services.recognise import Recognised, recognise
from app.services.sign_in import TRIES, NotAdmitted, sign_in
from app.services.vault import Unsealable
from app.services.world import World
from models.rulebook.vocabulary import Role
from models.tables import Staff
from tests.builders.people import PASSWORD, actor_of, code_now, number_of, open_login

NEW = "a whole sentence of my own"


def someone(world: World, role: Role = Role.clerk) -> Recognised:
    found = recognise(world, open_login(world, number_of(role)))
    assert found is not None
    return found


def test_a_new_password_works_and_ends_the_other_logins(world: World) -> None:
    here, there = someone(world), open_login(world, number_of(Role.clerk))
    change_password(world, here, PASSWORD, NEW)
    assert recognise(world, there) is None
    assert sign_in(world, number_of(Role.clerk), NEW, "", "10.0.0.1")
    with pytest.raises(NotAdmitted):
        sign_in(world, number_of(Role.clerk), PASSWORD, "", "10.0.0.1")


@pytest.mark.parametrize(
    ("old", "new", "field", "code"),
    [
        ("wrong", NEW, "old", "password_wrong"),
        (PASSWORD, PASSWORD, "new", "password_same"),
        (PASSWORD, "short", "new", "password_short"),
        (PASSWORD, "x" * 129, "new", "password_long"),
        (PASSWORD, "aaaaaaaaaaaa", "new", "password_obvious"),
        (PASSWORD, "1234567890", "new", "password_obvious"),
        (PASSWORD, f"my-{number_of(Role.clerk)}-word", "new", "password_obvious"),
    ],
)
def test_a_poor_password_is_refused_at_its_field(world: World, old: str, new: str, field: str, code: str) -> None:
    with pytest.raises(Faulty) as fault:
        change_password(world, someone(world), old, new)
    assert fault.value.fields == {field: code}


def test_a_phrase_in_chinese_is_a_good_password() -> None:
    assert password_fault("今天天气很好我们去办证", "C1", "样例") is None


def test_the_second_factor_counts_from_the_first_right_code(world: World) -> None:
    clerk = someone(world)
    offer = offer_second_factor(world, clerk.actor)
    with pytest.raises(Faulty) as fault:
        enrol_second_factor(world, clerk, offer, "123")
    assert fault.value.fields == {"code": "code_wrong"}
    assert sign_in(world, clerk.actor.number, PASSWORD, "", "10.0.0.1")
    enrol_second_factor(world, clerk, take_up_offer(world, clerk.actor, offer.sealed), code_now(world, offer.secret))
    with pytest.raises(NotAdmitted):
        sign_in(world, clerk.actor.number, PASSWORD, "", "10.0.0.1")
    world.clock.move(seconds=30)
    assert sign_in(world, clerk.actor.number, PASSWORD, code_now(world, offer.secret), "10.0.0.1")


def test_an_offer_is_for_one_person_only(world: World) -> None:
    offer = offer_second_factor(world, actor_of(world))
    with pytest.raises(Unsealable):
        take_up_offer(world, actor_of(world, which=2), offer.sealed)


def test_the_stored_secret_is_sealed_and_bound_to_its_owner(world: World) -> None:
    clerk = someone(world)
    offer = offer_second_factor(world, clerk.actor)
    enrol_second_factor(world, clerk, offer, code_now(world, offer.secret))
    with world.reading() as session:
        sealed = session.get_one(Staff, clerk.actor.staff_id).totp_secret
    assert sealed is not None
    assert offer.secret.encode() not in sealed
    with pytest.raises(Unsealable):
        world.vault.open(sealed, "staff.totp_secret:ANOTHER")


def test_the_second_factor_is_not_replaced_from_a_stolen_login(world: World) -> None:
    supervisor = someone(world, Role.supervisor)
    offer = offer_second_factor(world, supervisor.actor)
    with pytest.raises(Faulty) as fault:
        enrol_second_factor(world, supervisor, offer, code_now(world, offer.secret))
    assert fault.value.code == "second_factor_set"


def test_proving_again_moves_the_moment_of_proof(world: World) -> None:
    token = open_login(world, number_of(Role.clerk))
    world.clock.move(minutes=20)
    before = recognise(world, token)
    assert before is not None
    prove_again(world, before, PASSWORD, "", "10.0.0.1")
    after = recognise(world, token)
    assert after is not None
    assert after.proven_at == world.now()


def test_guessing_at_the_second_proof_ends_every_login(world: World) -> None:
    token = open_login(world, number_of(Role.clerk))
    here = recognise(world, token)
    assert here is not None
    for _ in range(TRIES):
        with pytest.raises(NotAdmitted):
            prove_again(world, here, "wrong", "", "10.0.0.1")
    assert recognise(world, token) is None


def test_no_password_is_stored_in_the_clear(world: World) -> None:
    with world.reading() as session:
        hashes = session.scalars(select(Staff.password_hash)).all()
    assert all(stored.startswith("$argon2id$") for stored in hashes)
