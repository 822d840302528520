"""The plan of an issue, over everything that can be recorded, seen on the token and held in hand."""

from dataclasses import replace
from datetime import date
from itertools import chain, combinations, pairwise, product

import pytest

from card_issuance.ceremony import STEP_OF, Act, Hand, HeldKey, Recorded, Sight, Stop, plan
from card_issuance.ceremony_job import EnvelopeNumber, Fault, Job, Kind, Placed, Step
from card_issuance.pin import Pin
from models.rulebook import vocabulary, workflow

RUN, OTHER = "aa" * 16, "bb" * 16
CERTIFICATE, CHAIN, STRANGE = "c" * 64, "d" * 64, "e" * 64
KEY, WRONG_KEY = "1" * 64, "2" * 64
JOB = Job(RUN, 1, "HD01-T00001", "rsa_2048", 1, 1, None)
UNSIGNED = Recorded(JOB)
SIGNED = Recorded(JOB, CERTIFICATE, KEY, frozenset({CHAIN}))
NUMBER = EnvelopeNumber("HD01-E000001", "样例", "Sample", date(2026, 11, 21))


def some_of(things):
    return chain.from_iterable(combinations(things, size) for size in range(len(things) + 1))


KEYS = [HeldKey(RUN, KEY), HeldKey(RUN, WRONG_KEY), HeldKey(RUN, ""), HeldKey(OTHER, KEY)]
SIGHTS = [None] + [
    Sight(serial, initialised, keys, frozenset(certificates))
    for serial, initialised, keys, certificates in product(
        (JOB.token, "HD01-T00002"), (False, True), some_of(KEYS), some_of([CERTIFICATE, CHAIN, STRANGE])
    )
    if len({key.id for key in keys}) == len(keys)
]
HANDS = [
    Hand(pin, request, proven, envelope, placed)
    for pin, request, proven, envelope, placed in product(
        (None, Pin("73051946")), ("", "PEM"), (False, True), (None, NUMBER), (None, Placed(True))
    )
]
EVERYTHING = list(product((UNSIGNED, SIGNED), SIGHTS, HANDS))
OF_A_HOLDER = {Act.ask_pin, Act.prove_held, Act.prove_unharmed}
TAKES_A_PIN = {Act.generate, Act.certify, Act.write, Act.prove, Act.number_envelope, Act.place_envelope, Act.finish}


def test_there_are_thousands_of_situations_and_each_has_one_answer():
    assert len(EVERYTHING) > 5000
    assert {type(plan(*each)) for each in EVERYTHING} == {Act, Stop}
    assert {each for each in (plan(*s) for s in EVERYTHING) if isinstance(each, Act)} == set(Act) - OF_A_HOLDER


def test_nothing_is_done_before_the_token_was_looked_at():
    assert {plan(recorded, None, hand) for recorded in (UNSIGNED, SIGNED) for hand in HANDS} == {Act.inspect}


def test_a_token_with_anything_to_lose_is_never_initialised():
    for recorded, sight, hand in EVERYTHING:
        if plan(recorded, sight, hand) is Act.initialise:
            assert sight.serial == JOB.token
            assert not sight.keys
            assert not sight.certificates
            assert not recorded.signed


def test_without_a_pin_in_hand_only_a_pin_is_set():
    for recorded, sight, hand in EVERYTHING:
        act = plan(recorded, sight, hand)
        if sight is not None and hand.pin is None and isinstance(act, Act):
            assert act in {Act.initialise, Act.reset_pin}
        if act in TAKES_A_PIN:
            assert hand.pin is not None


def test_a_pin_in_hand_is_never_set_again():
    for recorded, sight, hand in EVERYTHING:
        if hand.pin is not None:
            assert plan(recorded, sight, hand) not in {Act.initialise, Act.reset_pin}


def test_no_envelope_before_the_proof_and_no_paper_before_its_number():
    for recorded, sight, hand in EVERYTHING:
        act = plan(recorded, sight, hand)
        if act in {Act.number_envelope, Act.place_envelope, Act.finish}:
            assert hand.proven
            assert recorded.certificate_digest in sight.certificates
            assert recorded.signed
        if act in {Act.place_envelope, Act.finish}:
            assert hand.envelope is NUMBER
        if act is Act.finish:
            assert hand.placed is not None


@pytest.mark.parametrize("hand", HANDS)
def test_another_token_in_the_slot_is_named(hand):
    for recorded, sight in product((UNSIGNED, SIGNED), (s for s in SIGHTS if s and s.serial != JOB.token)):
        stop = plan(recorded, sight, hand)
        assert stop.fault is Fault.wrong_token
        assert "HD01-T00002" in stop.detail


def test_what_belongs_to_another_issue_is_never_touched():
    for recorded, sight, hand in EVERYTHING:
        if sight is None or sight.serial != JOB.token:
            continue
        foreign_key = any(key.id == OTHER for key in sight.keys)
        known = {recorded.certificate_digest} | recorded.chain_digests
        if foreign_key or sight.certificates - known:
            assert plan(recorded, sight, hand).fault is Fault.token_not_blank


def test_a_signed_certificate_without_its_very_key_is_a_lost_key():
    for sight, hand in product(SIGHTS, HANDS):
        if sight is None or sight.serial != JOB.token:
            continue
        if any(key.id == OTHER for key in sight.keys) or STRANGE in sight.certificates:
            continue
        act = plan(SIGNED, sight, hand)
        if HeldKey(RUN, KEY) in sight.keys:
            assert isinstance(act, Act)
        else:
            assert act.fault is Fault.key_lost


def test_no_detail_tells_a_pin():
    for each in EVERYTHING:
        act = plan(*each)
        if isinstance(act, Stop):
            assert "73051946" not in act.detail
            assert act.detail


def test_every_act_is_reported_in_the_order_that_the_office_accepts():
    walked = [Act.inspect, Act.initialise, Act.generate, Act.certify, Act.write, Act.prove, Act.number_envelope]
    for road in ([*walked, Act.place_envelope, Act.finish], [Act.inspect, Act.reset_pin, *walked[2:], Act.finish]):
        steps = [vocabulary.RunState(STEP_OF[act]) for act in road]
        for before, after in pairwise(steps):
            assert workflow.may_report(before, after)


def test_the_words_are_the_offices_words():
    assert [fault.value for fault in Fault] == [fault.value for fault in vocabulary.Fault]
    assert {kind.value for kind in Kind} == {kind.value for kind in vocabulary.RunKind}
    assert [step.value for step in Step] == [state.value for state in workflow.RUN_STEPS]


class World:
    """What acts do, told in a few lines: the token, the office's record, and the station's memory, which a crash empties."""

    def __init__(self) -> None:
        self.token = Sight(JOB.token, False)
        self.recorded = UNSIGNED
        self.opens_with = self.numbered = None
        self.keys_made = self.pins_set = 0
        self.start()

    def start(self) -> None:
        self.sight, self.hand, self.known = None, Hand(), self.recorded

    def do(self, act: Act, heard: bool = True) -> None:
        """`heard`: whether the station lives to know what came of it."""
        token, hand = self.token, self.hand
        if act in {Act.initialise, Act.reset_pin}:
            self.pins_set += 1
            hand = Hand(pin=Pin(f"{73051946 + self.pins_set}"))
            self.opens_with = hand.pin
            token = Sight(JOB.token, True) if act is Act.initialise else token
        elif act is Act.generate:
            if not token.keys:
                self.keys_made += 1
                token = replace(token, keys=(HeldKey(RUN, KEY if self.keys_made == 1 else f"{self.keys_made:064}"),))
            hand = replace(hand, request="PEM")
        elif act is Act.certify:
            if not self.recorded.signed:
                self.recorded = Recorded(JOB, CERTIFICATE, token.keys[0].public_key_digest, frozenset({CHAIN}))
        elif act is Act.write:
            token = replace(token, certificates=frozenset({CERTIFICATE, CHAIN}))
        elif act is Act.prove:
            assert (self.opens_with, CERTIFICATE in token.certificates) == (hand.pin, True)
            hand = replace(hand, proven=True)
        elif act is Act.number_envelope:
            self.numbered = hand.pin
            hand = replace(hand, envelope=NUMBER)
        elif act is Act.place_envelope:
            hand = replace(hand, placed=Placed(True))
        self.token = token
        if heard:
            self.sight, self.hand, self.known = token, hand, self.recorded

    def run(self, crash_at: int = -1, heard: bool = True) -> bool:
        """True when it finished; False where it crashed at that act."""
        for count in range(20):
            act = plan(self.known, self.sight, self.hand)
            assert isinstance(act, Act), act
            if count == crash_at and not heard:
                self.do(act, heard=False)
                return False
            if count == crash_at:
                return False
            if act is Act.finish:
                return True
            self.do(act)
        raise AssertionError("does not end")


@pytest.mark.parametrize("heard", [True, False], ids=["before the act", "after the act"])
@pytest.mark.parametrize("first", range(9))
@pytest.mark.parametrize("second", range(9))
def test_killed_twice_anywhere_it_ends_with_the_first_key_one_certificate_and_the_numbered_pin(first, second, heard):
    world = World()
    for crash in (first, second):
        if not world.run(crash, heard):
            world.start()
    assert world.run()
    assert world.token == Sight(JOB.token, True, (HeldKey(RUN, KEY),), frozenset({CERTIFICATE, CHAIN}))
    assert world.keys_made == 1
    assert world.opens_with is world.numbered
