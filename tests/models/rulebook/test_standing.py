"""Every status at every time."""

from datetime import UTC, datetime, timedelta

import pytest

from models.rulebook.standing import STANDING_WORDS, Standing, standing_of
from models.rulebook.vocabulary import CertificateStatus

FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
TIMES = {"before": FIRST - INSTANT, "first": FIRST, "last": LAST, "after": LAST + INSTANT}


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("status", list(CertificateStatus))
def test_status_outweighs_dates_and_both_ends_belong_to_the_validity(status: CertificateStatus, time: str) -> None:
    expected = {
        CertificateStatus.prepared: None,
        CertificateStatus.on_hold: Standing.not_handed_over,
        CertificateStatus.suspended: Standing.suspended,
        CertificateStatus.revoked: Standing.revoked,
        CertificateStatus.valid: {"before": Standing.not_yet_valid, "after": Standing.expired}.get(time, Standing.good),
    }[status]
    assert standing_of(status, FIRST, LAST, TIMES[time]) is expected


def test_every_standing_has_words_of_its_own() -> None:
    assert set(STANDING_WORDS) == set(Standing)
    assert len({zh for zh, _ in STANDING_WORDS.values()}) == len({en for _, en in STANDING_WORDS.values()}) == len(Standing)
