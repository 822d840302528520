"""What differs between two editions: all of it, and nothing else."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings

from models.rulebook.edition_difference import Figure, FigureDiffers, PaperDiffers, differences
from models.rulebook.editions import P1, Paper, Requirement
from models.rulebook.vocabulary import CaseKind
from tests.models.rulebook.editions_drawn import editions

FORM = Requirement(Paper.application_form, copies=1, marked=True)


def test_code_and_day_are_no_difference():
    assert differences(P1, replace(P1, code="P2", effective_from=date(2027, 1, 1))) == ()


def test_a_paper_more_one_less_and_one_asked_for_otherwise():
    licence, identity, token = P1.requirements[CaseKind.renewal]
    told = replace(licence, duplicate=False)
    now = replace(P1, requirements={**P1.requirements, CaseKind.renewal: (FORM, told, token)})
    assert differences(P1, now) == (
        PaperDiffers(CaseKind.renewal, Paper.application_form, None, FORM),
        PaperDiffers(CaseKind.renewal, Paper.licence, licence, told),
        PaperDiffers(CaseKind.renewal, Paper.identity_document, identity, None),
    )


def test_fees_and_limits():
    now = replace(P1, fees_fen={**P1.fees_fen, CaseKind.unlock: 10_00}, medium_fen=95_00, grant_minutes=30)
    assert differences(P1, now) == (
        FigureDiffers(Figure.fee, CaseKind.unlock, 0, 10_00),
        FigureDiffers(Figure.medium_fen, None, 80_00, 95_00),
        FigureDiffers(Figure.grant_minutes, None, 15, 30),
    )


@settings(max_examples=50, deadline=None)
@given(was=editions(), now=editions())
def test_nothing_differs_only_where_nothing_does(was, now):
    """And the other way round the same places differ, with was and now changed over."""
    told = differences(was, now)
    assert bool(told) == (was != now)
    back = [replace(one, was=one.now, now=one.was) for one in differences(now, was)]
    assert list(told) == back
