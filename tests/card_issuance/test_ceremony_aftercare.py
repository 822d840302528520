"""The plan of a rekey and of an unlock, over everything that can be recorded, seen on a holder's token and held in hand."""

from dataclasses import replace
from datetime import date
from itertools import chain, combinations, pairwise, product

import pytest

from card_issuance.ceremony import STEP_OF, Act, Hand, HeldKey, Recorded, Sight, Stop, plan
from card_issuance.ceremony_job import EnvelopeNumber, Fault, Held, Job, Kind, Placed
from card_issuance.pin import Pin
from models.rulebook import vocabulary, workflow

RUN, OLD, EARLIER = "aa" * 16, "bb" * 16, "cc" * 16
CERTIFICATE, OLD_CERTIFICATE, CHAIN, EARLIER_CERTIFICATE = "c" * 64, "d" * 64, "e" * 64, "f" * 64
KEY, OLD_KEY, EARLIER_KEY, WRONG_KEY = "1" * 64, "2" * 64, "3" * 64, "9" * 64
HELD = Held(OLD, OLD_KEY, b"the old certificate")
REKEY = Job(RUN, 1, "HD01-T00001", "rsa_2048", 1, 1, None, kind=Kind.rekey, held=HELD)
UNLOCK = replace(REKEY, kind=Kind.unlock)
UNSIGNED = Recorded(REKEY, held_digest=OLD_CERTIFICATE)
SIGNED = Recorded(REKEY, CERTIFICATE, KEY, frozenset({CHAIN}), OLD_CERTIFICATE)
TO_UNLOCK = Recorded(UNLOCK, held_digest=OLD_CERTIFICATE)
NUMBER = EnvelopeNumber("HD01-E000001", "样例", "Sample", date(2026, 11, 21))
UNLOCKS, REKEYS = {Act.inspect, Act.reset_pin, Act.prove_unharmed, Act.number_envelope, Act.place_envelope, Act.finish}, {
    Act.inspect, Act.ask_pin, Act.prove_held, Act.generate, Act.certify, Act.write, Act.prove, Act.prove_unharmed, Act.finish
}  # fmt: skip


def some_of(things):
    return chain.from_iterable(combinations(things, size) for size in range(len(things) + 1))


OLD_ONES = [(), (HeldKey(OLD, OLD_KEY),), (HeldKey(OLD, WRONG_KEY),), (HeldKey(OLD, ""),)]
OWN_ONES = [(), (HeldKey(RUN, KEY),), (HeldKey(RUN, WRONG_KEY),), (HeldKey(RUN, ""),)]
EARLIER_ONES = [(), (HeldKey(EARLIER, EARLIER_KEY),)]
SIGHTS = [None] + [
    Sight(serial, True, earlier + old + own, frozenset(certificates), locked)
    for serial, old, own, earlier, certificates, locked in product(
        (REKEY.token, "HD01-T00002"),
        OLD_ONES,
        OWN_ONES,
        EARLIER_ONES,
        some_of([CERTIFICATE, OLD_CERTIFICATE, CHAIN, EARLIER_CERTIFICATE]),
        (False, True),
    )
]
BLANK = Sight(REKEY.token, False)
HANDS = [
    Hand(pin, request, proven, envelope, placed, held_proven, unharmed)
    for pin, request, proven, envelope, placed, held_proven, unharmed in product(
        (None, Pin("73051946")), ("", "PEM"), (False, True), (None, NUMBER), (None, Placed(True)), *[(False, True)] * 2
    )
]
EVERYTHING = list(product((UNSIGNED, SIGNED, TO_UNLOCK), [*SIGHTS, BLANK], HANDS))
ANSWERS = [(*each, plan(*each)) for each in EVERYTHING]


def is_the_holders(sight):
    return HeldKey(OLD, OLD_KEY) in sight.keys and OLD_CERTIFICATE in sight.certificates and sight.serial == REKEY.token


def test_there_are_many_thousands_of_situations_and_each_kind_has_its_own_acts():
    assert len(ANSWERS) > 100_000
    done = {kind: {answer for recorded, _, _, answer in ANSWERS if recorded.job.kind is kind and isinstance(answer, Act)}
            for kind in (Kind.rekey, Kind.unlock)}  # fmt: skip
    assert done == {Kind.rekey: REKEYS, Kind.unlock: UNLOCKS}


def test_a_holders_token_is_never_initialised_whatever_is_on_it():
    assert [each for each in ANSWERS if each[3] is Act.initialise] == []


def test_an_unlock_touches_neither_key_nor_certificate_and_a_rekey_sets_no_pin():
    assert not UNLOCKS & {Act.generate, Act.certify, Act.write, Act.initialise, Act.ask_pin}
    assert not REKEYS & {Act.reset_pin, Act.initialise, Act.number_envelope, Act.place_envelope}


def test_nothing_is_done_before_the_token_was_looked_at():
    assert {answer for _, sight, _, answer in ANSWERS if sight is None} == {Act.inspect}


def test_a_token_without_the_very_key_and_certificate_is_left_alone_by_name():
    for _, sight, _, answer in ANSWERS:
        if sight is not None and not is_the_holders(sight):
            assert answer.fault is (Fault.wrong_key if sight.serial == REKEY.token else Fault.wrong_token)
            assert answer.detail


def test_keys_and_certificates_of_earlier_years_are_no_objection():
    clean = [each for each in ANSWERS if each[1] and is_the_holders(each[1])]
    with_earlier = [each for each in clean if EARLIER_CERTIFICATE in each[1].certificates]
    assert len(with_earlier) * 2 == len(clean)
    for recorded, sight, hand, answer in with_earlier:
        without = replace(
            sight,
            keys=tuple(key for key in sight.keys if key.id != EARLIER),
            certificates=sight.certificates - {EARLIER_CERTIFICATE},
        )
        assert plan(recorded, without, hand) == answer


def test_a_signed_certificate_without_its_very_key_is_a_lost_key():
    for recorded, sight, _, answer in ANSWERS:
        if recorded is SIGNED and sight is not None and is_the_holders(sight):
            lost = HeldKey(RUN, KEY) not in sight.keys
            assert (isinstance(answer, Stop) and answer.fault is Fault.key_lost) == lost


def test_a_locked_pin_is_not_asked_for_and_does_not_hinder_an_unlock():
    for recorded, sight, hand, answer in ANSWERS:
        if sight is None or not is_the_holders(sight) or hand.pin is not None:
            continue
        if recorded is TO_UNLOCK:
            assert answer is Act.reset_pin
        elif recorded is UNSIGNED:
            assert answer == (Stop(Fault.pin_locked, answer.detail) if sight.pin_locked else Act.ask_pin)


def test_without_a_pin_in_hand_only_a_pin_is_come_by():
    for _, sight, hand, answer in ANSWERS:
        if sight is not None and isinstance(answer, Act):
            assert (hand.pin is None) == (answer in {Act.ask_pin, Act.reset_pin})


def test_a_rekey_changes_nothing_before_the_old_key_has_signed():
    for recorded, sight, hand, answer in ANSWERS:
        if recorded.job.kind is Kind.rekey and hand.pin is not None and not hand.held_proven and sight is not None:
            assert answer is Act.prove_held or isinstance(answer, Stop)


def test_no_end_and_no_envelope_before_the_key_was_shown_unharmed():
    for recorded, sight, hand, answer in ANSWERS:
        if answer in {Act.finish, Act.number_envelope, Act.place_envelope}:
            assert hand.unharmed
        if answer is Act.finish and recorded.job.kind is Kind.unlock:
            assert hand.envelope is NUMBER
            assert hand.placed is not None
        if answer is Act.finish and recorded.job.kind is Kind.rekey:
            assert hand.proven
            assert recorded.signed
            assert {CERTIFICATE, OLD_CERTIFICATE} <= sight.certificates


@pytest.mark.parametrize(
    "road",
    [
        [Act.inspect, Act.reset_pin, Act.prove_unharmed, Act.number_envelope, Act.place_envelope, Act.finish],
        [Act.inspect, Act.ask_pin, Act.prove_held, Act.generate, Act.certify, Act.write, Act.prove, Act.prove_unharmed, Act.finish],
        [Act.inspect, Act.ask_pin, Act.prove_held, Act.prove, Act.prove_unharmed, Act.finish],
    ],
    ids=["unlock", "rekey", "rekey taken up again"],
)  # fmt: skip
def test_every_act_is_reported_in_the_order_that_the_office_accepts(road):
    for before, after in pairwise(vocabulary.RunState(STEP_OF[act]) for act in road):
        assert workflow.may_report(before, after)


class World:
    """What acts do to a holder's token, told in a few lines; a crash empties the station's memory."""

    def __init__(self, recorded: Recorded) -> None:
        self.token = Sight(
            REKEY.token,
            True,
            (HeldKey(EARLIER, EARLIER_KEY), HeldKey(OLD, OLD_KEY)),
            frozenset({OLD_CERTIFICATE, EARLIER_CERTIFICATE}),
        )
        self.recorded = recorded
        self.opens_with = Pin("28140753")
        self.holders, self.numbered = self.opens_with, None
        self.keys_made = self.asked = self.pins_set = 0
        self.start()

    def start(self) -> None:
        self.sight, self.hand, self.known = None, Hand(), self.recorded

    def do(self, act: Act, heard: bool = True) -> None:
        token, hand = self.token, self.hand
        if act is Act.ask_pin:
            self.asked += 1
            hand = Hand(pin=self.holders)
        elif act is Act.reset_pin:
            self.pins_set += 1
            self.opens_with = Pin(f"{73051946 + self.pins_set}")
            hand = Hand(pin=self.opens_with)
        elif act is Act.prove_held:
            assert self.opens_with == hand.pin
            hand = replace(hand, held_proven=True)
        elif act is Act.generate:
            if HeldKey(RUN, KEY) not in token.keys:
                self.keys_made += 1
                token = replace(token, keys=(*token.keys, HeldKey(RUN, KEY if self.keys_made == 1 else WRONG_KEY)))
            hand = replace(hand, request="PEM")
        elif act is Act.certify:
            if not self.recorded.signed:
                self.recorded = replace(
                    self.recorded, certificate_digest=CERTIFICATE, key_digest=token.keys[-1].public_key_digest
                )
        elif act is Act.write:
            token = replace(token, certificates=token.certificates | {CERTIFICATE, CHAIN})
        elif act is Act.prove:
            assert (self.opens_with, CERTIFICATE in token.certificates) == (hand.pin, True)
            hand = replace(hand, proven=True)
        elif act is Act.prove_unharmed:
            assert self.opens_with == hand.pin
            hand = replace(hand, unharmed=True)
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
            if count == crash_at:
                if not heard:
                    self.do(act, heard=False)
                return False
            if act is Act.finish:
                return True
            self.do(act)
        raise AssertionError("does not end")


@pytest.mark.parametrize("heard", [True, False], ids=["before the act", "after the act"])
@pytest.mark.parametrize("recorded", [UNSIGNED, TO_UNLOCK], ids=["rekey", "unlock"])
def test_killed_twice_anywhere_it_ends_with_everything_of_the_holders_and_its_own(recorded, heard):
    for first, second in product(range(9), range(9)):
        world = World(recorded)
        before = world.token
        for crash in (first, second):
            if not world.run(crash, heard):
                world.start()
        assert world.run()
        if recorded is TO_UNLOCK:
            assert world.token == before
            assert world.opens_with == world.numbered
        else:
            assert world.keys_made == 1
            assert world.opens_with == world.holders
            assert world.asked >= 1
            assert world.token.keys == (*before.keys, HeldKey(RUN, KEY))
            assert world.token.certificates == before.certificates | {CERTIFICATE, CHAIN}
