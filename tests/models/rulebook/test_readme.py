"""What the README says of the pre-check's other kinds is what the program does."""

import json
import re
from pathlib import Path

from models.rulebook.aftercare_words import binding_finding
from models.rulebook.bindings import CounterCode
from models.rulebook.editions import P1
from models.rulebook.findings import CONTRACT_CODES, Code
from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.precheck import examine
from models.rulebook.question import answer_json, parse
from models.rulebook.vocabulary import CaseKind
from tests.models.rulebook.questions import question

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## Pre-check for the other kinds\n")[1].split("\n## ")[0]
WORDS = {
    "application_form": "form, two copies",
    "licence": "licence",
    "identity_document": "identity document",
    "token": "token",
    "statement_of_loss": "statement of loss",
}


def told():
    """(kinds, papers, fee) of each row of the table of kinds."""
    for kinds, papers, fee in re.findall(r"^\| (`.+?) \| ([^|]+) \| (\d+\.\d\d) \|$", SECTION, re.MULTILINE):
        for kind in re.findall(r"`(\w+)`", kinds):
            yield CaseKind(kind), papers, fee


def test_papers_and_fees_of_every_kind_are_those_of_the_first_edition():
    rows = list(told())
    assert {kind for kind, _, _ in rows} == set(CaseKind) - FIRST_KINDS
    for kind, papers, fee in rows:
        asked = [WORDS[one.paper] + (", if it still exists" if one.if_kept else "") for one in P1.requirements[kind]]
        assert papers.split(" · ") == asked
        assert fee == answer_json(examine(parse(question(kind=kind.value))))["fee"]["total"]


def test_every_code_that_an_answer_can_hold_is_named():
    at_the_counter = {
        *(Code.token_not_held, Code.renewal_too_early, Code.certificate_not_handed_over, Code.certificate_expired),
        *(Code.certificate_revoked, Code.certificate_suspended, Code.certificate_not_suspended, Code.certificate_in_other_case),
        *(binding_finding(why) for why in CounterCode),
    }
    table = SECTION.split("| code | level |")[1]
    assert set(Code) - CONTRACT_CODES - at_the_counter == {code for code in Code if f"`{code}`" in table.split("\n\n")[0]}


def test_the_example_is_a_question_once_its_gap_is_filled():
    example = json.loads(re.search(r"```json\n(.*?)```", SECTION, re.DOTALL).group(1))
    del example["…"]
    answer = examine(parse(question() | example))
    assert answer.accepted
    assert answer.fee.total_fen == 80_00
