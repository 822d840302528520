"""Editions drawn by Hypothesis: any papers, fees and limits, sensible or not."""

from dataclasses import replace
from types import MappingProxyType

from hypothesis import strategies as st

from models.rulebook.edition_sense import ASPECTS
from models.rulebook.editions import P1, Edition, Paper, Requirement


@st.composite
def requirements(draw):
    """What one kind asks for, in the order of the papers."""
    asked = []
    for paper in Paper:
        if draw(st.booleans()):
            aspects = {name: draw(st.booleans()) for name in ASPECTS[paper] if name != "copies"}
            copies = draw(st.integers(1, 7)) if paper is Paper.application_form else 1
            asked.append(Requirement(paper, copies=copies, **aspects))
    return tuple(asked)


@st.composite
def editions(draw) -> Edition:
    return replace(
        P1,
        requirements=MappingProxyType({kind: draw(requirements()) for kind in P1.requirements}),
        fees_fen=MappingProxyType({kind: draw(st.sampled_from([0, 0, 10_00])) for kind in P1.fees_fen}),
        medium_fen=draw(st.sampled_from([0, 80_00, 95_00])),
        renewal_opens_days=draw(st.sampled_from([1, 30, 90])),
        warranty_days=draw(st.sampled_from([0, 365])),
        grant_minutes=draw(st.sampled_from([15, 30])),
    )
