"""Holders at the counter of a house in which office and station are killed: what each came with, what he must have when he leaves."""

from collections.abc import Callable
from dataclasses import dataclass

from card_issuance.pin_tries import MOST_TRIES, PinTries
from card_issuance.station_store import PIN_TRIES
from models.rulebook.kinds import KINDS, Medium
from models.rulebook.vocabulary import CaseKind, CertificateStatus, ItemState, RunKind, TokenState
from models.rulebook.workflow import RUN_CERTIFIES
from models.tables import Case, CaseItem, Certificate
from tests.journeys.desk import Made
from tests.journeys.holders_desk import HoldersDesk
from tests.journeys.judges import judge_certificate, judge_token, objects, opens, private_keys, reason_on_list
from tests.journeys.trial import Trial

_REASONS = {CaseKind.renewal: "Superseded", CaseKind.amendment: "Affiliation Changed",
            CaseKind.replacement_damaged: "Superseded", CaseKind.replacement_lost: "Key Compromise"}  # fmt: skip


def work_of(kind: CaseKind) -> RunKind:
    work = KINDS[kind].work
    assert work is not None
    return work


@dataclass
class Visit:
    """A holder at the counter: what he came with, and the case that waits for the station."""

    kind: CaseKind
    made: Made
    case: Case
    before: tuple[bytes, bytes]  # public key and certificate as they were on his token; nothing of one that is no more
    keys: int | None  # on the token when he leaves; None: a run that was given up may have left one
    begin: Callable[[], int]


class Holders(Trial[HoldersDesk]):
    """`expiring`: what holders took home months ago, one for each renewal. All other kinds are about what the visit before left
    (`latest`; None: it went wrong)."""

    expiring: list[Made]
    latest: Made | None

    def visit(self, kind: CaseKind) -> Visit:
        desk, made = self.desk, self.expiring.pop() if kind is CaseKind.renewal else self.latest or self.desk.issue()
        self.latest = None if made is self.latest else self.latest
        kept = KINDS[kind].medium is Medium.holders
        before, keys = (b"", b""), 1
        if kept:
            desk.insert(made.token)
            before = objects(desk.cabinet, made)
            keys = len(private_keys(desk.cabinet, made)) + (work_of(kind) is RunKind.rekey)
        case = desk.agreed(made, kind)
        self._judge_old(kind, made, handed_over=False)
        begin = (lambda: desk.begin_on(case, made)) if kept else (lambda: desk.begin(case, desk.take_token()))
        return Visit(kind, made, case, before, keys, begin)

    def end(self, visit: Visit, run_id: int, kind: str, cancel: bool = False) -> Made:
        """See it through, judge it, give it to the holder, judge it again, count it."""
        made = self.end_uncounted(visit, run_id, cancel)
        self.tally.count(kind, made.ways_out)
        return made

    def end_uncounted(self, visit: Visit, run_id: int, cancel: bool = False) -> Made:
        made = self.desk.see_through(run_id, cancel)
        visit.keys = None if made.run_id != run_id and work_of(visit.kind) is RunKind.rekey else visit.keys
        self._judge_made(visit, made)
        self.desk.give(made)
        self._judge_given(visit, made)
        self.latest = made
        return made

    def _judge_made(self, visit: Visit, made: Made) -> None:
        """It lies on the counter: whatever the holder had is as good as it was."""
        desk, kind = self.desk, visit.kind
        self._judge_old(kind, visit.made, handed_over=False)
        if work_of(kind) in RUN_CERTIFIES:
            made_of = Certificate.item_id == made.item_id
            assert desk.count(Certificate, made_of, Certificate.status == CertificateStatus.on_hold) == 1
            assert desk.count(Certificate, made_of, Certificate.status != CertificateStatus.revoked) == 1
            assert reason_on_list(self.house, desk.certificate(made).serial) == "Certificate Hold"
        if KINDS[kind].medium is Medium.holders:
            assert objects(desk.cabinet, visit.made) == visit.before, "the holder's key was touched"
        assert desk.count(CaseItem, CaseItem.id == made.item_id, CaseItem.state == ItemState.made) == 1

    def _judge_given(self, visit: Visit, made: Made) -> None:
        """It is in the holder's hands: it works, and what it stands for does not any more."""
        desk, kind = self.desk, visit.kind
        self.judge_books()
        self._judge_old(kind, visit.made, handed_over=True)
        assert desk.certificate(made).status is CertificateStatus.valid
        assert judge_certificate(self.house, made.certificate, self.folder) == "OK"
        judge_token(desk.cabinet, made, self.folder, visit.keys)
        self.judge_envelopes(desk.token(made).id)
        assert desk.token(made).state is TokenState.handed_over
        if kind is CaseKind.unlock:
            assert made.pin != visit.made.pin
            assert not opens(desk.cabinet, made, visit.made.pin)
        elif KINDS[kind].medium is Medium.holders:
            assert (made.pin, made.envelope) == (visit.made.pin, visit.made.envelope)
        else:
            gone = TokenState.lost if KINDS[kind].medium_lost else TokenState.returned
            assert desk.token(visit.made).state is gone
        if KINDS[kind].keeps_expiry:
            assert desk.certificate(made).not_after == desk.certificate(visit.made).not_after
        tries = PinTries(self.house.settings.station_home / PIN_TRIES)
        assert tries.left(made.token) == MOST_TRIES, "a right PIN was counted as a wrong one"

    def _judge_old(self, kind: CaseKind, old: Made, handed_over: bool) -> None:
        certificate = self.desk.certificate(old)
        revoked = kind is CaseKind.replacement_lost or (handed_over and kind is not CaseKind.unlock)
        assert certificate.status is (CertificateStatus.revoked if revoked else CertificateStatus.valid)
        assert reason_on_list(self.house, certificate.serial) == (_REASONS[kind] if revoked else None)
