"""The shipped editions are kept once and never touched again; a case finds the one it was judged by."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from app.services.edition_at_hand import edition_of, edition_on, editions
from app.services.plant_editions import plant_editions
from models.rulebook.editions import P1, SHIPPED, NoEdition, write
from models.tables import Base, Case, Edition
from models.tables.engine import make_engine
from tests.builders.cases import drafted


def kept(world):
    with world.reading() as session:
        return {row.code: (row.effective_from, row.content) for row in session.scalars(select(Edition))}


def keep(world, edition):
    with world.writing() as session:
        session.add(Edition(code=edition.code, effective_from=edition.effective_from, content=write(edition)))
        session.commit()


@pytest.fixture
def unfurnished(world, tmp_path):
    """An office that was never started."""
    engine = make_engine(f"sqlite:///{tmp_path / 'unfurnished.db'}")
    Base.metadata.create_all(engine)
    yield replace(world, engine=engine)
    engine.dispose()


def test_the_first_start_keeps_them_and_later_ones_change_nothing(unfurnished):
    world = unfurnished
    assert plant_editions(world) == len(SHIPPED)
    before = kept(world)
    assert before["P1-2026"] == (date(2026, 1, 1), write(P1))
    assert plant_editions(world) == 0
    assert kept(world) == before


def test_one_that_is_kept_is_left_as_it_is_even_if_the_program_ships_another_text(unfurnished):
    changed = replace(P1, medium_fen=1)
    keep(unfurnished, changed)
    plant_editions(unfurnished)
    with unfurnished.reading() as session:
        assert editions(session) == (changed,)


def test_the_edition_in_force_is_that_of_the_day(world):
    later = replace(P1, code="P2-2027", effective_from=date(2027, 1, 1), medium_fen=90_00)
    keep(world, later)
    with world.reading() as session:
        assert edition_on(session, date(2026, 12, 31)) == P1
        assert edition_on(session, date(2027, 1, 1)) == later
        with pytest.raises(NoEdition):
            edition_on(session, date(2025, 12, 31))


def test_a_case_keeps_the_edition_it_was_judged_by(world):
    later = replace(P1, code="P2-2027", effective_from=date(2026, 1, 2))
    keep(world, later)
    case_id = drafted(world).id
    with world.writing() as session:
        session.get_one(Case, case_id).edition = P1.code
        session.commit()
    with world.reading() as session:
        assert edition_of(session, session.get_one(Case, case_id)) == P1
        assert edition_on(session, world.today()) == later


def test_a_new_application_follows_the_manual_and_has_no_edition_of_these(world):
    case_id = drafted(world).id
    with world.reading() as session:
        with pytest.raises(NoEdition):
            edition_of(session, session.get_one(Case, case_id))
