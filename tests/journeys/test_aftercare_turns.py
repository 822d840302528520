"""What holders come back with less often: another code, a token that failed by itself, a counter that is not their own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from models.rulebook.vocabulary import CaseKind, CaseState, TokenState
from models.tables import Receipt
from tests.builders.cases import unified_code
from tests.journeys import other_branch as elsewhere
from tests.journeys.desk import Made
from tests.journeys.judge_ocsp import ocsp_status_by_get
from tests.journeys.other_branch import other_branch
from tests.journeys.returning import CLERK, REVIEWER, ReturningWalk, returning
from tests.journeys.walked import openssl_text
from tests.reports.reading import ink_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def walk(browser: Browser, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[ReturningWalk]:
    holders = sum(each.path == request.path for each in request.session.items)  # one for each journey of this run
    with returning(browser, tmp_path_factory.mktemp("turns"), holders) as walk:
        yield walk


@pytest.fixture
def made(walk: ReturningWalk) -> Iterator[Made]:
    """What one holder took home, good in everybody's eyes; afterwards the books are judged."""
    made = walk.held.pop(0)
    walk.judge_good(made)
    yield made
    walk.judge_books()


def test_a_new_credit_code_goes_into_a_new_certificate_and_finds_its_holder(walk: ReturningWalk, made: Made) -> None:
    clerk, reviewer = walk.staff(CLERK), walk.staff(REVIEWER)
    before, code = walk.certificate(made), unified_code()
    case_id = clerk.take_in(made.token, CaseKind.amendment, made.token, new_credit_code=code)
    clerk.file()
    assert "免费，已转制证台" in reviewer.approve(case_id)
    walk.insert(made.token)
    clerk.begin(case_id, [made.token])
    run_id = clerk.await_pin()
    assert "制证继续" in clerk.let_holder_type(run_id, made.pin)[0]
    assert clerk.await_serial() == run_id
    amended = walk.rekeyed(run_id, made)
    clerk.type_back(run_id, made.token)
    assert ocsp_status_by_get(walk.house, made.certificate, walk.folder) == "good"
    assert ocsp_status_by_get(walk.house, amended.certificate, walk.folder) == "revoked (certificateHold)"
    clerk.give_back(case_id, made.token)

    applicant = walk.closed(case_id).applicant
    assert applicant is not None
    assert (applicant.credit_code, applicant.name) == (code, before.subject_name)
    walk.judge_good(amended)
    walk.signs(amended)
    walk.judge_bad(made, "Affiliation Changed", "affiliationChanged")
    assert ocsp_status_by_get(walk.house, amended.certificate, walk.folder) == "good"
    assert ocsp_status_by_get(walk.house, made.certificate, walk.folder) == "revoked (affiliationChanged)"
    assert walk.certificate(amended).not_after == before.not_after
    assert code in openssl_text(amended.certificate)
    assert code not in openssl_text(made.certificate)
    found = clerk.search(code)
    assert walk.certificate(amended).serial in found
    assert before.credit_code not in found


def test_a_token_that_failed_by_itself_in_its_first_year_costs_nothing_and_the_holders_own_doing_does(
    walk: ReturningWalk, made: Made
) -> None:
    clerk, reviewer = walk.staff(CLERK), walk.staff(REVIEWER)
    answers = {"damage_visible": "yes", "damage_altered": "no", "damage_read_here": "no"}
    case_id = clerk.take_in(made.token, CaseKind.replacement_damaged, made.token, **answers)
    assert "使用方责任" in clerk.verdict()
    assert "80.00" in clerk.verdict()
    clerk.kept_after(lambda: clerk.choose("damage_visible", "no"))  # a second look: there is no trace on it
    assert "介质自身故障" in clerk.verdict()
    assert "80.00" not in clerk.verdict()
    clerk.file()
    assert "免费，已转制证台" in reviewer.approve(case_id)
    assert walk.token(made).state is TokenState.returned
    walk.judge_good(made)

    [serial] = walk.take_tokens(1)
    clerk.begin(case_id, [serial])
    [run_id] = clerk.await_envelopes(1)
    replacement = walk.finish(clerk, run_id)
    walk.judge_certificate(replacement, on_hold=True)
    clerk.give_back(case_id, replacement.token, replacement.envelope)
    walk.closed(case_id)
    with walk.house.reading() as session:
        assert session.query(Receipt).filter_by(case_id=case_id).count() == 0
    walk.judge_good(replacement)
    walk.signs(replacement)
    walk.judge_bad(made, "Superseded", "superseded")
    assert walk.certificate(replacement).not_after == walk.certificate(made).not_after


def test_a_holder_renews_at_a_branch_that_is_not_his_own(walk: ReturningWalk, made: Made) -> None:
    with other_branch(walk) as branch:
        clerk, reviewer = branch.staff(elsewhere.CLERK), branch.staff(elsewhere.REVIEWER)
        case_id = clerk.take_in(made.token, CaseKind.renewal, made.token)
        slip = clerk.file()
        number = walk.case(case_id).number
        assert number.startswith("CY01-")
        assert number in ink_of(slip)
        assert walk.case(case_id).state is CaseState.in_review

        # His own branch sees that he is being served elsewhere, not what is written there.
        at_home = walk.staff(CLERK)
        at_home.look_up(made.token)
        assert number in at_home.says()
        assert not at_home.offers(CaseKind.renewal)
        assert at_home.page.request.get(f"{walk.house.url}/cases/{case_id}").status == 404

        assert "免费，已转制证台" in reviewer.approve(case_id)
        branch.carry_here(made.token)
        clerk.begin(case_id, [made.token])
        run_id = clerk.await_pin()
        assert "制证继续" in clerk.let_holder_type(run_id, made.pin)[0]
        assert clerk.await_serial() == run_id
        renewed = walk.rekeyed(run_id, made)
        clerk.type_back(run_id, made.token)
        assert made.token in ink_of(clerk.give_back(case_id, made.token))
        walk.closed(case_id)
        walk.judge_good(renewed)
        walk.judge_bad(made, "Superseded", "superseded")
        branch.carry_home(made.token)
    walk.insert(made.token)
    walk.signs(renewed)
    assert walk.token(made).state is TokenState.handed_over
