"""Whatever order the office's words come in, and however often: obeyed in their order, each once, and acknowledged until heard."""

import random

import pytest

from app.example_platform import obey
from app.example_platform.accounts import add_account
from app.example_platform.binding import keep, open_visit, visit_with
from app.example_platform.office import OfficeAway, OfficeBinding
from app.example_platform.store import Store


class OfficeTwin:
    """A TEST TWIN of the office's feed; `away`: how many of the next calls find nobody."""

    def __init__(self, told=()):
        self.told, self.heard, self.away = list(told), [], 0

    def _answer(self):
        if self.away:
            self.away -= 1
            raise OfficeAway("away")

    def events(self, after):
        self._answer()
        return iter([event for event in self.told if event["number"] > after])

    def acknowledge(self, ids):
        self._answer()
        self.heard += ids


@pytest.fixture
def store(tmp_path):
    return furnished(tmp_path / "platform.sqlite")


def furnished(file):
    """With one account."""
    store = Store(file)
    with store.writing() as db:
        add_account(db, "shetuan", "right")
        db.execute("UPDATE account SET reference = 'u-1'")
    return store


def event(number, kind, binding="b1", end=None, **more):
    told = {"id": binding, "account_reference": "u-1", "certificate": f"c-{binding}", "since": "s", "until": None, "end": end}
    return {"id": f"e{number}", "number": number, "type": kind, "at": "t", "platform": "inspection", "binding": told} | more


def bindings(store):
    with store.reading() as db:
        return {row["id"]: (row["serial"], row["ended"], row["suspended"]) for row in db.execute("SELECT * FROM binding")}


STORY = (
    event(1, "binding.made"),
    event(2, "certificate.suspended"),
    event(3, "certificate.resumed"),
    event(4, "binding.moved", end="moved", moved_to={"binding": "b2", "certificate": "c-b2"}),
    event(5, "certificate.suspended", "b2"),
    event(6, "binding.ended", "b2", end="reset"),
    event(7, "binding.made", "b3"),
    event(8, "something.new", "b3"),
)
END = {"b1": ("c-b1", "moved", 0), "b2": ("c-b2", "reset", 1), "b3": ("c-b3", None, 0)}


def test_the_end_is_the_same_whichever_way_the_words_come(tmp_path):
    dice = random.Random(7)
    for turn in range(5):
        store = furnished(tmp_path / f"{turn}.sqlite")
        for told in dice.sample(STORY + STORY, 16):
            obey.hear(store, told)
            obey.obey_all(store)
        assert bindings(store) == END
        office = OfficeTwin()
        obey.acknowledge_all(store, office)
        assert office.heard == [told["id"] for told in STORY]


def test_a_later_word_waits_for_the_earlier_one(store):
    obey.hear(store, STORY[0])
    obey.hear(store, STORY[2])
    assert not obey.obey_all(store), "one is missing"
    office = OfficeTwin(STORY[:3])
    obey.acknowledge_all(store, office)
    assert office.heard == ["e1"], "nothing is acknowledged that was not obeyed"
    obey.read_feed(store, office)
    assert obey.obey_all(store)
    obey.acknowledge_all(store, office)
    assert office.heard == ["e1", "e2", "e3"]


@pytest.mark.parametrize(
    "told",
    [event(1, "binding.ended", end="reset"), event(1, "certificate.suspended"),
     event(1, "binding.moved", end="moved", moved_to={"binding": "b2", "certificate": "c-b2"})],
    ids=lambda told: told["type"],
)  # fmt: skip
def test_a_session_ends_with_what_it_stood_on(store, told):
    with store.writing() as db:
        assert keep(db, OfficeBinding("b1", "u-1", "c-b1", "s"))
    cookie = open_visit(store, "b1", "北京样例协会")
    assert visit_with(store, cookie).serial == "c-b1"
    obey.hear(store, told)
    assert visit_with(store, cookie) is not None, "heard is not obeyed"
    obey.obey_all(store)
    assert visit_with(store, cookie) is None
    assert open_visit(store, "b1", "北京样例协会") is None


def test_an_end_that_was_heard_before_the_beginning_stays_the_end(store):
    """The answer to a binding may come after the word of its end."""
    obey.hear(store, event(1, "binding.ended", end="reset"))
    obey.obey_all(store)
    with store.writing() as db:
        assert keep(db, OfficeBinding("b1", "u-1", "c-b1", "s"))
    assert bindings(store)["b1"][1] == "reset"


def test_words_about_an_account_that_is_not_known_do_not_stop_the_others(store):
    stranger = event(1, "binding.made")
    stranger["binding"]["account_reference"] = "nobody"
    for told in (stranger, event(2, "binding.made", "b2")):
        obey.hear(store, told)
    assert obey.obey_all(store)
    assert list(bindings(store)) == ["b2"]


def test_an_office_that_is_away_is_told_again(store):
    office = OfficeTwin(STORY)
    office.away = 2
    for read in (obey.read_feed, obey.acknowledge_all):
        if read is obey.acknowledge_all:
            obey.hear(store, STORY[0])
            obey.obey_all(store)
        with pytest.raises(OfficeAway):
            read(store, office)
    listener = obey.Listener(store, office, 0.05)
    listener.start()
    try:
        for _ in range(200):
            if len(office.heard) == len(STORY):
                break
            listener._stopping.wait(0.02)
    finally:
        listener.stop()
    assert office.heard == [told["id"] for told in STORY]
    assert bindings(store) == END
