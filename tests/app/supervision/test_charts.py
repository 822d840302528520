"""The geometry of charts: everything lies inside the drawing and says its number by its length."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.supervision.charts import ABOVE, BELOW, LABELS, LEFT, Row, bars, columns, ticks_to

figures = some.integers(0, 100_000)


@pytest.mark.parametrize(
    ("most", "ticks"), [(0, [0, 1]), (1, [0, 1]), (4, [0, 1, 2, 3, 4]), (7, [0, 2, 4, 6, 8]), (93, [0, 50, 100])]
)
def test_ticks_are_round_whole_numbers(most: int, ticks: list[int]) -> None:
    assert ticks_to(most) == ticks


@given(some.floats(0, 1e7))
def test_ticks_reach_what_is_drawn_and_stay_few(most: float) -> None:
    ticks = ticks_to(most)
    assert ticks[0] == 0
    assert ticks[-1] >= most
    assert 2 <= len(ticks) <= 7


@given(some.lists(some.tuples(figures, figures), max_size=24))
def test_columns_lie_inside_the_drawing_and_are_as_tall_as_their_numbers(pairs: list[tuple[int, int]]) -> None:
    chart = columns([str(n) for n in range(len(pairs))], [[a for a, _ in pairs], [b for _, b in pairs]])
    assert len(chart.boxes) == 2 * len(pairs)
    room = chart.height - ABOVE - BELOW
    for box in chart.boxes:
        assert box.x >= LEFT
        assert box.x + box.width <= chart.width + 0.2
        assert box.y + box.height == pytest.approx(chart.height - BELOW, abs=0.2)
        assert box.height == pytest.approx(room * box.value / chart.ticks[-1].value, abs=0.2)


rows = some.builds(
    Row,
    some.text(max_size=4),
    some.tuples(some.floats(0, 500), some.floats(0, 500)),
    some.none() | some.floats(0, 2000),
    some.none() | some.just((20.0, 30.0)),
)


@given(some.lists(rows, max_size=12))
def test_bars_lie_end_to_end_inside_the_drawing(several: list[Row]) -> None:
    drawn = bars(several)
    for box in (*drawn.chart.boxes, *drawn.reaches, *drawn.bands):
        assert box.x >= LABELS
        assert box.x + box.width <= drawn.chart.width
        assert box.y >= 0
        assert box.y + box.height <= drawn.chart.height
        assert box.width >= 0
    for first, second in zip(drawn.chart.boxes[::2], drawn.chart.boxes[1::2], strict=True):
        assert first.x + first.width == pytest.approx(second.x, abs=0.2)


def test_a_line_goes_on_only_where_it_goes_further_than_the_bar() -> None:
    drawn = bars([Row("a", (3.0, 4.0), 20.0), Row("b", (3.0, 4.0), 7.0), Row("c", ())])
    assert [box.value for box in drawn.reaches] == [20.0]
