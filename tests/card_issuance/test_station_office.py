"""The station's line to the office: every answer becomes a value or a refusal by name."""

from datetime import date

import pytest

from card_issuance.ceremony_job import Job, Step
from card_issuance.station_office import CodeRefused, NotEnrolled, OfficeDown, OfficeLine, RunRefused, StaleLease
from tests.card_issuance.office_twin import CUT, ENROL_CODE, OfficeTwin

POLL = {"boot": "b", "page": "", "slots": [], "printer": {}, "working": [], "envelopes_fetched": []}


@pytest.fixture
def office():
    with OfficeTwin() as twin:
        yield twin


@pytest.fixture
def line(office):
    made = OfficeLine(office.url)
    secret = made.enrol(ENROL_CODE).secret
    made.close()
    made = OfficeLine(office.url, secret)
    yield made
    made.close()


@pytest.fixture
def job(office, line) -> Job:
    office.queue("HD01-T00001")
    return line.poll(POLL).jobs[0]


def test_a_code_works_once(office):
    line = OfficeLine(office.url)
    with pytest.raises(CodeRefused, match="code_unknown"):
        line.enrol("WRONG")
    given = line.enrol(ENROL_CODE)
    assert (given.name, given.branch) == ("1 号窗口", "HD01")
    assert len(given.secret) > 30
    with pytest.raises(CodeRefused):
        line.enrol(ENROL_CODE)
    line.close()


def test_a_job_is_read_whole(job):
    assert (job.token, job.profile, job.lease, job.officer_master, job.officer_epoch) == ("HD01-T00001", "p_256", 1, 1, 1)
    assert (job.certificate, job.case, job.item) == (None, "HD01-20261121-0042", 1)


def test_an_unknown_secret_must_be_enrolled_anew(office, line):
    office.secret = "another"
    with pytest.raises(NotEnrolled):
        line.poll(POLL)


def test_an_old_lease_is_stale(office, line, job):
    next(iter(office.runs.values())).lease += 1
    for call in (
        lambda: line.report(job, Step.initialising),
        lambda: line.stop(job, "no_token", ""),
        lambda: line.envelope(job, "00"),
    ):
        with pytest.raises(StaleLease):
            call()


def test_a_run_that_is_not_ours_is_stale(line, office, job):
    office.runs.clear()
    with pytest.raises(StaleLease):
        line.report(job, Step.initialising)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ((422, {"fault": "authority_refused", "detail": "x"}), "authority_refused"),
        ((503, {"fault": "authority_unreachable"}), "authority_unreachable"),
        ((409, {"fault": "no_envelope"}), "no_envelope"),
        ((422, {"reason": "envelope_not_of_run"}), ""),
        ((400, {"reason": "malformed", "at": "/csr"}), ""),
    ],
)
def test_a_named_refusal_comes_with_its_name(line, office, job, answer, fault):
    office.at("certify", lambda: answer)
    with pytest.raises(RunRefused) as refused:
        line.certify(job, "PEM")
    assert refused.value.fault == fault
    if not fault:
        assert str(answer[0]) in refused.value.detail
        assert answer[1]["reason"] in refused.value.detail


@pytest.mark.parametrize("answer", [(500, {}), (502, {}), (503, {}), (429, {}), (200, None), (200, [])])
def test_what_makes_no_sense_is_worth_asking_again(line, office, job, answer):
    office.at("certify", lambda: answer)
    with pytest.raises(OfficeDown):
        line.certify(job, "PEM")


def test_a_line_that_is_cut_twice_is_down(line, office, job):
    office.at("report:initialising", lambda: office.at("report:initialising", lambda: CUT) or CUT)
    with pytest.raises(OfficeDown):
        line.report(job, Step.initialising)
    line.report(job, Step.initialising)


def test_a_kept_connection_that_the_office_closed_is_opened_again(line, office, job):
    office.close()
    office.open()
    line.report(job, Step.initialising)
    assert [run.steps for run in office.runs.values()] == [["1:inspecting", "1:initialising"]]


def test_nobody_at_the_address_is_told_in_words(tmp_path):
    with pytest.raises(OfficeDown, match="nothing listens"):
        OfficeLine("http://127.0.0.1:9", "secret", timeout=2).poll(POLL)


def test_one_pin_has_one_number(line, office, job):
    line.report(job, Step.proving)
    first = line.envelope(job, "aa")
    assert line.envelope(job, "aa") == first
    assert first.on == date(2026, 11, 21)
    assert line.envelope(job, "bb").number != first.number
