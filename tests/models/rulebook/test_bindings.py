"""The rules of bindings: tables over all combinations, and a second opinion that replays what happened instead of comparing instants."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from models.rulebook.binding_words import ADVICE_WORDS, COUNTER_WORDS, END_WORDS, EVENT_WORDS, VERDICT_WORDS
from models.rulebook.bindings import (
    ADVICE_CLAUSES,
    ALLOWED,
    CLAUSES,
    COUNTER_CLAUSES,
    NOTHING_YET,
    AdviceCode,
    AskedCertificate,
    BindingCode,
    Bound,
    Choice,
    CounterCode,
    Policy,
    Relation,
    Verdict,
    counting_choice,
    follows,
    is_stale,
    may_bind,
    which_to_use,
    why_not_rebind,
    why_not_relay,
    why_not_reset,
)
from models.rulebook.kinds import KINDS, OldCertificate
from models.rulebook.vocabulary import BindingEnd, CaseKind, CertificateStatus, EventKind, Use

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
A, B = 1, 2  # two lines; the certificates of line A are 10, 11 …, of line B 20, 21 …


def certificate(line: int = A, number: int = 0, **changes: object) -> AskedCertificate:
    good = AskedCertificate(
        id=10 * line + number,
        line=line,
        status=CertificateStatus.valid,
        not_before=START - timedelta(days=100),
        not_after=START + timedelta(days=100),
        uses=frozenset({Use.annual_inspection}),
    )
    return replace(good, **changes)  # type: ignore[arg-type]


# --- the certificate itself -------------------------------------------------------------------------------------------------

_TIMES = {
    START - timedelta(days=100, microseconds=1): [BindingCode.not_yet_valid],
    START - timedelta(days=100): [],
    START: [],
    START + timedelta(days=100): [],
    START + timedelta(days=100, microseconds=1): [BindingCode.expired],
}
_STATUSES = {
    CertificateStatus.prepared: [BindingCode.certificate_unknown],
    CertificateStatus.on_hold: [BindingCode.not_handed_over],
    CertificateStatus.valid: [],
    CertificateStatus.suspended: [BindingCode.suspended],
    CertificateStatus.revoked: [BindingCode.revoked],
}
_USES = (
    (None, frozenset[Use](), []),
    (None, frozenset({Use.tax}), []),
    (Use.annual_inspection, frozenset({Use.annual_inspection, Use.tax}), []),
    (Use.annual_inspection, frozenset({Use.tax}), [BindingCode.wrong_use]),
    (Use.annual_inspection, frozenset[Use](), [BindingCode.wrong_use]),
)


@pytest.mark.parametrize("status", CertificateStatus)
def test_every_reason_is_told_in_order_for_every_status_time_use_and_platform(status: CertificateStatus) -> None:
    for (at, by_time), (wanted, uses, by_use), active in product(_TIMES.items(), _USES, (True, False)):
        expected = [*([] if active else [BindingCode.platform_disabled]), *_STATUSES[status], *by_time, *by_use]
        policy = Policy(active=active, wanted_use=wanted)
        verdict = may_bind(policy, certificate(status=status, uses=uses), NOTHING_YET, at)
        assert list(verdict.codes) == (expected or [BindingCode.may_bind])
        assert verdict.allowed is not bool(expected)


@pytest.mark.parametrize("active", [True, False])
def test_an_unknown_certificate_is_refused_everywhere(active: bool) -> None:
    verdict = may_bind(Policy(active=active), None, NOTHING_YET, START)
    assert BindingCode.certificate_unknown in verdict.codes
    assert (verdict.code is BindingCode.platform_disabled) is not active


def test_what_is_wrong_with_a_certificate_is_told_before_who_else_is_bound() -> None:
    bound = Relation((Bound(20, B, START, START),))
    verdict = may_bind(Policy(), certificate(status=CertificateStatus.suspended), bound, START)
    assert verdict.codes == (BindingCode.suspended, BindingCode.bound_to_other)


# --- who is bound: everything that can happen to an applicant at a platform, step by step -----------------------------------


@dataclass
class Story:
    """What happened, kept twice: as the rows that the rules are asked about, and as the plain state that a clerk would remember."""

    one_of_several: bool
    bound: list[Bound] = field(default_factory=list)
    choice: Choice | None = None
    several_since: datetime | None = None
    now: datetime = START
    # The clerk's memory: who sits in the applicant's place, whether that place was declared open again, and what was wished for.
    sits: tuple[int, int] | None = None
    reopened: bool = False
    wish: int | None = None

    def tell(self, step: str) -> None:
        self.now += timedelta(minutes=1)
        act, _, line = step.partition(" ")
        getattr(self, act)(*([{"A": A, "B": B}[line]] if line else []))

    def second_out(self) -> None:
        if self.several_since is None:
            self.several_since = self.now
            if self.one_of_several:
                self.reopened, self.wish = self.sits is not None, None

    def bind(self, line: int) -> None:
        self._leave(BindingEnd.chosen_anew)
        self.bound.append(Bound(10 * line, line, self.now, self.now))
        self.sits, self.reopened = (line, 10 * line), False
        if self.wish != line:
            self.wish = None

    def move(self) -> None:
        if self.sits is None:
            return
        line, number = self.sits
        chosen_at = self.bound[-1].chosen_at
        self.bound[-1] = replace(self.bound[-1], until=self.now, end=BindingEnd.moved)
        self.bound.append(Bound(number + 1, line, self.now, chosen_at))
        self.sits = (line, number + 1)

    def choose(self, line: int) -> None:
        self._leave(BindingEnd.rebinding)
        self.wish_for(line)

    def wish_for(self, line: int) -> None:
        """A choice that ended nothing: the binding was made in the same moment."""
        self.choice = Choice(line, self.now, alive=True)
        self.wish = line

    def reset(self) -> None:
        if self.sits is not None:
            self._leave(BindingEnd.reset)
            self.wish = None

    def drop(self) -> None:
        self._leave(BindingEnd.by_platform)

    def _leave(self, end: BindingEnd) -> None:
        if self.sits is not None:
            self.bound[-1] = replace(self.bound[-1], until=self.now, end=end)
        self.sits, self.reopened = None, False

    def relation(self, alive: bool) -> Relation:
        choice = replace(self.choice, alive=alive) if self.choice is not None else None
        return Relation(tuple(self.bound[::-1]), choice, self.several_since)

    def second_opinion(self, asked: AskedCertificate, alive: bool) -> BindingCode:
        wish = self.wish if alive else None
        if wish not in (None, asked.line):
            return BindingCode.other_chosen
        if self.sits is None:
            return BindingCode.may_bind
        line, number = self.sits
        if self.reopened or (wish is not None and wish != line):
            return BindingCode.choose_anew
        if number == asked.id:
            return BindingCode.already_bound
        return BindingCode.choose_anew if line == asked.line else BindingCode.bound_to_other


_STEPS = (*("second_out", "bind A", "bind B", "move", "choose A", "choose B", "wish_for A", "wish_for B", "reset", "drop"),)
LONGEST = 4


def stories(one_of_several: bool) -> Iterator[Story]:
    for length in range(LONGEST + 1):
        for steps in product(_STEPS, repeat=length):
            story = Story(one_of_several)
            for step in steps:
                story.tell(step)
            yield story


_ASKED = (certificate(A), certificate(A, 1), certificate(B))


@pytest.mark.parametrize("one_of_several", [True, False])
def test_the_rules_and_a_second_opinion_agree_on_every_short_story(one_of_several: bool) -> None:
    policy = Policy(one_of_several=one_of_several)
    met = set()
    for story in stories(one_of_several):
        for alive in (True, False):
            relation = story.relation(alive)
            for asked in _ASKED:
                verdict = may_bind(policy, asked, relation, START)
                assert verdict == Verdict((story.second_opinion(asked, alive),)), (story, asked, alive)
                met.add(verdict.code)
    assert met == {
        *(BindingCode.other_chosen, BindingCode.bound_to_other),
        *(BindingCode.may_bind, BindingCode.already_bound, BindingCode.choose_anew),
    }


@pytest.mark.parametrize("one_of_several", [True, False])
def test_the_advice_names_exactly_the_certificates_that_will_do(one_of_several: bool) -> None:
    policy = Policy(one_of_several=one_of_several)
    met = set()
    for story in stories(one_of_several):
        relation = story.relation(alive=True)
        advice = which_to_use(policy, _ASKED, relation, START)
        met.add(advice.code)
        allowed = {one.id for one in _ASKED if may_bind(policy, one, relation, START).allowed}
        bound = {one.id for one in _ASKED if may_bind(policy, one, relation, START).code is BindingCode.already_bound}
        if advice.code is AdviceCode.use_bound:
            assert set(advice.certificates) == bound
        elif advice.code is AdviceCode.bound_unusable:  # a later certificate of its line, which none of these is
            assert not bound
        else:
            assert set(advice.certificates) == allowed
    assert met == {AdviceCode.use_bound, AdviceCode.bound_unusable, AdviceCode.use_chosen, AdviceCode.choose_one}


@pytest.mark.parametrize("one_of_several", [True, False])
def test_what_the_counter_may_choose_is_what_the_next_login_binds(one_of_several: bool) -> None:
    policy = Policy(one_of_several=one_of_several)
    for story in stories(one_of_several):
        relation = story.relation(alive=True)
        for asked in _ASKED:
            why = why_not_rebind(policy, asked, relation)
            if story.several_since is None:
                assert why is CounterCode.only_one
                continue
            verdict = may_bind(policy, asked, relation, START)
            counts = counting_choice(policy, relation)
            settled = counts.line == asked.line if counts is not None else verdict.code is BindingCode.already_bound
            same_line = (
                relation.live is not None and relation.live.line == asked.line and not is_stale(policy, relation.live, relation)
            )
            assert (why is CounterCode.chosen_already) is (settled or (counts is None and same_line))
            if why is None:
                story_after = replace(story, bound=list(story.bound))
                story_after.tell("choose A" if asked.line == A else "choose B")
                after = story_after.relation(alive=True)
                for one in _ASKED:
                    expected = BindingCode.may_bind if one.line == asked.line else BindingCode.other_chosen
                    assert may_bind(policy, one, after, START).code is expected


def test_a_reset_is_open_exactly_where_something_is_bound() -> None:
    for story in stories(one_of_several=True):
        why = why_not_reset(Policy(one_of_several=True), story.relation(alive=True))
        assert why is (None if story.sits is not None else CounterCode.nothing_bound)


# --- sentences of the manual ------------------------------------------------------------------------------------------------

INSPECTION = Policy(one_of_several=True, wanted_use=Use.annual_inspection)


def told(*steps: str) -> Relation:
    story = Story(one_of_several=True)
    for step in steps:
        story.tell(step)
    return story.relation(alive=True)


def test_one_certificate_ever_and_already_used_there_is_nothing_to_rebind() -> None:
    verdict = may_bind(INSPECTION, certificate(A), told("bind A"), START)
    assert (verdict.code, verdict.clause) == (BindingCode.already_bound, "A.0.2")


def test_of_several_exactly_one_is_bound_and_the_choice_is_made_anew_even_if_one_was_bound_before() -> None:
    several = told("bind A", "second_out")
    for one in (certificate(A), certificate(B)):
        verdict = may_bind(INSPECTION, one, several, START)
        assert (verdict.code, verdict.clause) == (BindingCode.choose_anew, "A.0.3")
    chosen = told("bind A", "second_out", "bind B")
    assert may_bind(INSPECTION, certificate(B), chosen, START).code is BindingCode.already_bound
    assert may_bind(INSPECTION, certificate(A), chosen, START).code is BindingCode.bound_to_other


def test_once_chosen_among_several_it_stands_also_when_a_third_comes() -> None:
    """`several_since` is the second line's moment for ever."""
    assert not is_stale(INSPECTION, (relation := told("second_out", "bind B")).live, relation)  # type: ignore[arg-type]


def test_a_binding_that_went_along_with_a_renewal_is_as_old_as_the_choice_behind_it() -> None:
    renewed = told("bind A", "second_out", "move")
    assert may_bind(INSPECTION, certificate(A, 1), renewed, START).code is BindingCode.choose_anew


def test_another_platform_does_not_ask_for_a_new_choice() -> None:
    kept = told("bind A", "second_out")
    assert may_bind(Policy(), certificate(A), kept, START).code is BindingCode.already_bound
    assert may_bind(Policy(), certificate(B), kept, START).code is BindingCode.bound_to_other


# --- what follows a new certificate -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CaseKind)
def test_what_becomes_of_a_binding_when_the_new_certificate_is_handed_over(kind: CaseKind) -> None:
    for active, renewal_keeps, replacement_keeps in product((True, False), repeat=3):
        policy = Policy(active=active, renewal_keeps=renewal_keeps, replacement_keeps=replacement_keeps)
        keeps = {
            CaseKind.renewal: renewal_keeps,
            CaseKind.amendment: renewal_keeps,
            CaseKind.replacement_damaged: replacement_keeps,
        }
        if kind in keeps:
            assert follows(kind, policy) is (BindingEnd.moved if keeps[kind] else BindingEnd.certificate_replaced)
        else:
            assert follows(kind, policy) is None
            assert KINDS[kind].old is not OldCertificate.revoked_at_handover


# --- the counter, and words -------------------------------------------------------------------------------------------------


def test_nothing_is_open_at_the_counter_for_a_platform_that_is_switched_off() -> None:
    off = replace(INSPECTION, active=False)
    bound = told("second_out", "bind B")
    disabled = CounterCode.platform_disabled
    assert why_not_reset(off, bound) is why_not_rebind(off, certificate(A), bound) is why_not_relay(off, "民政局") is disabled
    assert which_to_use(off, _ASKED, bound, START).code is AdviceCode.platform_disabled


def test_a_certificate_of_another_use_cannot_be_chosen() -> None:
    other = certificate(A, uses=frozenset({Use.tax}))
    assert why_not_rebind(INSPECTION, other, told("second_out", "bind B")) is CounterCode.wrong_use
    assert why_not_rebind(INSPECTION, None, told("second_out", "bind B")) is None


def test_a_reset_of_credentials_needs_somebody_who_does_it() -> None:
    assert why_not_relay(INSPECTION, "") is CounterCode.no_authority
    assert why_not_relay(INSPECTION, "样例市民政局") is None


@pytest.mark.parametrize(
    ("changes", "relation", "code"),
    [
        ({"status": CertificateStatus.suspended}, NOTHING_YET, AdviceCode.none_usable),
        ({}, NOTHING_YET, AdviceCode.use_only),
        ({"status": CertificateStatus.suspended}, told("bind A"), AdviceCode.bound_unusable),
        ({"status": CertificateStatus.suspended}, told("second_out", "choose A"), AdviceCode.chosen_unusable),
    ],
)
def test_the_advice_about_a_single_certificate(changes: dict[str, object], relation: Relation, code: AdviceCode) -> None:
    assert which_to_use(INSPECTION, [certificate(A, **changes)], relation, START).code is code


def test_every_code_has_its_clause_and_its_words_in_both_languages() -> None:
    for codes, clauses, words in (
        (BindingCode, CLAUSES, VERDICT_WORDS),
        (CounterCode, COUNTER_CLAUSES, COUNTER_WORDS),
        (AdviceCode, ADVICE_CLAUSES, ADVICE_WORDS),
    ):
        assert set(codes) == set(clauses) == set(words)
        assert all(clause[:2] in {"A.", "P.", "D."} for clause in clauses.values())
        assert all(sentence.zh.endswith("。") and sentence.en.endswith(".") for sentence in words.values())
    assert set(END_WORDS) == set(BindingEnd)
    about_an_end = {EventKind.binding_ended, EventKind.binding_moved}
    assert set(EventKind) - about_an_end - {EventKind.certificate_revoked} == set(EVENT_WORDS)
    assert set(BindingCode) > ALLOWED
