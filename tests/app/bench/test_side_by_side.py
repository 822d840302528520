from app.bench.side_by_side import Comparison, compare


def test_turns_are_taken_in_turn_and_the_first_is_not_counted():
    order, times = [], iter([9.0, 9.0, 1.0, 2.0, 2.0, 3.0])

    def turn(name):
        order.append(name)
        return next(times)

    found = compare(lambda: turn("floor"), lambda: turn("ours"), 2)
    assert order == ["floor", "ours"] * 3
    assert (found.floor, found.ours) == ((1.0, 2.0), (2.0, 3.0))


def test_what_is_told_are_medians_with_their_spread():
    told = Comparison((0.1, 0.2, 0.4), (0.2, 0.2, 1.2)).told("bare", "the program")
    bare, ours, ratio = told.splitlines()
    assert bare.startswith("bare ")
    assert "200.00 ms (100.00 to 400.00, 3 turns)" in bare
    assert "200.00 ms (200.00 to 1200.00, 3 turns)" in ours
    assert "2.00    (1.00 to 3.00, 3 turns)" in ratio  # of each pair, not of the medians
