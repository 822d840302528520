"""What the benchmark of pages asks, and whether the offices that it asks are sound."""

from pathlib import Path

from sqlalchemy import func, select

from app.bench.big_office import BigOffice, Planted
from app.bench.page_forms import offers_of
from app.bench.pouring import pouring
from models.tables import Base, Case, Certificate
from models.tables.engine import make_engine

PAGE = """
<form action="/search"><input name="q"></form>
<form method="get"><input name="number"><input type="date" name="since"><select name="state"><option value="">all</option>
<option value="closed">closed</option></select></form>
<form method="post"><input name="reason"></form>
<a rel="next" href="/admin/cases/?state=closed&amp;before=77">next</a>
"""


def test_each_field_of_a_list_is_filled_in_by_itself_and_the_middle_of_everything_is_asked_for() -> None:
    assert offers_of(PAGE, "/admin/cases/", ("{case}",)) == [
        "/admin/cases/?state=closed",
        "/admin/cases/?number={case}",
        "/admin/cases/?since={day}",
        "/admin/cases/?state=closed&before={middle}",
    ]


def test_every_row_of_an_office_refers_to_one_that_is_there_and_shares_are_the_same_at_every_size(tmp_path: Path) -> None:
    shares = []
    for cases in (396, 1188):
        url = f"sqlite:///{tmp_path / str(cases)}.db"
        engine = make_engine(url)
        Base.metadata.create_all(engine)
        engine.dispose()
        planted = Planted((1, 2, 3), (1, 2, 3), (4, 5, 6), (7, 8, 9), (1, 2, 3), (1, 2))
        with pouring(url) as connection:
            assert BigOffice(planted, cases).fill(connection) > 10 * cases
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            assert {row[2] for row in broken} <= {"branch", "staff", "station", "platform"}  # which the demonstration plants
            of_state = dict(connection.execute(select(Case.state, func.count()).group_by(Case.state)).all())
            shares.append({state.value: round(count / cases, 2) for state, count in of_state.items()})
            assert connection.scalar(select(func.count()).select_from(Certificate)) > cases / 2
    assert shares[0].keys() == shares[1].keys()
    assert all(abs(shares[0][state] - shares[1][state]) <= 0.02 for state in shares[0])
