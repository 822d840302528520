"""What is no question of the contract is refused, every fault of it at its own JSON pointer."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rulebook.kinds import FIRST_KINDS
from models.rulebook.question import parse, question_json
from models.rulebook.strict_json import Malformed, read
from models.rulebook.vocabulary import CaseKind
from tests.models.rulebook.questions import form, identity, licence, papers, question

FULL = question(papers(form(), licence("tax_registration"), licence(), identity(), reference="S-0001"), uses=["tax"])


def faults_of(value):
    with pytest.raises(Malformed) as caught:
        parse(value)
    assert all(fault.message_zh and fault.message_en for fault in caught.value.faults)
    return sorted(fault.pointer for fault in caught.value.faults)


def faults_of_text(text):
    with pytest.raises(Malformed) as caught:
        parse(read(text if isinstance(text, bytes) else text.encode()))
    return sorted(fault.pointer for fault in caught.value.faults)


def steps(value, at=()):
    """Every place in a JSON value, as a tuple of steps, outermost first."""
    yield at
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from steps(inner, (*at, step))


def pointer(at):
    return "".join(f"/{step}" for step in at)


def put(value, at, new):
    """A copy with one place replaced; `new` may be a function of the object at that place."""
    if not at:
        return new(copy.deepcopy(value)) if callable(new) else new
    changed = copy.deepcopy(value)
    holder = changed
    for step in at[:-1]:
        holder = holder[step]
    holder[at[-1]] = new(holder[at[-1]]) if callable(new) else new
    return changed


def got(value, at):
    for step in at:
        value = value[step]
    return value


PLACES = list(steps(FULL))
OBJECTS = [at for at in PLACES if isinstance(got(FULL, at), dict)]
FIELDS = [at for at in PLACES if at and isinstance(at[-1], str)]
NULL_ALLOWED = {"established_on", "reference", "mark", "authority", "expires_on"}
SAMPLES = [True, 0, 1, -1, 1.0, 2.5, "x", "true", "1", [], {}, None, ["x"], {"x": 1}, [[]]]


def allowed(at, sample):
    """Whether the contract allows a sample at a place, said independently of the program."""
    name = at[-1] if at else None
    if sample is None:
        return name in NULL_ALLOWED
    if isinstance(sample, bool):
        return isinstance(got(FULL, at), bool)
    if isinstance(sample, int):
        return (name in ("copies", "certificates_issued") and sample >= 0) or (name == "certificates" and sample == 1)
    if isinstance(sample, str):
        return name in ("name", "reference")
    return sample == [] and name in ("uses", "sets", "documents")


@pytest.mark.parametrize("at", PLACES, ids=pointer)
@pytest.mark.parametrize("sample", SAMPLES, ids=repr)
def test_a_value_of_the_wrong_type_is_refused_where_it_stands(at, sample):
    value = put(FULL, at, sample)
    if allowed(at, sample):
        parse(value)
    elif sample in ({"x": 1}, {}) and at in OBJECTS and sample is not True:
        assert all(fault.startswith(pointer(at)) for fault in faults_of(value))
    elif sample in (["x"], [[]]) and isinstance(got(FULL, at), list):
        assert faults_of(value) == [f"{pointer(at)}/0"]
    else:
        assert faults_of(value) == [pointer(at)]


@pytest.mark.parametrize("at", FIELDS, ids=pointer)
def test_every_field_is_required(at):
    def without(fields):
        del fields[at[-1]]
        return fields

    assert faults_of(put(FULL, at[:-1], without)) == [pointer(at)]


@pytest.mark.parametrize("at", OBJECTS, ids=pointer)
@pytest.mark.parametrize("name", ["extra", "Kind", "", "a/b~c", "authority ", "申请"])
def test_no_other_field_is_allowed(at, name):
    escaped = name.replace("~", "~0").replace("/", "~1")
    assert faults_of(put(FULL, at, lambda fields: fields | {name: None})) == [f"{pointer(at)}/{escaped}"]


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        (licence(), ["authority", "holder", "expires_on", "copies", "complete", "reference"]),
        (licence("business_licence"), ["authority"]),
        (licence("organisation_code_certificate"), ["authority"]),
        (form(), ["original", "photocopy", "duplicate", "authority", "holder"]),
        (identity(), ["duplicate", "authority", "copies"]),
    ],
)
def test_a_document_has_the_fields_of_its_kind_only(document, fields):
    for name in fields:
        assert faults_of(question(papers(document | {name: None}))) == [f"/sets/0/documents/0/{name}"]


def test_a_tax_registration_must_name_its_authority_or_null():
    document = licence("tax_registration")
    del document["authority"]
    assert faults_of(question(papers(document))) == ["/sets/0/documents/0/authority"]
    assert faults_of(question(papers(licence("tax_registration", authority="both")))) == ["/sets/0/documents/0/authority"]


@pytest.mark.parametrize("kind", ["tax", "Application_form", "", None, 1, ["application_form"], {}])
def test_a_document_of_no_known_kind_is_told_of_once(kind):
    assert faults_of(question(papers(form() | {"kind": kind}))) == ["/sets/0/documents/0/kind"]


@pytest.mark.parametrize("kind", ["", "New", "aftercare", None, 1, True, ["new"], {}, "新办"])
def test_a_kind_of_case_is_one_of_the_known_ones_or_left_out(kind):
    assert faults_of(FULL | {"kind": kind}) == ["/kind"]


OTHER_KINDS = [kind.value for kind in CaseKind if kind not in FIRST_KINDS]


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_token_and_statement_have_the_fields_of_their_kind_only(kind):
    def ask(*documents):
        return question(papers(*documents), kind=kind)

    parse(ask({"kind": "token"}, {"kind": "statement_of_loss", "mark": None}))
    assert faults_of(ask({"kind": "token", "mark": None})) == ["/sets/0/documents/0/mark"]
    assert faults_of(ask({"kind": "statement_of_loss"})) == ["/sets/0/documents/0/mark"]
    assert faults_of(ask({"kind": "statement_of_loss", "mark": "ink"})) == ["/sets/0/documents/0/mark"]
    assert faults_of(ask({"kind": "statement_of_loss", "mark": None, "copies": 1})) == ["/sets/0/documents/0/copies"]


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_everything_else_of_a_question_stays_required_whatever_its_kind(kind):
    for name in FULL:
        asked = {field: value for field, value in (FULL | {"kind": kind}).items() if field != name}
        assert faults_of(asked) == [f"/{name}"]


def test_a_wrong_kind_hides_no_other_fault_and_makes_none():
    asked = question(papers({"kind": "token"}, form(copies=-1)), kind="rebirth")
    assert faults_of(asked) == ["/kind", "/sets/0/documents/1/copies"]
    assert faults_of_text(TEXT.replace('"on":', '"kind": "new", "kind": "new", "on":', 1)) == ["/kind"]


BAD_DATES = [
    *("20261121", "2026-W47-6", "2026-325", "2026-11", "2026", "2026-1-2", "2026-11-21T00:00:00", "2026-11-21 ", " 2026-11-21"),
    *("2026-02-29", "2026-13-01", "2026-00-10", "2026-11-31", "2026-11-00", "0000-01-01", "2026/11/21", "21-11-2026", ""),
    *("+2026-11-21", "-2026-11-21", "12026-11-21", "2026-11-21\n", "２０２６-11-21", "٢٠٢٦-11-21", "2026-11-21Z", "2026–11–21"),
    *("1900-02-29", "null", "today"),
]


@pytest.mark.parametrize("text", BAD_DATES)
def test_only_a_real_calendar_date_is_a_date(text):
    assert faults_of(FULL | {"on": text}) == ["/on"]
    assert faults_of(question(applicant={"established_on": text})) == ["/applicant/established_on"]
    assert faults_of(question(papers(identity(expires_on=text)))) == ["/sets/0/documents/0/expires_on"]


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "2024-02-29", "2000-02-29"])
def test_the_ends_of_the_calendar_and_leap_days_are_dates(text):
    assert parse(FULL | {"on": text}).on.isoformat() == text


@pytest.mark.parametrize("number", [0, 100, -1, 1.0, True, "1", 10**30, None])
def test_certificates_run_from_1_to_99(number):
    assert faults_of(FULL | {"certificates": number}) == ["/certificates"]


def test_sets_run_from_0_to_99():
    assert parse(question(certificates=99, sets=[papers()] * 99)).certificates == 99
    assert faults_of(question(certificates=99, sets=[papers()] * 100)) == ["/sets"]


@pytest.mark.parametrize("uses", [["tax", "tax"], ["e_seal", "tax", "e_seal"]])
def test_a_use_named_twice_says_nothing_new(uses):
    assert len(parse(FULL | {"uses": uses}).uses) == len(set(uses))


def test_an_unknown_use_is_refused_at_its_place():
    assert faults_of(FULL | {"uses": ["tax", "vat", "e_seal", 3]}) == ["/uses/1", "/uses/3"]


@pytest.mark.parametrize("value", [[], "x", 1, None, True, 2.5, [FULL]])
def test_what_is_no_object_is_no_question(value):
    assert faults_of(value) == [""]


def test_all_faults_are_told_at_once():
    value = question(papers(form(copies=-1), {"kind": "identity_document"}), papers("x"), applicant={"kind": "sect"}, uses="tax")
    value["branch"]["is_local_tax"] = 0
    value["surplus"] = 1
    del value["presenter"]
    names = ("expires_on", "holder", "mark", "original", "photocopy")
    assert faults_of(value) == sorted(
        [
            "/applicant/kind",
            "/branch/is_local_tax",
            "/presenter",
            "/sets/0/documents/0/copies",
            *(f"/sets/0/documents/1/{name}" for name in names),
            "/sets/1/documents/0",
            "/surplus",
            "/uses",
        ]
    )


TEXT = json.dumps(FULL, ensure_ascii=False)


def test_a_name_given_twice_is_refused_even_with_the_same_value():
    assert faults_of_text(TEXT.replace('"copies": 2', '"copies": 2, "copies": 2')) == ["/sets/0/documents/0/copies"]
    assert faults_of_text(TEXT.replace('"on":', '"on": "2026-11-21", "\\u006fn":', 1)) == ["/on"]
    thrice = TEXT.replace('"is_local_tax": true', '"x": 1, "is_local_tax": true, "x": 2, "x": 3')
    assert faults_of_text(thrice) == ["/branch/x", "/branch/x"]


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "1e999", "2.0", "1E0"])
def test_what_is_no_whole_number_is_refused_where_it_stands(word):
    assert faults_of_text(TEXT.replace('"certificates_issued": 0', f'"certificates_issued": {word}')) == [
        "/applicant/certificates_issued"
    ]


def test_a_number_beyond_all_bounds_is_called_so():
    with pytest.raises(Malformed, match="not so large a number"):
        parse(read(TEXT.replace('"certificates_issued": 0', '"certificates_issued": 1e999').encode()))


@pytest.mark.parametrize("digits", [1, 18, 19, 5000, 200_000])
def test_whole_numbers_of_any_length_are_compared_rightly(digits):
    number = "7" * digits
    asked = parse(read(TEXT.replace('"copies": 2', f'"copies": {number}').encode()))
    assert asked.sets[0].documents[0].copies >= 2
    assert faults_of_text(TEXT.replace('"copies": 2', f'"copies": -{number}')) == ["/sets/0/documents/0/copies"]
    if digits > 1:
        assert faults_of_text(TEXT.replace('"certificates": 1', f'"certificates": {number}')) == ["/certificates"]


def test_minus_zero_is_zero():
    assert (
        parse(read(TEXT.replace('"certificates_issued": 0', '"certificates_issued": -0').encode())).applicant.certificates_issued
        == 0
    )


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "  \n",
            "{",
            "{}x",
            "{'on': 1}",
            "[1,]",
            "{} {}",
            "nul",
            "// no\n{}",
            '{"a": 01}',
            '{"a": +1}',
            '{"a": .5}',
            '"\t"',
        ),
        *("[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000),
        *(b"\xff", b'{"on": "\xe5\x8c"}', "{}".encode("utf-16"), b"\xef\xbb\xbf", b"{}\x00", b'"\xed\xa0\x80"'),
    ],
)
def test_what_is_no_json_in_utf_8_is_refused_as_a_whole(text):
    with pytest.raises(Malformed) as caught:
        read(text if isinstance(text, bytes) else text.encode())
    assert [fault.pointer for fault in caught.value.faults] == [""]


def test_a_byte_order_mark_and_escapes_are_let_pass():
    assert parse(read(b"\xef\xbb\xbf" + TEXT.encode())) == parse(FULL)
    assert parse(read(json.dumps(FULL).encode())) == parse(FULL)
    assert parse(read(TEXT.replace('"S-0001"', '"\\ud800\\u0000"').encode())).sets[0].reference == "\ud800\0"


def test_what_stands_in_a_question_is_not_thrown_back_at_a_terminal():
    with pytest.raises(Malformed) as caught:
        parse(FULL | {"on": "\x1b[2J" + "x" * 10_000})
    (fault,) = caught.value.faults
    assert "\x1b" not in fault.message_en + fault.message_zh
    assert len(fault.message_en) < 200


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(PLACES), json_values)
def test_any_value_anywhere_is_either_read_or_refused_with_pointers(at, value):
    faults = []
    try:
        read_back = parse(put(FULL, at, value))
    except Malformed as malformed:
        faults = malformed.faults
    assert all(fault.pointer.startswith(pointer(at)) for fault in faults)
    assert faults or parse(question_json(read_back)) == read_back


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_either_json_or_refused(content):
    try:
        value = read(content)
    except Malformed:
        return
    assert faults_of(value)
